/* SPDX-License-Identifier: GPL-2.0-only */
/* The first match that fits a flow, by what is known of it. */
#include "match.h"

#include "addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#define TENANT	2
#define BULK	3

static struct match_table table;
static struct match_flow flow;

/* tcp 10.0.1.1:40000 > 10.0.2.1:5201 of /tenants/a, on plain routing. */
static int setup(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	memset(&flow, 0, sizeof(flow));
	addr_parse("10.0.1.1", flow.key.src);
	addr_parse("10.0.2.1", flow.key.dst);
	flow.key.sport = htons(40000);
	flow.key.dport = htons(5201);
	flow.key.proto = 6;
	flow.cgroup = "/tenants/a";
	flow.pool = -1;
	return 0;
}

static struct srte_match *add(__u8 pool)
{
	struct srte_match *m = &table.raw.match[table.raw.n++];

	m->sport_last = m->dport_last = UINT16_MAX;
	m->pool = m->heavy = pool;
	return m;
}

static int found(void)
{
	return match_find(&table, &flow).heavy;
}

static void none(void **state)
{
	(void)state;
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	assert_int_equal(match_find(&table, &flow).pool, SRTE_POOL_DEFAULT);
}

static void the_first_that_fits(void **state)
{
	struct srte_match *m = add(BULK);

	(void)state;
	m->mask.proto = 0xff;
	m->value.proto = 17;
	add(TENANT);
	add(BULK);
	assert_int_equal(found(), TENANT);
	m->value.proto = 6;
	assert_int_equal(found(), BULK);
}

static void ports(void **state)
{
	struct srte_match *m = add(TENANT);

	(void)state;
	m->dport_first = 5201;
	m->dport_last = 5201;
	m->sport_first = 40000;
	assert_int_equal(found(), TENANT);
	m->sport_first = 40001;
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	m->sport_first = 0;
	m->dport_last = 5200;
	assert_int_equal(found(), SRTE_POOL_HEAVY);
}

static void prefix(void **state)
{
	struct srte_match *m = add(TENANT);

	(void)state;
	addr_parse("10.0.2.0", m->value.dst);
	memset(m->mask.dst, 0xff, 15);
	assert_int_equal(found(), TENANT);
	addr_parse("10.0.3.0", m->value.dst);
	assert_int_equal(found(), SRTE_POOL_HEAVY);
}

static void cgroup(void **state)
{
	(void)state;
	add(TENANT)->cgroup_id = 5;
	strcpy(table.cgroup[0], "/tenants/a");
	assert_int_equal(found(), TENANT);
	strcpy(table.cgroup[0], "/tenants");	/* what is below is in it */
	assert_int_equal(found(), TENANT);
	strcpy(table.cgroup[0], "/tenants/ab");
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	strcpy(table.cgroup[0], "/ten");
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	strcpy(table.cgroup[0], "");		/* removed since the load */
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	strcpy(table.cgroup[0], "/");
	assert_int_equal(found(), TENANT);
	flow.cgroup = "";
	assert_int_equal(found(), SRTE_POOL_HEAVY);
}

static void mark_by_the_pool(void **state)
{
	struct srte_match *m = add(TENANT);

	(void)state;
	m->mark_mask = 1;
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	flow.pool = TENANT;
	assert_int_equal(found(), TENANT);
	m->pool = SRTE_POOL_DEFAULT;		/* which others are in, too */
	m->heavy = BULK;
	flow.pool = SRTE_POOL_DEFAULT;
	assert_int_equal(found(), SRTE_POOL_HEAVY);
	flow.pool = BULK;
	assert_int_equal(found(), BULK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none, setup),
		cmocka_unit_test_setup(the_first_that_fits, setup),
		cmocka_unit_test_setup(ports, setup),
		cmocka_unit_test_setup(prefix, setup),
		cmocka_unit_test_setup(cgroup, setup),
		cmocka_unit_test_setup(mark_by_the_pool, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
