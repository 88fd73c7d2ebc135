/* SPDX-License-Identifier: GPL-2.0-only */
/* Wall time for people and records: RFC 3339, UTC, microseconds. */
#ifndef SRTE_WALL_H
#define SRTE_WALL_H

#include <stdint.h>

#define WALL_TEXT 32

void wall_format(uint64_t realtime_ns, char ret[WALL_TEXT]);
void wall_now(char ret[WALL_TEXT]);

/* Now, CLOCK_MONOTONIC; and what to add to get wall time, as of now. */
uint64_t wall_mono_ns(void);
int64_t wall_offset_ns(void);

#endif
