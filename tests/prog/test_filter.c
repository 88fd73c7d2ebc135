// SPDX-License-Identifier: GPL-2.0-only
/* bpf/admit.bpf.h, bpf/filter.bpf.h: who gets into the table, and with what. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#define FRAME_BYTES	(40 + 8 + 952)		/* 1000 at the IP layer */
#define ADMIT		(10 * FRAME_BYTES)

static void heavy_only(uint32_t filter)
{
	config.admit = SRTE_ADMIT_HEAVY;
	config.admit_bytes = ADMIT;
	config.filter = filter;
	config_put();
}

static void emit(uint32_t flow, int packets)
{
	struct frame f;

	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	f.data[f.l3 + 39] = flow >> 16;		/* the destination's end */
	frame_udp(&f, (uint16_t)flow, 53);
	frame_end(&f, 952);
	while (packets--)
		prog_run(&f);
}

static int flow_of(uint32_t flow, struct srte_flow *ret)
{
	struct srte_flow_key key = {
		.sport = htons((uint16_t)flow),
		.dport = htons(53),
		.proto = IPPROTO_UDP,
	};

	inet_pton(AF_INET6, "fd00:1::1", key.src);
	inet_pton(AF_INET6, "fd00:2::", key.dst);
	key.dst[15] = flow >> 16;
	return flow_get(key, ret);
}

/* Sum over the live flows. */
static struct srte_flow table_sum(uint32_t *ret_flows)
{
	struct bpf_map *map = skel->maps.srte_flows;
	struct srte_flow_key key, *prev = NULL;
	struct srte_flow flow, sum = { 0 };

	*ret_flows = 0;
	while (!bpf_map__get_next_key(map, prev, &key, sizeof(key))) {
		assert_int_equal(flow_get(key, &flow), 0);
		sum.bytes += flow.bytes;
		sum.packets += flow.packets;
		++*ret_flows;
		prev = &key;
	}
	return sum;
}

/* Every packet is in a flow or in the filter's counters, and in one only. */
static void assert_all_counted(uint64_t packets)
{
	uint32_t flows;
	struct srte_flow sum = table_sum(&flows);

	assert_int_equal(flows, counter(SRTE_COUNT_FLOW_INSERTED));
	assert_int_equal(sum.packets, counter(SRTE_COUNT_ACCOUNTED));
	assert_int_equal(sum.packets + counter(SRTE_COUNT_FILTERED), packets);
	assert_int_equal(sum.bytes + counter(SRTE_COUNT_FILTERED_BYTES),
			 packets * FRAME_BYTES);
}

static void check_threshold(void)
{
	struct srte_flow flow;

	emit(1, 9);
	assert_int_equal(flow_of(1, &flow), -ENOENT);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 9);
	assert_int_equal(counter(SRTE_COUNT_FILTERED_BYTES), 9 * FRAME_BYTES);
	assert_int_equal(counter(SRTE_COUNT_FLOW_NEW), 1);
	emit(1, 1);
	assert_int_equal(flow_of(1, &flow), 0);
	assert_int_equal(flow.bytes, ADMIT);
	assert_int_equal(flow.packets, 10);
	assert_int_equal(flow.hook, SRTE_HOOK_DEV);
	assert_int_equal(counter(SRTE_COUNT_ADMITTED), 1);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 0);
	assert_int_equal(counter(SRTE_COUNT_FILTERED_BYTES), 0);
	emit(1, 5);
	assert_all_counted(15);
}

static void test_rap_admits_at_the_threshold(void **state)
{
	(void)state;
	heavy_only(SRTE_FILTER_RAP);
	check_threshold();
}

static void test_hashpipe_admits_at_the_threshold(void **state)
{
	(void)state;
	heavy_only(SRTE_FILTER_HASHPIPE);
	check_threshold();
}

/* What was admitted has left: when the table forgets it, it starts anew. */
static void test_admitted_flow_leaves_the_filter(void **state)
{
	struct srte_flow_key key = { .sport = htons(1), .dport = htons(53),
				     .proto = IPPROTO_UDP };
	struct srte_flow flow;
	uint32_t filter;

	(void)state;
	inet_pton(AF_INET6, "fd00:1::1", key.src);
	inet_pton(AF_INET6, "fd00:2::", key.dst);
	for (filter = SRTE_FILTER_RAP; filter <= SRTE_FILTER_HASHPIPE;
	     filter++) {
		heavy_only(filter);
		emit(1, 10);
		assert_int_equal(bpf_map__delete_elem(skel->maps.srte_flows,
						      &key, sizeof(key), 0),
				 0);
		emit(1, 9);
		assert_int_equal(flow_of(1, &flow), -ENOENT);
		emit(1, 1);
		assert_int_equal(flow_of(1, &flow), 0);
		assert_int_equal(flow.bytes, ADMIT);
		bpf_map__delete_elem(skel->maps.srte_flows, &key, sizeof(key),
				     0);
	}
}

static void test_carried_bytes_are_no_rate(void **state)
{
	struct srte_flow flow;

	(void)state;
	heavy_only(SRTE_FILTER_RAP);
	emit(1, 10);
	assert_int_equal(flow_of(1, &flow), 0);
	assert_int_equal(flow.window_bytes, 9 * FRAME_BYTES);
}

/* One GSO packet over the threshold needs no second one. */
static void test_big_packet_is_admitted_at_once(void **state)
{
	struct srte_flow flow;
	uint32_t filter;

	(void)state;
	for (filter = SRTE_FILTER_RAP; filter <= SRTE_FILTER_HASHPIPE;
	     filter++) {
		heavy_only(filter);
		config.admit_bytes = FRAME_BYTES;
		config_put();
		emit(filter, 1);
		assert_int_equal(flow_of(filter, &flow), 0);
		assert_int_equal(flow.bytes, FRAME_BYTES);
	}
}

/* A crowd of mice through a filter of few slots, one flow among them. */
static void crowd(uint32_t filter, uint32_t mice)
{
	struct srte_flow flow;
	uint32_t i, flows;

	heavy_only(filter);
	for (i = 0; i < mice; i++) {
		emit(1000 + i, 1);
		if (i % 4 == 0)
			emit(1, 1);
	}
	assert_int_equal(flow_of(1, &flow), 0);
	assert_true(flow.bytes > (mice / 4 - 40) * FRAME_BYTES);
	assert_true(flow.packets <= mice / 4);
	table_sum(&flows);
	assert_in_range(flows, 1, mice / 20);
	assert_all_counted(mice + mice / 4);
	assert_in_range(counter(SRTE_COUNT_FLOW_NEW), mice, mice + mice / 4);
}

static int small_setup(void **state)
{
	(void)state;
	if (prog_open())
		return -1;
	skel->rodata->filter_buckets = 48;	/* 192 slots, 32 a stage */
	return prog_load();
}

static void test_rap_finds_the_flow_in_a_crowd(void **state)
{
	(void)state;
	crowd(SRTE_FILTER_RAP, 4000);
}

static void test_hashpipe_finds_the_flow_in_a_crowd(void **state)
{
	(void)state;
	crowd(SRTE_FILTER_HASHPIPE, 4000);
}

/* Every flow of a bucket or stage is somebody's: all slots get used. */
static void check_spread(uint32_t filter, uint32_t least)
{
	struct srte_filter_bucket bucket;
	uint32_t i, used = 0;

	heavy_only(filter);
	for (i = 0; i < 2000; i++)
		emit(i, 1);
	for (i = 0; i < 48 * (uint32_t)nr_cpus; i++) {
		assert_int_equal(bpf_map__lookup_elem(
			skel->maps.srte_filter, &i, sizeof(i), &bucket,
			sizeof(bucket), 0), 0);
		for (int way = 0; way < SRTE_FILTER_WAYS; way++)
			used += !!bucket.slot[way].print;
	}
	assert_in_range(used, least, 192 * nr_cpus);
}

static void test_rap_uses_every_slot(void **state)
{
	(void)state;
	check_spread(SRTE_FILTER_RAP, 192);
}

static void test_hashpipe_uses_every_slot(void **state)
{
	(void)state;
	check_spread(SRTE_FILTER_HASHPIPE, 185);
}

/* ---- when is it engaged ---- */

static struct srte_admission admission(void)
{
	struct srte_admission adm;
	uint32_t zero = 0;

	assert_int_equal(bpf_map__lookup_elem(skel->maps.srte_admission, &zero,
					      sizeof(zero), &adm, sizeof(adm),
					      0), 0);
	return adm;
}

/* The table of these tests holds 30 * 100 flows. */
static int auto_setup(void **state)
{
	(void)state;
	if (prog_open())
		return -1;
	skel->rodata->flows_max = 3000;
	return prog_load();
}

static void mice(uint32_t first, uint32_t n)
{
	while (n--)
		emit(first++, 1);
}

static void test_auto_engages_in_a_flood(void **state)
{
	struct srte_flow flow;

	(void)state;
	config.admit = SRTE_ADMIT_AUTO;
	config_put();
	mice(0, 40);
	assert_int_equal(admission().engaged_ns, 0);
	assert_int_equal(flow_of(39, &flow), 0);
	mice(1000, 1000);
	assert_true(admission().engaged_ns > 0);
	mice(3000, 50);
	assert_int_equal(flow_of(3049, &flow), -ENOENT);
	assert_all_counted(1090);
}

/* As if the flood had ended some time ago. */
static void test_auto_lets_go_when_it_is_over(void **state)
{
	struct srte_admission past = { .engaged_ns = 1, .window_ns = 1,
				       .fresh = 100000 };
	struct srte_flow flow;
	uint32_t zero = 0;

	(void)state;
	config.admit = SRTE_ADMIT_AUTO;
	config_put();
	put(skel->maps.srte_admission, &zero, &past);
	mice(0, 50);
	assert_int_equal(flow_of(49, &flow), 0);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 0);
}

static void test_all_never_filters(void **state)
{
	(void)state;
	mice(0, 1500);
	assert_int_equal(admission().engaged_ns, 0);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 0);
	assert_int_equal(counter(SRTE_COUNT_FLOW_INSERTED), 1500);
	assert_int_equal(counter(SRTE_COUNT_ADMITTED), 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
#define SMALL(t) cmocka_unit_test_setup_teardown(t, small_setup, prog_teardown)
#define AUTO(t) cmocka_unit_test_setup_teardown(t, auto_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_rap_admits_at_the_threshold),
		T(test_hashpipe_admits_at_the_threshold),
		T(test_admitted_flow_leaves_the_filter),
		T(test_carried_bytes_are_no_rate),
		T(test_big_packet_is_admitted_at_once),
		SMALL(test_rap_finds_the_flow_in_a_crowd),
		SMALL(test_hashpipe_finds_the_flow_in_a_crowd),
		SMALL(test_rap_uses_every_slot),
		SMALL(test_hashpipe_uses_every_slot),
		AUTO(test_auto_engages_in_a_flood),
		AUTO(test_auto_lets_go_when_it_is_over),
		AUTO(test_all_never_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
