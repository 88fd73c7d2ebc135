/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which match of a pools document fits a flow, as the programs would say
 * (bpf/match.bpf.h) that have its packet at hand. Pure.
 */
#ifndef SRTE_MATCH_H
#define SRTE_MATCH_H

#include "abi.h"
#include "model.h"

#include <stdbool.h>

/* The matches of a load, with their cgroups by name. */
struct match_table {
	struct srte_matches raw;
	char cgroup[SRTE_MATCHES_MAX][SRTE_CGROUP_TEXT];	/* "": any */
};

struct match_flow {
	struct srte_flow_key key;
	const char *cgroup;	/* "": not known */
	/* No table has a flow's mark: a match that asks for one fits when the
	 * flow's packets are in one of its pools, other than default and
	 * heavy, which are everybody's. */
	int pool;		/* index; -1: plain routing, or not known */
};

/* The cgroup itself, or one below it. */
bool match_cgroup_covers(const char *above, const char *cgroup);
/* The first that fits; its pools are default and heavy when none does. */
struct srte_match match_find(const struct match_table *table,
			     const struct match_flow *flow);

#endif
