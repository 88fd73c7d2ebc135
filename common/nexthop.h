/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next hop of a path: device, address and MAC of the neighbour that
 * forwards to its first segment, by the routes and neighbours of this network
 * namespace (rtnetlink, read only: no capability). A frame that is on its way
 * there stays as it is; the programs send others there, without any look-up.
 */
#ifndef SRTE_NEXTHOP_H
#define SRTE_NEXTHOP_H

#include "fault.h"
#include "pool.h"

/*
 * Fill in the next hop of every path of a compiled set. A neighbour that is not
 * known yet is asked for, with a datagram to its discard port, and given a
 * second. What has no route, or does not answer, stays unknown, which is
 * logged once for each first segment; such a path is published but not used.
 */
int nexthop_fill(struct poolset *set, struct fault *f);

#endif
