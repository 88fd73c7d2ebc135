/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accounting core, loaded anew and fed with a trace. Whatever goes wrong
 * here ends the program with a message: the row then says that it could not
 * be measured.
 */
#ifndef BENCH_FEED_H
#define BENCH_FEED_H

#include "replay.skel.h"
#include "trace.h"

#include "abi.h"

#define FEED_BYTES 1000		/* of a packet where nothing else is said */

/* The trace in the kernel, for any number of feeds. */
struct feed_trace {
	int      fd;
	uint32_t chunks;
	uint32_t flows;
	size_t   packets;
};

struct feed_trace feed_trace_put(const struct trace *trace);
void feed_trace_close(struct feed_trace *ft);

struct feed_plan {
	uint32_t table;		/* entries of srte_flows, 0: as built */
	uint32_t buckets;	/* of the filter, 0: as built */
	uint32_t admit;		/* SRTE_ADMIT_* */
	uint32_t filter;	/* SRTE_FILTER_* */
	uint64_t admit_bytes;	/* 0: the default */
	uint64_t found_bytes;	/* for replay_watch */
	uint64_t heavy_bytes;	/* notices, and instant mode, from here on */
	uint64_t seed;
	uint32_t paths;		/* room for so many, 0: for none */
	uint32_t steering;	/* and entries; 0: instant mode's, if any */
};

struct feed {
	struct replay_bpf *skel;
	const struct feed_trace *trace;
	uint32_t buckets;	/* of one CPU */
};

struct feed feed_open(const struct feed_plan *plan,
		      const struct feed_trace *trace);
void feed_close(struct feed *f);

/* Play the whole trace; returns ns a packet. */
double feed_run(struct feed *f, const struct bpf_program *prog);
/* Run one program n times on a frame; returns ns a run. */
double feed_repeat(int prog_fd, const void *frame, uint32_t len, uint32_t n);

/* Set 1, of path 1 alone, in both pools of this prefix. */
void feed_route_put(struct feed *f, const uint8_t addr[16], uint32_t len);

uint64_t feed_counter(struct feed *f, enum srte_counter cause);
/* Bytes that the kernel holds for a map. */
uint64_t feed_memory(const struct bpf_map *map);
#endif
