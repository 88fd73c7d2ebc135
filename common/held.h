/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a follow stream remembers of flows from round to round, in memory
 * only: the class it gave and when that changed, and for latent heat the
 * rates of the last rounds (Papagiannaki et al., "Impact of flow dynamics on
 * traffic engineering design principles", INFOCOM 2004).
 */
#ifndef SRTE_HELD_H
#define SRTE_HELD_H

#include "classify.h"
#include "keytable.h"

#define HELD_ROUNDS 10		/* that heat looks back on */

struct held_flow {
	uint64_t hash;
	uint32_t seen;		/* round that had it last */
	uint32_t changed;	/* round of its last change, 0: none seen */
	uint8_t  class;
	uint8_t  n_rates;
	uint64_t rate[HELD_ROUNDS];	/* by round number */
};

struct held {
	struct keytable   table;
	struct held_flow *flow;
	size_t   n, room;
	uint32_t round;			/* from 1 */
	uint32_t dwell_rounds;		/* a class lasts so long at least */
	bool     heat;			/* rates are wanted, of every flow */
	uint64_t limit[HELD_ROUNDS];	/* smoothed, by round number */
};

void held_begin(struct held *h);	/* a round */
/* The flow as it was left, or NULL. Valid until the next held_keep(). */
struct held_flow *held_find(struct held *h, uint64_t hash);

/* May it change its class in this round? */
bool held_may_change(const struct held *h, const struct held_flow *flow);

/* Remember its class; of the rest without need nothing is kept. -ENOMEM */
int  held_keep(struct held *h, uint64_t hash, uint8_t was, uint8_t class);

/* Heat: this round's limit, smoothed with those before; and the means over
 * the rounds that the flow was there for, this one with rate_bps. */
void held_limit(struct held *h, uint64_t limit_bps);
int  held_heat(struct held *h, uint64_t hash, uint64_t rate_bps,
	       uint8_t class, uint64_t *ret_bps, uint64_t *ret_limit_bps);

/* The end of a round: who was not in it is forgotten. -ENOMEM */
int  held_end(struct held *h);
void held_done(struct held *h);

#endif
