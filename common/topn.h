/* SPDX-License-Identifier: GPL-2.0-only */
/* The n largest flows of a stream, in memory for n. Pure. */
#ifndef SRTE_TOPN_H
#define SRTE_TOPN_H

#include "model.h"

#include <stddef.h>

enum topn_by { TOPN_BYTES, TOPN_RATE };

struct topn {
	struct flow *flows;	/* a heap, the smallest on top, until sorted */
	size_t n, cap, room;
	enum topn_by by;
};

void topn_init(struct topn *top, size_t n, enum topn_by by);
int  topn_add(struct topn *top, const struct flow *flow);	/* -ENOMEM */
/* Largest first; equals by key, so that two runs agree. */
void topn_sort(struct topn *top);
void topn_done(struct topn *top);

#endif
