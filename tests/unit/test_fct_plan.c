/* SPDX-License-Identifier: GPL-2.0-only */
#include "../bench/fct_plan.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fct_load load_of(double mbit, double seconds, uint64_t seed)
{
	return (struct fct_load){ .cdf = workload_find("websearch"),
				  .scale = 0.1, .bps = mbit * 1e6,
				  .seconds = seconds, .seed = seed };
}

static struct fct_plan plan_of(double mbit, double seconds, uint64_t seed)
{
	struct fct_load load = load_of(mbit, seconds, seed);
	struct fct_plan plan;

	assert_int_equal(fct_plan_make(&load, &plan), 0);
	return plan;
}

static void test_same_seed_same_flows(void **state)
{
	struct fct_plan a = plan_of(210, 10, 7), b = plan_of(210, 10, 7);
	struct fct_plan other = plan_of(210, 10, 8);

	(void)state;
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.flow, b.flow, a.n * sizeof(*a.flow));
	assert_memory_not_equal(a.flow, other.flow, 10 * sizeof(*a.flow));
	fct_plan_free(&a);
	fct_plan_free(&b);
	fct_plan_free(&other);
}

/* 200 s at 210 Mbit/s of 171 KB each: some 30,700 flows. */
static void test_as_much_as_asked_for(void **state)
{
	struct fct_plan plan = plan_of(210, 200, 1);
	double bits = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < plan.n; i++)
		bits += plan.flow[i].bytes * 8.0;
	assert_in_range(bits / 200, 200e6, 220e6);
	assert_in_range(plan.n, 29800, 31600);
	fct_plan_free(&plan);
}

/* The gaps of a Poisson process deviate by as much as they are long, and each
 * is above its mean with a chance of 1/e. */
static void test_arrivals_are_poisson(void **state)
{
	struct fct_plan plan = plan_of(210, 200, 2);
	double mean = 200e9 / plan.n, gap, square = 0;
	unsigned i, above = 0;

	(void)state;
	for (i = 1; i < plan.n; i++) {
		assert_true(plan.flow[i].at_ns >= plan.flow[i - 1].at_ns);
		gap = plan.flow[i].at_ns - plan.flow[i - 1].at_ns;
		square += (gap - mean) * (gap - mean);
		above += gap > mean;
	}
	assert_in_range(1000 * sqrt(square / plan.n) / mean, 960, 1040);
	assert_in_range(1000 * above / plan.n, 355, 381);
	assert_true(plan.flow[plan.n - 1].at_ns < plan.lasts_ns);
	fct_plan_free(&plan);
}

static void test_classes_are_of_the_published_size(void **state)
{
	struct fct_plan plan = plan_of(210, 100, 3);
	unsigned i, n[FCT_CLASSES] = { 0 };

	(void)state;
	assert_int_equal(fct_class_of(99999), FCT_SMALL);
	assert_int_equal(fct_class_of(100000), FCT_MEDIUM);
	assert_int_equal(fct_class_of(1000000), FCT_MEDIUM);
	assert_int_equal(fct_class_of(1000001), FCT_LARGE);
	for (i = 0; i < plan.n; i++) {
		n[plan.flow[i].class]++;
		if (plan.flow[i].class == FCT_SMALL)
			assert_true(plan.flow[i].bytes < 10000);
		if (plan.flow[i].class == FCT_LARGE)
			assert_true(plan.flow[i].bytes >= 100000);
	}
	assert_in_range(1000 * n[FCT_SMALL] / plan.n, 525, 560);
	assert_in_range(1000 * n[FCT_LARGE] / plan.n, 285, 315);
	fct_plan_free(&plan);
}

static void test_more_flows_than_ports(void **state)
{
	struct fct_load load = load_of(2100, 200, 1);
	struct fct_plan plan;

	(void)state;
	assert_int_equal(fct_plan_make(&load, &plan), -E2BIG);
}

static void test_any_part_of_a_stream_is_known(void **state)
{
	uint8_t whole[256], part[256];
	size_t from, len;

	(void)state;
	fct_stamp(whole, 5, 1000, sizeof(whole));
	for (from = 0; from < 20; from++)
		for (len = 0; len < 40; len++) {
			memset(part, 0, sizeof(part));
			fct_stamp(part, 5, 1000 + from, len);
			assert_memory_equal(part, whole + from, len);
			assert_int_equal(part[len], 0);
		}
	fct_stamp(part, 6, 1000, sizeof(part));
	assert_memory_not_equal(part, whole, 8);
	fct_stamp(part, 5, 1008, sizeof(part));
	assert_memory_not_equal(part, whole, 8);
}

static char *report_of(struct fct_flow *flow, unsigned n, uint64_t end_ns)
{
	struct fct_plan plan = { flow, n, 2000000000 };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fct_report(&plan, end_ns, f);
	fclose(f);
	return text;
}

/* 100 flows of 1, 2, .. 100 ms, and what has not ended is the slowest. */
static void test_report(void **state)
{
	struct fct_flow flow[101] = { 0 };
	char *text;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		flow[i] = (struct fct_flow){
			.at_ns = i * 1000,
			.done_ns = i * 1000 + (100 - i) * 1000000ULL,
			.got_in_time = 2500 };
	flow[100] = (struct fct_flow){ .at_ns = 1000000000, .broken = true,
				       .class = FCT_LARGE };
	text = report_of(flow, 101, 5000000000);
	assert_non_null(strstr(text, "\"class\":\"small\",\"flows\":100,"
		"\"unfinished\":0,\"broken\":0,\"mean_ms\":50.500,"
		"\"p50_ms\":50.000,\"p99_ms\":99.000,\"goodput_mbit\":1.000}"));
	assert_non_null(strstr(text, "\"class\":\"medium\",\"flows\":0,"
		"\"unfinished\":0,\"broken\":0,\"goodput_mbit\":0.000}"));
	assert_non_null(strstr(text, "\"class\":\"large\",\"flows\":1,"
		"\"unfinished\":1,\"broken\":1,\"mean_ms\":4000.000,"));
	assert_non_null(strstr(text, "\"class\":\"all\",\"flows\":101,"
		"\"unfinished\":1,\"broken\":1,"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_flows),
		cmocka_unit_test(test_as_much_as_asked_for),
		cmocka_unit_test(test_arrivals_are_poisson),
		cmocka_unit_test(test_classes_are_of_the_published_size),
		cmocka_unit_test(test_more_flows_than_ports),
		cmocka_unit_test(test_any_part_of_a_stream_is_known),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
