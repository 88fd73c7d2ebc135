/* SPDX-License-Identifier: GPL-2.0-only */
#include "risk.h"

#include <stdbool.h>
#include <string.h>

/* Sixteen paths have 15! circles. Good ones are found early: the search goes
 * for those without a clash first. */
#define STEPS_MAX	20000

struct search {
	size_t n, steps, least;		/* clashes of the best so far */
	__u32  clash[SRTE_SET_PATHS];	/* bit k: shares something with k */
	__u8   at[SRTE_SET_PATHS], best[SRTE_SET_PATHS];
};

static bool share(const struct pool_entry *a, const struct pool_entry *b)
{
	size_t i, k;

	for (i = 0; i < a->n_risks; i++)
		for (k = 0; k < b->n_risks; k++)
			if (!strcmp(a->risk[i], b->risk[k]))
				return true;
	return false;
}

static size_t clashes(const struct search *s, __u8 a, __u8 b)
{
	return s->clash[a] >> b & 1;
}

static void keep(struct search *s, size_t cost)
{
	cost += clashes(s, s->at[s->n - 1], s->at[0]);
	if (cost >= s->least)
		return;
	s->least = cost;
	memcpy(s->best, s->at, sizeof(s->best));
}

/* Place number depth; used: those that have one. Those that clash with the
 * one before come last. */
static void extend(struct search *s, size_t depth, __u32 used, size_t cost)
{
	size_t clash, i;

	if (depth == s->n) {
		keep(s, cost);
		return;
	}
	for (clash = 0; clash < 2; clash++)
		for (i = 0; i < s->n; i++) {
			if (used >> i & 1 ||
			    clashes(s, s->at[depth - 1], i) != clash)
				continue;
			if (cost + clash >= s->least || s->steps == STEPS_MAX)
				return;
			s->steps++;
			s->at[depth] = i;
			extend(s, depth + 1, used | 1U << i, cost + clash);
		}
}

size_t risk_order(const struct pool *pool, __u8 ret[SRTE_SET_PATHS])
{
	struct search s = { .n = pool->n_entries,
			    .least = SRTE_SET_PATHS + 1 };
	size_t i, k, cost = 0;

	for (i = 0; i < s.n; i++) {
		s.at[i] = i;
		for (k = 0; k < s.n; k++)
			if (i != k && share(&pool->entries[i],
					    &pool->entries[k]))
				s.clash[i] |= 1U << k;
	}
	for (i = 1; i < s.n; i++)
		cost += clashes(&s, i - 1, i);
	if (s.n)
		keep(&s, cost);	/* as the document has it, to be beaten */
	if (s.least)
		extend(&s, 1, 1, 0);
	memcpy(ret, s.best, s.n);
	return s.least;
}
