/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next hop of a path: the MAC of the neighbour that forwards to its first
 * segment, by the routes and neighbours of this network namespace (rtnetlink,
 * read only: no capability). A frame keeps the next hop that its inner packet
 * was routed to, so the programs use a path only where the two are the same.
 */
#ifndef SRTE_NEXTHOP_H
#define SRTE_NEXTHOP_H

#include "fault.h"
#include "pool.h"

/*
 * Fill next_hop of every path of a compiled set. A neighbour that is not
 * known yet is asked for, with a datagram to its discard port, and given a
 * second. What has no route, or does not answer, stays unknown, which is
 * logged once for each first segment; such a path is published but not used.
 */
int nexthop_fill(struct poolset *set, struct fault *f);

#endif
