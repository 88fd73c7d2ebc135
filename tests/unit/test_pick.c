/* SPDX-License-Identifier: GPL-2.0-only */
/* Weighted rendezvous hashing: shares, and who moves when a path goes. */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FLOWS 20000

static struct pick three;

static int setup(void **state)
{
	(void)state;
	three = (struct pick){ .n = 3, .path = {
		{ "heavy/spine1", 1, false }, { "heavy/spine2", 2, false },
		{ "heavy/spine3", 5, false } } };
	return 0;
}

/* Neighbours: one byte and one port apart, as flows of one host are. */
static struct srte_flow_key flow(uint32_t i)
{
	struct srte_flow_key key = { .proto = 6 };

	key.src[15] = i >> 12;
	key.sport = i & 0xfff;
	return key;
}

static void count(const struct pick *pick, uint32_t n[SRTE_SET_PATHS])
{
	uint32_t i;

	memset(n, 0, SRTE_SET_PATHS * sizeof(*n));
	for (i = 0; i < FLOWS; i++) {
		struct srte_flow_key key = flow(i);

		n[pick_index(pick, &key)]++;
	}
}

/* Within four standard deviations: 4 * sqrt(20000 / 4) = 283. */
static void shares_follow_weights(void **state)
{
	uint32_t n[SRTE_SET_PATHS];

	(void)state;
	count(&three, n);
	assert_in_range(n[0], FLOWS / 8 - 283, FLOWS / 8 + 283);
	assert_in_range(n[1], FLOWS / 4 - 283, FLOWS / 4 + 283);
	assert_in_range(n[2], FLOWS * 5 / 8 - 283, FLOWS * 5 / 8 + 283);
}

static void extreme_weights(void **state)
{
	uint32_t n[SRTE_SET_PATHS];

	(void)state;
	three.path[0].weight = UINT16_MAX;
	three.path[1].weight = UINT16_MAX;
	count(&three, n);
	assert_in_range(n[0], FLOWS / 2 - 283, FLOWS / 2 + 283);
	assert_in_range(n[2], 0, 10);	/* 0.8 expected */
}

/* Only the flows of the path that is gone move; order does not matter. */
static void only_its_own_move(void **state)
{
	struct pick two = { .n = 2 };
	uint32_t i, was, is;

	(void)state;
	two.path[0] = three.path[2];
	two.path[1] = three.path[0];
	for (i = 0; i < FLOWS; i++) {
		struct srte_flow_key key = flow(i);

		was = pick_index(&three, &key);
		is = pick_index(&two, &key);
		if (was != 1)
			assert_string_equal(two.path[is].name,
					    three.path[was].name);
	}
}

static void down_is_skipped(void **state)
{
	uint32_t n[SRTE_SET_PATHS];

	(void)state;
	three.path[2].down = true;
	count(&three, n);
	assert_int_equal(n[2], 0);
	assert_int_equal(n[0] + n[1], FLOWS);
	three.path[0].down = three.path[1].down = true;
	count(&three, n);	/* all are: as if none were */
	assert_true(n[0] && n[1] && n[2]);
}

static void finding(void **state)
{
	(void)state;
	assert_int_equal(pick_find(&three, "heavy/spine3"), 2);
	assert_int_equal(pick_find(&three, "heavy/spine4"), -1);
	assert_int_equal(pick_find(&three, ""), -1);
}

static void least_for_its_weight(void **state)
{
	struct pick pick = { .n = 3, .path = {
		{ "a", 1, false, 100 }, { "b", 4, false, 300 },
		{ "c", 1, false, 90 } } };

	(void)state;
	assert_int_equal(pick_least(&pick), 1);
	pick.path[1].down = true;
	assert_int_equal(pick_least(&pick), 2);
	pick.path[2].rate_bps = 100;
	assert_int_equal(pick_least(&pick), 0);
	pick.path[0].down = pick.path[2].down = true;
	assert_int_equal(pick_least(&pick), 1);
	pick = (struct pick){ .n = 1, .path = { { "a", 65535, false,
						  1000000000000ULL } } };
	assert_int_equal(pick_least(&pick), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(least_for_its_weight),
		cmocka_unit_test_setup(shares_follow_weights, setup),
		cmocka_unit_test_setup(extreme_weights, setup),
		cmocka_unit_test_setup(only_its_own_move, setup),
		cmocka_unit_test_setup(down_is_skipped, setup),
		cmocka_unit_test_setup(finding, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
