/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pool load under traffic. The order is the point:
 *
 *	new paths and sets under free ids	nobody sees them yet
 *	matches in a table of their own		no route asks it yet
 *	routes to the new sets			new flows go there
 *	steering entries to the new sets	old flows follow
 *	free the old ids			nobody sees them any more
 *
 * A program may have read a route or an entry just before it changed and
 * still be on its way through the old set, so each of the last two steps
 * waits until every program that was running has ended. Killed half way,
 * the maps are whole: what is not used is freed by the next load.
 */
#include "policymap.h"

#include "cleanup.h"
#include "log.h"
#include "publish.h"

#include <linux/membarrier.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Programs run inside an RCU read section, and this call returns after a
 * grace period. Where it is not offered, 10 ms: they run for microseconds. */
static void wait_for_programs(void)
{
	struct timespec ts = { .tv_nsec = 10 * 1000 * 1000 };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&ts, NULL);
}

static int failed(const struct publish *p, const char *map, int err)
{
	return fault_set(p->fault, FAULT_FAILED, "cannot write %s: %s", map,
			 strerror(-err));
}

/* ---- what is there ---- */

static int read_path(__u32 id, const struct srte_path *path, void *arg)
{
	struct publish *p = arg;

	p->old_path[id].used = true;
	snprintf(p->old_path[id].pool, SRTE_NAME_MAX, "%s", path->pool);
	snprintf(p->old_path[id].name, SRTE_PATH_TEXT, "%s/%s", path->pool,
		 path->name);
	return 0;
}

static int read_route(const struct srte_route_key *key,
		      const struct srte_route *route, void *arg)
{
	struct publish *p = arg;

	if (p->n_old_routes == SRTE_ROUTES_MAX)
		return -E2BIG;
	p->old_routes[p->n_old_routes++] = (struct publish_route){ *key,
								   *route };
	return 0;
}

static int read_maps(struct publish *p)
{
	int err = policymap_config(p->pm, &p->old_config);
	__u32 id;

	if (!err)
		err = policymap_each_path(p->pm, read_path, p);
	for (id = 1; !err && id < SRTE_SETS_MAX; id++) {
		err = policymap_set(p->pm, id, &p->old_set[id]);
		if (err == -ENOENT)
			err = 0;
	}
	if (!err)
		err = policymap_each_route(p->pm, read_route, p);
	if (err)
		return fault_set(p->fault, FAULT_FAILED,
				 "cannot read the pools in use: %s",
				 strerror(-err));
	return 0;
}

/* ---- writing, and taking back ---- */

/* The slot's state and counters are those of whatever path was there. */
static int write_path(const struct publish *p, size_t i)
{
	__u32 id = p->path_id[i];
	struct srte_path path = p->set->paths[i];
	struct srte_path_state up = { 0 };
	int err;

	path.generation = p->generation;
	err = bpf_map_update_elem(p->pm->path_state, &id, &up, BPF_ANY);
	if (!err)
		err = bpf_map_update_elem(p->pm->path_stats, &id, p->no_stats,
					  BPF_ANY);
	if (!err)
		err = bpf_map_update_elem(p->pm->paths, &id, &path, BPF_ANY);
	return err;
}

/* Behind a route that nobody sees yet, and in a table that no route asks. */
static int write_matches(const struct publish *p)
{
	__u32 slot = p->generation % SRTE_MATCH_TABLES;
	struct srte_matches matches = p->set->matches;
	size_t i;
	int err = 0;

	for (i = 0; !err && matches.n && i < p->set->n_routes; i++) {
		struct srte_pools pools = publish_pools(p, i);

		err = bpf_map_update_elem(p->pm->pools, &p->pools_id[i],
					  &pools, BPF_ANY);
	}
	if (err)
		return failed(p, "srte_pools", err);
	matches.generation = p->generation;
	err = bpf_map_update_elem(p->pm->matches, &slot, &matches, BPF_ANY);
	return err ? failed(p, "srte_matches", err) : 0;
}

static int write_new(const struct publish *p)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < p->set->n_paths; i++)
		err = write_path(p, i);
	if (err)
		return failed(p, "srte_paths", err);
	for (i = 0; !err && i < p->set->n_sets; i++) {
		struct srte_set set = publish_set(p, i);

		err = bpf_map_update_elem(p->pm->sets, &p->set_id[i], &set,
					  BPF_ANY);
	}
	return err ? failed(p, "srte_sets", err) : write_matches(p);
}

/* Before the routes: connections opened from now on leave room in their
 * segments for the longest new header. */
static int write_config(const struct publish *p)
{
	struct srte_config config = p->old_config;
	__u32 zero = 0;
	int err;

	config.push_max = p->set->push_max;
	config.generation = p->generation;
	memcpy(config.source, p->set->source, sizeof(config.source));
	err = bpf_map_update_elem(p->pm->config, &zero, &config, BPF_ANY);
	return err ? failed(p, "srte_config", err) : 0;
}

/* Update or add the new, then delete what vanished. */
static int write_routes(const struct publish *p)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < p->set->n_routes; i++) {
		struct srte_route route = publish_route(p, i);

		err = bpf_map_update_elem(p->pm->routes,
					  &p->set->route_keys[i], &route,
					  BPF_ANY);
	}
	for (i = 0; !err && i < p->n_old_routes; i++)
		if (!publish_keeps(p, &p->old_routes[i].key))
			err = bpf_map_delete_elem(p->pm->routes,
						  &p->old_routes[i].key);
	return err ? failed(p, "srte_routes", err) : 0;
}

static void undo_routes(const struct publish *p)
{
	size_t i;

	for (i = 0; i < p->n_old_routes; i++)
		(void)bpf_map_update_elem(p->pm->routes, &p->old_routes[i].key,
					  &p->old_routes[i].route, BPF_ANY);
	for (i = 0; i < p->set->n_routes; i++)
		if (!publish_had(p, &p->set->route_keys[i]))
			(void)bpf_map_delete_elem(p->pm->routes,
						  &p->set->route_keys[i]);
}

static void free_set(const struct publish *p, __u32 id)
{
	struct srte_set none = { 0 };

	(void)bpf_map_update_elem(p->pm->sets, &id, &none, BPF_ANY);
}

static void free_path(const struct publish *p, __u32 id)
{
	struct srte_path none = { 0 };

	(void)bpf_map_update_elem(p->pm->paths, &id, &none, BPF_ANY);
}

/* Sets first: no set ever names a path that is gone. */
static void free_new(const struct publish *p)
{
	size_t i;

	for (i = 0; i < p->set->n_sets; i++)
		free_set(p, p->set_id[i]);
	for (i = 0; i < p->set->n_paths; i++)
		free_path(p, p->path_id[i]);
}

static void free_old(const struct publish *p)
{
	__u32 id;

	for (id = 1; id < SRTE_SETS_MAX; id++)
		if (p->old_set[id].n)
			free_set(p, id);
	for (id = 1; id < SRTE_PATHS_MAX; id++)
		if (p->old_path[id].used)
			free_path(p, id);
}

/*
 * An entry that cannot follow is deleted, so its flow falls back to its
 * destination's default. What the walk read may be thousands of entries old:
 * read again, so that a move by rule R1 is not put back.
 */
static int follow(const struct srte_flow_key *key,
		  const struct srte_steer *seen, void *arg)
{
	const struct publish *p = arg;
	struct srte_route route = { 0 };
	struct srte_steer next;

	if (!publish_is_old(p, seen->set) ||
	    policymap_get(p->pm, key, &next) || !publish_is_old(p, next.set))
		return 0;
	(void)policymap_route(p->pm, key->dst, &route);
	if (publish_follow(p, key, &route, &next) ||
	    policymap_put(p->pm, key, &next))
		(void)policymap_del(p->pm, key);
	return 0;
}

static int write_all(struct publish *p)
{
	__u32 zero = 0;
	int err = write_new(p);

	if (err)
		goto undo_new;
	err = write_config(p);
	if (err)
		goto undo_new;
	err = write_routes(p);
	if (err)
		goto undo_routes;
	wait_for_programs();	/* none makes an entry for an old set now */
	err = policymap_each(p->pm, follow, p);
	if (err) {
		/* Out of memory: the old paths stay until the next load. */
		log_warn("flows stay on the old pools: %s", strerror(-err));
		return 0;
	}
	wait_for_programs();	/* none is on its way through an old set */
	free_old(p);
	return 0;
undo_routes:
	undo_routes(p);
	(void)bpf_map_update_elem(p->pm->config, &zero, &p->old_config,
				  BPF_ANY);
	wait_for_programs();
undo_new:
	free_new(p);
	return err;
}

int policymap_publish(struct policymap *pm, const struct poolset *set,
		      struct fault *f)
{
	auto_free struct publish *p = calloc(1, sizeof(*p));
	auto_free void *no_stats = NULL;
	int err, cpus = libbpf_num_possible_cpus();

	if (cpus > 0)
		no_stats = calloc(cpus, sizeof(struct srte_path_stats));
	if (!p || !no_stats)
		return fault_set(f, FAULT_NO_MEMORY, "no memory for a load");
	p->pm = pm;
	p->set = set;
	p->fault = f;
	p->no_stats = no_stats;
	err = read_maps(p);
	if (!err)
		err = publish_assign(p);
	return err ? err : write_all(p);
}
