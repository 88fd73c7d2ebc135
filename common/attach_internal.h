/* SPDX-License-Identifier: GPL-2.0-only */
/* What attach.c and attach_load.c share; nobody else's business. */
#ifndef SRTE_ATTACH_INTERNAL_H
#define SRTE_ATTACH_INTERNAL_H

#include "attach.h"
#include "cgroup.h"
#include "device.h"
#include "place.h"
#include "pool.h"
#include "srte.skel.h"

/* An `up` on its way. */
struct up {
	const struct attach_plan *plan;
	struct device devs[SRTE_DEVICES_MAX];
	bool     made_qdisc[SRTE_DEVICES_MAX];
	size_t   n_devs, n_attached;
	bool     any_ethernet, any_layer3;
	uint32_t mtu;
	char     cgroup[CGROUP_PATH_MAX];
	struct poolset pools;
	struct place place;
	struct srte_bpf *skel;

	enum pin_place at;	/* where it is pinned */
	/* of an upgrade: at is PIN_NEXT */
	enum pin_place from;	/* what it takes over */
	uint64_t after_ns;	/* when that was made */
};

/* Open, size, load, pin and fill: all that comes before the hooks. */
int attach_load(struct up *up, struct fault *f);
/* "map", "prog/name", "link/name" below the instance. */
int attach_pin(const struct up *up, int fd, const char *leaf,
	       bool group_writes, struct fault *f);
/* Attach what is neither on a device nor on the cgroup. */
int attach_trace(struct up *up, struct fault *f);
/* Before the load: go on with the maps of up->from (attach_keep.c). */
int attach_keep_maps(struct up *up, struct fault *f);
/* The program for that device. */
struct bpf_program *attach_prog(const struct up *up, const struct device *dev,
				enum attach_dir dir);

/* ---- hooks that run already (attach_follow.c) ---- */

struct attach_hooks {
	struct srte_device_key key[SRTE_DEVICES_MAX];
	struct srte_device dev[SRTE_DEVICES_MAX];
	size_t n;
};

/* The devices of srte_devices. FAULT_OTHER_NETNS: not all within reach. */
int attach_hooks_read(int devices_fd, struct attach_hooks *ret,
		      struct fault *f);
/* Every hook that runs a program of any place runs the one of that name that
 * is pinned there from now on: each in one step, no packet goes by. */
int attach_follow(enum pin_place at, const struct attach_hooks *hooks,
		  struct fault *f);
/* Links for up->at: those of up->from, or new ones beside them where the
 * kernel cannot change what they run. */
int attach_links(struct up *up, struct fault *f);

#endif
