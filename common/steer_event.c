/* SPDX-License-Identifier: GPL-2.0-only */
/* Policies by pipe: what an event record does to its flow. */
#include "steer.h"

#include <string.h>

/* Those that say something about the path a flow is on. */
static const char *const kinds[] = {
	"rto", "syn_timeout", "ecn", "retrans", "heavy", NULL
};

static bool is_kind(const char *word, size_t len)
{
	const char *const *kind = kinds;

	while (*kind && (strlen(*kind) != len || strncmp(*kind, word, len)))
		kind++;
	return *kind;
}

int steer_events_check(const char *list, struct fault *f)
{
	const char *at = list;

	if (!strcmp(list, "none"))
		return 0;
	for (;; at++) {
		size_t len = strcspn(at, ",");

		if (!is_kind(at, len))
			return fault_set(f, FAULT_USAGE, "--on-event: '%.*s' "
					 "is not rto, syn_timeout, ecn, "
					 "retrans, heavy or none", (int)len,
					 at);
		at += len;
		if (!*at)
			return 0;
	}
}

bool steer_event_asked(const char *list, const char *event)
{
	size_t n = strlen(event);
	const char *at = list;

	for (;; at++) {
		size_t len = strcspn(at, ",");

		if (len == n && !strncmp(at, event, n))
			return true;
		at += len;
		if (!*at)
			return false;
	}
}

/* The next one that is up in the set's order, which is that of disjoint
 * alternatives; -1: there is no other. */
static int next_up(const struct pick *pick, uint32_t from)
{
	uint32_t i, index;

	for (i = 1; i < pick->n; i++) {
		index = (from + i) % pick->n;
		if (!pick->path[index].down)
			return index;
	}
	return -1;
}

void steer_decide_event(const struct steer_ask *ask,
			const struct steer_place *on, uint64_t lease_ns,
			struct steer_plan *ret)
{
	struct steer_plan plan = { .op = STEER_NONE, .reason = "no_pool" };
	int now, next = -1;

	*ret = plan;
	if (!on->set)
		return;
	now = on->entry ? on->entry->active : pick_find(on->pick, ask->path);
	if (on->entry && (now >= (int)on->pick->n ||
			  strcmp(on->pick->path[now].name, ask->path))) {
		ret->op = STEER_KEEP;	/* the kernel was quicker */
		ret->reason = "moved_already";
		ret->entry = *on->entry;
		return;
	}
	if (now >= 0)
		next = next_up(on->pick, now);
	ret->reason = "no_path";
	if (next < 0)
		return;
	ret->op = on->entry ? STEER_CHANGE : STEER_ADD;
	ret->reason = ask->reason;
	ret->entry = (struct srte_steer){
		.lease_ns = lease_ns,
		.set = on->set,
		.active = next,
		.class = on->entry ? on->entry->class : SRTE_CLASS_REST,
		.reason = SRTE_REASON_EVENT,
	};
}
