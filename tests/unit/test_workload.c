/* SPDX-License-Identifier: GPL-2.0-only */
#include "../bench/workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STEPS 1000000

static const char *const names[] = { "websearch", "vl2", "hadoop", "storage",
				     "rpc" };
#define NAMES (sizeof(names) / sizeof(*names))

static void test_only_what_there_is(void **state)
{
	(void)state;
	assert_null(workload_find("web"));
	assert_null(workload_find(""));
}

static void test_points_rise_to_all_flows(void **state)
{
	const struct workload_point *p;
	size_t i;

	(void)state;
	for (i = 0; i < NAMES; i++) {
		p = workload_find(names[i]);
		assert_non_null(p);
		assert_true(p->bytes == 0 && p->percent == 0);
		for (; p->percent < 100; p++) {
			assert_true(p[1].bytes > p->bytes);
			assert_true(p[1].percent > p->percent);
		}
		assert_true(p->percent == 100);
	}
}

/* Means that others computed of the published files. */
static void test_means_as_published(void **state)
{
	static const struct {
		const char *name;
		double low, high;
	} known[] = { { "websearch", 1.70e6, 1.72e6 },
		      { "vl2", 12.6e6, 12.8e6 },
		      { "hadoop", 118e3, 124e3 },
		      { "storage", 40e3, 42e3 },
		      { "rpc", 2.7e3, 3.1e3 } };
	size_t i;

	(void)state;
	for (i = 0; i < NAMES; i++)
		assert_in_range(workload_mean(workload_find(known[i].name)),
				known[i].low, known[i].high);
}

static void test_sizes_have_that_mean(void **state)
{
	const struct workload_point *cdf;
	double sum, mean;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < NAMES; i++) {
		cdf = workload_find(names[i]);
		for (sum = 0, k = 0; k < STEPS; k++)
			sum += workload_size(cdf, (k + 0.5) / STEPS);
		mean = workload_mean(cdf);
		assert_true(sum / STEPS > 0.999 * mean);
		assert_true(sum / STEPS < 1.001 * mean);
	}
}

static void test_sizes_at_the_points(void **state)
{
	const struct workload_point *cdf = workload_find("websearch");

	(void)state;
	assert_true(workload_size(cdf, 0) == 1);	/* never an empty one */
	assert_true(workload_size(cdf, 0.53) == 80000);
	assert_true(workload_size(cdf, 0.75) == 1500000);
	assert_true(workload_size(cdf, 1 - 0x1p-53) <= 30000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_there_is),
		cmocka_unit_test(test_points_rise_to_all_flows),
		cmocka_unit_test(test_means_as_published),
		cmocka_unit_test(test_sizes_have_that_mean),
		cmocka_unit_test(test_sizes_at_the_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
