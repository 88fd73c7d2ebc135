// SPDX-License-Identifier: GPL-2.0-only
/* bpf/steer.bpf.h: which path a packet takes, and why it takes none. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

static struct frame tcp6_from(uint16_t sport)
{
	struct frame f;

	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_TCP, 0);
	frame_tcp(&f, sport, 5201, 12);
	frame_end(&f, 50);
	return f;
}

static uint32_t path_taken(const struct frame *f)
{
	struct result r = prog_run(f);

	if (r.out.len == f->len)
		assert_untouched(f, &r);
	return path_of(f, &r);
}

/* path_make() gives path p segments ending in p, p + 1: p is the first. */
static void test_entry_names_the_path(void **state)
{
	struct frame f = tcp6_from(1);
	struct srte_flow flow;

	(void)state;
	set_put(1, 10, 3);
	entry_put(key_of_frame(&f), 1, 1, FOREVER);
	assert_int_equal(path_taken(&f), 11);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.path, 11);
	assert_int_equal(flow.class, SRTE_CLASS_HEAVY);
}

static void test_other_flows_are_left_alone(void **state)
{
	struct frame f = tcp6_from(1), other = tcp6_from(2);

	(void)state;
	set_put(1, 10, 3);
	entry_put(key_of_frame(&f), 1, 1, FOREVER);
	assert_int_equal(path_taken(&other), 0);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 0);
}

static void test_lease_over_is_plain_routing(void **state)
{
	struct frame f = tcp6_from(1);
	struct srte_flow flow;

	(void)state;
	set_put(1, 10, 1);
	entry_put(key_of_frame(&f), 1, 0, LONG_AGO);
	assert_int_equal(path_taken(&f), 0);
	assert_int_equal(counter(SRTE_COUNT_LEASE_OVER), 1);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.class, SRTE_CLASS_REST);
}

/* The lease is over, but the destination has a pool: that is no lapse. */
static void test_lease_over_with_a_default_pool(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 1);
	route_put("fd00:2::", 64, 1, 0);
	entry_put(key_of_frame(&f), 1, 0, LONG_AGO);
	assert_int_equal(path_taken(&f), 10);
	assert_int_equal(counter(SRTE_COUNT_LEASE_OVER), 0);
}

/* So that a table without a controller does not fill up with the dead. */
static void test_entry_long_over_is_removed(void **state)
{
	struct frame f = tcp6_from(1);
	struct srte_flow_key key = key_of_frame(&f);
	struct srte_steer entry;

	(void)state;
	set_put(1, 10, 1);
	entry_put(key, 1, 0, LONG_AGO);
	path_taken(&f);
	assert_int_equal(bpf_map__lookup_elem(skel->maps.srte_steering, &key,
					      sizeof(key), &entry,
					      sizeof(entry), 0), -ENOENT);
}

/* Rule R9 leaves this behind: plain routing, in spite of the pool. */
static void test_entry_without_a_set_is_plain_routing(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 1);
	route_put("fd00:2::", 64, 1, 0);
	entry_put(key_of_frame(&f), 0, 0, FOREVER);
	assert_int_equal(path_taken(&f), 0);
	assert_int_equal(counter(SRTE_COUNT_NO_SET), 0);
}

static void test_down_path_gives_way_to_the_next(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 3);
	entry_put(key_of_frame(&f), 1, 2, FOREVER);
	path_down(12, FOREVER);
	assert_int_equal(path_taken(&f), 10);
	path_down(10, FOREVER);
	assert_int_equal(path_taken(&f), 11);
	path_down(12, LONG_AGO + 1);		/* the verdict has expired */
	assert_int_equal(path_taken(&f), 12);
}

static void test_every_path_down_is_plain_routing(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 2);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	path_down(10, FOREVER);
	path_down(11, FOREVER);
	assert_int_equal(path_taken(&f), 0);
	assert_int_equal(counter(SRTE_COUNT_PATH_DOWN), 1);
}

static void test_default_pool_by_longest_prefix(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 1);
	set_put(2, 20, 1);
	route_put("fd00::", 16, 1, 0);
	assert_int_equal(path_taken(&f), 10);
	route_put("fd00:2::", 64, 2, 0);
	assert_int_equal(path_taken(&f), 20);
	route_put("fd00:2::1", 128, 0, 1);	/* heavy only: the rest plain */
	assert_int_equal(path_taken(&f), 0);
}

/* An entry beats the destination's pool; when it lapses the pool is back. */
static void test_entry_goes_before_the_pool(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 1);
	set_put(2, 20, 1);
	route_put("fd00:2::", 64, 1, 2);
	entry_put(key_of_frame(&f), 2, 0, FOREVER);
	assert_int_equal(path_taken(&f), 20);
	entry_put(key_of_frame(&f), 2, 0, LONG_AGO);
	assert_int_equal(path_taken(&f), 10);
}

static void test_default_pool_spreads_by_weight(void **state)
{
	struct srte_set set = {
		.n = 2, .generation = 1,
		.path = { 10, 11 }, .weight = { 1, 3 },
	};
	uint32_t id = 1, heavier = 0, i;

	(void)state;
	set_put(1, 10, 2);
	put(skel->maps.srte_sets, &id, &set);
	route_put("fd00:2::", 64, 1, 0);
	for (i = 0; i < 4000; i++) {
		struct frame f = tcp6_from((uint16_t)(1024 + i));
		uint32_t path = path_taken(&f);

		assert_true(path == 10 || path == 11);
		heavier += path == 11;
		assert_int_equal(path_taken(&f), path);
	}
	/* 3000 expected; six standard deviations are 165 */
	assert_in_range(heavier, 2835, 3165);
}

static void test_nothing_happens_before_pools_are_loaded(void **state)
{
	struct frame f = tcp6_from(1);

	(void)state;
	set_put(1, 10, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	config.generation = 0;
	config_put();
	assert_int_equal(path_taken(&f), 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_entry_names_the_path),
		T(test_other_flows_are_left_alone),
		T(test_lease_over_is_plain_routing),
		T(test_lease_over_with_a_default_pool),
		T(test_entry_long_over_is_removed),
		T(test_entry_without_a_set_is_plain_routing),
		T(test_down_path_gives_way_to_the_next),
		T(test_every_path_down_is_plain_routing),
		T(test_default_pool_by_longest_prefix),
		T(test_entry_goes_before_the_pool),
		T(test_default_pool_spreads_by_weight),
		T(test_nothing_happens_before_pools_are_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
