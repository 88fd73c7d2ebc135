/* SPDX-License-Identifier: GPL-2.0-only */
/* The doctor: what is mounted, and the pins. */
#include "doctor_internal.h"

#include "cgroup.h"
#include "cleanup.h"
#include "cli.h"
#include "pin.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

/* The last mount on dir, or of a type anywhere, is the one that is seen.
 * Either may be NULL. *ret_source and *ret_dir only when there is one. */
static bool find_mount(const char *dir, const char *type, char ret_source[128],
		       char ret_dir[256])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	bool found = false;

	while (mounts && (m = getmntent(mounts))) {
		if ((dir && strcmp(m->mnt_dir, dir)) ||
		    (type && strcmp(m->mnt_type, type)))
			continue;
		snprintf(ret_source, 128, "%s", m->mnt_fsname);
		snprintf(ret_dir, 256, "%s", m->mnt_dir);
		found = true;
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* ip(8) mounts a sysfs whose source is the name of the namespace. */
void doctor_view(struct doctor *d)
{
	char source[128], dir[256], path[160];

	if (!find_mount("/sys", "sysfs", source, dir)) {
		doctor_warn(d, "no sysfs is mounted at /sys");
		return;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", source);
	if (!strchr(source, '/') && !access(path, F_OK))
		doctor_fail(d, "this is the view of 'ip netns exec %s': its "
			    "/sys hides the cgroups", source);
	else
		doctor_ok(d, "/sys is that of the host");
}

void doctor_cgroup2(struct doctor *d)
{
	char path[CGROUP_PATH_MAX];
	struct fault f = {};

	if (cgroup_resolve(d->plan->cgroup, path, &f))
		doctor_fail(d, "%s", f.cause);
	else
		doctor_ok(d, "%.200s", path);
}

void doctor_hybrid(struct doctor *d)
{
	char source[128], dir[256];

	if (find_mount(NULL, "cgroup", source, dir))
		doctor_warn(d, "cgroup version 1 is mounted too, at %s: a path "
			    "of it is none of cgroup2", dir);
	else
		doctor_ok(d, "cgroup version 2 alone");
}

/* ---- pins ---- */

static bool kernel_has_bpffs(void)
{
	auto_fclose FILE *file = fopen("/proc/filesystems", "re");
	char line[64];

	while (file && fgets(line, sizeof(line), file))
		if (!strcmp(line, "nodev\tbpf\n"))
			return true;
	return !file;
}

void doctor_bpffs(struct doctor *d)
{
	struct statfs fs;

	if (!kernel_has_bpffs())
		doctor_fail(d, "a kernel without CONFIG_BPF_SYSCALL");
	else if (statfs(cli.bpffs, &fs) && errno == ENOENT)
		doctor_warn(d, "%s: nothing is there yet", cli.bpffs);
	else if (statfs(cli.bpffs, &fs))
		doctor_fail(d, "%s: %s", cli.bpffs, strerror(errno));
	else if (fs.f_type != BPF_FS_MAGIC)
		doctor_warn(d, "%s: no bpffs is mounted here", cli.bpffs);
	else
		doctor_ok(d, "%s", cli.bpffs);
}

/* What a fault says of an instance that is not there at all. */
static bool not_up(const struct doctor *d)
{
	return d->why.id == FAULT_NO_BPFFS || d->why.id == FAULT_NO_PINS;
}

void doctor_abi(struct doctor *d)
{
	struct fault f = {};
	int fd;

	if (d->why.id == FAULT_OTHER_ABI)
		doctor_fault(d, &d->why);
	if (!d->up) {
		doctor_skip(d, "instance %s is not up", cli.instance);
		return;
	}
	for (const struct pin_map *m = pin_maps; m->name; m++) {
		fd = pin_open(m->name, PIN_READ, &f);
		if (fd >= 0)
			close(fd);
	}
	if (f.id == FAULT_OTHER_ABI)
		doctor_fault(d, &f);
	doctor_ok(d, "maps and tools are of ABI %d.%d", SRTE_ABI_MAJOR,
		  SRTE_ABI_MINOR);
}

static int check_device(const struct srte_device_key *key,
			const struct srte_device *dev, void *arg)
{
	struct doctor *d = arg;
	struct fault f = {};
	struct device now;

	if (!device_netns_alive(key->netns))
		doctor_fail(d, "device %s went with its network namespace",
			    dev->name);
	else if (key->netns == d->netns &&
		 (device_read(dev->name, &now, &f) ||
		  now.ifindex != key->ifindex))
		doctor_fail(d, "device %s is gone, or has another name",
			    dev->name);
	else if (key->netns != d->netns)
		doctor_ok(d, "device %s is in another network namespace",
			  dev->name);
	return 0;
}

void doctor_pins(struct doctor *d)
{
	char path[PIN_PATH_MAX];
	struct fault f = {};
	int fd;

	if (!d->up && not_up(d)) {
		if (!pin_path(NULL, path, &f) && !access(path, F_OK))
			doctor_fail(d, "%s was never finished, or only half "
				    "removed", path);
		doctor_skip(d, "instance %s is not up", cli.instance);
		return;
	}
	if (!d->up) {
		doctor_fault(d, &d->why);
		return;
	}
	for (const struct pin_map *m = pin_maps; m->name; m++) {
		fd = pin_open(m->name, PIN_READ, &f);
		if (fd >= 0)
			close(fd);
		else if (f.id == FAULT_NO_PINS)
			doctor_fail(d, "%s", f.cause);
	}
	f = (struct fault){};
	(void)device_each(check_device, d, &f);
	doctor_ok(d, "instance %s is up", cli.instance);
}

static void check_mode(struct doctor *d, const char *leaf, mode_t mode)
{
	char path[PIN_PATH_MAX];
	struct fault f = {};
	struct stat st;

	if (pin_path(leaf, path, &f) || stat(path, &st))
		return;		/* doctor_pins() says so */
	if ((st.st_mode & 07777) != mode)
		doctor_fail(d, "%s has mode %04o, not %04o", path,
			    st.st_mode & 07777, mode);
	else if (st.st_uid)
		doctor_fail(d, "%s belongs to user %u, not to root", path,
			    st.st_uid);
}

void doctor_modes(struct doctor *d)
{
	if (!d->up) {
		doctor_skip(d, "instance %s is not up", cli.instance);
		return;
	}
	check_mode(d, NULL, 0750);
	for (const struct pin_map *m = pin_maps; m->name; m++)
		check_mode(d, m->name, m->group_writes ? 0660 : 0640);
	doctor_ok(d, "nobody but root and the group may use the maps");
}
