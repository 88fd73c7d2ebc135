/* SPDX-License-Identifier: GPL-2.0-only */
/* What is remembered from round to round, and what is not. */
#include "held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define R SRTE_CLASS_REST
#define H SRTE_CLASS_HEAVY

static void next(struct held *h)
{
	assert_int_equal(held_end(h), 0);
	held_begin(h);
}

static void a_change_dwells(void **state)
{
	struct held h = { .dwell_rounds = 3 };

	(void)state;
	held_begin(&h);
	assert_true(held_may_change(&h, held_find(&h, 77)));
	assert_int_equal(held_keep(&h, 77, R, H), 0);
	next(&h);
	assert_false(held_may_change(&h, held_find(&h, 77)));
	assert_int_equal(held_keep(&h, 77, H, H), 0);
	next(&h);
	assert_false(held_may_change(&h, held_find(&h, 77)));
	assert_int_equal(held_keep(&h, 77, H, H), 0);
	next(&h);
	assert_true(held_may_change(&h, held_find(&h, 77)));
	assert_int_equal(held_find(&h, 77)->class, H);
	held_done(&h);
}

static void who_is_gone_is_forgotten(void **state)
{
	struct held h = { .dwell_rounds = 100 };
	uint64_t i;

	(void)state;
	held_begin(&h);
	for (i = 1; i <= 1000; i++)
		assert_int_equal(held_keep(&h, i, R, H), 0);
	assert_int_equal(held_keep(&h, 2000, R, R), 0);
	assert_null(held_find(&h, 2000));	/* nothing to remember */
	next(&h);
	for (i = 1; i <= 10; i++)
		assert_int_equal(held_keep(&h, i, H, H), 0);
	next(&h);
	assert_int_equal(h.n, 10);
	assert_non_null(held_find(&h, 10));
	assert_null(held_find(&h, 11));
	held_done(&h);
}

/* The limit is smoothed; the means are over the rounds that a flow had. */
static void heat_looks_back(void **state)
{
	struct held h = { .heat = true };
	uint64_t bps, limit;
	int i;

	(void)state;
	held_begin(&h);
	held_limit(&h, 100);
	assert_int_equal(held_heat(&h, 5, 300, R, &bps, &limit), 0);
	assert_int_equal(bps, 300);
	assert_int_equal(limit, 100);
	next(&h);
	held_limit(&h, 300);
	assert_int_equal(held_heat(&h, 5, 0, R, &bps, &limit), 0);
	assert_int_equal(bps, 150);
	assert_int_equal(limit, 150);	/* 100, and half way to 300 */
	for (i = 0; i < HELD_ROUNDS; i++) {
		next(&h);
		held_limit(&h, 0);
		assert_int_equal(held_heat(&h, 5, 10, R, &bps, &limit), 0);
	}
	assert_int_equal(bps, 10);	/* the 300 is out of sight */
	held_done(&h);
}

static void heat_is_the_mean_above_the_mean(void **state)
{
	struct contender c[] = {
		{ .heat_bps = 11, .heat_limit_bps = 10, .rate_bps = 1 },
		{ .heat_bps = 10, .heat_limit_bps = 10, .rate_bps = 50,
		  .number = 1, .class = H },
		{ .number = 2 },
	};
	const struct classify_rules rules = { .policy = CLASSIFY_HEAT };
	struct verdict v[3];

	(void)state;
	classify_round(&rules, c, 3, v);
	assert_int_equal(v[0].class, H);
	assert_int_equal(v[0].reason, REASON_HEAT);
	assert_int_equal(v[1].reason, REASON_COOLED);
	assert_int_equal(v[2].reason, REASON_SMALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_dwells),
		cmocka_unit_test(who_is_gone_is_forgotten),
		cmocka_unit_test(heat_looks_back),
		cmocka_unit_test(heat_is_the_mean_above_the_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
