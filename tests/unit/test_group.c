/* SPDX-License-Identifier: GPL-2.0-only */
/* Flows into groups. */
#include "group.h"

#include "addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct flow flow_to(const char *dst, const char *cgroup)
{
	struct flow flow = {};

	assert_int_equal(addr_parse(dst, flow.key.dst), 0);
	strcpy(flow.cgroup, cgroup);
	return flow;
}

static void words(void **state)
{
	static const char *const bad[] = { "", "flows", "prefix", "prefix/",
		"prefix/33,64", "prefix/24,129", "prefix/129", "prefix/x",
		"prefix/24,", "prefix/-1", "cgroup/2" };
	struct group_by by;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = {};

		assert_true(group_parse(bad[i], &by, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
	}
	assert_int_equal(group_parse("prefix/16", &by, &(struct fault){}), 0);
	assert_int_equal(by.len4, 16);
	assert_int_equal(by.len6, 64);
	assert_int_equal(group_parse("prefix/48", &by, &(struct fault){}), 0);
	assert_int_equal(by.len4, 24);
	assert_int_equal(by.len6, 48);
	assert_int_equal(group_parse("prefix/8,56", &by, &(struct fault){}),
			 0);
	assert_int_equal(by.len6, 56);
}

static void names(void **state)
{
	struct flow four = flow_to("10.1.2.200", "/db");
	struct flow six = flow_to("fd00:1:2:3ff::9", "");
	struct group_by by = { GROUP_PREFIX, 25, 58, false };
	char name[SRTE_CGROUP_TEXT];

	(void)state;
	group_name(&by, &four, name);
	assert_string_equal(name, "10.1.2.128/25");
	group_name(&by, &six, name);
	assert_string_equal(name, "fd00:1:2:3c0::/58");
	by.kind = GROUP_CGROUP;
	group_name(&by, &four, name);
	assert_string_equal(name, "/db");
	by.kind = GROUP_FLOW;
	group_name(&by, &four, name);
	assert_string_equal(name, "");
}

static void sums(void **state)
{
	static const char *const dst[] = { "10.0.1.1", "10.0.2.1",
					   "10.0.1.2" };
	struct groups g = { .by = { GROUP_PREFIX, 24, 64, false } };
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct flow flow = flow_to(dst[i], "");
		struct contender c = { .bytes = 10 + i, .rate_bps = 100,
			.idle_us = 5 - i, .age_us = i, .number = i,
			.class = i == 2, .proto = 6 };

		assert_int_equal(groups_add(&g, &flow, &c), 0);
	}
	assert_int_equal(g.n, 2);
	assert_int_equal(g.of[0], 0);
	assert_int_equal(g.of[1], 1);
	assert_int_equal(g.of[2], 0);
	assert_int_equal(g.sum[0].bytes, 22);
	assert_int_equal(g.sum[0].rate_bps, 200);
	assert_int_equal(g.sum[0].idle_us, 3);
	assert_int_equal(g.sum[0].age_us, 2);
	assert_int_equal(g.sum[0].class, SRTE_CLASS_HEAVY);
	assert_int_equal(g.sum[1].bytes, 11);
	assert_int_equal(g.sum[1].number, 1);
	groups_clear(&g);
	assert_int_equal(g.n, 0);
	groups_done(&g);
}

static void apart_by_protocol(void **state)
{
	struct groups g = { .by = { .kind = GROUP_CGROUP, .apart = true } };
	struct flow flow = flow_to("10.0.0.1", "/a");

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct contender c = { .number = i, .proto = i % 2 ? 6 : 17 };

		flow.key.proto = c.proto;
		assert_int_equal(groups_add(&g, &flow, &c), 0);
	}
	assert_int_equal(g.n, 2);
	groups_done(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(names),
		cmocka_unit_test(sums),
		cmocka_unit_test(apart_by_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
