/* SPDX-License-Identifier: GPL-2.0-only */
/* Every entry there is: taken away, or shown. */
#include "steer_work.h"

#include "cleanup.h"

#include <errno.h>

static int flush_one(const struct srte_flow_key *key,
		     const struct srte_steer *entry, void *arg)
{
	struct work *w = arg;
	struct step *step = work_step(w, key, entry->class);

	if (!step)
		return -EAGAIN;
	step->op = STEER_REMOVE;
	step->had = true;
	step->was = *entry;
	work_tell(w, step, steer_op_name(step->op), "flush");
	return 0;
}

static int show_one(const struct srte_flow_key *key,
		    const struct srte_steer *entry, void *arg)
{
	static const char *const reasons[] = {
		[SRTE_REASON_CLASS] = "class", [SRTE_REASON_EVENT] = "event",
		[SRTE_REASON_RTO] = "rto", [SRTE_REASON_GAVE_UP] = "gave_up",
		[SRTE_REASON_CE] = "ce",
		[SRTE_REASON_LOSS] = "loss",
		[SRTE_REASON_DUPLICATES] = "duplicates",
		[SRTE_REASON_SUBFLOW] = "subflow",
		[SRTE_REASON_INSTANT] = "instant",
	};
	struct work *w = arg;
	struct step *step = work_step(w, key, entry->class);
	bool known = entry->reason && entry->reason <= SRTE_REASON_INSTANT;

	if (!step)
		return -EAGAIN;
	step->op = STEER_KEEP;
	step->entry = *entry;
	if (!work_pick(w, entry->set))	/* a load under way moved it on */
		(void)policymap_get(&w->pm, key, &step->entry);
	work_tell(w, step, "entry", known ? reasons[entry->reason] : "");
	step->action.dry_run = false;	/* a look, not a rehearsal */
	return 0;
}

static int walk(struct work *w, const struct steer_conf *conf,
		int (*each)(const struct srte_flow_key *key,
			    const struct srte_steer *entry, void *arg))
{
	int err, lock = work_lock(conf, w->fault);

	if (lock < 0 && !conf->dry_run)
		return lock;
	err = work_open(w, SRTE_STEERING_MAX);
	if (!err) {
		err = policymap_each(&w->pm, each, w);
		if (err)
			err = work_failed(w, "read srte_steering", err);
	}
	if (!err && !conf->dry_run)
		err = work_write(w);
	if (!err && !conf->dry_run)
		(void)policymap_sweep(&w->pm);
	cleanup_fd(&lock);
	return err;
}

int steer_flush(const struct steer_conf *conf, steer_give *give, void *arg,
		struct fault *f)
{
	struct work w = { .conf = conf, .fault = f, .pm = POLICYMAP_NONE };
	int err = walk(&w, conf, flush_one);

	if (!err)
		err = work_give(&w, give, arg);
	work_done(&w);
	return err;
}

int steer_show(steer_give *give, void *arg, struct fault *f)
{
	static const struct steer_conf read_only = { .dry_run = true };
	struct work w = { .conf = &read_only, .fault = f,
			  .pm = POLICYMAP_NONE };
	int err = walk(&w, &read_only, show_one);

	if (!err)
		err = work_give(&w, give, arg);
	work_done(&w);
	return err;
}
