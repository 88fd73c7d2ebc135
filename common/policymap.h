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
#include "pin.h"
#include "pool.h"

/* Descriptors of the maps, opened together. Zero-cost to pass around. */
struct policymap {
	int steering, paths, sets, routes, path_state, path_stats, config;
};

int policymap_open(enum pin_access access, struct policymap *ret,
		   struct fault *f);
void policymap_close(struct policymap *pm);

/*
 * Publish a compiled pool set: new paths and sets under free ids, then the
 * routes, then the steering entries of the old sets, then free the old ids.
 * Every entry always points at a whole path. All or nothing: what does not
 * fit is found out before the first write.
 */
int policymap_publish(struct policymap *pm, const struct poolset *set,
		      struct fault *f);

/* One flow. -ENOENT when there is none; an entry past its lease is none. */
int policymap_get(struct policymap *pm, const struct srte_flow_key *key,
		  struct srte_steer *ret);
int policymap_put(struct policymap *pm, const struct srte_flow_key *key,
		  const struct srte_steer *entry);
int policymap_del(struct policymap *pm, const struct srte_flow_key *key);

/* Longest-prefix match of a destination. -ENOENT */
int policymap_route(struct policymap *pm, const __u8 dst[16],
		    struct srte_route *ret);
int policymap_set(struct policymap *pm, __u32 id, struct srte_set *ret);
int policymap_path(struct policymap *pm, __u32 id, struct srte_path *ret);
/* "pool/name" of a path id, "" for 0 or unknown. Cached per process. */
void policymap_path_name(struct policymap *pm, __u32 id,
			 char ret[SRTE_PATH_TEXT]);

/* Call each() for every entry or path; stops at its first non-zero. */
int policymap_each(struct policymap *pm,
		   int (*each)(const struct srte_flow_key *key,
			       const struct srte_steer *entry, void *arg),
		   void *arg);
int policymap_each_path(struct policymap *pm,
			int (*each)(__u32 id, const struct srte_path *path,
				    void *arg), void *arg);

/* Delete entries whose lease is over; returns how many. */
int policymap_sweep(struct policymap *pm);

#endif
