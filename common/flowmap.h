/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte_flows -> struct flow, each flow once: walk.h says what is promised of
 * those that come and go meanwhile.
 */
#ifndef SRTE_FLOWMAP_H
#define SRTE_FLOWMAP_H

#include "fault.h"
#include "flowfilter.h"

/*
 * Call each() for every flow that filter (may be NULL) lets through, with
 * times relative to now and the rate decayed by idle time. Returns
 * 0, a negative errno with the fault set, or the first non-zero that each()
 * returned (positive). *ret_seen (may be
 * NULL): flows in the table, the filter left aside.
 */
int flowmap_each(const struct flowfilter *filter,
		 int (*each)(const struct flow *flow, void *arg), void *arg,
		 uint64_t *ret_seen, struct fault *f);

/* What the kernel counted of the table so far. Read before the flows: evicted
 * are those of inserted that a flowmap_each() does not give then. */
int flowmap_totals(struct flow_totals *ret, struct fault *f);

/* How full the table is, for status. */
int flowmap_count(uint32_t *ret_entries, uint32_t *ret_room, struct fault *f);

/*
 * The kernel turns a flow's window only when it sends. So a flow that stopped
 * keeps the rate of its last window; a reader halves it for each further
 * window of silence.
 */
uint64_t flowmap_decay(uint64_t rate_bps, uint64_t idle_ns,
		       uint64_t window_ns);

#endif
