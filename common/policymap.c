/* SPDX-License-Identifier: GPL-2.0-only */
#include "policymap.h"

#include "cleanup.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define BATCH 4096	/* entries asked for at once */

int policymap_open(enum pin_access access, struct policymap *ret,
		   struct fault *f)
{
	struct policymap pm = POLICYMAP_NONE;
	const struct {
		const char *name;
		int *fd;
	} maps[] = {
		{ "srte_steering", &pm.steering }, { "srte_paths", &pm.paths },
		{ "srte_sets", &pm.sets }, { "srte_routes", &pm.routes },
		{ "srte_path_state", &pm.path_state },
		{ "srte_path_stats", &pm.path_stats },
		{ "srte_config", &pm.config },
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		int fd = pin_open(maps[i].name, access, f);

		if (fd < 0) {
			policymap_close(&pm);
			return fd;
		}
		*maps[i].fd = fd;
	}
	*ret = pm;
	return 0;
}

void policymap_close(struct policymap *pm)
{
	int *fds[] = { &pm->steering, &pm->paths, &pm->sets, &pm->routes,
		       &pm->path_state, &pm->path_stats, &pm->config };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		cleanup_fd(fds[i]);
		*fds[i] = -1;
	}
}

int policymap_get(struct policymap *pm, const struct srte_flow_key *key,
		  struct srte_steer *ret)
{
	struct srte_steer entry;
	int err = bpf_map_lookup_elem(pm->steering, key, &entry);

	if (err)
		return err;
	if (entry.lease_ns <= wall_mono_ns())
		return -ENOENT;
	*ret = entry;
	return 0;
}

int policymap_put(struct policymap *pm, const struct srte_flow_key *key,
		  const struct srte_steer *entry)
{
	return bpf_map_update_elem(pm->steering, key, entry, BPF_ANY);
}

int policymap_del(struct policymap *pm, const struct srte_flow_key *key)
{
	return bpf_map_delete_elem(pm->steering, key);
}

int policymap_route(struct policymap *pm, const __u8 dst[16],
		    struct srte_route *ret)
{
	struct srte_route_key key = { .prefixlen = 128 };

	memcpy(key.addr, dst, sizeof(key.addr));
	return bpf_map_lookup_elem(pm->routes, &key, ret);
}

int policymap_set(struct policymap *pm, __u32 id, struct srte_set *ret)
{
	struct srte_set set;
	int err = bpf_map_lookup_elem(pm->sets, &id, &set);

	if (err)
		return err;
	if (!id || !set.n || set.n > SRTE_SET_PATHS)
		return -ENOENT;
	*ret = set;
	return 0;
}

int policymap_path(struct policymap *pm, __u32 id, struct srte_path *ret)
{
	struct srte_path path;
	int err = bpf_map_lookup_elem(pm->paths, &id, &path);

	if (err)
		return err;
	if (!id || !path.len || path.len > SRTE_HDR_MAX)
		return -ENOENT;
	path.pool[SRTE_NAME_MAX - 1] = '\0';
	path.name[SRTE_NAME_MAX - 1] = '\0';
	*ret = path;
	return 0;
}

void policymap_path_name(struct policymap *pm, __u32 id,
			 char ret[SRTE_PATH_TEXT])
{
	struct srte_path path;

	ret[0] = '\0';
	if (id && !policymap_path(pm, id, &path))
		snprintf(ret, SRTE_PATH_TEXT, "%s/%s", path.pool, path.name);
}

int policymap_config(struct policymap *pm, struct srte_config *ret)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(pm->config, &zero, ret);
}

int policymap_path_state(struct policymap *pm, __u32 id,
			 struct srte_path_state *ret)
{
	return bpf_map_lookup_elem(pm->path_state, &id, ret);
}

int policymap_path_down(struct policymap *pm, __u32 id, bool *ret)
{
	struct srte_path_state state;
	int err = policymap_path_state(pm, id, &state);

	if (!err)
		*ret = state.down_until_ns > wall_mono_ns();
	return err;
}

int policymap_pick(struct policymap *pm, __u32 set, struct pick *ret)
{
	struct srte_path_stats stats = { 0 };
	struct pick pick = { 0 };
	struct srte_set paths;
	__u32 i;
	int err = policymap_set(pm, set, &paths);

	if (err)
		return err;
	for (i = 0; !err && i < paths.n; i++) {
		struct pick_path *p = &pick.path[i];

		policymap_path_name(pm, paths.path[i], p->name);
		p->weight = paths.weight[i];
		err = policymap_path_down(pm, paths.path[i], &p->down);
		if (!err)
			err = policymap_stats(pm, paths.path[i], &stats);
		p->rate_bps = stats.rate_bps;
	}
	pick.n = paths.n;
	if (!err)
		*ret = pick;
	return err;
}

/* A CPU that has been silent for longer sends nothing on the path. */
#define STATS_FRESH_NS	(2 * 1000000000ULL)

/* The round trip time is that of the CPU whose flows saw the longest: a mean
 * over CPUs would depend on how many there are. */
static void stats_add(struct srte_path_stats *sum,
		      const struct srte_path_stats *cpu)
{
	sum->bytes += cpu->bytes;
	sum->packets += cpu->packets;
	sum->retrans += cpu->retrans;
	sum->rtos += cpu->rtos;
	sum->moved_away += cpu->moved_away;
	sum->delivered += cpu->delivered;
	sum->delivered_ce += cpu->delivered_ce;
	if (cpu->srtt_us > sum->srtt_us)
		sum->srtt_us = cpu->srtt_us;
	if (wall_mono_ns() - cpu->window_ns < STATS_FRESH_NS)
		sum->rate_bps += cpu->rate_bps;
}

int policymap_stats(struct policymap *pm, __u32 id,
		    struct srte_path_stats *ret)
{
	int i, err, cpus = libbpf_num_possible_cpus();
	auto_free struct srte_path_stats *stats = NULL;
	struct srte_path_stats sum = { 0 };

	if (cpus < 0)
		return cpus;
	stats = calloc(cpus, sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	err = bpf_map_lookup_elem(pm->path_stats, &id, stats);
	if (err)
		return err;
	for (i = 0; i < cpus; i++)
		stats_add(&sum, &stats[i]);
	*ret = sum;
	return 0;
}

/* ---- walks ---- */

struct chunk {
	struct srte_flow_key key[BATCH];
	struct srte_steer entry[BATCH];
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
		n = BATCH;
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
