/* SPDX-License-Identifier: GPL-2.0-only */
#include "policymap.h"

#include "cleanup.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

int policymap_open(enum pin_access access, struct policymap *ret,
		   struct fault *f)
{
	struct policymap pm = POLICYMAP_NONE;
	const struct {
		const char *name;
		int *fd;
		enum pin_access access;
	} maps[] = {
		{ "srte_steering", &pm.steering, access },
		{ "srte_paths", &pm.paths, access },
		{ "srte_sets", &pm.sets, access },
		{ "srte_routes", &pm.routes, access },
		{ "srte_path_state", &pm.path_state, access },
		{ "srte_path_stats", &pm.path_stats, access },
		{ "srte_config", &pm.config, access },
		{ "srte_pools", &pm.pools, access },
		{ "srte_matches", &pm.matches, access },
		{ "srte_flows", &pm.flows, PIN_READ },
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		int fd = pin_open(maps[i].name, maps[i].access, f);

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
		       &pm->path_state, &pm->path_stats, &pm->config,
		       &pm->pools, &pm->matches, &pm->flows };
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

int policymap_put_many(struct policymap *pm, const struct srte_flow_key *keys,
		       const struct srte_steer *entries, size_t n,
		       size_t *ret_done)
{
	size_t done = 0;
	int err = 0;

	while (!err && done < n) {
		__u32 count = n - done < POLICYMAP_BATCH ? n - done :
			      POLICYMAP_BATCH;

		err = bpf_map_update_batch(pm->steering, keys + done,
					   entries + done, &count, NULL);
		done += count;
	}
	*ret_done = done;
	return err;
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

int policymap_pools(struct policymap *pm, const struct srte_route *route,
		    struct srte_pools *ret)
{
	if (!route->pools)
		return -ENOENT;
	return bpf_map_lookup_elem(pm->pools, &route->pools, ret);
}

int policymap_matches(struct policymap *pm, const struct srte_route *route,
		      struct srte_matches *ret)
{
	__u32 slot = route->generation % SRTE_MATCH_TABLES;
	struct srte_matches matches;
	int err = bpf_map_lookup_elem(pm->matches, &slot, &matches);

	if (err)
		return err;
	if (matches.generation != route->generation ||
	    matches.n > SRTE_MATCHES_MAX)
		return -ENOENT;
	*ret = matches;
	return 0;
}

int policymap_flow(struct policymap *pm, const struct srte_flow_key *key,
		   struct srte_flow *ret)
{
	return bpf_map_lookup_elem(pm->flows, key, ret);
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
