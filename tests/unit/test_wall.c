/* SPDX-License-Identifier: GPL-2.0-only */
#include "wall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void check(uint64_t ns, const char *want)
{
	char text[WALL_TEXT];

	wall_format(ns, text);
	assert_string_equal(text, want);
}

static void test_format(void **state)
{
	(void)state;
	check(0, "1970-01-01T00:00:00.000000Z");
	check(999, "1970-01-01T00:00:00.000000Z");
	check(1000, "1970-01-01T00:00:00.000001Z");
	check(951782400ULL * 1000000000, "2000-02-29T00:00:00.000000Z");
	check(4102444799ULL * 1000000000 + 999999999,
	      "2099-12-31T23:59:59.999999Z");
}

/* A monotonic reading and the offset make the time of day. */
static void test_offset(void **state)
{
	uint64_t wall = wall_mono_ns() + wall_offset_ns();
	int64_t off = (int64_t)(wall / 1000000000) - (int64_t)time(NULL);

	(void)state;
	assert_in_range(off + 2, 0, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
