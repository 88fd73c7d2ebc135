/* SPDX-License-Identifier: GPL-2.0-only */
#include "place_internal.h"

#include "cleanup.h"
#include "cli.h"
#include "log.h"
#include "pin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#define MAJOR_MAX (PIN_PATH_MAX - SRTE_NAME_MAX)

/* A mount of ours shows its source; "+dir": its directory is ours as well. */
#define SOURCE_MOUNT	"srte"
#define SOURCE_DIR	"srte+dir"

static gid_t share_gid = (gid_t)-1;	/* -1: leave the group alone */

static int find_group(const char *name, struct fault *f)
{
	struct group *gr = getgrnam(name ? name : "srte");

	if (!gr && name)
		return fault_set(f, FAULT_USAGE, "--group: there is no group "
				 "'%s'", name);
	share_gid = gr ? gr->gr_gid : (gid_t)-1;
	return 0;
}

static int share(const char *path, mode_t mode, struct fault *f)
{
	if ((share_gid != (gid_t)-1 && chown(path, (uid_t)-1, share_gid)) ||
	    chmod(path, mode))
		return fault_set(f, FAULT_FAILED, "%s: cannot set its group "
				 "and mode: %s", path, strerror(errno));
	return 0;
}

void place_group_of(const struct stat *st)
{
	share_gid = st->st_gid == getegid() ? (gid_t)-1 : st->st_gid;
}

int place_share(enum pin_place at, const char *leaf, bool group_writes,
		struct fault *f)
{
	char path[PIN_PATH_MAX];
	int err = pin_path_at(at, leaf, path, f);

	return err ? err : share(path, group_writes ? 0660 : 0640, f);
}

static int is_bpffs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == BPF_FS_MAGIC;
}

static int busy(struct fault *f)
{
	return fault_set(f, FAULT_BUSY, "%s: another srte-attach is at work",
			 cli.bpffs);
}

/* Lock what --bpffs names now, be it our root or what a mount will cover. */
static int lock_top(struct fault *f)
{
	struct stat held, named;
	int fd = open(cli.bpffs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fault_set(f, errno == EACCES ? FAULT_NO_CAPABILITY :
				 FAULT_NO_BPFFS, "%s: %s", cli.bpffs,
				 strerror(errno));
	/* Between open and flock it may have been covered or removed. */
	if (!flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &held) &&
	    !stat(cli.bpffs, &named) && held.st_dev == named.st_dev &&
	    held.st_ino == named.st_ino)
		return fd;
	close(fd);
	return busy(f);
}

/* A bpffs that nobody sees yet; its root opened and locked. */
static int new_bpffs(const char *source, int *ret_root)
{
	auto_close int fs = fsopen("bpf", FSOPEN_CLOEXEC);
	int mnt, root, err;

	if (fs < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0750", 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID |
		      MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mnt < 0)
		return -errno;
	root = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0 && !flock(root, LOCK_EX | LOCK_NB)) {
		*ret_root = root;
		return mnt;
	}
	err = -errno;
	if (root >= 0)
		close(root);
	close(mnt);
	return err;
}

/* The mount appears locked, so nobody can slip in before we have it. */
static int mount_bpffs(struct place *place, struct fault *f)
{
	auto_close int mnt = -1;
	int root = -1;

	mnt = new_bpffs(place->dir ? SOURCE_DIR : SOURCE_MOUNT, &root);
	if (mnt < 0)
		return fault_set(f, mnt == -EPERM ? FAULT_NO_CAPABILITY :
				 FAULT_NO_BPFFS, "%s: cannot make a bpffs: %s",
				 cli.bpffs, mnt == -EPERM ?
				 "CAP_SYS_ADMIN is missing" : strerror(-mnt));
	if (move_mount(mnt, "", AT_FDCWD, cli.bpffs, MOVE_MOUNT_F_EMPTY_PATH)) {
		fault_set(f, FAULT_NO_BPFFS, "%s: cannot mount here: %s",
			  cli.bpffs, strerror(errno));
		close(root);
		return -EIO;
	}
	log_info("mounted bpffs on %s", cli.bpffs);
	place->mount = true;
	close(place->root_lock);
	place->root_lock = root;
	return share(cli.bpffs, 0750, f);
}

int place_make_dir(const char *path, bool *ret_made, struct fault *f)
{
	if (mkdir(path, 0700))
		return fault_set(f, errno == EACCES ? FAULT_NO_CAPABILITY :
				 FAULT_FAILED, "%s: cannot make it: %s", path,
				 strerror(errno));
	*ret_made = true;
	return share(path, 0750, f);
}

int place_make_leaves(enum pin_place at, struct fault *f)
{
	static const char *const leaf[] = { "prog", "link", "reader" };
	char path[PIN_PATH_MAX];
	bool made;
	int err;

	for (size_t i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++) {
		err = pin_path_at(at, leaf[i], path, f);
		if (!err)
			err = place_make_dir(path, &made, f);
		if (err)
			return err;
	}
	return 0;
}

static void major_path(char ret[MAJOR_MAX])
{
	snprintf(ret, MAJOR_MAX, "%s/v%d", cli.bpffs, SRTE_ABI_MAJOR);
}

int place_make_major(bool *ret_made, struct fault *f)
{
	char major[MAJOR_MAX];

	major_path(major);
	return access(major, F_OK) ? place_make_dir(major, ret_made, f) : 0;
}

int place_vacant(struct fault *f)
{
	unsigned int abi = pin_other_abi();

	if (pin_exists(PIN_HERE, NULL))
		return fault_set(f, FAULT_EXISTS, "instance %s is already up",
				 cli.instance);
	/* Two of one name would be taken for a half upgrade. */
	return abi ? fault_set(f, FAULT_EXISTS, "instance %s is already up, "
			       "with ABI %u", cli.instance, abi) : 0;
}

static int make_instance(struct place *place, const char *dir,
			 struct fault *f)
{
	int err = place_vacant(f);

	if (!err)
		err = place_make_major(&place->major, f);
	if (!err)
		err = place_make_dir(dir, &place->instance, f);
	if (err)
		return err;
	place->lock = pin_lock(f);
	return place->lock < 0 ? place->lock :
	       place_make_leaves(PIN_HERE, f);
}

static int make_top(struct place *place, struct fault *f)
{
	if (!mkdir(cli.bpffs, 0755))
		place->dir = true;
	else if (errno != EEXIST)
		return fault_set(f, errno == EACCES ? FAULT_NO_CAPABILITY :
				 FAULT_NO_BPFFS, "%s: cannot make it: %s",
				 cli.bpffs, strerror(errno));
	place->root_lock = lock_top(f);
	if (place->root_lock < 0)
		return place->root_lock;
	return is_bpffs(place->root_lock) ? 0 : mount_bpffs(place, f);
}

int place_create(const char *group, struct place *ret, struct fault *f)
{
	struct place place = { .root_lock = -1, .lock = -1 };
	char dir[PIN_PATH_MAX];
	int err;

	err = pin_path(NULL, dir, f);
	if (!err)
		err = find_group(group, f);
	if (!err)
		err = make_top(&place, f);
	if (!err)
		err = make_instance(&place, dir, f);
	if (err)
		place_undo(&place);
	else
		*ret = place;
	return err;
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path) ? errno : 0;
}

int place_wipe(enum pin_place at)
{
	struct fault ignored = {};
	char dir[PIN_PATH_MAX];
	int err;

	if (!pin_exists(at, NULL) || pin_path_at(at, NULL, dir, &ignored))
		return 0;
	err = nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return err < 0 ? -errno : -err;
}

/*
 * Take the mount away under the root's lock, and then its directory under
 * the directory's own: whoever comes in between waits or finds nothing.
 */
static void drop_mount(bool dir)
{
	struct fault ignored = {};
	int fd;

	if (umount2(cli.bpffs, MNT_DETACH)) {
		log_warn("%s: cannot unmount: %s", cli.bpffs, strerror(errno));
		return;
	}
	if (!dir)
		return;
	fd = lock_top(&ignored);
	if (fd < 0)
		return;
	(void)rmdir(cli.bpffs);
	close(fd);
}

void place_unlock(struct place *place)
{
	if (place->lock >= 0)
		close(place->lock);
	if (place->root_lock >= 0)
		close(place->root_lock);
	place->lock = -1;
	place->root_lock = -1;
}

void place_undo(struct place *place)
{
	char major[MAJOR_MAX];

	major_path(major);
	if (place->instance && place_wipe(PIN_HERE))
		log_warn("%s/%s: cannot take the pins back", major,
			 cli.instance);
	if (place->major)
		(void)rmdir(major);
	if (place->mount)
		drop_mount(place->dir);
	else if (place->dir)
		(void)rmdir(cli.bpffs);
	place_unlock(place);
}

/* Source of the bpffs mount at --bpffs; "" when it is somebody else's. */
static void mount_source(char *ret, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	auto_free char *dir = realpath(cli.bpffs, NULL);
	struct mntent *m;

	*ret = '\0';
	while (mounts && dir && (m = getmntent(mounts)))
		if (!strcmp(m->mnt_dir, dir))	/* the last one is on top */
			snprintf(ret, size, "%s", m->mnt_fsname);
	if (mounts)
		endmntent(mounts);
}

/* Names with a dot in a bpffs are the kernel's own (maps.debug). */
static bool bpffs_empty(void)
{
	DIR *d = opendir(cli.bpffs);
	bool empty = d;
	struct dirent *e;

	while (empty && (e = readdir(d)))
		empty = strchr(e->d_name, '.');
	if (d)
		closedir(d);
	return empty;
}

/* Our mount goes when nothing is left in it. */
static void leave_mount(void)
{
	char source[sizeof(SOURCE_DIR) + 1], major[MAJOR_MAX];

	major_path(major);
	if (rmdir(major) || !bpffs_empty())
		return;		/* another instance, or another ABI's */
	mount_source(source, sizeof(source));
	if (!strcmp(source, SOURCE_DIR))
		drop_mount(true);
	else if (!strcmp(source, SOURCE_MOUNT))
		drop_mount(false);
}

int place_lock(enum pin_place at, struct place *ret, struct fault *f)
{
	struct place place = { .lock = -1 };
	int err;

	place.root_lock = lock_top(f);
	if (place.root_lock < 0)
		return place.root_lock;
	place.lock = pin_lock_at(at, f);
	if (place.lock < 0) {
		err = place.lock;
		leave_mount();	/* of an `up` that was killed at once */
		place_unlock(&place);
		return err;
	}
	*ret = place;
	return 0;
}

int place_destroy(struct place *place, struct fault *f)
{
	int err = place_wipe(PIN_HERE);

	for (enum pin_place at = PIN_NEXT; !err && at < PIN_PLACES; at++)
		err = place_wipe(at);	/* of an upgrade that was killed */
	if (err)
		fault_set(f, FAULT_FAILED, "instance %s: cannot remove its "
			  "pins: %s", cli.instance, strerror(-err));
	else
		leave_mount();
	place_unlock(place);
	return err;
}
