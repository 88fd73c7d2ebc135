/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is denied when too many change or too many are heavy. */
#include "cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define R SRTE_CLASS_REST
#define H SRTE_CLASS_HEAVY

static void changes(void **state)
{
	const uint8_t was[] = { R, R, H, R, H, H };
	struct verdict v[] = {
		{ .class = H, .score = 10 }, { .class = H, .score = 30 },
		{ .class = R, .score = 1 }, { .class = H, .score = 20 },
		{ .class = H, .score = 99 },
		{ .class = R, .reason = REASON_IDLE },
	};
	const struct cap cap = { .changes = 2 };

	(void)state;
	assert_int_equal(cap_round(&cap, was, v, 6), 0);
	assert_int_equal(v[2].class, R);	/* leaving goes first */
	assert_int_equal(v[1].class, H);	/* then the heaviest */
	assert_int_equal(v[0].class, R);
	assert_int_equal(v[0].reason, REASON_CAPPED);
	assert_int_equal(v[0].limit_flows, 2);
	assert_int_equal(v[3].reason, REASON_CAPPED);
	assert_int_equal(v[4].class, H);	/* was so before */
	assert_int_equal(v[5].class, R);	/* silence is free */
}

static void heavy(void **state)
{
	const uint8_t was[] = { R, H, R };
	struct verdict v[] = {
		{ .class = H, .score = 10 }, { .class = H, .score = 20 },
		{ .class = H, .score = 20 },
	};
	const struct cap cap = { .heavy = 2 };

	(void)state;
	assert_int_equal(cap_round(&cap, was, v, 3), 0);
	assert_int_equal(v[0].class, R);
	assert_int_equal(v[0].reason, REASON_CAPPED);
	assert_int_equal(v[1].class, H);
	assert_int_equal(v[2].class, H);
}

static void none_changes_nothing(void **state)
{
	const uint8_t was[] = { R };
	struct verdict v[] = { { .class = H, .score = 1 } };

	(void)state;
	assert_int_equal(cap_round(&(struct cap){}, was, v, 1), 0);
	assert_int_equal(v[0].class, H);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(heavy),
		cmocka_unit_test(none_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
