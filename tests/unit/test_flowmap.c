/* SPDX-License-Identifier: GPL-2.0-only */
/* How a rate fades; the walk over real maps is in tests/cmd. */
#include "flowmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define W 250000000ULL	/* a window */

static void test_decay(void **state)
{
	(void)state;
	assert_int_equal(flowmap_decay(1000, 0, W), 1000);
	assert_int_equal(flowmap_decay(1000, W, W), 1000);
	assert_int_equal(flowmap_decay(1000, 2 * W - 1, W), 1000);
	assert_int_equal(flowmap_decay(1000, 2 * W, W), 500);
	assert_int_equal(flowmap_decay(1000, 3 * W, W), 250);
	assert_int_equal(flowmap_decay(1000, 12 * W, W), 0);
}

static void test_extremes(void **state)
{
	(void)state;
	assert_true(flowmap_decay(UINT64_MAX, 64 * W, W) == 1);
	assert_int_equal(flowmap_decay(UINT64_MAX, 65 * W, W), 0);
	assert_int_equal(flowmap_decay(UINT64_MAX, UINT64_MAX, 1), 0);
	/* No window: nothing to measure silence in. */
	assert_int_equal(flowmap_decay(1000, UINT64_MAX, 0), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decay),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
