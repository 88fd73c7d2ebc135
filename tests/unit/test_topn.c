/* SPDX-License-Identifier: GPL-2.0-only */
#include "topn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct flow flow_of(uint64_t bytes, uint64_t rate, uint8_t id)
{
	struct flow flow = { .bytes = bytes, .rate_bps = rate };

	flow.key.dst[15] = id;
	return flow;
}

static void add(struct topn *top, uint64_t bytes, uint64_t rate, uint8_t id)
{
	struct flow flow = flow_of(bytes, rate, id);

	assert_int_equal(topn_add(top, &flow), 0);
}

static void test_keeps_the_largest(void **state)
{
	struct topn top;

	(void)state;
	topn_init(&top, 3, TOPN_BYTES);
	for (uint64_t i = 0; i < 1000; i++)
		add(&top, i * 7919 % 1000, 0, i % 200);
	topn_sort(&top);
	assert_int_equal(top.n, 3);
	assert_int_equal(top.flows[0].bytes, 999);
	assert_int_equal(top.flows[1].bytes, 998);
	assert_int_equal(top.flows[2].bytes, 997);
	topn_done(&top);
}

static void test_fewer_than_room(void **state)
{
	struct topn top;

	(void)state;
	topn_init(&top, 65536, TOPN_BYTES);
	for (uint64_t i = 0; i < 500; i++)
		add(&top, i * 7919 % 500, 0, 0);
	topn_sort(&top);
	assert_int_equal(top.n, 500);
	for (uint64_t i = 0; i < 500; i++)
		assert_int_equal(top.flows[i].bytes, 499 - i);
	topn_done(&top);
}

static void test_by_rate(void **state)
{
	struct topn top;

	(void)state;
	topn_init(&top, 2, TOPN_RATE);
	add(&top, 9, 1, 1);
	add(&top, 1, 9, 2);
	add(&top, 5, 5, 3);
	topn_sort(&top);
	assert_int_equal(top.flows[0].key.dst[15], 2);
	assert_int_equal(top.flows[1].key.dst[15], 3);
	topn_done(&top);
}

/* Whatever the order they come in. */
static void test_equals_by_key(void **state)
{
	struct topn a, b;

	(void)state;
	topn_init(&a, 2, TOPN_BYTES);
	topn_init(&b, 2, TOPN_BYTES);
	for (uint8_t i = 1; i <= 4; i++) {
		add(&a, 1, 0, i);
		add(&b, 1, 0, 5 - i);
	}
	topn_sort(&a);
	topn_sort(&b);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(a.flows[i].key.dst[15],
				 b.flows[i].key.dst[15]);
	assert_int_equal(a.flows[0].key.dst[15], 1);
	topn_done(&a);
	topn_done(&b);
}

static void test_none(void **state)
{
	struct topn top;

	(void)state;
	topn_init(&top, 0, TOPN_BYTES);
	add(&top, 1, 1, 1);
	topn_sort(&top);
	assert_int_equal(top.n, 0);
	topn_done(&top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_the_largest),
		cmocka_unit_test(test_fewer_than_room),
		cmocka_unit_test(test_by_rate),
		cmocka_unit_test(test_equals_by_key),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
