/* SPDX-License-Identifier: GPL-2.0-only */
#include "pathlist.h"

#include "addr.h"
#include "cleanup.h"
#include "policymap.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SOURCE_AT	8	/* in the outer header */

/* A path does not know where it leads or its share: its route and set do. */
struct row {
	__u32 id;
	__u16 weight;
	struct srte_route_key prefix;
};

struct list {
	struct policymap pm;
	struct row *rows;
	size_t n;
};

static void add_set(struct list *list, const struct srte_route_key *prefix,
		    __u32 id)
{
	struct srte_set set;
	__u32 i;

	if (policymap_set(&list->pm, id, &set))
		return;
	for (i = 0; i < set.n && list->n < SRTE_PATHS_MAX; i++)
		list->rows[list->n++] = (struct row){ set.path[i],
						      set.weight[i], *prefix };
}

static int add_route(const struct srte_route_key *key,
		     const struct srte_route *route, void *arg)
{
	struct srte_pools pools = { { 0 } };
	struct list *list = arg;
	size_t i;

	memcpy(pools.set, route->set, sizeof(route->set));
	(void)policymap_pools(&list->pm, route, &pools);
	for (i = 0; i < SRTE_POOLS_MAX; i++)
		add_set(list, key, pools.set[i]);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void fill_header(const struct srte_path *from, struct path *ret)
{
	__u8 segments[SRTE_SEGMENTS_MAX][16];
	const char *mode = srh_mode_name(from->mode);
	size_t i, n = srh_segments(from, segments);

	snprintf(ret->mode, sizeof(ret->mode), "%s", mode ? mode : "");
	if (from->mode != SRTE_MODE_INLINE)
		addr_format(from->header + SOURCE_AT, ret->source);
	for (i = 0; i < n; i++)
		addr_format(segments[i], ret->segments[i]);
	ret->n_segments = n;
	ret->header_bytes = from->len;
}

static int fill_state(struct list *list, __u32 id, struct path *ret)
{
	uint64_t now_ns = wall_mono_ns();
	struct srte_path_state state;
	int err = policymap_path_state(&list->pm, id, &state);

	if (err || state.down_until_ns <= now_ns)
		return err;
	ret->down = true;
	snprintf(ret->down_by, sizeof(ret->down_by), "%s", state.verdict ?
		 "verdict" : "operator");
	if (state.down_until_ns != UINT64_MAX)
		ret->down_us = (state.down_until_ns - now_ns) / 1000;
	return 0;
}

static int fill(struct list *list, const struct row *row, struct path *ret)
{
	struct srte_path_stats stats;
	struct srte_path path;
	int err = policymap_path(&list->pm, row->id, &path);

	if (!err)
		err = policymap_stats(&list->pm, row->id, &stats);
	if (err)
		return err;
	ret->id = row->id;
	ret->weight = row->weight;
	snprintf(ret->path, sizeof(ret->path), "%s/%s", path.pool, path.name);
	prefix_format(&row->prefix, ret->prefix);
	fill_header(&path, ret);
	ret->bytes = stats.bytes;
	ret->packets = stats.packets;
	ret->rate_bps = stats.rate_bps;
	ret->retrans = stats.retrans;
	ret->rtos = stats.rtos;
	ret->moved_away = stats.moved_away;
	ret->srtt_us = stats.srtt_us;
	if (stats.delivered)
		ret->ce_permille = stats.delivered_ce * 1000 / stats.delivered;
	return fill_state(list, row->id, ret);
}

static int each_row(struct list *list,
		    int (*give)(const struct path *path, void *arg),
		    void *arg, struct fault *f)
{
	size_t i;
	int err = policymap_each_route(&list->pm, add_route, list);

	qsort(list->rows, list->n, sizeof(*list->rows), by_id);
	for (i = 0; !err && i < list->n; i++) {
		struct path path = { 0 };

		err = fill(list, &list->rows[i], &path);
		if (err == -ENOENT)	/* a load is under way: old path */
			err = 0;
		else if (!err && (err = give(&path, arg)))
			return err;
	}
	if (err)
		return fault_set(f, FAULT_FAILED, "cannot read the paths: %s",
				 strerror(-err));
	return 0;
}

int pathlist_each(int (*give)(const struct path *path, void *arg), void *arg,
		  struct fault *f)
{
	struct list list = { 0 };
	auto_free struct row *rows = NULL;
	int err = policymap_open(PIN_READ, &list.pm, f);

	if (err)
		return err;
	list.rows = rows = calloc(SRTE_PATHS_MAX, sizeof(*rows));
	if (rows)
		err = each_row(&list, give, arg, f);
	else
		err = fault_set(f, FAULT_NO_MEMORY, "no memory for the paths");
	policymap_close(&list.pm);
	return err;
}
