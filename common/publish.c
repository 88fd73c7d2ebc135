/* SPDX-License-Identifier: GPL-2.0-only */
#include "publish.h"

#include "pick.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool same_key(const struct srte_route_key *a,
		     const struct srte_route_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool publish_keeps(const struct publish *p, const struct srte_route_key *key)
{
	size_t i;

	for (i = 0; i < p->set->n_routes; i++)
		if (same_key(&p->set->route_keys[i], key))
			return true;
	return false;
}

bool publish_had(const struct publish *p, const struct srte_route_key *key)
{
	size_t i;

	for (i = 0; i < p->n_old_routes; i++)
		if (same_key(&p->old_routes[i].key, key))
			return true;
	return false;
}

bool publish_is_old(const struct publish *p, __u32 set)
{
	return set < SRTE_SETS_MAX && p->old_set[set].n;
}

static int too_many(const struct publish *p, const char *what, size_t n,
		    size_t free)
{
	return fault_set(p->fault, FAULT_TOO_MANY,
			 "%zu %s to load, %zu fit beside those in use", n,
			 what, free);
}

static int assign_paths(struct publish *p)
{
	size_t n = 0;
	__u32 id;

	for (id = 1; id < SRTE_PATHS_MAX; id++)
		if (!p->old_path[id].used)
			p->path_id[n++] = id;
	return n < p->set->n_paths ?
		       too_many(p, "paths", p->set->n_paths, n) : 0;
}

static int assign_sets(struct publish *p)
{
	size_t n = 0;
	__u32 id;

	for (id = 1; id < SRTE_SETS_MAX; id++) {
		if (p->old_set[id].n)
			continue;
		if (n < p->set->n_sets)
			p->set_at[id] = n + 1;
		p->set_id[n++] = id;
	}
	return n < p->set->n_sets ?
		       too_many(p, "sets", p->set->n_sets, n) : 0;
}

/* Twice as many as routes: both generations always find theirs. */
static void assign_pools(struct publish *p)
{
	bool used[SRTE_POOLS_IDS] = { [0] = true };
	size_t i, n = 0;
	__u32 id;

	for (i = 0; i < p->n_old_routes; i++)
		used[p->old_routes[i].route.pools % SRTE_POOLS_IDS] = true;
	for (id = 0; id < SRTE_POOLS_IDS && n < p->set->n_routes; id++) {
		if (used[id])
			continue;
		p->pools_at[id] = n + 1;
		p->pools_id[n++] = id;
	}
}

static bool table_in_use(const struct publish *p, __u32 generation)
{
	size_t i;

	for (i = 0; i < p->n_old_routes; i++)
		if (p->old_routes[i].route.pools &&
		    p->old_routes[i].route.generation % SRTE_MATCH_TABLES ==
			    generation % SRTE_MATCH_TABLES)
			return true;
	return false;
}

/*
 * The next whose table of matches no route asks. After one load that is the
 * next number; loads that were killed among the routes leave more behind.
 */
static void assign_generation(struct publish *p)
{
	int i;

	p->generation = p->old_config.generation;
	for (i = 0; i < SRTE_MATCH_TABLES; i++) {
		p->generation++;
		if (!p->generation)	/* says that nothing was ever loaded */
			p->generation = 1;
		if (!table_in_use(p, p->generation))
			return;
	}
}

/* Both generations of routes are in the trie for a moment, and one place
 * stays free (POOL_ENDPOINTS_MAX says why). */
static int check_routes(struct publish *p)
{
	size_t i, n = p->n_old_routes, fit = SRTE_ROUTES_MAX - 1;

	for (i = 0; i < p->set->n_routes; i++)
		n += !publish_had(p, &p->set->route_keys[i]);
	return n > fit ? too_many(p, "prefixes", p->set->n_routes,
				  p->n_old_routes < fit ?
					  fit - p->n_old_routes : 0) : 0;
}

int publish_assign(struct publish *p)
{
	int err = assign_paths(p);

	if (!err)
		err = assign_sets(p);
	if (!err)
		err = check_routes(p);
	assign_pools(p);
	assign_generation(p);
	return err;
}

struct srte_set publish_set(const struct publish *p, size_t i)
{
	struct srte_set set = p->set->sets[i];
	__u32 at;

	set.generation = p->generation;
	for (at = 0; at < set.n; at++)
		set.path[at] = p->path_id[set.path[at] - 1];
	return set;
}

/* Compiled ids start at 1, and 0 stays "none". */
static __u32 set_id(const struct publish *p, __u32 compiled)
{
	return compiled ? p->set_id[compiled - 1] : 0;
}

struct srte_route publish_route(const struct publish *p, size_t i)
{
	const struct srte_route *route = &p->set->routes[i];

	return (struct srte_route){
		.set[SRTE_POOL_DEFAULT] =
			set_id(p, route->set[SRTE_POOL_DEFAULT]),
		.set[SRTE_POOL_HEAVY] = set_id(p, route->set[SRTE_POOL_HEAVY]),
		.generation = p->generation,
		.pools = route->pools ? p->pools_id[i] : 0,
	};
}

struct srte_pools publish_pools(const struct publish *p, size_t i)
{
	struct srte_pools pools = p->set->pools[i];
	size_t at;

	for (at = 0; at < SRTE_POOLS_MAX; at++)
		pools.set[at] = set_id(p, pools.set[at]);
	return pools;
}

/* Name of the pool that a compiled set is of. */
static const char *pool_of(const struct publish *p, __u32 set)
{
	return p->set->paths[p->set->sets[set - 1].path[0] - 1].pool;
}

static struct pick pick_of(const struct publish *p, const struct srte_set *set)
{
	struct pick pick = { .n = set->n };
	__u32 i;

	for (i = 0; i < set->n; i++) {
		const struct srte_path *path =
			&p->set->paths[set->path[i] - 1];

		snprintf(pick.path[i].name, SRTE_PATH_TEXT, "%s/%s",
			 path->pool, path->name);
		pick.path[i].weight = set->weight[i];
	}
	return pick;
}

/* Set of this load that takes the pool's flows by that route; 0: none. */
static __u32 set_of_pool(const struct publish *p,
			 const struct srte_route *route, const char *pool)
{
	__u32 i, at = route->pools < SRTE_POOLS_IDS ?
		      p->pools_at[route->pools] : 0;

	for (i = 0; at && i < SRTE_POOLS_MAX; i++) {
		__u32 set = p->set->pools[at - 1].set[i];

		if (set && !strcmp(pool, pool_of(p, set)))
			return p->set_id[set - 1];
	}
	return at ? 0 : route->set[strcmp(pool, POOL_HEAVY) ?
				   SRTE_POOL_DEFAULT : SRTE_POOL_HEAVY];
}

int publish_follow(const struct publish *p, const struct srte_flow_key *key,
		   const struct srte_route *route, struct srte_steer *entry)
{
	const struct srte_set *old = &p->old_set[entry->set];
	__u32 active = entry->active < old->n ? entry->active : 0;
	const struct publish_path *was = &p->old_path[old->path[active] %
						      SRTE_PATHS_MAX];
	__u32 next = set_of_pool(p, route, was->pool);
	struct pick pick;
	int same;

	if (!next || next >= SRTE_SETS_MAX || !p->set_at[next])
		return -ENOENT;
	pick = pick_of(p, &p->set->sets[p->set_at[next] - 1]);
	same = pick_find(&pick, was->name);
	entry->set = next;
	entry->active = same >= 0 ? same : (int)pick_index(&pick, key);
	return 0;
}
