/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-steer: class records in, steering entries out; and the pools, since
 * they say where an entry can lead.
 */
#include "addr.h"
#include "cleanup.h"
#include "cli.h"
#include "device.h"
#include "jsonl.h"
#include "log.h"
#include "nexthop.h"
#include "pathlist.h"
#include "policymap.h"
#include "pool.h"
#include "steer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LEASE_INTERVALS	3	/* rounds that may be missed */

static struct {
	bool     dry_run, keep, lease_given;
	uint64_t interval_ns, lease_ns;
} opt = { .interval_ns = 60 * 1000000000ULL };

#define OPT_DRY_RUN							\
	CLI_FLAG('n', "dry-run", &opt.dry_run,				\
		 "say what would be done, and do nothing")
#define OPTS_LEASE							\
	CLI_TIME('i', "interval", "TIME", &opt.interval_ns,		\
		 "time between rounds; a lease is three of them (1m)"),\
	{ .name = "lease", .arg = "TIME", .kind = CLI_KIND_TIME,	\
	  .dest = &opt.lease_ns, .seen = &opt.lease_given,		\
	  .help = "entries end after this time unless renewed" },	\
	CLI_FLAG('k', "keep", &opt.keep, "entries do not end by themselves")

static const struct cli_opt apply_opts[] = {
	OPT_DRY_RUN, OPTS_LEASE, CLI_END
};
static const struct cli_opt plan_opts[] = { OPTS_LEASE, CLI_END };
static const struct cli_opt dry_opts[] = { OPT_DRY_RUN, CLI_END };

static const char *const action_columns[] = {
	"op", "proto", "saddr", "sport", "daddr", "dport", "class", "reason",
	"path_was", "path", "lease_us", NULL
};
static const char *const path_columns[] = {
	"path", "prefix", "weight", "segments", "header_bytes", "down",
	"bytes", "packets", "rtos", "moved_away", NULL
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
						      columns, 0, &o->out));
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
	return 0;
}

static int take_class(struct job *job, const struct flow *flow)
{
	struct steer_ask ask = { .key = flow->key, .class = flow->class,
				 .line = in_line(job->in) };

	memcpy(ask.reason, flow->reason, sizeof(ask.reason));
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

/* Events and types that we do not know are for others. A flow record is a
 * pipe with its middle missing, which nobody would notice by itself. */
static int take(struct job *job, const struct record *rec)
{
	switch (rec->type) {
	case RECORD_CLASS:
		return take_class(job, &rec->flow);
	case RECORD_FLOW:
		return fault_set(job->fault, FAULT_BAD_RECORD,
				 "%s: line %" PRIu64 ": a flow record has no "
				 "class yet (srte-classify gives it one)",
				 in_name(job->in), in_line(job->in));
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

/* ---- pools ---- */

static int source_fill(struct pooldoc *doc, struct fault *f)
{
	if (!addr_is_zero(doc->source))
		return 0;
	return device_attached_source(doc->source, f);
}

static int publish(struct policymap *pm, const struct pooldoc *doc,
		   struct fault *f)
{
	struct srte_config config = { 0 };
	struct poolset set;
	int err = policymap_config(pm, &config);

	if (err)
		return fault_set(f, FAULT_FAILED, "cannot read srte_config: "
				 "%s", strerror(-err));
	err = pool_compile(doc, config.mtu, &set, f);
	if (err)
		return err;
	err = nexthop_fill(&set, f);
	if (!err && !opt.dry_run)
		err = policymap_publish(pm, &set, f);
	if (!err)
		log_info("%zu paths in %zu sets to %zu prefixes%s",
			 set.n_paths, set.n_sets, set.n_routes,
			 opt.dry_run ? " would fit" : " loaded");
	poolset_done(&set);
	return err;
}

static int load(const char *name, struct fault *f)
{
	struct policymap pm = POLICYMAP_NONE;
	auto_close int lock = -1;
	struct pooldoc doc;
	int err = poolfile_read(name, &doc, f);

	if (err)
		return err;
	err = source_fill(&doc, f);
	if (!err && !opt.dry_run)
		err = lock = pin_lock(f);
	if (err >= 0)
		err = policymap_open(opt.dry_run ? PIN_READ : PIN_WRITE, &pm,
				     f);
	if (!err)
		err = publish(&pm, &doc, f);
	policymap_close(&pm);
	pooldoc_done(&doc);
	return err;
}

static int load_run(const struct cli_args *args)
{
	struct fault f = { .id = FAULT_NONE };

	return load(args->arg[0], &f) ? fault_report(&f) : EXIT_DONE;
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
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-steer",
	.summary = "steer flows over pools of SRv6 paths",
	.example = "srte-flows | srte-classify | srte-steer",
	.verbs = verbs,
	.default_verb = "apply",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
