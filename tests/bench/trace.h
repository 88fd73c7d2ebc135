/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet traces for the benchmark, made by seed or read from captures. What
 * is in them is known exactly, so the trace is its own oracle.
 */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include "replay_abi.h"

#include <stddef.h>
#include <stdint.h>

struct trace {
	struct replay_step *step;	/* in the order of time */
	float    *at_s;		/* when; NULL where that is not known */
	size_t   n;
	uint32_t flows;
	uint64_t *packets;	/* of each flow */
	uint64_t *bytes;
};

/* A figure from 0 to below 1, and the next, by seed (splitmix64). */
uint64_t trace_random(uint64_t *seed);
double trace_uniform01(uint64_t *seed);

/*
 * 20 seconds of an ISP's link: 400,000 flows, some 10 M packets of so many
 * bytes. The 150 largest are those that HashPipe's authors plotted for a
 * CAIDA trace of 2016; the rest, and the order, are a model of it, see
 * trace_isp.c. span is the chance that a large flow lasts for all of it.
 */
#define TRACE_SPAN	0.85	/* fitted to HashPipe's figure for k = 150 */
#define TRACE_SPAN_FREE	0.95	/* fitted to nothing */
struct trace *trace_isp(uint64_t seed, uint32_t bytes, double span);
/*
 * One of workload.h on a link of 10 Gbit/s, in bursts as a sender hands them
 * down; see trace_mix.c. NULL when there is no such workload.
 */
#define TRACE_BURST	65536
#define TRACE_LINK_BPS	10e9
struct trace *trace_mix(const char *workload, uint64_t seed, double seconds);
/* n packets, each of any of so many flows. */
struct trace *trace_uniform(uint64_t seed, uint32_t flows, size_t n,
			    uint32_t bytes);
/* The flows of the captures in dir, file after file: so many phases, each with
 * flows of its own, that play them so many times. NULL when there are no
 * captures: errno says why. Played once, they keep their times. */
struct trace *trace_captures(const char *dir, uint32_t phases,
			     uint32_t times);
/* So many phases, one after another, of the captures (or NULL) and so many
 * flows beside them, all of them new in each phase; see trace_phases.c. */
struct trace *trace_phases(const struct trace *captures, uint32_t phases,
			   uint32_t flows, uint64_t seed);
void trace_free(struct trace *t);

/* For those who make traces: what is left of one when there is no memory for
 * it is the end of the program. */
struct trace *trace_new(uint32_t flows, size_t n);
/* Count what each flow has, once the steps are there. */
void trace_count(struct trace *t);

#endif
