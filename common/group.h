/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows as parts of something that lasts longer than they do: all of a
 * cgroup, or all to a destination prefix, are one contender. Bytes and rates
 * add up; it is as old as the oldest and as idle as the busiest of them, and
 * heavy if any of them is.
 */
#ifndef SRTE_GROUP_H
#define SRTE_GROUP_H

#include "classify.h"
#include "fault.h"
#include "keytable.h"

enum group_kind { GROUP_FLOW, GROUP_CGROUP, GROUP_PREFIX };

struct group_by {
	enum group_kind kind;
	uint8_t len4, len6;	/* of prefixes */
	bool    apart;		/* of each protocol its own */
};

/* "flow", "cgroup", "prefix/24", "prefix/64", "prefix/24,48". FAULT_USAGE */
int group_parse(const char *text, struct group_by *ret, struct fault *f);

/* What group a flow is of, for the record: "10.0.2.0/24", "/db"; "" for a
 * flow by itself. ret: SRTE_CGROUP_TEXT. */
void group_name(const struct group_by *by, const struct flow *flow,
		char *ret);

struct groups {
	struct group_by   by;
	struct keytable   table;
	struct contender *sum;		/* n of them */
	size_t            n, room;
	uint32_t         *of;		/* flow number to group */
	size_t            of_room;
};

/* Flow number c->number joins its group. -ENOMEM */
int  groups_add(struct groups *g, const struct flow *flow,
		const struct contender *c);
void groups_clear(struct groups *g);
void groups_done(struct groups *g);

#endif
