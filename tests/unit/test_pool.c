/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools x endpoints -> paths, sets, routes. */
#include "addr.h"
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pool_entry plain[1], heavy[2];
static struct pool pools[2];
static struct pool_endpoint endpoints[2];
static struct pooldoc doc;

static void sid(const char *text, __u8 ret[16])
{
	assert_int_equal(addr_parse(text, ret), 0);
}

static void entry(struct pool_entry *e, const char *name, const char *segment,
		  __u16 weight)
{
	*e = (struct pool_entry){ .weight = weight, .n_segments = 1,
				  .mode = SRTE_MODE_ENCAP };
	strcpy(e->name, name);
	sid(segment, e->segments[0]);
}

/* The document of srte-pools(5). */
static int setup(void **state)
{
	(void)state;
	entry(&plain[0], "spine1", "fc00:a::1", 1);
	entry(&heavy[0], "spine2", "fc00:b::1", 3);
	entry(&heavy[1], "spine3", "fc00:c::1", 1);
	pools[0] = (struct pool){ "default", plain, 1 };
	pools[1] = (struct pool){ "heavy", heavy, 2 };
	prefix_parse("fd00:2::/64", &endpoints[0].prefix);
	sid("fc00:2::d6", endpoints[0].sid);
	prefix_parse("10.0.2.0/24", &endpoints[1].prefix);
	sid("fc00:2::d4", endpoints[1].sid);
	doc = (struct pooldoc){ .endpoints = endpoints, .n_endpoints = 2,
				.pools = pools, .n_pools = 2 };
	sid("fd00:1::1", doc.source);
	return 0;
}

static void compile(struct poolset *set)
{
	struct fault f = { .id = FAULT_NONE };

	if (pool_compile(&doc, 1500, set, &f))
		fail_msg("%s", f.cause);
}

static enum fault_id refused(__u32 mtu, struct fault *f)
{
	struct poolset set = { .n_paths = 77 };

	*f = (struct fault){ .id = FAULT_NONE };
	assert_true(pool_compile(&doc, mtu, &set, f) < 0);
	assert_int_equal(set.n_paths, 77);	/* outputs only on success */
	return f->id;
}

static void one_path_each(void **state)
{
	static const char *const names[] = {
		"default/spine1", "heavy/spine2", "heavy/spine3",
		"default/spine1", "heavy/spine2", "heavy/spine3",
	};
	char name[SRTE_NAME_MAX * 2];
	struct poolset set;
	size_t i;

	(void)state;
	compile(&set);
	assert_int_equal(set.n_paths, 6);
	for (i = 0; i < 6; i++) {
		const struct srte_path *p = &set.paths[i];

		snprintf(name, sizeof(name), "%s/%s", p->pool, p->name);
		assert_string_equal(name, names[i]);
		assert_int_equal(p->len, 80);
		assert_int_equal(p->mode, SRTE_MODE_ENCAP);
		assert_int_equal(p->inner, i < 3 ? SRTE_INNER_IPV6 :
						   SRTE_INNER_IPV4);
		assert_memory_equal(p->header + 48,
				    endpoints[i / 3].sid, 16);
	}
	assert_memory_equal(set.paths[5].header + 24, heavy[1].segments[0],
			    16);
	assert_int_equal(set.push_max, 80);
	poolset_done(&set);
}

/* Two paths through each of two spines: never the same spine next. */
static void alternatives_share_nothing(void **state)
{
	static struct pool_entry four[4];
	struct poolset set;

	(void)state;
	entry(&four[0], "s1-left", "fc00:a::1", 1);
	entry(&four[1], "s1-right", "fc00:a::2", 2);
	entry(&four[2], "s2-left", "fc00:b::1", 3);
	entry(&four[3], "s2-right", "fc00:b::2", 4);
	strcpy(four[0].risk[four[0].n_risks++], "s1");
	strcpy(four[1].risk[four[1].n_risks++], "s1");
	strcpy(four[2].risk[four[2].n_risks++], "s2");
	strcpy(four[3].risk[four[3].n_risks++], "s2");
	pools[1] = (struct pool){ "heavy", four, 4 };
	compile(&set);
	assert_string_equal(set.paths[set.sets[1].path[0] - 1].name,
			    "s1-left");
	assert_string_equal(set.paths[set.sets[1].path[1] - 1].name,
			    "s2-left");
	assert_int_equal(set.sets[1].weight[1], 3);
	assert_string_equal(set.paths[set.sets[1].path[2] - 1].name,
			    "s1-right");
	assert_string_equal(set.paths[set.sets[1].path[3] - 1].name,
			    "s2-right");
	poolset_done(&set);
}

static void sets_and_routes(void **state)
{
	struct poolset set;

	(void)state;
	compile(&set);
	assert_int_equal(set.n_sets, 4);
	assert_int_equal(set.sets[0].n, 1);
	assert_int_equal(set.sets[0].path[0], 1);
	assert_int_equal(set.sets[3].n, 2);
	assert_int_equal(set.sets[3].path[0], 5);
	assert_int_equal(set.sets[3].path[1], 6);
	assert_int_equal(set.sets[3].weight[0], 3);
	assert_int_equal(set.sets[3].weight[1], 1);
	assert_int_equal(set.n_routes, 2);
	assert_int_equal(set.routes[0].set[SRTE_POOL_DEFAULT], 1);
	assert_int_equal(set.routes[0].set[SRTE_POOL_HEAVY], 2);
	assert_int_equal(set.routes[1].set[SRTE_POOL_DEFAULT], 3);
	assert_int_equal(set.routes[1].set[SRTE_POOL_HEAVY], 4);
	assert_int_equal(set.route_keys[1].prefixlen, 120);
	poolset_done(&set);
}

static void heavy_alone(void **state)
{
	struct poolset set;

	(void)state;
	doc.pools = &pools[1];
	doc.n_pools = 1;
	compile(&set);
	assert_int_equal(set.routes[0].set[SRTE_POOL_DEFAULT], 0);
	assert_int_equal(set.routes[0].set[SRTE_POOL_HEAVY], 1);
	poolset_done(&set);
}

static void last_waypoint_decapsulates(void **state)
{
	struct poolset set;

	(void)state;
	memset(endpoints[1].sid, 0, 16);
	compile(&set);
	assert_int_equal(set.paths[0].len, 80);
	assert_int_equal(set.paths[3].len, 64);
	assert_int_equal(set.push_max, 80);
	poolset_done(&set);
}

static void no_source(void **state)
{
	struct fault f;

	(void)state;
	memset(doc.source, 0, 16);
	assert_int_equal(refused(1500, &f), FAULT_NO_SOURCE);
}

/* 13 segments are the limit, with the endpoint's. */
static void endpoint_counts(void **state)
{
	struct poolset set;
	struct fault f;

	(void)state;
	heavy[1].n_segments = 13;
	assert_int_equal(refused(0, &f), FAULT_TOO_LONG);
	assert_string_equal(f.cause, "heavy/spine3 to fd00:2::/64: 13 "
			    "waypoints and the endpoint make 14 segments, 13 "
			    "fit");
	heavy[1].n_segments = 12;
	f = (struct fault){ .id = FAULT_NONE };
	assert_int_equal(pool_compile(&doc, 0, &set, &f), 0);
	assert_int_equal(set.push_max, SRTE_HDR_MAX);
	poolset_done(&set);
}

/* An inserted header ends at the packet's own destination. */
static void inline_is_for_ipv6_without_a_sid(void **state)
{
	struct poolset set;
	struct fault f;

	(void)state;
	heavy[0].mode = SRTE_MODE_INLINE;
	assert_int_equal(refused(1500, &f), FAULT_POOLS_FILE);
	assert_non_null(strstr(f.cause, "heavy/spine2 to fd00:2::/64: mode "
			       "inline ends at the packet's own destination"));
	memset(endpoints[0].sid, 0, 16);
	assert_int_equal(refused(1500, &f), FAULT_POOLS_FILE);
	assert_non_null(strstr(f.cause, "heavy/spine2 to 10.0.2.0/24: mode "
			       "inline is for IPv6 only"));
	doc.n_endpoints = 1;
	compile(&set);
	assert_int_equal(set.paths[1].mode, SRTE_MODE_INLINE);
	poolset_done(&set);
	heavy[0].n_segments = SRTE_SEGMENTS_MAX;	/* and it makes 14 */
	assert_int_equal(refused(1500, &f), FAULT_TOO_LONG);
	assert_non_null(strstr(f.cause, "and the destination make 14"));
}

static void mtu(void **state)
{
	struct poolset set;
	struct fault f;

	(void)state;
	assert_int_equal(refused(1359, &f), FAULT_TOO_LONG);
	assert_string_equal(f.cause, "default/spine1 to fd00:2::/64: a header "
			    "of 80 bytes is 1 too long for MTU 1359 (1280 "
			    "must stay for the packet)");
	assert_int_equal(pool_compile(&doc, 1360, &set, &f), 0);
	poolset_done(&set);
	assert_int_equal(refused(64, &f), FAULT_TOO_LONG);
	assert_non_null(strstr(f.cause, " 1296 too long for MTU 64 "));
}

/* IPv4 under "::/0" stays on plain routing, unless the document says. */
static void ipv4_is_not_under_any(void **state)
{
	struct poolset set;

	(void)state;
	prefix_parse("::/0", &endpoints[0].prefix);
	compile(&set);
	assert_int_equal(set.n_routes, 3);
	assert_int_equal(set.route_keys[2].prefixlen, 96);
	assert_int_equal(set.route_keys[2].addr[10], 0xff);
	assert_int_equal(set.routes[2].set[SRTE_POOL_DEFAULT], 0);
	assert_int_equal(set.routes[2].set[SRTE_POOL_HEAVY], 0);
	assert_int_equal(set.paths[0].inner, SRTE_INNER_IPV6);
	poolset_done(&set);

	prefix_parse("0.0.0.0/0", &endpoints[1].prefix);
	compile(&set);
	assert_int_equal(set.n_routes, 2);
	assert_int_equal(set.paths[3].inner, SRTE_INNER_IPV4);
	poolset_done(&set);
}

static void limits(void **state)
{
	size_t i, n = SRTE_PATHS_MAX / 3 + 1;
	struct pool_endpoint *many = calloc(n, sizeof(*many));
	struct fault f;

	(void)state;
	assert_non_null(many);
	for (i = 0; i < n; i++)
		many[i] = endpoints[0];
	doc.endpoints = many;
	doc.n_endpoints = n;
	assert_int_equal(refused(1500, &f), FAULT_TOO_MANY);
	assert_string_equal(f.cause, "pools x endpoints make 4098 paths, 4095 "
				     "fit");
	doc.n_endpoints = SRTE_SETS_MAX / 2;	/* two sets each */
	assert_int_equal(refused(1500, &f), FAULT_TOO_MANY);
	assert_string_equal(f.cause, "pools x endpoints make 2048 sets, 2047 "
				     "fit");
	free(many);
}

/* Wherever the hash puts a flow, the index after it, and the first after the
 * last, is a path that shares nothing with its own: in each pool. */
static void next_index_is_disjoint(void **state)
{
	static struct pool_entry four[2][4];
	struct poolset set;
	__u32 s, i;

	(void)state;
	for (s = 0; s < 2; s++) {
		for (i = 0; i < 4; i++) {
			char name[] = { 'a' + i, '\0' };

			entry(&four[s][i], name, "fc00:a::1", 1 + 7 * i);
			four[s][i].n_risks = 1;	/* a a b b */
			strcpy(four[s][i].risk[0], i < 2 ? "a" : "b");
		}
		pools[s].entries = four[s];
		pools[s].n_entries = 4;
	}
	compile(&set);
	assert_int_equal(set.n_sets, 4);
	for (s = 0; s < set.n_sets; s++)
		for (i = 0; i < 4; i++) {
			__u32 now = set.sets[s].path[i];
			__u32 next = set.sets[s].path[(i + 1) % 4];

			assert_true((set.paths[now - 1].name[0] < 'c') !=
				    (set.paths[next - 1].name[0] < 'c'));
			assert_int_equal(set.sets[s].weight[i], 1 + 7 *
					 (set.paths[now - 1].name[0] - 'a'));
		}
	poolset_done(&set);
}

/* A route of a document with matches names the set of each pool. */
static void matches_name_sets(void **state)
{
	struct pool_match match = { .match = { .pool = 2, .heavy = 1 } };
	struct pool three[3] = { pools[0], { "tenant", plain, 1 }, pools[1] };
	struct poolset set;

	(void)state;
	doc.pools = three;
	doc.n_pools = 3;
	doc.matches = &match;
	doc.n_matches = 1;
	assert_int_equal(pool_index(&doc, "tenant"), 2);
	assert_int_equal(pool_index(&doc, "default"), SRTE_POOL_DEFAULT);
	assert_int_equal(pool_index(&doc, "none"), -1);
	compile(&set);
	assert_int_equal(set.matches.n, 1);
	assert_int_equal(set.matches.match[0].pool, 2);
	assert_int_equal(set.routes[0].pools, 1);
	assert_int_equal(set.routes[1].pools, 2);
	assert_int_equal(set.routes[0].set[SRTE_POOL_HEAVY], 3);
	assert_int_equal(set.pools[0].set[2], 2);
	assert_int_equal(set.pools[1].set[SRTE_POOL_DEFAULT], 4);
	assert_int_equal(set.paths[1].pool_index, 2);
	poolset_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(next_index_is_disjoint, setup),
		cmocka_unit_test_setup(matches_name_sets, setup),
		cmocka_unit_test_setup(one_path_each, setup),
		cmocka_unit_test_setup(alternatives_share_nothing, setup),
		cmocka_unit_test_setup(sets_and_routes, setup),
		cmocka_unit_test_setup(heavy_alone, setup),
		cmocka_unit_test_setup(last_waypoint_decapsulates, setup),
		cmocka_unit_test_setup(no_source, setup),
		cmocka_unit_test_setup(endpoint_counts, setup),
		cmocka_unit_test_setup(inline_is_for_ipv6_without_a_sid,
				       setup),
		cmocka_unit_test_setup(mtu, setup),
		cmocka_unit_test_setup(ipv4_is_not_under_any, setup),
		cmocka_unit_test_setup(limits, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
