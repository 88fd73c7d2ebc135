/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is true of a trace, and how much of it an estimate missed. An
 * estimate is a number for each flow, 0 for those it knows nothing of.
 */
#ifndef BENCH_ORACLE_H
#define BENCH_ORACLE_H

#include "trace.h"

/* Percent of the k largest flows by packets that are not among the k largest
 * of the estimate (FN% of the HashPipe paper). */
double oracle_missed(const struct trace *t, const uint64_t *estimate,
		     uint32_t k);

/* Space-Saving (Metwally et al., ICDT 2005) with so many entries: the exact
 * minimum makes room. No BPF program can do that; it is here as a peer. */
uint64_t *oracle_space_saving(const struct trace *t, uint32_t entries);

#endif
