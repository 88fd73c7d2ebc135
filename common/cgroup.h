/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cgroup2: where it is mounted, and what a cgroup id is called. An id is the
 * inode number of its directory, so a walk needs no right but to look.
 */
#ifndef SRTE_CGROUP_H
#define SRTE_CGROUP_H

#include "fault.h"
#include "model.h"

#include <stdint.h>

#define CGROUP_PATH_MAX 1024

/* First cgroup2 mount of /proc/self/mountinfo. FAULT_NO_CGROUP2 */
int cgroup_root(char ret[CGROUP_PATH_MAX], struct fault *f);

/*
 * What --cgroup names. NULL is the cgroup2 root. On a hybrid host the usual
 * /sys/fs/cgroup is a tmpfs with cgroup2 below it: that one is taken then,
 * and a warning says so. Anything else must be a cgroup2 directory.
 */
int cgroup_resolve(const char *path, char ret[CGROUP_PATH_MAX],
		   struct fault *f);

/* Id and depth of the cgroup of that path below the root; -errno. */
int cgroup_find(const char *path, uint64_t *ret_id, uint32_t *ret_level);

/* Path below the mount ("/db"; the root is "/"), "" when unknown. Cached;
 * the tree is walked again only for an id that came up since. */
void cgroup_path(uint64_t id, char ret[SRTE_CGROUP_TEXT]);

#endif
