/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of a pool's paths. A flow that leaves a path takes the next one,
 * round and round, so neighbours in that circle should share nothing: a
 * shared risk link group in the words of RFC 4202 2.3.
 */
#ifndef SRTE_RISK_H
#define SRTE_RISK_H

#include "pool.h"

/* Indexes of the entries in the order in which they stand in for each other.
 * It begins with the first; what is well ordered already stays as it is. As
 * few neighbours as can be found share a risk: returns how many do. */
size_t risk_order(const struct pool *pool, __u8 ret[SRTE_SET_PATHS]);

#endif
