/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rounds at even intervals, until a signal or the end of the time. A round
 * that took too long makes the next ones late, never two at once.
 */
#ifndef SRTE_TICK_H
#define SRTE_TICK_H

#include <signal.h>
#include <stdint.h>

struct tick {
	uint64_t interval_ns;
	uint64_t next_ns, end_ns;	/* CLOCK_MONOTONIC; end 0: none */
	sigset_t set;
};

/* SIGINT and SIGTERM are taken from here on. for_ns 0: no limit. */
void tick_start(struct tick *tick, uint64_t interval_ns, uint64_t for_ns);
/* Until the next round: 1, or 0 when it is time to end, or when the reader
 * of our standard output is gone. */
int  tick_wait(struct tick *tick);

#endif
