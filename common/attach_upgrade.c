/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-attach upgrade. The new programs are loaded and pinned beside the
 * instance (PIN_NEXT); one rename makes that the instance; then each hook
 * follows in one step of its own, and what was replaced is removed. Killed at
 * any point, the pins say which programs the hooks are to run, and the next
 * upgrade sees to it.
 */
#include "attach_internal.h"

#include "cleanup.h"
#include "cli.h"
#include "host.h"
#include "log.h"
#include "pin.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include <bpf/bpf.h>

struct upgrade {
	struct up up;
	struct attach_plan plan;
	struct place place;
	int next_lock;
	struct attach_hooks hooks;
};

/* ---- what is there ---- */

static int open_at(enum pin_place at, const char *name, struct fault *f)
{
	char path[PIN_PATH_MAX];
	int err = pin_path_at(at, name, path, f);
	int fd = err ? err : bpf_obj_get(path);

	return fd >= 0 ? fd : fault_set(f, FAULT_NO_PINS, "%s: %s", path,
					strerror(-fd));
}

/* When it was made; 0: it never was finished. */
static uint64_t made_ns(enum pin_place at)
{
	struct fault ignored = {};
	auto_close int fd = open_at(at, "srte_meta", &ignored);
	struct srte_meta meta = {};
	__u32 zero = 0;

	if (fd < 0 || pin_get(fd, &zero, &meta) || meta.magic != SRTE_MAGIC)
		return 0;
	return meta.created_ns;
}

static int read_hooks(enum pin_place at, struct attach_hooks *ret,
		      struct fault *f)
{
	auto_close int fd = open_at(at, "srte_devices", f);

	return fd < 0 ? fd : attach_hooks_read(fd, ret, f);
}

/* Tables stay as large as they are. */
static int read_plan(struct upgrade *u, struct fault *f)
{
	auto_close int flows = open_at(u->up.from, "srte_flows", f);
	auto_close int ring = -1;
	int err;

	if (flows < 0)
		return flows;
	ring = open_at(u->up.from, "srte_events", f);
	if (ring < 0)
		return ring;
	err = pin_room(flows, &u->plan.flows);
	if (!err)
		err = pin_room(ring, &u->plan.ring_bytes);
	return err ? fault_set(f, FAULT_FAILED, "the tables' sizes: %s",
			       strerror(-err)) : 0;
}

static int check_minor(struct fault *f)
{
	struct srte_meta meta;
	int err = pin_meta(&meta, f);

	if (err)
		return err;
	if (meta.minor > SRTE_ABI_MINOR)
		return fault_set(f, FAULT_OTHER_ABI, "instance %s has ABI "
				 "%u.%u, newer than this tool's %u.%u",
				 cli.instance, meta.major, meta.minor,
				 SRTE_ABI_MAJOR, SRTE_ABI_MINOR);
	return 0;
}

static int check(struct upgrade *u, struct fault *f)
{
	int err = check_minor(f);

	if (!err)
		err = read_hooks(u->up.from, &u->hooks, f);
	if (!err)
		err = read_plan(u, f);
	u->up.after_ns = made_ns(u->up.from);
	return err;
}

/* ---- what an upgrade that was killed left ---- */

/*
 * What lies beside the instance was made before it, and the hooks may still
 * run it; or after, and it was never finished.
 */
static int settle(struct upgrade *u, struct fault *f)
{
	uint64_t beside_ns = made_ns(PIN_NEXT);
	int err = 0;

	if (!pin_exists(PIN_NEXT, NULL))
		return 0;
	log_info("instance %s: an upgrade was killed here", cli.instance);
	place_next_settle();
	if (beside_ns && beside_ns < made_ns(PIN_HERE)) {
		err = read_hooks(PIN_HERE, &u->hooks, f);
		if (!err)
			err = attach_follow(PIN_HERE, &u->hooks, f);
	}
	if (!err)
		err = place_wipe(PIN_NEXT);
	return err ? fault_set(f, FAULT_FAILED, "cannot clear up after an "
			       "upgrade that was killed: %s",
			       strerror(-err)) : 0;
}

/* ---- the upgrade ---- */

static int build(struct upgrade *u, struct fault *f)
{
	int err = place_next_create(u->up.from, &u->next_lock, f);

	if (!err)
		err = attach_load(&u->up, f);
	return err ? err : attach_links(&u->up, f);
}

static int replace(struct upgrade *u, struct fault *f)
{
	struct fault ignored = {};
	int err;

	err = build(u, f);
	if (err)
		goto undo_build;
	err = place_next_commit(u->up.from, f);
	if (err)
		goto undo_build;
	err = attach_follow(PIN_HERE, &u->hooks, f);
	if (err)
		goto undo_commit;
	if (place_wipe(PIN_NEXT))
		log_warn("instance %s: cannot remove the pins of the old "
			 "programs", cli.instance);
	log_info("instance %s runs the programs of srte %s", cli.instance,
		 SRTE_VERSION);
	return 0;

undo_commit:
	/* Where even that fails the pins stay: they tell whose hooks it is. */
	if (place_next_revert(u->up.from, &ignored) ||
	    attach_follow(u->up.from, &u->hooks, &ignored)) {
		log_warn("taking it back: %s", ignored.cause);
		return err;
	}
undo_build:
	(void)place_wipe(PIN_NEXT);
	return err;
}

static int locked_upgrade(struct upgrade *u, struct fault *f)
{
	int err = settle(u, f);

	if (!err)
		err = check(u, f);
	return err ? err : replace(u, f);
}

int attach_upgrade(struct fault *f)
{
	struct upgrade u = { .next_lock = -1 };
	sigset_t all, before;
	int err;

	u.up.plan = &u.plan;
	u.up.at = PIN_NEXT;
	err = host_check_rights(f);
	if (!err)
		err = host_check_btf(f);
	if (!err)
		err = place_lock(u.up.from, &u.place, f);
	if (err)
		return err;
	/* An interrupt must not leave a half of it behind. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = locked_upgrade(&u, f);
	srte_bpf__destroy(u.up.skel);
	if (u.next_lock >= 0)
		close(u.next_lock);
	place_unlock(&u.place);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
