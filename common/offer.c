/* SPDX-License-Identifier: GPL-2.0-only */
#include "offer.h"

#include "cgroup.h"
#include "cli.h"
#include "policymap.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Directories in dir, each behind before. */
static void directories(const char *dir, const char *before,
			void (*give)(const char *value))
{
	DIR *d = opendir(dir);
	char path[2 * CGROUP_PATH_MAX];
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (stat(path, &st) || !S_ISDIR(st.st_mode))
			continue;
		snprintf(path, sizeof(path), "%s%s", before, e->d_name);
		give(path);
	}
	if (d)
		closedir(d);
}

/* One level at a time: there are hosts with thousands. */
static void cgroups(const char *mount, const char *begun, size_t skip,
		    void (*give)(const char *value))
{
	const char *slash = strrchr(begun + skip, '/');
	char dir[2 * CGROUP_PATH_MAX], before[CGROUP_PATH_MAX];

	snprintf(before, sizeof(before), "%.*s/",
		 (int)(slash ? (size_t)(slash - begun) : skip), begun);
	snprintf(dir, sizeof(dir), "%s%s", mount, before + skip);
	directories(dir, before, give);
}

static void offer_cgroups(bool below, const char *begun,
			  void (*give)(const char *value))
{
	char mount[CGROUP_PATH_MAX];
	struct fault ignored = {};

	if (cgroup_root(mount, &ignored))
		return;
	if (below)
		cgroups(mount, begun, 0, give);
	else if (!strncmp(begun, mount, strlen(mount)))
		cgroups(mount, begun, strlen(mount), give);
	else
		give(mount);
}

struct giver {
	void (*give)(const char *value);
};

static int give_path(__u32 id, const struct srte_path *path, void *arg)
{
	char name[SRTE_PATH_TEXT];
	struct giver *to = arg;

	(void)id;
	snprintf(name, sizeof(name), "%s/%s", path->pool, path->name);
	to->give(name);
	return 0;
}

/* Once for each endpoint; shells show a candidate once. */
static void offer_paths(void (*give)(const char *value))
{
	struct giver to = { give };
	struct fault ignored = {};
	struct policymap pm;

	if (policymap_open(PIN_READ, &pm, &ignored))
		return;
	(void)policymap_each_path(&pm, give_path, &to);
	policymap_close(&pm);
}

static void offer_instances(void (*give)(const char *value))
{
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/v%d", cli.bpffs, SRTE_ABI_MAJOR);
	directories(dir, "", give);
}

void offer_values(const char *arg, const char *begun,
		  void (*give)(const char *value))
{
	if (!strcmp(arg, "PATH") || !strcmp(arg, "CGROUP"))
		offer_cgroups(!strcmp(arg, "CGROUP"), begun, give);
	else if (!strcmp(arg, "POOL/NAME"))
		offer_paths(give);
	else if (!strcmp(arg, "NAME"))
		offer_instances(give);
}
