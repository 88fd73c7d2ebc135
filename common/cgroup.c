/* SPDX-License-Identifier: GPL-2.0-only */
#include "cgroup.h"

#include "cleanup.h"
#include "log.h"

#include <errno.h>
#include <ftw.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include <linux/magic.h>

/* First cgroup2 mount at or below top ("" for anywhere). */
static bool find_mount(const char *top, char ret[CGROUP_PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	size_t n = strlen(top);
	struct mntent *m;
	bool found = false;

	while (mounts && !found && (m = getmntent(mounts))) {
		if (strcmp(m->mnt_type, "cgroup2") ||
		    strncmp(m->mnt_dir, top, n) ||
		    (n && m->mnt_dir[n] != '/' && m->mnt_dir[n]))
			continue;
		found = snprintf(ret, CGROUP_PATH_MAX, "%s", m->mnt_dir) <
			CGROUP_PATH_MAX;
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

int cgroup_root(char ret[CGROUP_PATH_MAX], struct fault *f)
{
	if (find_mount("", ret))
		return 0;
	return fault_set(f, FAULT_NO_CGROUP2,
			 "no cgroup2 file system is mounted");
}

int cgroup_resolve(const char *path, char ret[CGROUP_PATH_MAX],
		   struct fault *f)
{
	auto_free char *real = path ? realpath(path, NULL) : NULL;
	char found[CGROUP_PATH_MAX];
	struct statfs fs;

	if (!path)
		return cgroup_root(ret, f);
	if (!real || statfs(real, &fs))
		return fault_set(f, FAULT_NO_CGROUP2, "%s: %s", path,
				 strerror(errno));
	if (fs.f_type == CGROUP2_SUPER_MAGIC) {
		if (snprintf(ret, CGROUP_PATH_MAX, "%s", real) <
		    CGROUP_PATH_MAX)
			return 0;
		return fault_set(f, FAULT_NO_CGROUP2, "%s: name too long",
				 real);
	}
	/* Only a directory of mounts, such as a hybrid host's tmpfs, has one
	 * below it; "/" would find it as well, and is surely a mistake. */
	if (fs.f_type != TMPFS_MAGIC || !find_mount(real, found))
		return fault_set(f, FAULT_NO_CGROUP2, "%s is not in a cgroup2 "
				 "file system", path);
	log_warn("%s is not cgroup2 on this host, taking %s", path, found);
	strcpy(ret, found);
	return 0;
}

/* ---- ids ---- */

int cgroup_find(const char *path, uint64_t *ret_id, uint32_t *ret_level)
{
	char dir[2 * CGROUP_PATH_MAX];
	struct fault ignored = {};
	uint32_t level = 0;
	struct stat st;

	if (cgroup_root(dir, &ignored))
		return -ENOENT;
	snprintf(dir + strlen(dir), CGROUP_PATH_MAX, "%s", path);
	if (stat(dir, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	for (; *path; path++)
		level += *path == '/' && path[1];
	*ret_id = st.st_ino;
	*ret_level = level;
	return 0;
}

struct entry {
	uint64_t id;
	char     path[SRTE_CGROUP_TEXT];
};

/* All cgroups at the time of the last walk, by id. */
static struct {
	struct entry *entry;
	size_t n, cap;
	size_t root_len;
	time_t walked;		/* CLOCK_MONOTONIC seconds, 0: never */
} cache;

static int add_entry(const char *path, const struct stat *st, int flag,
		     struct FTW *ftw)
{
	const char *below = path + cache.root_len;
	struct entry *e;

	(void)ftw;
	if (flag != FTW_D)
		return 0;	/* a file, or gone since */
	if (cache.n == cache.cap) {
		size_t cap = cache.cap ? 2 * cache.cap : 64;

		e = realloc(cache.entry, cap * sizeof(*e));
		if (!e)
			return ENOMEM;
		cache.entry = e;
		cache.cap = cap;
	}
	e = &cache.entry[cache.n++];
	e->id = st->st_ino;
	snprintf(e->path, sizeof(e->path), "%s", *below ? below : "/");
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void walk(void)
{
	char root[CGROUP_PATH_MAX];
	struct fault ignored = {};

	cache.n = 0;
	if (cgroup_root(root, &ignored))
		return;
	cache.root_len = strlen(root);
	(void)nftw(root, add_entry, 16, FTW_PHYS | FTW_MOUNT);
	qsort(cache.entry, cache.n, sizeof(*cache.entry), by_id);
}

static const struct entry *find_entry(uint64_t id)
{
	struct entry key = { .id = id };

	if (!cache.n)
		return NULL;
	return bsearch(&key, cache.entry, cache.n, sizeof(key), by_id);
}

/* Ids of cgroups long gone must not cost a walk each. */
static bool may_walk(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (cache.walked && now.tv_sec <= cache.walked)
		return false;
	cache.walked = now.tv_sec + 1;
	return true;
}

void cgroup_path(uint64_t id, char ret[SRTE_CGROUP_TEXT])
{
	const struct entry *e = id ? find_entry(id) : NULL;

	if (id && !e && may_walk()) {
		walk();
		e = find_entry(id);
	}
	strcpy(ret, e ? e->path : "");
}
