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
};

/* Open, size, load, pin and fill: all that comes before the hooks. */
int attach_load(struct up *up, struct fault *f);
/* "map", "prog/name", "link/name" below the instance. */
int attach_pin(int fd, const char *leaf, bool group_writes, struct fault *f);
/* Attach what is neither on a device nor on the cgroup. */
int attach_trace(struct up *up, struct fault *f);
/* The program for that device. */
struct bpf_program *attach_prog(const struct up *up, const struct device *dev,
				enum attach_dir dir);

#endif
