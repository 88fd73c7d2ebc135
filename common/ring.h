/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event ring: one loop over the ring buffer and the signals that end it.
 */
#ifndef SRTE_RING_H
#define SRTE_RING_H

#include "abi.h"
#include "fault.h"

#include <stdint.h>

/*
 * Deliver events until each() or idle() returns non-zero, for_ns has passed
 * (0: no limit), SIGINT, SIGTERM, or the reader of our stdout is gone. idle()
 * (may be NULL) runs when the ring is drained: the place to flush. Returns 0,
 * or a negative errno and the fault. FAULT_BUSY when another consumer holds
 * the ring: two readers would each see half.
 */
struct ring;

int ring_open(struct ring **ret, struct fault *f);
int ring_follow(struct ring *ring, uint64_t for_ns,
		int (*each)(const struct srte_event *ev, void *arg),
		int (*idle)(void *arg), void *arg, struct fault *f);
void ring_close(struct ring *ring);

#endif
