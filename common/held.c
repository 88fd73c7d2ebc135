/* SPDX-License-Identifier: GPL-2.0-only */
#include "held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void held_begin(struct held *h)
{
	h->round++;
}

struct held_flow *held_find(struct held *h, uint64_t hash)
{
	uint32_t i;

	return keytable_find(&h->table, hash, &i) ? &h->flow[i] : NULL;
}

bool held_may_change(const struct held *h, const struct held_flow *flow)
{
	return !flow || !flow->changed ||
	       h->round - flow->changed >= h->dwell_rounds;
}

static int make_room(struct held *h)
{
	size_t room = h->room ? 2 * h->room : 64;
	struct held_flow *flow;

	if (h->n < h->room)
		return 0;
	flow = reallocarray(h->flow, room, sizeof(*flow));
	if (!flow)
		return -ENOMEM;
	h->flow = flow;
	h->room = room;
	return 0;
}

static int find_or_make(struct held *h, uint64_t hash, uint8_t class,
			struct held_flow **ret)
{
	uint32_t i = h->n;
	int was;

	if (make_room(h))
		return -ENOMEM;
	was = keytable_add(&h->table, hash, &i);
	if (was < 0)
		return was;
	*ret = &h->flow[i];
	if (was)
		return 0;
	h->n++;
	memset(*ret, 0, sizeof(**ret));
	(*ret)->hash = hash;
	(*ret)->class = class;
	return 0;
}

/* A flow at rest that did not just change has nothing to be remembered for. */
int held_keep(struct held *h, uint64_t hash, uint8_t was, uint8_t class)
{
	struct held_flow *flow = held_find(h, hash);
	int err;

	if (!flow && was == class && class == SRTE_CLASS_REST)
		return 0;
	err = find_or_make(h, hash, was, &flow);
	if (err)
		return err;
	if (was != class)
		flow->changed = h->round;
	flow->class = class;
	flow->seen = h->round;
	return 0;
}

/* Half of it is what was before, so that one odd round moves nobody. */
void held_limit(struct held *h, uint64_t limit_bps)
{
	uint64_t before = h->limit[(h->round - 1) % HELD_ROUNDS];

	h->limit[h->round % HELD_ROUNDS] =
		h->round == 1 ? limit_bps : before / 2 + limit_bps / 2;
}

int held_heat(struct held *h, uint64_t hash, uint64_t rate_bps,
	      uint8_t class, uint64_t *ret_bps, uint64_t *ret_limit_bps)
{
	unsigned __int128 rates = 0, limits = 0;
	struct held_flow *flow;
	uint32_t i, at;
	int err = find_or_make(h, hash, class, &flow);

	if (err)
		return err;
	flow->rate[h->round % HELD_ROUNDS] = rate_bps;
	if (flow->n_rates < HELD_ROUNDS)
		flow->n_rates++;
	for (i = 0; i < flow->n_rates; i++) {
		at = (h->round - i) % HELD_ROUNDS;
		rates += flow->rate[at];
		limits += h->limit[at];
	}
	flow->seen = h->round;
	*ret_bps = rates / flow->n_rates;
	*ret_limit_bps = limits / flow->n_rates;
	return 0;
}

static bool is_wanted(const struct held *h, const struct held_flow *flow)
{
	if (flow->seen != h->round)
		return false;
	return h->heat || flow->class == SRTE_CLASS_HEAVY ||
	       !held_may_change(h, flow);
}

int held_end(struct held *h)
{
	size_t i, n = 0;
	uint32_t number;

	keytable_clear(&h->table);
	for (i = 0; i < h->n; i++) {
		if (!is_wanted(h, &h->flow[i]))
			continue;
		h->flow[n] = h->flow[i];
		number = n;
		if (keytable_add(&h->table, h->flow[n].hash, &number) < 0)
			return -ENOMEM;
		n++;
	}
	h->n = n;
	return 0;
}

void held_done(struct held *h)
{
	keytable_done(&h->table);
	free(h->flow);
	memset(h, 0, sizeof(*h));
}
