/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets of each flow of a trace, as far as so many entries know: the
 * filter's alone, or those of an LRU table. The caller frees them. */
#ifndef BENCH_ESTIMATE_H
#define BENCH_ESTIMATE_H

#include "feed.h"

uint64_t *estimate_filter(const struct trace *t, const struct feed_trace *ft,
			  uint32_t filter, uint32_t entries, uint64_t seed);
uint64_t *estimate_lru(const struct trace *t, const struct feed_trace *ft,
		       uint32_t entries);

#endif
