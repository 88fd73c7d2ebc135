/* SPDX-License-Identifier: GPL-2.0-only */
#include "wall.h"

#include <stdio.h>
#include <time.h>

#define NSEC 1000000000ULL

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

uint64_t wall_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t wall_offset_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

void wall_format(uint64_t realtime_ns, char ret[WALL_TEXT])
{
	time_t sec = realtime_ns / NSEC;
	unsigned int us = realtime_ns % NSEC / 1000;
	struct tm tm;
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(ret, WALL_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + n, WALL_TEXT - n, ".%06uZ", us % 1000000);
}

void wall_now(char ret[WALL_TEXT])
{
	wall_format(clock_ns(CLOCK_REALTIME), ret);
}
