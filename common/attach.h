/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load, pin and attach; the only user of the skeleton. Whatever fails half
 * way is taken back: no filter, qdisc, link, pin or mount stays behind.
 */
#ifndef SRTE_ATTACH_H
#define SRTE_ATTACH_H

#include "abi.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attach_plan {
	const char *const *devs;	/* names, NULL-ended */
	const char *cgroup;		/* NULL: cgroup2 root of mountinfo */
	const char *pools;		/* file, or NULL */
	uint64_t    window_ns;
	uint64_t    heavy_bytes;
	uint32_t    rules;		/* SRTE_RULE_* */
};

int attach_up(const struct attach_plan *plan, struct fault *f);
/* dev NULL: everything of this instance, and its pins. */
int attach_down(const char *dev, struct fault *f);

#endif
