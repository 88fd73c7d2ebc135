/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-classify: flow records in, class records out. A pure filter: no map,
 * no privilege, no state of its own.
 */
#include "classify.h"
#include "cleanup.h"
#include "cli.h"
#include "jsonl.h"
#include "log.h"
#include "spool.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define UNSET	UINT64_MAX

static const char *const policies[] = { "threshold", "share", "top", NULL };
static const char *const types[] = {	/* in the order of record_type */
	"header", "trailer", "mark", "flow", "class", "action", "event",
	"path", "status", NULL
};
static const char *const columns[] = {
	"proto", "saddr", "sport", "daddr", "dport", "cgroup", "rate_bps",
	"bytes", "class", "reason", NULL
};

static struct {
	int      policy, schema;
	uint64_t enter_bytes, always_bytes;
	uint64_t enter_bps, leave_bps, link_bps;
	uint64_t idle_ns;
	double   enter_pct, share_pct;
	uint32_t top;
} opt = {
	.schema = -1,
	.enter_bytes = UNSET,
	.always_bytes = UNSET,
	.enter_bps = UNSET,
	.leave_bps = UNSET,
	.idle_ns = 2000000000,
	.enter_pct = -1,
	.share_pct = -1,
	.top = UINT32_MAX,
};

static const struct cli_opt classify_opts[] = {
	CLI_CHOICE('p', "policy", "POLICY", &opt.policy, policies,
		   "who is heavy (threshold)"),
	CLI_SIZE(0, "enter-bytes", "SIZE", &opt.enter_bytes,
		 "heavy from this many bytes on, if also fast (1M)"),
	CLI_RATE(0, "enter-rate", "RATE", &opt.enter_bps,
		 "what counts as fast"),
	CLI_PCT(0, "enter-share", "PCT", &opt.enter_pct,
		"the same as a part of the link (1)"),
	CLI_SIZE(0, "always-bytes", "SIZE", &opt.always_bytes,
		 "heavy from this many bytes on at any rate (10M)"),
	CLI_RATE(0, "leave-rate", "RATE", &opt.leave_bps,
		 "no longer heavy below this (half of what enters)"),
	CLI_TIME(0, "idle", "TIME", &opt.idle_ns,
		 "no longer heavy after this silence (2s)"),
	CLI_RATE(0, "link", "RATE", &opt.link_bps,
		 "speed of the link (as the header says)"),
	CLI_PCT(0, "share", "PCT", &opt.share_pct,
		"policy share: part of the traffic to catch (80)"),
	CLI_U32(0, "top", "N", &opt.top,
		"policy top: number of heavy flows (10)"),
	CLI_CHOICE(0, "schema", "TYPE", &opt.schema, types,
		   "print the JSON Schema of a record type and exit"),
	CLI_END
};

/* One run of the filter. */
struct job {
	struct in    *in;
	struct out   *out;
	struct spool  spool;
	struct classify_rules rules;
	uint64_t      score_bit;	/* so that a score of 0 is written */
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

/* An option without effect is a mistake that nobody would notice. */
static int check_options(struct fault *f)
{
	bool threshold = opt.enter_bytes != UNSET || opt.leave_bps != UNSET ||
			 opt.always_bytes != UNSET || opt.enter_bps != UNSET ||
			 opt.enter_pct >= 0;

	if (threshold && opt.policy != CLASSIFY_THRESHOLD)
		return fault_set(f, FAULT_USAGE, "--enter-*, --always-bytes and"
				 " --leave-rate go with --policy threshold");
	if (opt.share_pct >= 0 && opt.policy != CLASSIFY_SHARE)
		return fault_set(f, FAULT_USAGE,
				 "--share goes with --policy share");
	if (opt.top != UINT32_MAX && opt.policy != CLASSIFY_TOP)
		return fault_set(f, FAULT_USAGE,
				 "--top goes with --policy top");
	if (opt.enter_bps != UNSET && opt.enter_pct >= 0)
		return fault_set(f, FAULT_USAGE,
				 "--enter-rate and --enter-share exclude each "
				 "other");
	if (!opt.enter_bps || !opt.top || opt.enter_pct == 0 ||
	    opt.share_pct == 0)
		return fault_set(f, FAULT_USAGE, "--enter-rate, --enter-share,"
				 " --share and --top must be more than 0");
	return 0;
}

static uint64_t or_else(uint64_t given, uint64_t otherwise)
{
	return given == UNSET ? otherwise : given;
}

static int set_rules(struct classify_rules *r, uint64_t link_bps,
		     struct fault *f)
{
	double enter_pct = opt.enter_pct < 0 ? 1 : opt.enter_pct;
	double share_pct = opt.share_pct < 0 ? 80 : opt.share_pct;

	r->policy = opt.policy;
	r->enter_bytes = or_else(opt.enter_bytes, 1 << 20);
	r->always_bytes = or_else(opt.always_bytes, 10 << 20);
	r->enter_bps = or_else(opt.enter_bps,
			       link_bps * (enter_pct / 100) + 0.5);
	r->leave_bps = or_else(opt.leave_bps, r->enter_bps / 2);
	r->idle_us = opt.idle_ns / 1000;
	r->share_milli = share_pct * 1000 + 0.5;
	r->top = opt.top == UINT32_MAX ? 10 : opt.top;
	if (r->enter_bps && r->leave_bps > r->enter_bps)
		return fault_set(f, FAULT_USAGE, "--leave-rate %" PRIu64
				 " is above the %" PRIu64 " that enters",
				 r->leave_bps, r->enter_bps);
	return 0;
}

static int begin(struct job *job, const struct header *header)
{
	uint64_t link_bps = opt.link_bps ? opt.link_bps : header->link_bps;
	const struct out_about about = { link_bps, header->interval_us };
	size_t score = 0;
	int err;

	err = set_rules(&job->rules, link_bps, job->f);
	if (err)
		return err;
	if (opt.policy == CLASSIFY_THRESHOLD && !job->rules.enter_bps)
		log_info("link speed not known: only --always-bytes decides; "
			 "give --link");
	record_field(record_def(RECORD_CLASS), "score", 5, &score);
	job->score_bit = 1ULL << score;
	err = out_open(cli.format, RECORD_CLASS, columns, &about, &job->out);
	return err ? output_failed(job, err) : 0;
}

static int give(struct job *job, struct record *rec, const struct verdict *v)
{
	int err;

	rec->type = RECORD_CLASS;
	rec->has |= job->score_bit;
	rec->flow.class = v->class;
	rec->flow.score = v->score;
	snprintf(rec->flow.reason, sizeof(rec->flow.reason), "%s",
		 classify_reason(v->reason));
	err = out_record(job->out, rec);
	return err ? output_failed(job, err) : 0;
}

static int take_flow(struct job *job, struct record *rec)
{
	struct verdict v;

	if (job->rules.policy == CLASSIFY_THRESHOLD) {
		classify_flow(&job->rules, &rec->flow, &v);
		return give(job, rec, &v);
	}
	if (spool_add(&job->spool, rec))
		return fault_set(job->f, FAULT_NO_MEMORY,
				 "cannot hold a round of %zu flows",
				 job->spool.n);
	return 0;
}

static void fill_contenders(const struct spool *spool, struct contender *c)
{
	struct record rec;
	uint32_t i = 0;
	size_t at = 0;

	for (; spool_next(spool, &at, &rec); i++) {
		c[i].rate_bps = rec.flow.rate_bps;
		c[i].idle_us = rec.flow.idle_us;
		c[i].class = rec.flow.class;
		c[i].number = i;
	}
}

/* The end of a round: the spooled flows get their verdicts. */
static int judge_round(struct job *job)
{
	size_t i, at = 0, n = job->spool.n;
	auto_free struct contender *c = calloc(n + 1, sizeof(*c));
	auto_free struct verdict *v = calloc(n + 1, sizeof(*v));
	struct record rec;
	int err = 0;

	if (!c || !v)
		return fault_set(job->f, FAULT_NO_MEMORY,
				 "cannot judge a round of %zu flows", n);
	fill_contenders(&job->spool, c);
	classify_round(&job->rules, c, n, v);
	for (i = 0; !err && spool_next(&job->spool, &at, &rec); i++)
		err = give(job, &rec, &v[i]);
	spool_empty(&job->spool);
	return err;
}

static int end_round(struct job *job, bool last)
{
	int err = judge_round(job);

	if (err || last)
		return err;
	err = out_mark(job->out);
	return err ? output_failed(job, err) : 0;
}

/* Not ours to judge: the line goes on as it came. */
static int pass_on(struct job *job)
{
	struct record rec = { .type = RECORD_OTHER };
	int err;

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
	case RECORD_MARK:
	case RECORD_TRAILER:
		return end_round(job, rec->type == RECORD_TRAILER);
	default:
		return pass_on(job);
	}
}

/* Only a whole stream gets a trailer, so that nothing acts on less. */
static int filter(struct job *job)
{
	struct record rec;
	int err;

	while ((err = in_record(job->in, &rec, job->f)) > 0) {
		err = take(job, &rec);
		if (err)
			break;
	}
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
	int n = record_schema(RECORD_HEADER + opt.schema, buf, sizeof(buf));

	if (n < 0 || fwrite(buf, 1, n, stdout) != (size_t)n || fflush(stdout))
		return fault_set(f, FAULT_OUTPUT, "cannot write: %m");
	return 0;
}

static int classify_file(const char *name, struct fault *f)
{
	struct job job = { .f = f };
	int err;

	err = check_options(f);
	if (err)
		return err;
	err = in_open(name, &job.in, f);
	if (err)
		return err;
	err = filter(&job);
	spool_done(&job.spool);
	in_close(job.in);
	return err;
}

static int classify_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	int err;

	if (opt.schema >= 0)
		err = print_schema(&f);
	else
		err = classify_file(args->n ? args->arg[0] : NULL, &f);
	return err ? fault_report(&f) : EXIT_DONE;
}

static const struct cli_verb verbs[] = {
	{ "classify", "[FILE|-]", 0, 1, classify_opts,
	  "give every flow a class: heavy or rest", classify_run },
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
