/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-classify: flow records in, class records out. A pure filter: no map,
 * no privilege, no state of its own.
 */
#include "classify.h"
#include "cleanup.h"
#include "cli.h"
#include "explain.h"
#include "jsonl.h"
#include "log.h"
#include "rulebook.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const policies[] = { "threshold", "share", "top", "heat",
					NULL };
static const char *const types[] = {	/* in the order of record_type */
	"header", "trailer", "mark", "flow", "class", "action", "event",
	"path", "status", "rule", "check", NULL
};
static const char *const columns[] = {
	"proto", "saddr", "sport", "daddr", "dport", "cgroup", "group",
	"rate_bps", "bytes", "class", "reason", NULL
};
static const char *const rule_columns[] = {
	"rule", "holds", "says", "value", "limit", "unit", "won", NULL
};

static struct rulebook opt = RULEBOOK_DEFAULT;
static bool skip_bad;
static int schema = -1;

#define RULE_OPTS							\
	CLI_CHOICE('p', "policy", "POLICY", &opt.policy, policies,	\
		   "who is heavy (threshold)"),				\
	CLI_SIZE(0, "enter-bytes", "SIZE", &opt.enter_bytes,		\
		 "heavy from this many bytes on, if also fast (1M)"),	\
	CLI_RATE(0, "enter-rate", "RATE", &opt.enter_bps,		\
		 "what counts as fast"),				\
	CLI_PCT(0, "enter-share", "PCT", &opt.enter_pct,		\
		"the same as a part of the link (1)"),			\
	CLI_SIZE(0, "always-bytes", "SIZE", &opt.always_bytes,		\
		 "heavy from this many bytes on at any rate (10M)"),	\
	CLI_RATE(0, "leave-rate", "RATE", &opt.leave_bps,		\
		 "no longer heavy below this (half of what enters)"),	\
	CLI_SIZE(0, "udp-enter-bytes", "SIZE", &opt.udp_enter_bytes,	\
		 "the same four for UDP (as for the others)"),		\
	CLI_RATE(0, "udp-enter-rate", "RATE", &opt.udp_enter_bps, "..."), \
	CLI_SIZE(0, "udp-always-bytes", "SIZE", &opt.udp_always_bytes,	\
		 "..."),						\
	CLI_RATE(0, "udp-leave-rate", "RATE", &opt.udp_leave_bps, "..."), \
	CLI_TIME(0, "idle", "TIME", &opt.idle_ns,			\
		 "no longer heavy after this silence (2s)"),		\
	CLI_TIME(0, "min-age", "TIME", &opt.min_age_ns,			\
		 "not heavy before this age (0)"),			\
	CLI_TIME(0, "dwell", "TIME", &opt.dwell_ns,			\
		 "a class lasts so long, in a follow stream (1s)"),	\
	CLI_RATE(0, "link", "RATE", &opt.link_bps,			\
		 "speed of the link (as the header says)"),		\
	CLI_PCT(0, "share", "PCT", &opt.share_pct,			\
		"policies share, heat: part of the traffic (80)"),	\
	CLI_U32(0, "top", "N", &opt.top,				\
		"policy top: number of heavy flows (10)"),		\
	CLI_PCT(0, "bonus", "PCT", &opt.bonus_pct,			\
		"policy top: what a heavy flow counts more (25)"),	\
	CLI_FLAG(0, "apart", &opt.apart,				\
		 "rank TCP, UDP and the rest each apart"),		\
	CLI_STR(0, "by", "WHAT", &opt.by,				\
		"judge by flow, cgroup or prefix/LENGTH (flow)"),	\
	CLI_U32(0, "max-heavy", "N", &opt.max_heavy,			\
		"so many heavy flows at most"),				\
	CLI_U32(0, "max-changes", "N", &opt.max_changes,		\
		"so many changes in a round at most"),			\
	CLI_FLAG(0, "skip-bad", &skip_bad,				\
		 "drop and count bad lines instead of stopping")

static const struct cli_opt classify_opts[] = {
	RULE_OPTS,
	CLI_CHOICE(0, "schema", "TYPE", &schema, types,
		   "print the JSON Schema of a record type and exit"),
	CLI_END
};
static const struct cli_opt explain_opts[] = { RULE_OPTS, CLI_END };

/* One run of the filter. */
struct job {
	struct in    *in;
	struct out   *out;		/* NULL: explain, which prints later */
	struct judge  judge;
	bool          begun;
	const struct srte_flow_key *explained;	/* NULL: none */
	struct flow   verdict;			/* of that one */
	struct fault *f;
};

static int output_failed(struct job *job, int err)
{
	if (err == -EMSGSIZE)
		return fault_set(job->f, FAULT_BAD_RECORD, "%s: line %" PRIu64
				 ": no room for a verdict within 64 KiB",
				 in_name(job->in), in_line(job->in));
	return fault_set(job->f, FAULT_OUTPUT, "cannot write: %s",
			 strerror(-err));
}

static int judge_failed(struct job *job, int err)
{
	if (!err || job->f->id != FAULT_NONE)
		return err;
	if (err == -ENOMEM)
		return fault_set(job->f, FAULT_NO_MEMORY,
				 "cannot hold a round of %zu flows",
				 job->judge.spool.n);
	return output_failed(job, err);
}

static int give(struct record *rec, void *arg)
{
	struct job *job = arg;

	if (!job->explained)
		return out_record(job->out, rec);
	if (!memcmp(&rec->flow.key, job->explained, sizeof(rec->flow.key)))
		job->verdict = rec->flow;
	return 0;
}

static int begin(struct job *job, const struct header *header)
{
	struct judge_conf conf;
	const struct classify_marks *marks = conf.rules.marks;
	struct out_about about = { header->link_bps, header->interval_us };
	int err = rulebook_make(&opt, header, &conf, job->f);

	if (err)
		return err;
	if (opt.policy == CLASSIFY_THRESHOLD && !marks->enter_bps)
		log_info("link speed not known: only --always-bytes decides; "
			 "give --link");
	judge_init(&job->judge, &conf, give, job);
	job->judge.spied = job->explained;
	job->begun = true;
	if (opt.link_bps)
		about.link_bps = opt.link_bps;
	if (job->explained)
		return 0;
	err = out_open(cli.format, RECORD_CLASS, columns, &about, &job->out);
	return err ? output_failed(job, err) : 0;
}

static int take_flow(struct job *job, struct record *rec)
{
	int err = judge_flow(&job->judge, rec);

	if (err != -EEXIST)
		return judge_failed(job, err);
	if (in_skip(job->in))
		return 0;
	return fault_set(job->f, FAULT_BAD_RECORD, "%s: line %" PRIu64
			 ": the same flow twice in a round",
			 in_name(job->in), in_line(job->in));
}

static int end_round(struct job *job, bool last)
{
	int err = judge_end_round(&job->judge);

	if (err || last || job->explained)
		return judge_failed(job, err);
	err = out_mark(job->out);
	return err ? output_failed(job, err) : 0;
}

/* Not ours to judge: the line goes on as it came. */
static int pass_on(struct job *job)
{
	struct record rec = { .type = RECORD_OTHER };
	int err;

	if (job->explained)
		return 0;
	rec.extra = in_text(job->in);
	err = out_record(job->out, &rec);
	return err ? output_failed(job, err) : 0;
}

static int take(struct job *job, struct record *rec)
{
	switch (rec->type) {
	case RECORD_HEADER:
		return begin(job, &rec->header);
	case RECORD_FLOW:
		return take_flow(job, rec);
	case RECORD_EVENT:
		if (!strcmp(rec->event.event, "heavy"))
			return judge_failed(job, judge_notice(&job->judge,
							      &rec->event));
		return pass_on(job);
	case RECORD_MARK:
	case RECORD_TRAILER:
		return end_round(job, rec->type == RECORD_TRAILER);
	default:
		return pass_on(job);
	}
}

static int read_all(struct job *job)
{
	struct record rec;
	int err;

	while ((err = in_record(job->in, &rec, job->f)) > 0) {
		err = take(job, &rec);
		if (err)
			break;
	}
	if (in_skipped(job->in))
		log_warn("%s: %" PRIu64 " bad lines skipped",
			 in_name(job->in), in_skipped(job->in));
	return err;
}

/* Only a whole stream gets a trailer, so that nothing acts on less. */
static int filter(struct job *job)
{
	int err = read_all(job);

	if (err) {
		out_abort(job->out);
		return err;
	}
	err = out_close(job->out, true);
	return err ? output_failed(job, err) : 0;
}

static int print_schema(struct fault *f)
{
	char buf[8192];
	int n = record_schema(RECORD_HEADER + schema, buf, sizeof(buf));

	if (n < 0 || fwrite(buf, 1, n, stdout) != (size_t)n || fflush(stdout))
		return fault_set(f, FAULT_OUTPUT, "cannot write: %m");
	return 0;
}

static int open_input(struct job *job, const char *name)
{
	int err = rulebook_check(&opt, job->f);

	if (!err)
		err = in_open(name, &job->in, job->f);
	if (!err && skip_bad)
		in_skip_bad(job->in);
	return err;
}

static void close_input(struct job *job)
{
	if (job->begun)
		judge_done(&job->judge);
	in_close(job->in);
}

static int classify_file(const char *name, struct fault *f)
{
	struct job job = { .f = f };
	int err = open_input(&job, name);

	if (err)
		return err;
	err = filter(&job);
	close_input(&job);
	return err;
}

static int classify_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	int err;

	if (schema >= 0)
		err = print_schema(&f);
	else
		err = classify_file(args->n ? args->arg[0] : NULL, &f);
	return err ? fault_report(&f) : EXIT_DONE;
}

/* ---- explain ---- */

static int print_explanation(struct job *job)
{
	int err = out_open(cli.format, RECORD_RULE, rule_columns, NULL,
			   &job->out);

	if (!err)
		err = explain_each(&job->judge, &job->verdict, job->out);
	if (!err)
		err = out_close(job->out, true);
	else
		out_abort(job->out);
	return err ? output_failed(job, err) : 0;
}

static int explain(const struct cli_args *args, struct fault *f)
{
	struct srte_flow_key key;
	struct job job = { .f = f, .explained = &key };
	int err = explain_key(args->arg[0], args->arg[1], args->arg[2], &key,
			      f);

	if (!err)
		err = open_input(&job, args->n > 3 ? args->arg[3] : NULL);
	if (err)
		return err;
	err = read_all(&job);
	if (!err && !job.judge.spy_found)
		err = fault_set(f, FAULT_NO_FLOW, "%s: no flow %s %s %s",
				in_name(job.in), args->arg[0], args->arg[1],
				args->arg[2]);
	if (!err)
		err = print_explanation(&job);
	close_input(&job);
	return err;
}

static int explain_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };

	return explain(args, &f) ? fault_report(&f) : EXIT_DONE;
}

static const struct cli_verb verbs[] = {
	{ "classify", "[FILE|-]", 0, 1, classify_opts,
	  "give every flow a class: heavy or rest", classify_run },
	{ "explain", "PROTO SOURCE DESTINATION [FILE|-]", 3, 4, explain_opts,
	  "what each rule says of one flow, and which won", explain_run },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-classify",
	.summary = "find the heavy hitters among flow records",
	.example = "srte-flows | srte-classify --policy top --top 5",
	.verbs = verbs,
	.default_verb = "classify",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
