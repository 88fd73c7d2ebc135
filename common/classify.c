/* SPDX-License-Identifier: GPL-2.0-only */
#include "classify.h"

#include <stdlib.h>

static const char *const words[REASON_N] = {
#define X(name, word, meaning) [REASON_##name] = (word),
	CLASSIFY_REASONS(X)
#undef X
};

const char *classify_reason(enum classify_reason reason)
{
	return words[reason];
}

/*
 * One rule for leaving, asked first: what would have to leave may not enter
 * either, or a flow with many bytes that has become slow would go in and
 * out in every other round.
 */
void classify_flow(const struct classify_rules *rules,
		   const struct flow *flow, struct verdict *ret)
{
	bool was = flow->class == SRTE_CLASS_HEAVY;

	ret->class = SRTE_CLASS_HEAVY;
	ret->score = flow->rate_bps;
	if (flow->idle_us > rules->idle_us)
		ret->reason = was ? REASON_IDLE : REASON_SMALL;
	else if (flow->rate_bps < rules->leave_bps)
		ret->reason = was ? REASON_BELOW_RATE : REASON_SMALL;
	else if (flow->bytes >= rules->always_bytes)
		ret->reason = REASON_BYTES;
	else if (rules->enter_bps && flow->rate_bps >= rules->enter_bps &&
		 flow->bytes >= rules->enter_bytes)
		ret->reason = REASON_BYTES_RATE;
	else
		ret->reason = was ? REASON_INCUMBENT : REASON_SMALL;
	if (ret->reason == REASON_IDLE || ret->reason == REASON_SMALL ||
	    ret->reason == REASON_BELOW_RATE)
		ret->class = SRTE_CLASS_REST;
}

/* A challenger must be a quarter heavier than a flow that is steered. */
static uint64_t score_of(const struct contender *c, bool bonus)
{
	if (!bonus || c->class != SRTE_CLASS_HEAVY)
		return c->rate_bps;
	return c->rate_bps + c->rate_bps / 4;
}

/* Heaviest first, then in the order of the round. */
static int compare(const struct contender *a, const struct contender *b,
		   bool bonus)
{
	uint64_t x = score_of(a, bonus), y = score_of(b, bonus);

	if (x != y)
		return x < y ? 1 : -1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int by_rate(const void *a, const void *b)
{
	return compare(a, b, false);
}

static int by_score(const void *a, const void *b)
{
	return compare(a, b, true);
}

/* Heavy by a rule of its own; the others are told why not. */
static void set_verdict(const struct classify_rules *rules,
			const struct contender *c, bool in,
			enum classify_reason why, struct verdict *ret)
{
	bool was = c->class == SRTE_CLASS_HEAVY;

	ret->class = in ? SRTE_CLASS_HEAVY : SRTE_CLASS_REST;
	ret->score = score_of(c, rules->policy == CLASSIFY_TOP);
	if (in)
		ret->reason = why;
	else if (!was)
		ret->reason = REASON_SMALL;
	else if (c->idle_us > rules->idle_us || !c->rate_bps)
		ret->reason = REASON_IDLE;
	else
		ret->reason = REASON_OUTRANKED;
}

static void round_share(const struct classify_rules *rules,
			struct contender *flows, size_t n,
			struct verdict *ret)
{
	unsigned __int128 total = 0, sum = 0;
	size_t i;
	bool in;

	for (i = 0; i < n; i++)
		total += flows[i].rate_bps;
	qsort(flows, n, sizeof(*flows), by_rate);
	for (i = 0; i < n; i++) {
		in = flows[i].rate_bps &&
		     sum * 100000 < total * rules->share_milli;
		sum += flows[i].rate_bps;
		set_verdict(rules, &flows[i], in, REASON_SHARE,
			    &ret[flows[i].number]);
	}
}

static void round_top(const struct classify_rules *rules,
		      struct contender *flows, size_t n, struct verdict *ret)
{
	uint64_t last = 0;	/* rate of the N-th without any bonus */
	size_t i;
	bool in;

	qsort(flows, n, sizeof(*flows), by_rate);
	if (rules->top && rules->top <= n)
		last = flows[rules->top - 1].rate_bps;
	qsort(flows, n, sizeof(*flows), by_score);
	for (i = 0; i < n; i++) {
		in = flows[i].rate_bps && i < rules->top;
		set_verdict(rules, &flows[i], in,
			    flows[i].rate_bps < last ? REASON_INCUMBENT :
						       REASON_TOP,
			    &ret[flows[i].number]);
	}
}

void classify_round(const struct classify_rules *rules,
		    struct contender *flows, size_t n, struct verdict *ret)
{
	size_t i;

	for (i = 0; i < n; i++)	/* the silent carry nothing */
		if (flows[i].idle_us > rules->idle_us)
			flows[i].rate_bps = 0;
	if (rules->policy == CLASSIFY_SHARE)
		round_share(rules, flows, n, ret);
	else
		round_top(rules, flows, n, ret);
}
