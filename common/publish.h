/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside policymap_publish: what a pool load will write, worked out from
 * what the maps hold. Nothing here touches a map.
 */
#ifndef SRTE_PUBLISH_H
#define SRTE_PUBLISH_H

#include "pool.h"
#include "model.h"

#include <stdbool.h>

struct publish_path {
	bool used;
	char pool[SRTE_NAME_MAX];
	char name[SRTE_PATH_TEXT];	/* "pool/name" */
};

struct publish_route {
	struct srte_route_key key;
	struct srte_route route;
};

struct publish {
	struct policymap *pm;
	const struct poolset *set;	/* what is to be */
	struct fault *fault;
	const void *no_stats;		/* a zero for every CPU */

	/* what is */
	struct srte_config old_config;
	struct publish_path old_path[SRTE_PATHS_MAX];	/* by id */
	struct srte_set old_set[SRTE_SETS_MAX];		/* by id, n 0: free */
	struct publish_route old_routes[SRTE_ROUTES_MAX];
	size_t n_old_routes;

	/* worked out by publish_assign() */
	__u32 generation;
	__u32 path_id[SRTE_PATHS_MAX];	/* of set->paths[i] */
	__u32 set_id[SRTE_SETS_MAX];	/* of set->sets[i] */
	__u32 set_at[SRTE_SETS_MAX];	/* by id: i + 1, 0: not ours */
	__u32 pools_id[SRTE_POOLS_IDS];	/* of set->pools[i] */
	__u32 pools_at[SRTE_POOLS_IDS];	/* by id: i + 1, 0: not ours */
};

/* Free ids for all that is new, beside all that is old. FAULT_TOO_MANY */
int publish_assign(struct publish *p);

/* Set, route and its pools number i, with the ids of this load. */
struct srte_set publish_set(const struct publish *p, size_t i);
struct srte_route publish_route(const struct publish *p, size_t i);
struct srte_pools publish_pools(const struct publish *p, size_t i);

/* Is there a route for exactly this prefix, after or before? */
bool publish_keeps(const struct publish *p, const struct srte_route_key *key);
bool publish_had(const struct publish *p, const struct srte_route_key *key);

/* A set of before this load? */
bool publish_is_old(const struct publish *p, __u32 set);

/*
 * Let a steering entry of an old set follow to the same pool's set in the
 * route of now: the path of the same name, else one picked for the flow.
 * -ENOENT: there is no such pool any more, and *entry is as it was.
 */
int publish_follow(const struct publish *p, const struct srte_flow_key *key,
		   const struct srte_route *route, struct srte_steer *entry);

#endif
