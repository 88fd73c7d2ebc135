/* SPDX-License-Identifier: GPL-2.0-only */
/* Two places of one instance, while it is upgraded: the one that is in force
 * and the one beside it, which takes its name in one step. */
#include "place_internal.h"

#include "cleanup.h"
#include "pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

int place_next_create(enum pin_place from, int *ret_lock, struct fault *f)
{
	char old[PIN_PATH_MAX], next[PIN_PATH_MAX];
	struct stat st;
	bool made;
	int err, fd;

	err = pin_path_at(from, NULL, old, f);
	if (!err)
		err = pin_path_at(PIN_NEXT, NULL, next, f);
	if (!err && stat(old, &st))
		err = fault_set(f, FAULT_NO_PINS, "%s: %s", old,
				strerror(errno));
	if (err)
		return err;
	place_group_of(&st);
	err = place_make_major(&made, f);
	if (!err)
		err = place_make_dir(next, &made, f);
	if (err)
		return err;
	/* It will be the instance, and nobody may write to that yet. */
	fd = pin_lock_at(PIN_NEXT, f);
	if (fd < 0)
		return fd;
	*ret_lock = fd;
	return place_make_leaves(PIN_NEXT, f);
}

static int swap(const char *leaf, unsigned int flags, struct fault *f)
{
	char here[PIN_PATH_MAX], next[PIN_PATH_MAX];
	int err = pin_path_at(PIN_HERE, leaf, here, f);

	if (!err)
		err = pin_path_at(PIN_NEXT, leaf, next, f);
	if (err)
		return err;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, here, flags))
		return fault_set(f, FAULT_FAILED, "%s: cannot rename: %s",
				 next, strerror(errno));
	return 0;
}

/* Whoever reads the ring goes on, and so does the lock on that directory. */
static int swap_reader(struct fault *f)
{
	return swap("reader", RENAME_EXCHANGE, f);
}

void place_next_settle(void)
{
	struct fault ignored = {};
	char path[PIN_PATH_MAX];
	auto_close int fd = -1;

	if (pin_path_at(PIN_NEXT, "reader", path, &ignored))
		return;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB))
		(void)swap_reader(&ignored);
}

int place_next_commit(enum pin_place from, struct fault *f)
{
	int err;

	if (from != PIN_HERE)
		return swap(NULL, RENAME_NOREPLACE, f);
	err = swap_reader(f);
	return err ? err : swap(NULL, RENAME_EXCHANGE, f);
}

static int take_back(struct fault *f)
{
	char here[PIN_PATH_MAX], next[PIN_PATH_MAX];
	int err = pin_path_at(PIN_HERE, NULL, here, f);

	if (!err)
		err = pin_path_at(PIN_NEXT, NULL, next, f);
	if (!err && rename(here, next))
		err = fault_set(f, FAULT_FAILED, "%s: cannot rename: %s",
				here, strerror(errno));
	return err;
}

int place_next_revert(enum pin_place from, struct fault *f)
{
	int err;

	if (from != PIN_HERE)
		return take_back(f);
	err = swap(NULL, RENAME_EXCHANGE, f);
	return err ? err : swap_reader(f);
}
