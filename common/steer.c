/* SPDX-License-Identifier: GPL-2.0-only */
#include "steer.h"

const char *steer_op_name(enum steer_op op)
{
	static const char *const names[] = {
		[STEER_NOTHING] = "",	    [STEER_NONE] = "none",
		[STEER_KEEP] = "keep",	    [STEER_ADD] = "add",
		[STEER_CHANGE] = "change",  [STEER_RENEW] = "renew",
		[STEER_REMOVE] = "remove",
	};

	return names[op];
}

static bool entry_is_good(const struct srte_steer *entry,
			  const struct steer_facts *facts)
{
	return entry && entry->set == facts->heavy_set &&
	       entry->active < facts->heavy->n;
}

/* The set is right already. The path in use stays, since a reaction may have
 * chosen it for good reason; only the lease is new. */
static void renew(const struct srte_steer *entry, uint64_t lease_ns,
		  struct steer_plan *plan)
{
	plan->op = entry->lease_ns == lease_ns ? STEER_KEEP : STEER_RENEW;
	plan->entry = *entry;
	plan->entry.lease_ns = lease_ns;
	plan->entry.class = SRTE_CLASS_HEAVY;
}

static void decide_heavy(const struct steer_ask *ask,
			 const struct steer_facts *facts, uint64_t lease_ns,
			 struct steer_plan *plan)
{
	if (!facts->heavy_set) {
		plan->op = STEER_NONE;
		plan->reason = facts->why_none;
		return;
	}
	/* Rule R9: until its lease ends no path is tried again. */
	if (facts->entry && facts->entry->reason == SRTE_REASON_GAVE_UP) {
		plan->op = STEER_KEEP;
		plan->reason = "gave_up";
		plan->entry = *facts->entry;
		return;
	}
	if (entry_is_good(facts->entry, facts)) {
		renew(facts->entry, lease_ns, plan);
		return;
	}
	plan->op = facts->entry ? STEER_CHANGE : STEER_ADD;
	plan->entry = (struct srte_steer){
		.lease_ns = lease_ns,
		.set = facts->heavy_set,
		.active = facts->by_load ? pick_least(facts->heavy) :
			  pick_index(facts->heavy, &ask->key),
		.class = SRTE_CLASS_HEAVY,
		.reason = SRTE_REASON_CLASS,
	};
}

void steer_renew(const struct srte_steer *now, struct srte_steer *entry)
{
	struct srte_steer plan = *entry;

	if (now && now->reason == SRTE_REASON_GAVE_UP)
		*entry = *now;
	if (!now || now->set != plan.set)
		return;
	*entry = *now;
	entry->lease_ns = plan.lease_ns;
	entry->class = plan.class;
}

/* An entry of class rest was made by a reaction: not ours to remove. */
void steer_decide(const struct steer_ask *ask, const struct steer_facts *facts,
		  uint64_t lease_ns, struct steer_plan *ret)
{
	struct steer_plan plan = { .reason = ask->reason };

	if (ask->class == SRTE_CLASS_HEAVY)
		decide_heavy(ask, facts, lease_ns, &plan);
	else if (facts->entry && facts->entry->class == SRTE_CLASS_HEAVY)
		plan.op = STEER_REMOVE;
	*ret = plan;
}
