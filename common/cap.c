/* SPDX-License-Identifier: GPL-2.0-only */
#include "cap.h"

#include "cleanup.h"

#include <errno.h>

struct candidate {
	uint64_t score;
	size_t   number;
	bool     leaving;
};

/* The leaving, then the heaviest, then in the order of the round. */
static int by_claim(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->leaving != b->leaving)
		return b->leaving - a->leaving;
	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void deny(struct verdict *v, uint8_t class, uint32_t limit)
{
	v->class = class;
	v->reason = REASON_CAPPED;
	v->limit_flows = limit;
}

/* Falling silent moves no packet, so it costs nothing. */
static bool is_change(uint8_t was, const struct verdict *v)
{
	return v->class != was && v->reason != REASON_IDLE;
}

static void cap_changes(uint32_t max, const uint8_t *was, struct verdict *v,
			size_t n, struct candidate *c)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		if (is_change(was[i], &v[i]))
			c[found++] = (struct candidate){
				v[i].score, i, v[i].class == SRTE_CLASS_REST };
	qsort(c, found, sizeof(*c), by_claim);
	for (i = max; i < found; i++)
		deny(&v[c[i].number], was[c[i].number], max);
}

/* Who is heavy already comes before a newcomer of the same weight. */
static void cap_heavy(uint32_t max, struct verdict *v, size_t n,
		      struct candidate *c)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		if (v[i].class == SRTE_CLASS_HEAVY)
			c[found++] = (struct candidate){ v[i].score, i,
							 false };
	qsort(c, found, sizeof(*c), by_claim);
	for (i = max; i < found; i++)
		deny(&v[c[i].number], SRTE_CLASS_REST, max);
}

int cap_round(const struct cap *cap, const uint8_t *was, struct verdict *v,
	      size_t n)
{
	auto_free struct candidate *c = NULL;

	if (!cap->changes && !cap->heavy)
		return 0;
	c = calloc(n + 1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	if (cap->heavy)
		cap_heavy(cap->heavy, v, n, c);
	if (cap->changes)
		cap_changes(cap->changes, was, v, n, c);
	return 0;
}
