/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every entry of a hash map, while programs change it, in memory that does
 * not depend on how many there are.
 *
 * By batches: a bucket of the hash at a time, under the kernel's lock. An
 * entry that is there throughout is given exactly once; one that comes or
 * goes meanwhile, once or not at all. Nothing is ever given twice, since a
 * key cannot change its bucket.
 *
 * Where the kernel has no batches, from key to key. Asked for the one after a
 * key that is gone, the kernel begins again at the first, so the last
 * WALK_TRAIL keys are remembered to go on from the newest that is left. The
 * promise is the same but for a key that is removed and inserted again during
 * the walk, which may be given twice; if all of the trail is gone, the walk
 * ends with -ESTALE.
 */
#ifndef SRTE_WALK_H
#define SRTE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#define WALK_BATCH	4096U	/* entries at a time to begin with */
#define WALK_TRAIL	256U

struct walk {
	int      fd;
	uint32_t key_size, value_size;
	uint32_t batch;		/* 0: WALK_BATCH */
	int    (*each)(const void *key, const void *value, void *arg);
	void    *arg;
};

/* Stops at the first non-zero (positive) of each(), and returns it; or a
 * negative errno. */
int walk_map(const struct walk *walk);

#endif
