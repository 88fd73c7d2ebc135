/* SPDX-License-Identifier: GPL-2.0-only */
/* Which flows arrive when, how large, and what became of them. */
#ifndef BENCH_FCT_PLAN_H
#define BENCH_FCT_PLAN_H

#include "workload.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FCT_FLOWS_MAX	40000	/* a source port each */

/* By the published size of a flow, before it is scaled. */
enum fct_class { FCT_SMALL, FCT_MEDIUM, FCT_LARGE, FCT_ALL, FCT_CLASSES };
#define FCT_SMALL_BELOW	1e5
#define FCT_LARGE_ABOVE	1e6

struct fct_flow {
	uint64_t at_ns;		/* when it arrives, from the beginning */
	uint64_t done_ns;	/* when its last byte was there; 0: never */
	uint32_t bytes;
	uint32_t got;
	uint32_t got_in_time;	/* while flows still arrived */
	enum fct_class class;
	bool     broken;	/* not the bytes that were sent */
};

struct fct_plan {
	struct fct_flow *flow;
	unsigned n;
	uint64_t lasts_ns;	/* flows arrive for so long */
};

struct fct_load {
	const struct workload_point *cdf;
	double scale;		/* of sizes */
	double bps;		/* mean of what arrives */
	double seconds;
	uint64_t seed;
};

/* Poisson arrivals, the same for the same load. 0, or -E2BIG when there would
 * be more flows than ports, -ENOMEM. Freed by fct_plan_free(). */
int fct_plan_make(const struct fct_load *load, struct fct_plan *ret);
void fct_plan_free(struct fct_plan *plan);

enum fct_class fct_class_of(double published_bytes);

/* Every byte of a stream is known by its flow and its place in it. */
void fct_stamp(uint8_t *buf, uint32_t flow, uint64_t offset, size_t len);

/*
 * One JSON line a class. A flow that has not ended counts with the time that
 * it has waited until end_ns, which is less than it would have taken.
 */
void fct_report(const struct fct_plan *plan, uint64_t end_ns, FILE *to);

#endif
