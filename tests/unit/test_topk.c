/* SPDX-License-Identifier: GPL-2.0-only */
/* The heaviest few of many, against sorting them all. */
#include "topk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 5000

static uint64_t rates[MANY];

static int downwards(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? 1 : a > b ? -1 : 0;
}

static void round_of(struct topk *t, size_t n, uint32_t seed)
{
	uint64_t out_max = 0, in_min = UINT64_MAX;
	size_t i, out = 0;

	for (i = 0; i < n; i++) {
		struct record rec = { .extra = i % 3 ? NULL : ",\"x\":1" };
		struct contender c = {};
		struct topk_entry e;

		seed = seed * 1103515245 + 12345;
		c.rate_bps = rates[i] = seed >> 16 & 0x3ff;
		if (!topk_offer(t, &rec, &c, c.rate_bps, &e))
			continue;
		out++;
		if (e.score > out_max)
			out_max = e.score;
		topk_free(&e);
	}
	qsort(rates, n, sizeof(*rates), downwards);
	assert_int_equal(topk_limit(t), n < t->k ? 0 : rates[t->k - 1]);
	topk_sort(t);
	for (i = 0; i < t->n; i++) {
		if (t->entry[i].score < in_min)
			in_min = t->entry[i].score;
		if (i)
			assert_true(t->entry[i].c.number >
				    t->entry[i - 1].c.number);
	}
	assert_int_equal(t->n + out, n);
	assert_int_equal(t->n, n < t->k ? n : t->k);
	assert_true(in_min >= out_max);
	topk_clear(t);
}

static void rounds_of_all_sizes(void **state)
{
	static const size_t ks[] = { 1, 2, 10, 100, MANY, UINT32_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ks) / sizeof(*ks); i++) {
		struct topk t = { .k = ks[i] };

		round_of(&t, MANY, 1);
		round_of(&t, 7, 2);
		round_of(&t, 0, 3);
		round_of(&t, MANY, 4);
		topk_done(&t);
	}
}

/* Of two alike the first stays. */
static void ties_go_by_order(void **state)
{
	struct topk t = { .k = 1 };
	struct record rec = {};
	struct contender c = { .rate_bps = 5 };
	struct topk_entry out;

	(void)state;
	assert_int_equal(topk_offer(&t, &rec, &c, 5, &out), 0);
	assert_int_equal(topk_offer(&t, &rec, &c, 5, &out), 1);
	assert_int_equal(out.c.number, 1);
	topk_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_all_sizes),
		cmocka_unit_test(ties_go_by_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
