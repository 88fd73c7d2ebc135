/* SPDX-License-Identifier: GPL-2.0-only */
/* A pool load beside the one in use: ids, and where the flows follow to. */
#include "publish.h"

#include "addr.h"
#include "pick.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pool_entry plain[1], heavy[3];
static struct pool pools[2];
static struct pool_endpoint endpoint;
static struct poolset set;
static struct publish *p;
static struct fault fault;

static void entry(struct pool_entry *e, const char *name)
{
	*e = (struct pool_entry){ .weight = 1, .n_segments = 1,
				  .mode = SRTE_MODE_ENCAP };
	strcpy(e->name, name);
	e->segments[0][0] = 0xfc;
}

/* default: s1; heavy: s2 s3 s4, to one prefix: paths 1 to 4, sets 1 and 2. */
static int setup(void **state)
{
	struct pooldoc doc = { .source = { 0xfd }, .endpoints = &endpoint,
			       .n_endpoints = 1, .pools = pools,
			       .n_pools = 2 };

	(void)state;
	entry(&plain[0], "s1");
	entry(&heavy[0], "s2");
	entry(&heavy[1], "s3");
	entry(&heavy[2], "s4");
	pools[0] = (struct pool){ POOL_DEFAULT, plain, 1 };
	pools[1] = (struct pool){ POOL_HEAVY, heavy, 3 };
	prefix_parse("10.0.2.0/24", &endpoint.prefix);
	fault = (struct fault){ .id = FAULT_NONE };
	p = calloc(1, sizeof(*p));
	if (!p || pool_compile(&doc, 0, &set, &fault))
		return -1;
	p->set = &set;
	p->fault = &fault;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	poolset_done(&set);
	free(p);
	return 0;
}

static void old_path(__u32 id, const char *pool, const char *name)
{
	p->old_path[id].used = true;
	snprintf(p->old_path[id].pool, SRTE_NAME_MAX, "%s", pool);
	snprintf(p->old_path[id].name, SRTE_PATH_TEXT, "%s/%s", pool, name);
}

static void first_load(void **state)
{
	struct srte_route route;
	struct srte_set heavy_set;

	(void)state;
	assert_int_equal(publish_assign(p), 0);
	assert_int_equal(p->generation, 1);
	route = publish_route(p, 0);
	assert_int_equal(route.set[SRTE_POOL_DEFAULT], 1);
	assert_int_equal(route.set[SRTE_POOL_HEAVY], 2);
	assert_int_equal(route.generation, 1);
	heavy_set = publish_set(p, 1);
	assert_int_equal(heavy_set.n, 3);
	assert_int_equal(heavy_set.path[0], 2);
	assert_int_equal(heavy_set.path[2], 4);
}

/* New ids go round those in use, gaps first. */
static void ids_in_use_are_left(void **state)
{
	struct srte_route route;
	struct srte_set heavy_set;

	(void)state;
	old_path(1, POOL_HEAVY, "s2");
	old_path(3, POOL_HEAVY, "s9");
	p->old_set[1].n = 1;
	p->old_set[3].n = 1;
	p->old_config.generation = UINT32_MAX;
	assert_int_equal(publish_assign(p), 0);
	assert_int_equal(p->generation, 1);	/* 0 is taken */
	route = publish_route(p, 0);
	assert_int_equal(route.set[SRTE_POOL_DEFAULT], 2);
	assert_int_equal(route.set[SRTE_POOL_HEAVY], 4);
	heavy_set = publish_set(p, 1);		/* s1 has 2 */
	assert_int_equal(heavy_set.path[0], 4);
	assert_int_equal(heavy_set.path[1], 5);
	assert_true(publish_is_old(p, 1));
	assert_false(publish_is_old(p, 2));
	assert_false(publish_is_old(p, UINT32_MAX));
}

static void no_room(void **state)
{
	__u32 id;

	(void)state;
	for (id = 1; id < SRTE_PATHS_MAX - 3; id++)
		p->old_path[id].used = true;
	assert_true(publish_assign(p) < 0);
	assert_int_equal(fault.id, FAULT_TOO_MANY);
	assert_string_equal(fault.cause, "4 paths to load, 3 fit beside those "
					 "in use");
}

static void no_room_for_sets(void **state)
{
	__u32 id;

	(void)state;
	for (id = 1; id < SRTE_SETS_MAX - 1; id++)
		p->old_set[id].n = 1;
	assert_true(publish_assign(p) < 0);
	assert_string_equal(fault.cause, "2 sets to load, 1 fit beside those "
					 "in use");
}

/* A prefix that stays takes no room of its own. */
static void routes_are_counted_once(void **state)
{
	size_t i;

	(void)state;
	p->n_old_routes = SRTE_ROUTES_MAX - 1;
	for (i = 0; i < p->n_old_routes; i++)
		p->old_routes[i].key.prefixlen = i % 90;
	assert_true(publish_assign(p) < 0);
	assert_int_equal(fault.id, FAULT_TOO_MANY);
	assert_false(publish_had(p, &endpoint.prefix));
	p->old_routes[5].key = endpoint.prefix;
	assert_int_equal(publish_assign(p), 0);
	assert_true(publish_had(p, &endpoint.prefix));
	assert_true(publish_keeps(p, &endpoint.prefix));
	assert_false(publish_keeps(p, &p->old_routes[4].key));
}

/* Old set 9: heavy over s4 and s9. */
static void use_old_set(void)
{
	old_path(100, POOL_HEAVY, "s4");
	old_path(101, POOL_HEAVY, "s9");
	p->old_set[9] = (struct srte_set){ .n = 2, .path = { 100, 101 } };
	assert_int_equal(publish_assign(p), 0);
}

static void flows_follow_by_name(void **state)
{
	struct srte_steer entry_now = { .lease_ns = 5, .moved_ns = 4, .set = 9,
					.moves = 3, .class = 1, .reason = 3 };
	struct srte_steer want = entry_now;
	struct srte_flow_key key = { .proto = 6 };
	struct srte_route route;

	(void)state;
	use_old_set();
	route = publish_route(p, 0);
	want.set = route.set[SRTE_POOL_HEAVY];
	want.active = 2;		/* s4 is third now */
	assert_int_equal(publish_follow(p, &key, &route, &entry_now), 0);
	assert_memory_equal(&entry_now, &want, sizeof(want));
}

/* Flows of a path that is gone spread over those that are there. */
static void others_are_spread(void **state)
{
	uint32_t n[3] = { 0 }, i;
	struct srte_route route;

	(void)state;
	use_old_set();
	route = publish_route(p, 0);
	for (i = 0; i < 300; i++) {
		struct srte_steer e = { .set = 9, .active = 1 };
		struct srte_flow_key key = { .sport = i };

		assert_int_equal(publish_follow(p, &key, &route, &e), 0);
		assert_true(e.active < 3);
		n[e.active]++;
	}
	for (i = 0; i < 3; i++)
		assert_in_range(n[i], 60, 140);
}

static void default_follows_default(void **state)
{
	struct srte_steer e = { .set = 8, .active = 7 }; /* no such path */
	struct srte_flow_key key = { .proto = 6 };
	struct srte_route route;

	(void)state;
	old_path(100, POOL_DEFAULT, "s1");
	p->old_set[8] = (struct srte_set){ .n = 1, .path = { 100 } };
	assert_int_equal(publish_assign(p), 0);
	route = publish_route(p, 0);
	assert_int_equal(publish_follow(p, &key, &route, &e), 0);
	assert_int_equal(e.set, route.set[SRTE_POOL_DEFAULT]);
	assert_int_equal(e.active, 0);
}

/* A pool of a match's own: its flows stay in it. */
static void other_pools_follow(void **state)
{
	struct srte_steer e = { .set = 9 };
	struct srte_flow_key key = { .proto = 6 };
	struct srte_route route;
	struct srte_pools ids;

	(void)state;
	set.routes[0].pools = 1;
	set.pools[0].set[2] = set.pools[0].set[SRTE_POOL_HEAVY];
	snprintf(set.paths[1].pool, SRTE_NAME_MAX, "tenant");
	use_old_set();
	old_path(100, "tenant", "s3");
	route = publish_route(p, 0);
	assert_int_equal(route.pools, 1);
	ids = publish_pools(p, 0);
	assert_int_equal(publish_follow(p, &key, &route, &e), 0);
	assert_int_equal(e.set, ids.set[2]);
	old_path(100, "gone", "s3");
	e.set = 9;
	assert_int_equal(publish_follow(p, &key, &route, &e), -ENOENT);
}

/* Routes of loads that were killed keep their tables of matches. */
static void tables_in_use_are_left(void **state)
{
	size_t i;

	(void)state;
	set.routes[0].pools = 1;
	p->old_config.generation = 7;
	p->n_old_routes = 2;
	for (i = 0; i < 2; i++) {
		p->old_routes[i].key.prefixlen = i;
		p->old_routes[i].route.generation = 3 + i;
		p->old_routes[i].route.pools = 1 + i;
	}
	assert_int_equal(publish_assign(p), 0);
	assert_int_equal(p->generation, 9);	/* not 8: as 4 */
	assert_int_equal(publish_route(p, 0).pools, 3);
	p->old_routes[1].route.pools = 0;	/* asks none */
	assert_int_equal(publish_assign(p), 0);
	assert_int_equal(p->generation, 8);
}

static void nowhere_to_follow(void **state)
{
	struct srte_steer e = { .set = 9 }, was = e;
	struct srte_flow_key key = { .proto = 6 };
	struct srte_route foreign = { .set[SRTE_POOL_HEAVY] = 77 };
	struct srte_route none = { 0 };

	(void)state;
	use_old_set();
	assert_int_equal(publish_follow(p, &key, &none, &e), -ENOENT);
	assert_int_equal(publish_follow(p, &key, &foreign, &e), -ENOENT);
	assert_memory_equal(&e, &was, sizeof(e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(first_load, setup, teardown),
		cmocka_unit_test_setup_teardown(ids_in_use_are_left, setup,
						teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_for_sets, setup,
						teardown),
		cmocka_unit_test_setup_teardown(routes_are_counted_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(flows_follow_by_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(others_are_spread, setup,
						teardown),
		cmocka_unit_test_setup_teardown(default_follows_default, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_pools_follow, setup,
						teardown),
		cmocka_unit_test_setup_teardown(tables_in_use_are_left, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nowhere_to_follow, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
