// SPDX-License-Identifier: GPL-2.0-only
/* bpf/match.bpf.h: which pool a packet's own marks choose. */
#include "prog.h"

#include <sys/stat.h>

#define DEFAULT_PATH	10
#define HEAVY_PATH	20
#define TENANT_PATH	30
#define BULK_PATH	40
#define TENANT		2	/* indices of the pools */
#define BULK		3
#define GENERATION	5	/* of the load: table 1 */

static struct srte_matches table;

/* Pools default, heavy, tenant and bulk, of one path each, to fd00:2::/64;
 * 200 bytes of IP from port 40000 to port 5201. */
static struct frame prepare(void)
{
	struct srte_route_key key = { .prefixlen = 64 };
	struct srte_route route = { .set = { 1, 2 },
				    .generation = GENERATION, .pools = 7 };
	struct srte_pools pools = { .set = { 1, 2, 3, 4 } };
	uint32_t id = route.pools;
	struct frame f;

	set_put(1, DEFAULT_PATH, 1);
	set_put(2, HEAVY_PATH, 1);
	set_put(3, TENANT_PATH, 1);
	set_put(4, BULK_PATH, 1);
	inet_pton(AF_INET6, "fd00:2::", key.addr);
	put(skel->maps.srte_routes, &key, &route);
	put(skel->maps.srte_pools, &id, &pools);
	table = (struct srte_matches){ .generation = GENERATION };
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_TCP, 0);
	frame_tcp(&f, 40000, 5201, 12);
	frame_end(&f, 128);
	return f;
}

/* One that fits everything, to be narrowed. */
static struct srte_match *add(uint8_t pool, uint8_t heavy)
{
	struct srte_match *m = &table.match[table.n++];

	*m = (struct srte_match){ .sport_last = UINT16_MAX,
				  .dport_last = UINT16_MAX, .pool = pool,
				  .heavy = heavy };
	return m;
}

static uint32_t taken(const struct frame *f, uint32_t mark)
{
	struct __sk_buff ctx = { .mark = mark };
	uint32_t slot = GENERATION % SRTE_MATCH_TABLES;
	struct result r;

	put(skel->maps.srte_matches, &slot, &table);
	r = prog_run_ctx(f, &ctx);
	return path_of(f, &r);
}

static void test_none_fits(void **state)
{
	struct frame f = prepare();

	(void)state;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
	add(TENANT, TENANT)->sport_first = 40001;
	add(TENANT, TENANT)->sport_last = 39999;
	add(TENANT, TENANT)->dport_first = 5202;
	add(TENANT, TENANT)->dport_last = 5200;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

static void test_first_that_fits(void **state)
{
	struct frame f = prepare();

	(void)state;
	add(BULK, BULK)->dport_first = 6000;
	add(TENANT, BULK);
	add(BULK, BULK);
	assert_int_equal(taken(&f, 0), TENANT_PATH);
}

static void test_ports(void **state)
{
	struct frame f = prepare();
	struct srte_match *m = add(TENANT, TENANT);

	(void)state;
	m->sport_first = m->sport_last = 40000;
	m->dport_first = 5201;
	m->dport_last = 5299;
	assert_int_equal(taken(&f, 0), TENANT_PATH);
	m->dport_first = 5100;
	m->dport_last = 5201;
	assert_int_equal(taken(&f, 0), TENANT_PATH);
}

static void test_prefixes_and_protocol(void **state)
{
	struct frame f = prepare();
	struct srte_match *m = add(TENANT, TENANT);
	struct srte_flow_key key = key_of_frame(&f);

	(void)state;
	m->value = key;
	memset(m->mask.src, 0xff, 16);
	memset(m->mask.dst, 0xff, 8);
	m->mask.proto = 0xff;
	assert_int_equal(taken(&f, 0), TENANT_PATH);
	m->value.src[15] ^= 1;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
	m->value.src[15] ^= 1;
	m->value.dst[7] ^= 0x80;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
	m->value.dst[7] ^= 0x80;
	m->value.proto = IPPROTO_UDP;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

static void test_mark(void **state)
{
	struct frame f = prepare();
	struct srte_match *m = add(TENANT, TENANT);

	(void)state;
	m->mark = 0x20;
	m->mark_mask = 0xf0;
	assert_int_equal(taken(&f, 0x12f), TENANT_PATH);
	assert_int_equal(taken(&f, 0x13f), DEFAULT_PATH);
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

/* ---- the cgroup of a test run's packet is that of this process ---- */

static uint64_t id_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Its path below the root, and how deep that is. */
static uint32_t own_cgroup(char *ret, size_t size)
{
	FILE *in = fopen("/proc/self/cgroup", "re");
	char line[512];
	uint32_t level = 0;
	char *c;

	assert_non_null(in);
	*ret = '\0';
	while (fgets(line, sizeof(line), in))
		if (!strncmp(line, "0::", 3))
			snprintf(ret, size, "%.*s",
				 (int)strcspn(line + 3, "\n"), line + 3);
	fclose(in);
	assert_int_equal(*ret, '/');
	for (c = ret; *c; c++)
		level += *c == '/' && c[1];
	return level;
}

static void test_cgroup(void **state)
{
	char path[512], dir[600];
	struct frame f = prepare();
	struct srte_match *m = add(TENANT, TENANT);

	(void)state;
	m->cgroup_level = own_cgroup(path, sizeof(path));
	snprintf(dir, sizeof(dir), "/sys/fs/cgroup%s", path);
	m->cgroup_id = id_of(dir);
	assert_int_equal(taken(&f, 0), TENANT_PATH);
	m->cgroup_id++;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
	m->cgroup_level = 0;	/* what is below it is in it */
	m->cgroup_id = id_of("/sys/fs/cgroup");
	assert_int_equal(taken(&f, 0), TENANT_PATH);
	m->cgroup_level = 40;	/* nothing is that deep */
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

/* ---- what a load under way looks like ---- */

/* The table of another load says nothing about this route's pools. */
static void test_table_of_another_load(void **state)
{
	struct frame f = prepare();

	(void)state;
	add(TENANT, TENANT);
	table.generation = GENERATION + SRTE_MATCH_TABLES;
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

static void test_route_without_matches(void **state)
{
	struct frame f = prepare();

	(void)state;
	add(TENANT, TENANT);
	route_put("fd00:2::", 64, 1, 2);
	assert_int_equal(taken(&f, 0), DEFAULT_PATH);
}

static void test_pool_that_is_not_there(void **state)
{
	struct frame f = prepare();

	(void)state;
	add(9, 9);		/* as default without such a pool: plain */
	assert_int_equal(taken(&f, 0), 0);
	assert_int_equal(counter(SRTE_COUNT_NO_SET), 0);
}

static void test_full_table(void **state)
{
	struct frame f = prepare();

	(void)state;
	while (table.n < SRTE_MATCHES_MAX)
		add(BULK, BULK)->dport_first = 6000;
	table.match[SRTE_MATCHES_MAX - 1].dport_first = 0;
	assert_int_equal(taken(&f, 0), BULK_PATH);
	table.n = UINT32_MAX;	/* no kernel of ours would write that */
	assert_int_equal(taken(&f, 0), BULK_PATH);
}

/* Heavy at that packet, in the pool of the tenant. */
static void test_instant(void **state)
{
	struct frame f = prepare();
	struct srte_match *m = add(TENANT, BULK);

	(void)state;
	m->mark = m->mark_mask = 1;
	config.flags |= SRTE_CONFIG_INSTANT;
	config.heavy_bytes = 400;
	config.reaction_lease_ns = 1000000000;
	config_put();
	assert_int_equal(taken(&f, 1), TENANT_PATH);
	assert_int_equal(taken(&f, 1), BULK_PATH);
	assert_int_equal(taken(&f, 0), BULK_PATH);	/* it has an entry */
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_none_fits),
		T(test_first_that_fits),
		T(test_ports),
		T(test_prefixes_and_protocol),
		T(test_mark),
		T(test_cgroup),
		T(test_table_of_another_load),
		T(test_route_without_matches),
		T(test_pool_that_is_not_there),
		T(test_full_table),
		T(test_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
