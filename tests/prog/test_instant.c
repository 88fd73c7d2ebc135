// SPDX-License-Identifier: GPL-2.0-only
/* bpf/instant.bpf.h: heavy at the packet that crosses the line. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#include <time.h>

#define LEASE_NS	(30 * 1000000000ULL)
#define PLAIN_PATH	10
#define HEAVY_PATH	20

/* Default pool: path 10 in set 1; heavy: path 20 in set 2. */
static struct frame prepare(uint32_t flags, uint32_t heavy_set)
{
	struct frame f;

	set_put(1, PLAIN_PATH, 1);
	set_put(2, HEAVY_PATH, 1);
	route_put("fd00:2::", 64, 1, heavy_set);
	config.flags |= flags;
	config.heavy_bytes = 400;
	config.reaction_lease_ns = LEASE_NS;
	config_put();
	frame_tcp6(&f, 0, 128);		/* 200 bytes of IP */
	return f;
}

static uint32_t path_taken(const struct frame *f)
{
	struct result r = prog_run(f);

	return path_of(f, &r);
}

static int entry_get(const struct frame *f, struct srte_steer *ret)
{
	struct srte_flow_key key = key_of_frame(f);

	return bpf_map__lookup_elem(skel->maps.srte_steering, &key,
				    sizeof(key), ret, sizeof(*ret), 0);
}

static void entry_del(const struct frame *f)
{
	struct srte_flow_key key = key_of_frame(f);

	assert_int_equal(bpf_map__delete_elem(skel->maps.srte_steering, &key,
					      sizeof(key), 0), 0);
}

static void test_heavy_at_that_packet(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 2);
	struct srte_steer entry;
	struct srte_flow flow;

	(void)state;
	assert_int_equal(path_taken(&f), PLAIN_PATH);
	assert_int_equal(entry_get(&f, &entry), -ENOENT);
	assert_int_equal(path_taken(&f), HEAVY_PATH);
	assert_int_equal(entry_get(&f, &entry), 0);
	assert_int_equal(entry.set, 2);
	assert_int_equal(entry.class, SRTE_CLASS_HEAVY);
	assert_int_equal(entry.reason, SRTE_REASON_INSTANT);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.class, SRTE_CLASS_HEAVY);
	assert_int_equal(flow.path, HEAVY_PATH);
	assert_int_equal(path_taken(&f), HEAVY_PATH);
	assert_int_equal(counter(SRTE_COUNT_INSTANT), 1);
}

static void test_only_when_asked(void **state)
{
	struct frame f = prepare(0, 2);
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(path_taken(&f), PLAIN_PATH);
	assert_int_equal(counter(SRTE_COUNT_INSTANT), 0);
}

static void test_without_a_heavy_pool(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 0);
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(path_taken(&f), PLAIN_PATH);
	/* one that is loaded later is taken up */
	route_put("fd00:2::", 64, 1, 2);
	assert_int_equal(path_taken(&f), HEAVY_PATH);
}

/* srte-steer said "rest" since, or the lease is over. */
static void test_what_was_taken_away_stays_away(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 2);

	(void)state;
	path_taken(&f);
	assert_int_equal(path_taken(&f), HEAVY_PATH);
	entry_del(&f);
	assert_int_equal(path_taken(&f), PLAIN_PATH);
	assert_int_equal(counter(SRTE_COUNT_INSTANT), 1);
}

static void test_given_up_stays_given_up(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 2);
	struct srte_flow_key key = key_of_frame(&f);
	struct srte_steer entry = {
		.lease_ns = FOREVER, .class = SRTE_CLASS_REST,
		.reason = SRTE_REASON_GAVE_UP,
	};

	(void)state;
	put(skel->maps.srte_steering, &key, &entry);
	path_taken(&f);
	assert_int_equal(path_taken(&f), 0);
	assert_int_equal(counter(SRTE_COUNT_INSTANT), 0);
}

/* A reaction moved it within the default pool before it grew up. */
static void test_reaction_on_the_default_set_gives_way(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 2);
	struct srte_flow_key key = key_of_frame(&f);
	struct srte_steer entry = {
		.lease_ns = FOREVER, .set = 1, .class = SRTE_CLASS_REST,
		.reason = SRTE_REASON_RTO,
	};

	(void)state;
	put(skel->maps.srte_steering, &key, &entry);
	assert_int_equal(path_taken(&f), PLAIN_PATH);
	assert_int_equal(path_taken(&f), HEAVY_PATH);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Its packets keep the entry alive; srte-steer's own leases run out. */
static void test_lease(void **state)
{
	struct frame f = prepare(SRTE_CONFIG_INSTANT, 2);
	struct srte_flow_key key = key_of_frame(&f);
	uint64_t soon = now_ns() + LEASE_NS / 3;
	struct srte_steer entry;

	(void)state;
	path_taken(&f);
	path_taken(&f);
	assert_int_equal(entry_get(&f, &entry), 0);
	entry.lease_ns = soon;
	put(skel->maps.srte_steering, &key, &entry);
	path_taken(&f);
	assert_int_equal(entry_get(&f, &entry), 0);
	assert_true(entry.lease_ns > soon + LEASE_NS / 2);
	entry.lease_ns = soon;
	entry.instant = 0;
	put(skel->maps.srte_steering, &key, &entry);
	path_taken(&f);
	assert_int_equal(entry_get(&f, &entry), 0);
	assert_int_equal(entry.lease_ns, soon);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_heavy_at_that_packet),
		T(test_only_when_asked),
		T(test_without_a_heavy_pool),
		T(test_what_was_taken_away_stays_away),
		T(test_given_up_stays_given_up),
		T(test_reaction_on_the_default_set_gives_way),
		T(test_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
