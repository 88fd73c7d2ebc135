/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What classification is judged on: published workloads, an ISP's link, real
 * captures ($SRTE_DATA/pcap). Each has its own idea of an elephant.
 */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "trace.h"

struct source {
	const char *name;
	double   seconds;	/* played */
	uint64_t elephant;	/* bytes in the end, at least */
};

/* Ends the program when there is none of that name. */
const struct source *source_find(const char *name);
/* With times. NULL where there are no captures: errno says why. */
struct trace *source_trace(const struct source *s, uint64_t seed);

#endif
