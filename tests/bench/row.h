/* SPDX-License-Identifier: GPL-2.0-only */
/* One row on its way to tests/bench/run: what was measured, see row.jq. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include <stdbool.h>
#include <stddef.h>

#define ROW_SAMPLES 64

struct row {
	const char *name, *unit, *goal, *peer;	/* the last two: or NULL */
	double samples[ROW_SAMPLES];
	unsigned n;
	char detail[16384];	/* JSON members, as far as they are known */
};

void row_add(struct row *r, double sample);
void row_detail(struct row *r, const char *key, double value);
void row_note(struct row *r, const char *key, const char *text);
/* A value that is JSON already: a curve, bars; see plot.jq. */
void row_json(struct row *r, const char *key, const char *json);
/* Median of n values, which are sorted by it. */
double row_median(double *values, unsigned n);
/* The same as a detail; with all values after it under <key>_all. */
void row_median_detail(struct row *r, const char *key, double *values,
		       unsigned n);
void row_print(const struct row *r);

/* $BENCH_PAIRS, 10 when it is not set. */
unsigned row_pairs(void);

#endif
