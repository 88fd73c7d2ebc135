/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which path of a set a flow gets: weighted rendezvous hashing. Every pair
 * of flow and path name has its own score and the best one wins, so a path
 * that comes or goes moves only the flows that it gains or loses, and ids,
 * which change with every pool load, do not matter.
 */
#ifndef SRTE_PICK_H
#define SRTE_PICK_H

#include "model.h"

struct pick_path {
	char  name[SRTE_PATH_TEXT];	/* "pool/name" */
	__u16 weight;
	bool  down;
	__u64 rate_bps;			/* what it carries; pick_least() */
};

struct pick {
	__u32 n;			/* at least 1 */
	struct pick_path path[SRTE_SET_PATHS];
};

/* Index of the flow's path. Those that are down count only when all are. */
__u32 pick_index(const struct pick *pick, const struct srte_flow_key *key);

/* The one with the least traffic for its weight; the first of equals. */
__u32 pick_least(const struct pick *pick);

/* Index of the path of that name; -1 when the set has none. */
int pick_find(const struct pick *pick, const char *name);

#endif
