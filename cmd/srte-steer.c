/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-steer: class records in, steering entries out; and the pools, since
 * they say where an entry can lead.
 */
#include "cli.h"
#include "jsonl.h"
#include "offer.h"
#include "pathlist.h"
#include "pathstate.h"
#include "policymap.h"
#include "poolload.h"
#include "steer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LEASE_INTERVALS	3	/* rounds that may be missed */
#define LEASE_ROUND_MIN_US 1000000ULL

static struct {
	bool     dry_run, keep, lease_given, interval_given;
	int      place;
	uint64_t interval_ns, lease_ns, for_ns;
	const char *on_event;
} opt = { .interval_ns = 60 * 1000000000ULL, .on_event = STEER_EVENTS };

enum { PLACE_HASH, PLACE_LOAD };
static const char *const place_names[] = { "hash", "load", NULL };

#define OPT_DRY_RUN							\
	CLI_FLAG('n', "dry-run", &opt.dry_run,				\
		 "say what would be done, and do nothing")
#define OPTS_LEASE							\
	{ .letter = 'i', .name = "interval", .arg = "TIME",		\
	  .kind = CLI_KIND_TIME, .dest = &opt.interval_ns,		\
	  .seen = &opt.interval_given,					\
	  .help = "time between rounds; a lease is three of them (1m)" }, \
	{ .name = "lease", .arg = "TIME", .kind = CLI_KIND_TIME,	\
	  .dest = &opt.lease_ns, .seen = &opt.lease_given,		\
	  .help = "entries end after this time unless renewed" },	\
	CLI_FLAG('k', "keep", &opt.keep, "entries do not end by themselves"), \
	CLI_CHOICE(0, "place", "HOW", &opt.place, place_names,		\
		   "by hash, or on the path with the least traffic"),	\
	CLI_STR(0, "on-event", "LIST", &opt.on_event,			\
		"events that move a flow: rto,syn_timeout,ecn; none")

static const struct cli_opt apply_opts[] = {
	OPT_DRY_RUN, OPTS_LEASE, CLI_END
};
static const struct cli_opt plan_opts[] = { OPTS_LEASE, CLI_END };
static const struct cli_opt down_opts[] = {
	CLI_TIME('t', "for", "TIME", &opt.for_ns,
		 "back in use after this time; until path up by default"),
	CLI_END
};
static const struct cli_opt dry_opts[] = { OPT_DRY_RUN, CLI_END };

static const char *const action_columns[] = {
	"op", "proto", "saddr", "sport", "daddr", "dport", "class", "reason",
	"path_was", "path", "lease_us", NULL
};
static const char *const path_columns[] = {
	"path", "prefix", "weight", "segments", "header_bytes", "down",
	"rate_bps", "rtos", "moved_away", "ce_permille", "srtt_us", NULL
};

/* ---- output ---- */

struct output {
	struct out *out;	/* NULL until there is something to tell */
	enum record_type type;
	struct fault *fault;
};

static int output_failed(struct output *o, int err)
{
	if (!err)
		return 0;
	return fault_set(o->fault, FAULT_OUTPUT, "cannot write: %s",
			 strerror(-err));
}

static int output_open(struct output *o, const char *const *columns)
{
	return o->out ? 0 : output_failed(o, out_open(cli.format, o->type,
						      columns, NULL, &o->out));
}

/* Without the trailer where something went wrong. */
static int output_end(struct output *o, int err)
{
	if (!err)
		return output_failed(o, out_close(o->out, true));
	if (o->out)
		out_abort(o->out);
	return err;
}

static int give_action(const struct action *action, void *arg)
{
	struct record rec = { .type = RECORD_ACTION, .action = *action };
	struct output *o = arg;

	return output_failed(o, out_record(o->out, &rec));
}

static int give_path(const struct path *path, void *arg)
{
	struct record rec = { .type = RECORD_PATH, .path = *path };
	struct output *o = arg;

	return output_failed(o, out_record(o->out, &rec));
}

/* ---- apply, plan ---- */

struct job {
	struct in *in;
	struct output output;
	struct steer_round round;
	struct steer_conf conf;
	bool follow;			/* a mark was seen */
	struct fault *fault;
};

static int read_lease(struct steer_conf *conf, struct fault *f)
{
	if (opt.keep && opt.lease_given)
		return fault_set(f, FAULT_USAGE,
				 "--lease and --keep exclude each other");
	if (!opt.interval_ns || (opt.lease_given && !opt.lease_ns))
		return fault_set(f, FAULT_USAGE,
				 "--interval and --lease must be more than 0");
	conf->lease_ns = opt.lease_ns;
	if (opt.keep || opt.interval_ns > STEER_NO_LEASE / LEASE_INTERVALS)
		conf->lease_ns = STEER_NO_LEASE;
	else if (!opt.lease_given)
		conf->lease_ns = LEASE_INTERVALS * opt.interval_ns;
	conf->dry_run = opt.dry_run;
	conf->by_load = opt.place == PLACE_LOAD;
	return steer_events_check(opt.on_event, f);
}

/*
 * A follow stream says itself how often it comes; of less than a second's
 * rounds the lease is that of a second's: one late round moves no flow.
 */
static void learn_interval(struct steer_conf *conf,
			   const struct header *header)
{
	uint64_t us = header->interval_us;

	if (!us || opt.keep || opt.lease_given || opt.interval_given)
		return;
	if (us < LEASE_ROUND_MIN_US)
		us = LEASE_ROUND_MIN_US;
	conf->lease_ns = us < STEER_NO_LEASE / 1000 / LEASE_INTERVALS ?
			 LEASE_INTERVALS * us * 1000 : STEER_NO_LEASE;
}

static int take_class(struct job *job, const struct flow *flow)
{
	struct steer_ask ask = { .key = flow->key, .class = flow->class,
				 .rate_bps = flow->rate_bps,
				 .line = in_line(job->in) };

	memcpy(ask.reason, flow->reason, sizeof(ask.reason));
	return steer_round_add(&job->round, &ask, job->fault);
}

/* Events of a kind that nobody asked for, or of a flow on plain routing, say
 * nothing to us. */
static int take_event(struct job *job, const struct event *event)
{
	struct steer_ask ask = { .key = event->key, .event = true,
				 .line = in_line(job->in) };

	if (!event->path[0] || !event->key.proto ||
	    !steer_event_asked(opt.on_event, event->event))
		return 0;
	memcpy(ask.reason, event->event, sizeof(event->event));
	memcpy(ask.path, event->path, sizeof(ask.path));
	return steer_round_add(&job->round, &ask, job->fault);
}

/* Nothing is printed before the round is whole. */
static int end_round(struct job *job)
{
	int err = output_open(&job->output, action_columns);

	if (!err)
		err = steer_round_apply(&job->round, &job->conf, give_action,
					&job->output, job->fault);
	steer_round_clear(&job->round);
	return err;
}

static int end_marked(struct job *job)
{
	int err = end_round(job);

	job->follow = true;
	if (err)
		return err;
	return output_failed(&job->output, out_mark(job->output.out));
}

/* Types that we do not know are for others. A flow record is a pipe with its
 * middle missing, which nobody would notice by itself. */
static int take(struct job *job, const struct record *rec)
{
	switch (rec->type) {
	case RECORD_CLASS:
		return take_class(job, &rec->flow);
	case RECORD_EVENT:
		return take_event(job, &rec->event);
	case RECORD_FLOW:
		return fault_set(job->fault, FAULT_BAD_RECORD,
				 "%s: line %" PRIu64 ": a flow record has no "
				 "class yet (srte-classify gives it one)",
				 in_name(job->in), in_line(job->in));
	case RECORD_HEADER:
		learn_interval(&job->conf, &rec->header);
		return 0;
	case RECORD_MARK:
		return end_marked(job);
	default:
		return 0;
	}
}

static int apply(struct job *job)
{
	struct record rec;
	int err;

	while ((err = in_record(job->in, &rec, job->fault)) > 0) {
		err = take(job, &rec);
		if (err)
			break;
	}
	if (!err && (!job->follow || job->round.n))
		err = end_round(job);
	return output_end(&job->output, err);
}

/* Better now than after a long wait for the input. */
static int check_maps(const struct steer_conf *conf, struct fault *f)
{
	struct policymap pm;
	int err = policymap_open(conf->dry_run ? PIN_READ : PIN_WRITE, &pm, f);

	if (!err)
		policymap_close(&pm);
	return err;
}

static int apply_file(const char *name, struct fault *f)
{
	struct job job = { .output = { .type = RECORD_ACTION, .fault = f },
			   .fault = f };
	int err = read_lease(&job.conf, f);

	if (!err)
		err = in_open(name, &job.in, f);
	if (err)
		return err;
	err = check_maps(&job.conf, f);
	if (!err)
		err = apply(&job);
	steer_round_done(&job.round);
	in_close(job.in);
	return err;
}

static int apply_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	int err = apply_file(args->n ? args->arg[0] : NULL, &f);

	return err ? fault_report(&f) : EXIT_DONE;
}

static int plan_run(const struct cli_args *args)
{
	opt.dry_run = true;
	return apply_run(args);
}

/* ---- show, flush ---- */

static int show_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	struct output o = { .type = RECORD_ACTION, .fault = &f };
	int err = check_maps(&(struct steer_conf){ .dry_run = true }, &f);

	(void)args;
	if (!err)
		err = output_open(&o, action_columns);
	if (!err)
		err = output_end(&o, steer_show(give_action, &o, &f));
	return err ? fault_report(&f) : EXIT_DONE;
}

static int flush_run(const struct cli_args *args)
{
	struct steer_conf conf = { .dry_run = opt.dry_run };
	struct fault f = { .id = FAULT_NONE };
	struct output o = { .type = RECORD_ACTION, .fault = &f };
	int err = check_maps(&conf, &f);

	(void)args;
	if (!err)
		err = output_open(&o, action_columns);
	if (!err)
		err = output_end(&o, steer_flush(&conf, give_action, &o, &f));
	return err ? fault_report(&f) : EXIT_DONE;
}

/* ---- pools and paths ---- */

static int load_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	const char *name = args->arg[0];
	int status = EXIT_DONE;	/* of the last one refused */

	if (strcmp(name, "-") ? poolload(name, opt.dry_run, &f) :
	    poolload_stream(opt.dry_run, fault_report, &status, &f))
		return fault_report(&f);
	return status;
}

static int pools_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	struct output o = { .type = RECORD_PATH, .fault = &f };
	int err = check_maps(&(struct steer_conf){ .dry_run = true }, &f);

	(void)args;
	if (!err)
		err = output_open(&o, path_columns);
	if (!err)
		err = output_end(&o, pathlist_each(give_path, &o, &f));
	return err ? fault_report(&f) : EXIT_DONE;
}

static int path_down_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };

	return pathstate_down(args->arg[0], opt.for_ns, &f) ?
	       fault_report(&f) : EXIT_DONE;
}

static int path_up_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };
	int err = pathstate_up(args->arg[0], &f);

	return err ? fault_report(&f) : EXIT_DONE;
}

static const struct cli_verb verbs[] = {
	{ "apply", "[FILE|-]", 0, 1, apply_opts,
	  "steer flows as the class records say", apply_run },
	{ "plan", "[FILE|-]", 0, 1, plan_opts,
	  "say what apply would do", plan_run },
	{ "show", "", 0, 0, NULL, "show the steering entries", show_run },
	{ "flush", "", 0, 0, dry_opts, "remove every steering entry",
	  flush_run },
	{ "pool load", "FILE|-", 1, 1, dry_opts, "load the pools document",
	  load_run },
	{ "pool show", "", 0, 0, NULL, "show the paths and their counters",
	  pools_run },
	{ "path show", "", 0, 0, NULL, "the same", pools_run },
	{ "path down", "POOL/NAME", 1, 1, down_opts,
	  "take a path out of use", path_down_run },
	{ "path up", "POOL/NAME", 1, 1, NULL,
	  "back in use, also after a verdict", path_up_run },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-steer",
	.summary = "steer flows over pools of SRv6 paths",
	.example = "srte-flows | srte-classify | srte-steer",
	.verbs = verbs,
	.values = offer_values,
	.default_verb = "apply",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
