/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load, pin and attach; the only user of the skeleton. Whatever fails half
 * way is taken back: no filter, qdisc, link, pin or mount stays behind.
 */
#ifndef SRTE_ATTACH_H
#define SRTE_ATTACH_H

#include "abi.h"
#include "fault.h"
#include "pin.h"
#include "reaction.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attach_plan {
	const char *const *devs;	/* names, NULL-ended */
	const char *cgroup;		/* NULL: cgroup2 root of mountinfo */
	const char *pools;		/* file, or NULL */
	const char *group;		/* NULL: srte if it exists */
	uint64_t    window_ns;
	uint64_t    heavy_bytes;
	uint64_t    link_bps;		/* 0: what the devices say */
	uint32_t    flags;		/* SRTE_CONFIG_ACCOUNT_* */
	struct reaction reaction;
	uint32_t    admit;		/* SRTE_ADMIT_* */
	uint64_t    admit_bytes;
	uint32_t    filter;		/* SRTE_FILTER_* */
	uint32_t    mark_mask;		/* 0: leave the mark alone */
	uint32_t    flows;		/* size of the flow table */
	uint32_t    ring_bytes;		/* of srte_events */
};

int attach_up(const struct attach_plan *plan, struct fault *f);
/* dev NULL: everything of this instance, and its pins. The last device
 * takes the instance with it. */
int attach_down(const char *dev, struct fault *f);
/* The programs of this version in the place of those that run; flows, entries,
 * counters and settings stay. What fails leaves the old ones at work. */
int attach_upgrade(struct fault *f);

/* ---- the tc hooks of one device (attach_tc.c) ---- */

enum attach_dir { ATTACH_EGRESS, ATTACH_INGRESS, ATTACH_DIRS };

/* Is our place free, both ways? A filter that sits there is FAULT_TAKEN. */
int attach_tc_vacant(const char *dev, int ifindex, struct fault *f);
/* Add clsact where it is missing. */
int attach_tc_qdisc(const char *dev, int ifindex, bool *ret_made,
		    struct fault *f);
/* Put the programs at our place; never replaces. */
int attach_tc_add(const char *dev, int ifindex, const int prog_fds[],
		  struct fault *f);
/* One program at our place gives way to another, in one step. */
int attach_tc_replace(const char *dev, int ifindex, enum attach_dir dir,
		      int prog_fd, struct fault *f);
/* Which program is there. -ENOENT: none; else the kernel would not say. */
int attach_tc_query(int ifindex, enum attach_dir dir, uint32_t *ret_prog_id);
/* Ids of the programs of this instance that may be there; 0: no such. */
#define ATTACH_PROGS (4 * PIN_PLACES)
struct attach_ours {
	uint32_t id[ATTACH_PROGS];
};
int attach_tc_ours(struct attach_ours *ret);
/* Remove the filters that are ours, and the qdisc if made_qdisc and
 * nobody else has a filter on it. */
int attach_tc_del(const char *dev, int ifindex,
		  const struct attach_ours *ours, bool made_qdisc,
		  struct fault *f);

#endif
