/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One round on the maps: work out every step, write them all or none, then
 * tell. Paths are named while the lock is held and told after it is gone, so
 * that a slow reader of our output holds nobody up.
 */
#include "steer_work.h"

#include "cleanup.h"
#include "log.h"
#include "policymap.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- working out ---- */

int work_failed(const struct work *w, const char *what, int err)
{
	return fault_set(w->fault, FAULT_FAILED, "cannot %s: %s", what,
			 strerror(-err));
}

/* The paths of a set, read once a round; NULL: no such set. */
const struct pick *work_pick(struct work *w, uint32_t set)
{
	struct pick *pick;

	if (!set || set >= SRTE_SETS_MAX || w->picks[set])
		return set < SRTE_SETS_MAX ? w->picks[set] : NULL;
	pick = malloc(sizeof(*pick));
	if (pick && policymap_pick(&w->pm, set, pick)) {
		free(pick);
		pick = NULL;
	}
	w->picks[set] = pick;
	return pick;
}

static void path_of(struct work *w, const struct srte_steer *entry,
		    char ret[SRTE_PATH_TEXT])
{
	const struct pick *pick = work_pick(w, entry->set);

	ret[0] = '\0';
	if (pick && entry->active < pick->n)
		memcpy(ret, pick->path[entry->active].name, SRTE_PATH_TEXT);
}

static void destination_facts(struct work *w, const struct srte_flow_key *key,
			      struct steer_facts *facts)
{
	struct srte_route route;
	uint32_t set;

	facts->why_none = "no_route";
	if (policymap_route(&w->pm, key->dst, &route))
		return;
	facts->why_none = "no_pool";
	set = work_heavy_set(w, key, &route);
	facts->heavy = work_pick(w, set);
	if (facts->heavy)
		facts->heavy_set = set;
}

/* The record of a step. Without an end, a lease has no length to tell. */
void work_tell(struct work *w, struct step *step, const char *op,
	       const char *reason)
{
	struct action *a = &step->action;
	bool stays = step->op != STEER_REMOVE && step->op != STEER_NONE;

	snprintf(a->op, sizeof(a->op), "%s", op);
	snprintf(a->reason, sizeof(a->reason), "%s", reason);
	a->dry_run = w->conf->dry_run;
	if (step->had)
		path_of(w, &step->was, a->path_was);
	if (step->op == STEER_NONE)
		memcpy(a->path, a->path_was, sizeof(a->path));
	if (!stays)
		return;
	path_of(w, &step->entry, a->path);
	if (step->entry.lease_ns != STEER_NO_LEASE)
		a->lease_us = (step->entry.lease_ns - w->now) / 1000;
}

/* NULL when there is no room: a walk may see more than the table holds at
 * any one time, if entries come and go meanwhile. */
struct step *work_step(struct work *w, const struct srte_flow_key *key,
		       uint8_t class)
{
	struct step *step = w->n < w->room ? &w->steps[w->n++] : NULL;

	if (!step)
		return NULL;
	step->action.key = *key;
	step->action.class = class;
	return step;
}

/* Where the flow of an event is: on its entry's set, else on its pool's. */
static void plan_event(struct work *w, const struct steer_ask *ask,
		       const struct srte_steer *entry, struct steer_plan *plan)
{
	struct steer_place on = { .entry = entry };
	struct srte_route route;

	if (entry)
		on.set = entry->set;
	else if (!policymap_route(&w->pm, ask->key.dst, &route))
		on.set = work_set_with(w, &route, ask->path);
	on.pick = work_pick(w, on.set);
	if (!on.pick)
		on.set = 0;
	steer_decide_event(ask, &on, w->lease_ns, plan);
}

/* The next one of the round sees what this one will send. */
static void note_load(struct work *w, const struct steer_ask *ask,
		      const struct steer_plan *plan)
{
	struct pick *pick = w->picks[plan->entry.set];

	if (pick)
		pick->path[plan->entry.active].rate_bps += ask->rate_bps;
}

static void plan_class(struct work *w, const struct steer_ask *ask,
		       const struct srte_steer *entry, struct steer_plan *plan)
{
	struct steer_facts facts = { .entry = entry };

	facts.by_load = w->conf->by_load;
	if (ask->class == SRTE_CLASS_HEAVY)
		destination_facts(w, &ask->key, &facts);
	steer_decide(ask, &facts, w->lease_ns, plan);
	if (plan->op == STEER_ADD || plan->op == STEER_CHANGE)
		note_load(w, ask, plan);
}

static int plan_ask(struct work *w, const struct steer_ask *ask)
{
	struct steer_plan plan;
	struct srte_steer was;
	struct step *step;
	int err = policymap_get(&w->pm, &ask->key, &was);

	if (err && err != -ENOENT)
		return work_failed(w, "read srte_steering", err);
	(ask->event ? plan_event : plan_class)(w, ask, err ? NULL : &was,
					       &plan);
	if (plan.op == STEER_NOTHING)
		return 0;
	/* one a flow: fits */
	step = work_step(w, &ask->key, ask->event ? plan.entry.class :
			ask->class);
	step->op = plan.op;
	step->entry = plan.entry;
	step->had = !err;
	if (step->had)
		step->was = was;
	work_tell(w, step, steer_op_name(plan.op), plan.reason);
	return 0;
}

/* ---- writing ---- */

/* A reaction may have moved the flow since it was planned, and knows better
 * than we do: read it again, and leave it all but the lease and the class. */
static int renew(struct work *w, const struct srte_flow_key *key,
		 struct srte_steer entry)
{
	struct srte_steer now;
	int err = policymap_get(&w->pm, key, &now);

	if (err && err != -ENOENT)
		return err;
	steer_renew(err ? NULL : &now, &entry);
	return policymap_put(&w->pm, key, &entry);
}

static int write_step(struct work *w, const struct step *step)
{
	const struct srte_flow_key *key = &step->action.key;
	int err;

	switch (step->op) {
	case STEER_RENEW:
		return renew(w, key, step->entry);
	case STEER_REMOVE:
		err = policymap_del(&w->pm, key);
		return err == -ENOENT ? 0 : err;
	default:
		return 0;
	}
}

static void undo_step(struct work *w, const struct step *step)
{
	if (step->op == STEER_NONE || step->op == STEER_KEEP)
		return;
	if (step->op == STEER_RENEW)
		(void)renew(w, &step->action.key, step->was);
	else if (step->had)
		(void)policymap_put(&w->pm, &step->action.key, &step->was);
	else
		(void)policymap_del(&w->pm, &step->action.key);
}

static bool is_put(const struct step *step)
{
	return step->op == STEER_ADD || step->op == STEER_CHANGE;
}

/* The first n of those to put. */
static void mark_written(struct work *w, size_t n)
{
	size_t i;

	for (i = 0; n && i < w->n; i++) {
		if (!is_put(&w->steps[i]))
			continue;
		w->steps[i].written = true;
		n--;
	}
}

/* What is new in a round, most of a first one, in few calls. */
static int write_puts(struct work *w)
{
	auto_free struct srte_flow_key *keys = calloc(w->n + 1, sizeof(*keys));
	auto_free struct srte_steer *entries = calloc(w->n + 1,
						      sizeof(*entries));
	size_t i, n = 0, done = 0;
	int err;

	if (!keys || !entries)
		return -ENOMEM;
	for (i = 0; i < w->n; i++) {
		if (!is_put(&w->steps[i]))
			continue;
		keys[n] = w->steps[i].action.key;
		entries[n++] = w->steps[i].entry;
	}
	err = policymap_put_many(&w->pm, keys, entries, n, &done);
	mark_written(w, done);
	return err;
}

static int write_others(struct work *w)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < w->n; i++) {
		if (is_put(&w->steps[i]))
			continue;
		err = write_step(w, &w->steps[i]);
		w->steps[i].written = !err;
	}
	return err;
}

int work_write(struct work *w)
{
	size_t i;
	int err = write_puts(w);

	if (!err)
		err = write_others(w);
	if (!err)
		return 0;
	for (i = w->n; i-- > 0;)
		if (w->steps[i].written)
			undo_step(w, &w->steps[i]);
	if (err == -E2BIG || err == -ENOSPC)
		return fault_set(w->fault, FAULT_TOO_MANY,
				 "the steering table is full (%d entries)",
				 SRTE_STEERING_MAX);
	return work_failed(w, "write srte_steering", err);
}

/* ---- rounds ---- */

/* steps is for n at most; calloc costs only what is used of it. */
int work_open(struct work *w, size_t n)
{
	int err = policymap_open(w->conf->dry_run ? PIN_READ : PIN_WRITE,
				 &w->pm, w->fault);

	if (err)
		return err;
	w->steps = calloc(n + 1, sizeof(*w->steps));
	if (!w->steps)
		return fault_set(w->fault, FAULT_NO_MEMORY,
				 "no memory for %zu entries", n);
	w->room = n;
	w->now = wall_mono_ns();
	w->lease_ns = w->conf->lease_ns < STEER_NO_LEASE - w->now ?
			      w->now + w->conf->lease_ns : STEER_NO_LEASE;
	return 0;
}

void work_done(struct work *w)
{
	uint32_t id;

	policymap_close(&w->pm);
	for (id = 0; id < SRTE_SETS_MAX; id++)
		free(w->picks[id]);
	free(w->matches);
	free(w->steps);
}

static int check_pools(struct work *w)
{
	struct srte_config config;
	int err = policymap_config(&w->pm, &config);

	if (err)
		return work_failed(w, "read srte_config", err);
	if (!config.generation)
		return fault_set(w->fault, FAULT_NO_POOLS,
				 "no pools are loaded");
	return 0;
}

/* Expired entries go first: they may be what fills the table. */
static int carry_out(struct work *w, const struct steer_round *round)
{
	size_t i;
	int n, err = check_pools(w);

	for (i = 0; !err && i < round->n; i++)
		if (!round->asks[i].skip)
			err = plan_ask(w, &round->asks[i]);
	if (err || w->conf->dry_run)
		return err;
	n = policymap_sweep(&w->pm);
	if (n < 0)
		return work_failed(w, "read srte_steering", n);
	if (n)
		log_info("%d entries past their lease removed", n);
	return work_write(w);
}

int work_lock(const struct steer_conf *conf, struct fault *f)
{
	return conf->dry_run ? -1 : pin_lock(f);
}

int work_give(const struct work *w, steer_give *give, void *arg)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < w->n; i++)
		err = give(&w->steps[i].action, arg);
	return err;
}

int steer_round_apply(const struct steer_round *round,
		      const struct steer_conf *conf, steer_give *give,
		      void *arg, struct fault *f)
{
	struct work w = { .conf = conf, .fault = f, .pm = POLICYMAP_NONE };
	int lock, err = steer_round_check(round, f);

	if (err)
		return err;
	lock = work_lock(conf, f);
	if (lock < 0 && !conf->dry_run)
		return lock;
	err = work_open(&w, round->n);
	if (!err)
		err = carry_out(&w, round);
	cleanup_fd(&lock);
	if (!err)
		err = work_give(&w, give, arg);
	work_done(&w);
	return err;
}
