/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steering state in the pinned maps: entries, paths, sets, routes. The one
 * road to them for srte-steer and `srte-attach up --pools`. Writers hold
 * pin_lock().
 */
#ifndef SRTE_POLICYMAP_H
#define SRTE_POLICYMAP_H

#include "fault.h"
#include "model.h"
#include "pick.h"
#include "pin.h"
#include "pool.h"

/* Descriptors of the maps, opened together. Zero-cost to pass around. */
struct policymap {
	int steering, paths, sets, routes, path_state, path_stats, config;
	int pools, matches, flows;
};
#define POLICYMAP_NONE { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 }

int policymap_open(enum pin_access access, struct policymap *ret,
		   struct fault *f);
void policymap_close(struct policymap *pm);

/*
 * Publish a compiled pool set: new paths and sets under free ids, then the
 * routes, then the steering entries of the old sets, then free the old ids.
 * Every entry always points at a whole path. All or nothing: what does not
 * fit is found out before the first write, and what then fails is taken
 * back. In policymap_publish.c, for those that link pool.
 */
int policymap_publish(struct policymap *pm, const struct poolset *set,
		      struct fault *f);

/* One flow. -ENOENT when there is none; an entry past its lease is none. */
int policymap_get(struct policymap *pm, const struct srte_flow_key *key,
		  struct srte_steer *ret);
int policymap_put(struct policymap *pm, const struct srte_flow_key *key,
		  const struct srte_steer *entry);
int policymap_del(struct policymap *pm, const struct srte_flow_key *key);
/* Many at once, one call into the kernel for each POLICYMAP_BATCH. *ret_done:
 * how many were written, also after a failure. */
#define POLICYMAP_BATCH 4096
int policymap_put_many(struct policymap *pm, const struct srte_flow_key *keys,
		       const struct srte_steer *entries, size_t n,
		       size_t *ret_done);

/* Longest-prefix match of a destination. -ENOENT */
int policymap_route(struct policymap *pm, const __u8 dst[16],
		    struct srte_route *ret);
/* The sets of a route's pools, and the matches that choose one. -ENOENT: it
 * has none; those of the load that wrote the route, or none. */
int policymap_pools(struct policymap *pm, const struct srte_route *route,
		    struct srte_pools *ret);
int policymap_matches(struct policymap *pm, const struct srte_route *route,
		      struct srte_matches *ret);
/* -ENOENT */
int policymap_flow(struct policymap *pm, const struct srte_flow_key *key,
		   struct srte_flow *ret);
int policymap_set(struct policymap *pm, __u32 id, struct srte_set *ret);
int policymap_path(struct policymap *pm, __u32 id, struct srte_path *ret);
/* "pool/name" of a path id, "" for 0 or unknown. */
void policymap_path_name(struct policymap *pm, __u32 id,
			 char ret[SRTE_PATH_TEXT]);
/* A set's paths as they are now, to pick from. -ENOENT: no such set. */
int policymap_pick(struct policymap *pm, __u32 set, struct pick *ret);

int policymap_config(struct policymap *pm, struct srte_config *ret);
int policymap_path_state(struct policymap *pm, __u32 id,
			 struct srte_path_state *ret);
int policymap_path_down(struct policymap *pm, __u32 id, bool *ret);
/* Over the CPUs: sums, the longest srtt_us, the rates of the last seconds. */
int policymap_stats(struct policymap *pm, __u32 id,
		    struct srte_path_stats *ret);

/* Call each() for every live entry, path or route; stops at its first
 * non-zero, which is returned. each() may delete what it is given. */
int policymap_each(struct policymap *pm,
		   int (*each)(const struct srte_flow_key *key,
			       const struct srte_steer *entry, void *arg),
		   void *arg);
int policymap_each_path(struct policymap *pm,
			int (*each)(__u32 id, const struct srte_path *path,
				    void *arg), void *arg);
int policymap_each_route(struct policymap *pm,
			 int (*each)(const struct srte_route_key *key,
				     const struct srte_route *route,
				     void *arg), void *arg);

/* Delete entries whose lease is over; returns how many, or -errno. */
int policymap_sweep(struct policymap *pm);

#endif
