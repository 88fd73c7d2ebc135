/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte_flows -> struct flow. Batch look-up with growth on ENOSPC and a fall
 * back to next-key; a vanished key is skipped, a repeated one is given once.
 */
#ifndef SRTE_FLOWMAP_H
#define SRTE_FLOWMAP_H

#include "fault.h"
#include "model.h"

/*
 * Call each() for every flow, with times relative to now and the rate
 * decayed by idle time. Returns the number of flows, a negative errno with
 * the fault set, or the first non-zero that each() returned (positive).
 */
int flowmap_each(int (*each)(const struct flow *flow, void *arg), void *arg,
		 struct fault *f);

/* How full the table is, for status. */
int flowmap_count(uint32_t *ret_entries, struct fault *f);

#endif
