/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The k heaviest of a round, in memory for k: whoever falls out, or never
 * gets in, is given back at once.
 */
#ifndef SRTE_TOPK_H
#define SRTE_TOPK_H

#include "classify.h"

struct topk_entry {
	struct record    rec;	/* owns its extra */
	struct contender c;
	uint64_t         score;
};

struct topk {
	size_t   k, n, room;
	struct topk_entry *entry;	/* a heap, the lightest on top */
	uint64_t *rate;			/* the k largest, alike, bonus aside */
	size_t   n_rates;
	uint32_t seen;			/* in this round */
};

/*
 * 1: *ret fell out (it may be the one offered); the caller frees what it
 * owns with topk_free(). 0: nobody did. -ENOMEM
 */
int  topk_offer(struct topk *t, const struct record *rec,
		const struct contender *c, uint64_t score,
		struct topk_entry *ret);
/* The rate of the k-th, bonus aside; 0: fewer were seen. */
uint64_t topk_limit(const struct topk *t);
/* The end of a round: those that stayed, in the order they came. */
void topk_sort(struct topk *t);
void topk_clear(struct topk *t);
void topk_done(struct topk *t);
void topk_free(struct topk_entry *entry);

#endif
