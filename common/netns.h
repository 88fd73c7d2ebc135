/* SPDX-License-Identifier: GPL-2.0-only */
/* Work in another network namespace; mounts, and so the bpffs and the cgroups,
 * stay those of the caller. */
#ifndef SRTE_NETNS_H
#define SRTE_NETNS_H

#include "fault.h"

/* name: as `ip netns` lists it, or a file if it has a slash. NULL: stay.
 * FAULT_NO_NETNS, NO_CAPABILITY */
int netns_enter(const char *name, struct fault *f);

#endif
