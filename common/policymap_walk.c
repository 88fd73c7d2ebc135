/* SPDX-License-Identifier: GPL-2.0-only */
/* All entries, paths and routes there are, one after the other. */
#include "policymap.h"

#include "cleanup.h"
#include "wall.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>

struct chunk {
	struct srte_flow_key key[POLICYMAP_BATCH];
	struct srte_steer entry[POLICYMAP_BATCH];
};

/*
 * All entries, whole buckets at a time: unlike walking by next key, this
 * neither repeats nor starts again when a key is deleted under way.
 */
static int each_entry(struct policymap *pm,
		      int (*each)(const struct srte_flow_key *key,
				  const struct srte_steer *entry, void *arg),
		      void *arg)
{
	auto_free struct chunk *chunk = malloc(sizeof(*chunk));
	__u32 i, n, place, *from = NULL;
	int end, ret;

	if (!chunk)
		return -ENOMEM;
	do {
		n = POLICYMAP_BATCH;
		end = bpf_map_lookup_batch(pm->steering, from, &place,
					   chunk->key, chunk->entry, &n, NULL);
		if (end && end != -ENOENT)
			return end;
		for (i = 0; i < n; i++) {
			ret = each(&chunk->key[i], &chunk->entry[i], arg);
			if (ret)
				return ret;
		}
		from = &place;
	} while (!end);
	return 0;
}

struct live {
	__u64 now;
	int (*each)(const struct srte_flow_key *key,
		    const struct srte_steer *entry, void *arg);
	void *arg;
};

static int each_live(const struct srte_flow_key *key,
		     const struct srte_steer *entry, void *arg)
{
	const struct live *live = arg;

	if (entry->lease_ns <= live->now)
		return 0;
	return live->each(key, entry, live->arg);
}

int policymap_each(struct policymap *pm,
		   int (*each)(const struct srte_flow_key *key,
			       const struct srte_steer *entry, void *arg),
		   void *arg)
{
	struct live live = { wall_mono_ns(), each, arg };

	return each_entry(pm, each_live, &live);
}

struct sweep {
	struct policymap *pm;
	__u64 now;
	int n;
};

/* Read again before deleting: rule R1 may have renewed it just now. */
static int sweep_one(const struct srte_flow_key *key,
		     const struct srte_steer *entry, void *arg)
{
	struct sweep *sweep = arg;
	struct srte_steer again;

	if (entry->lease_ns > sweep->now ||
	    policymap_get(sweep->pm, key, &again) != -ENOENT)
		return 0;
	if (!policymap_del(sweep->pm, key))
		sweep->n++;
	return 0;
}

int policymap_sweep(struct policymap *pm)
{
	struct sweep sweep = { pm, wall_mono_ns(), 0 };
	int err = each_entry(pm, sweep_one, &sweep);

	return err ? err : sweep.n;
}

int policymap_each_path(struct policymap *pm,
			int (*each)(__u32 id, const struct srte_path *path,
				    void *arg), void *arg)
{
	struct srte_path path;
	int err, ret;
	__u32 id;

	for (id = 1; id < SRTE_PATHS_MAX; id++) {
		err = policymap_path(pm, id, &path);
		if (err == -ENOENT)
			continue;
		if (err)
			return err;
		ret = each(id, &path, arg);
		if (ret)
			return ret;
	}
	return 0;
}

/* The next key is asked for before each() may delete this one. */
int policymap_each_route(struct policymap *pm,
			 int (*each)(const struct srte_route_key *key,
				     const struct srte_route *route,
				     void *arg), void *arg)
{
	struct srte_route_key key, next;
	struct srte_route route;
	int ret, n = 0, end = bpf_map_get_next_key(pm->routes, NULL, &next);

	/* A walk whose key is deleted by another starts again: bounded. */
	while (!end && n++ < 2 * SRTE_ROUTES_MAX) {
		key = next;
		end = bpf_map_get_next_key(pm->routes, &key, &next);
		if (bpf_map_lookup_elem(pm->routes, &key, &route))
			continue;	/* gone meanwhile */
		ret = each(&key, &route, arg);
		if (ret)
			return ret;
	}
	return end && end != -ENOENT ? end : 0;
}
