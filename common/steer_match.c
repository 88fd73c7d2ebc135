/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of a route's sets is a flow's? Without matches the route says it;
 * with them it takes what the tables know of the flow. */
#include "steer_work.h"

#include "cgroup.h"

#include <stdlib.h>

/* Those of the load that wrote the route; NULL: no memory, or gone since. */
static const struct match_table *table_of(struct work *w,
					  const struct srte_route *route)
{
	struct match_table *table = w->matches;
	uint32_t i;

	if (table && table->raw.generation == route->generation)
		return table;
	if (!table)
		table = w->matches = calloc(1, sizeof(*table));
	if (!table || policymap_matches(&w->pm, route, &table->raw))
		return NULL;
	for (i = 0; i < table->raw.n; i++)
		cgroup_path(table->raw.match[i].cgroup_id, table->cgroup[i]);
	return table;
}

static int pool_of_path(struct work *w, uint32_t id)
{
	struct srte_path path;

	return policymap_path(&w->pm, id, &path) ? -1 : path.pool_index;
}

uint32_t work_heavy_set(struct work *w, const struct srte_flow_key *key,
			const struct srte_route *route)
{
	char cgroup[SRTE_CGROUP_TEXT] = "";
	struct match_flow facts = { .key = *key, .cgroup = cgroup,
				    .pool = -1 };
	const struct match_table *table;
	struct srte_pools pools;
	struct srte_flow flow;

	if (policymap_pools(&w->pm, route, &pools))
		return route->set[SRTE_POOL_HEAVY];
	table = table_of(w, route);
	if (!table)
		return route->set[SRTE_POOL_HEAVY];
	if (!policymap_flow(&w->pm, key, &flow)) {
		cgroup_path(flow.cgroup_id, cgroup);
		facts.pool = pool_of_path(w, flow.path);
	}
	return pools.set[match_find(table, &facts).heavy % SRTE_POOLS_MAX];
}

uint32_t work_set_with(struct work *w, const struct srte_route *route,
		       const char *path)
{
	struct srte_pools pools;
	const struct pick *pick;
	uint32_t i;

	if (policymap_pools(&w->pm, route, &pools))
		return route->set[SRTE_POOL_DEFAULT];
	for (i = 0; i < SRTE_POOLS_MAX; i++) {
		pick = work_pick(w, pools.set[i]);
		if (pick && pick_find(pick, path) >= 0)
			return pools.set[i];
	}
	return 0;
}
