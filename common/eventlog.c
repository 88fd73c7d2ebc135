/* SPDX-License-Identifier: GPL-2.0-only */
#include "eventlog.h"

#include "addr.h"
#include "cgroup.h"
#include "cleanup.h"
#include "pin.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void eventlog_warm(void)
{
	char ignored[SRTE_CGROUP_TEXT];

	cgroup_path(1, ignored);	/* any that is not known yet */
}

static const char *event_name(uint32_t type)
{
	static const char *const names[] = {
#define X(id, name) [SRTE_EVENT_##id] = name,
		SRTE_EVENTS(X)
#undef X
	};

	return type < SRTE_EVENT_N ? names[type] : NULL;
}

/* As enum in linux/tcp_states.h, which user space has as numbers only. */
static const char *state_name(uint8_t state)
{
	static const char *const names[] = {
		"", "established", "syn_sent", "syn_recv", "fin_wait1",
		"fin_wait2", "time_wait", "close", "close_wait", "last_ack",
		"listen", "closing", "new_syn_recv"
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "";
}

/* The same number is a share of marks or of loss, as the rule says. */
static void fill_rule(const struct srte_event *ev, struct event *ret)
{
	if (ev->rule)
		snprintf(ret->rule, sizeof(ret->rule), "R%u", ev->rule % 10);
	if (ev->rule == SRTE_R6 + 1)
		ret->loss_permille = ev->permille;
	else
		ret->ce_permille = ev->permille;
	ret->rounds = ev->rounds;
}

static void fill_paths(struct policymap *pm, const struct srte_event *ev,
		       struct event *ret)
{
	policymap_path_name(pm, ev->path, ret->path);
	if (ev->type == SRTE_EVENT_MOVED)
		policymap_path_name(pm, ev->path_to, ret->path_to);
}

static void fill_state(const struct srte_event *ev, struct event *ret)
{
	snprintf(ret->state_was, sizeof(ret->state_was), "%s",
		 state_name(ev->old_state));
	snprintf(ret->state, sizeof(ret->state), "%s",
		 state_name(ev->new_state));
}

int eventlog_fill(struct policymap *pm, const struct srte_event *ev,
		  int64_t wall_ns, struct event *ret)
{
	const char *name = event_name(ev->type);

	if (!name || flow_is_mixed(&ev->key))
		return -EINVAL;
	snprintf(ret->event, sizeof(ret->event), "%s", name);
	wall_format(ev->time_ns + wall_ns, ret->time);
	ret->key = ev->key;
	ret->cgroup_id = ev->cgroup_id;
	cgroup_path(ev->cgroup_id, ret->cgroup);
	fill_paths(pm, ev, ret);
	fill_rule(ev, ret);
	if (ev->type == SRTE_EVENT_STATE)
		fill_state(ev, ret);
	ret->rto_us = ev->rto_us;
	ret->srtt_us = ev->srtt_us;
	ret->retrans = ev->retrans;
	ret->timeouts = ev->timeouts;
	ret->bytes = ev->bytes;
	ret->mptcp_token = ev->token;
	return 0;
}

uint64_t eventlog_lost(int counters_fd)
{
	auto_free uint64_t *cpus = calloc(pin_cpus(), sizeof(*cpus));
	__u32 slot = SRTE_COUNT_EVENT_LOST;
	uint64_t lost = 0;

	if (!cpus || pin_get(counters_fd, &slot, cpus))
		return 0;
	for (int i = 0; i < pin_cpus(); i++)
		lost += cpus[i];
	return lost;
}

void eventlog_fill_lost(uint64_t lost, uint64_t time_ns, struct event *ret)
{
	snprintf(ret->event, sizeof(ret->event), "lost");
	wall_format(time_ns, ret->time);
	ret->lost = lost;
}

/* ---- filter ---- */

static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word), len;

	for (;; list++) {
		len = strcspn(list, ",");
		if (len == n && !strncmp(list, word, n))
			return true;
		list += len;
		if (!*list)
			return false;
	}
}

bool eventlog_match(const char *kinds, const struct flowfilter *filter,
		    const struct event *event)
{
	if (kinds && !in_list(kinds, event->event))
		return false;
	return flowfilter_key(filter, &event->key) &&
	       flowfilter_names(filter, event->cgroup, event->path);
}

int eventlog_check(const char *list, struct fault *f)
{
	static const char kinds[] =
#define X(id, name) name ","
		SRTE_EVENTS(X)
#undef X
		"lost";
	char word[32];

	for (;; list++) {
		size_t len = strcspn(list, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, list);
		if (!len || len >= sizeof(word) || !in_list(kinds, word))
			return fault_set(f, FAULT_USAGE, "--event: '%s' is no "
					 "kind of event (%s)", word, kinds);
		list += len;
		if (!*list)
			return 0;
	}
}
