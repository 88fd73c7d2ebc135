// SPDX-License-Identifier: GPL-2.0-only
/* Whatever is wrong, the packet leaves untouched and its cause is counted. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

/* The frame is steered unless what the test breaks afterwards forbids it. */
static void steer_frame(const struct frame *f)
{
	set_put(1, 1, 1);
	entry_put(key_of_frame(f), 1, 0, FOREVER);
}

static void
assert_left_alone(const struct frame *f, struct __sk_buff *ctx,
		  enum srte_counter cause)
{
	uint64_t before = counter(cause);
	struct result r = prog_run_ctx(f, ctx);

	assert_untouched(f, &r);
	assert_int_equal(counter(cause), before + 1);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 0);
}

static void test_unknown_set(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	entry_put(key_of_frame(&f), 7, 0, FOREVER);
	assert_left_alone(&f, NULL, SRTE_COUNT_NO_SET);
	entry_put(key_of_frame(&f), SRTE_SETS_MAX, 0, FOREVER);
	assert_left_alone(&f, NULL, SRTE_COUNT_NO_SET);
}

static void test_set_that_claims_too_many_paths(void **state)
{
	struct srte_set set = { .n = SRTE_SET_PATHS + 1, .path = { 1 } };
	uint32_t id = 1;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	put(skel->maps.srte_sets, &id, &set);
	assert_left_alone(&f, NULL, SRTE_COUNT_NO_SET);
}

static void test_active_index_out_of_range(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	entry_put(key_of_frame(&f), 1, 65535, FOREVER);
	r = prog_run(&f);		/* wraps to a path of the set */
	assert_int_equal(path_of(&f, &r), 1);
}

static void test_path_zero_in_a_set(void **state)
{
	struct srte_set set = { .n = 1, .path = { 0 } };
	uint32_t id = 1;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	put(skel->maps.srte_sets, &id, &set);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_DOWN);
}

static void test_bad_path_records(void **state)
{
	struct srte_path good = path_make(1, 2), bad;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	bad = good;
	bad.len = 0;
	path_put(1, &bad);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_BAD);
	bad = good;
	bad.len = SRTE_HDR_MAX + 1;
	path_put(1, &bad);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_BAD);
	bad = good;
	bad.len = 40;
	path_put(1, &bad);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_BAD);
	bad = good;
	bad.mode = 99;
	path_put(1, &bad);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_BAD);
}

/* Pushed on the device above: no SRH tells it, only its source does. */
static void test_header_of_our_own(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	set_put(1, 1, 1);
	route_put("fd00:2::", 64, 1, 0);
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_IPV6, 0);
	frame_end(&f, 60);
	r = prog_run(&f);	/* somebody else's: like any packet */
	assert_int_equal(path_of(&f, &r), 1);
	memcpy(config.source, f.data + ETH_HLEN + 8, 16);
	config_put();
	r = prog_run(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_ALREADY_SRV6), 1);
}

/* An IPv6 packet must not reach an End.DX4. */
static void test_endpoint_of_the_other_family(void **state)
{
	struct srte_path p = path_make(1, 2);
	struct frame f;

	(void)state;
	p.inner = SRTE_INNER_IPV4;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	path_put(1, &p);
	assert_left_alone(&f, NULL, SRTE_COUNT_PATH_BAD);
}

static void test_packet_that_has_an_srh(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_ROUTING, 0);
	frame_ext(&f, IPPROTO_TCP, 4, 4);
	frame_tcp(&f, 40000, 5201, 0);
	frame_end(&f, 10);
	set_put(1, 1, 1);
	route_put("::", 0, 1, 1);
	assert_left_alone(&f, NULL, SRTE_COUNT_ALREADY_SRV6);
}

static void test_vlan_tag_in_the_frame(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_vlan(&f, 0x8100, 5);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	steer_frame(&f);
	assert_left_alone(&f, NULL, SRTE_COUNT_TAGGED);
}

/* What must not leave its link, whatever prefix covers it. */
static void test_link_scope(void **state)
{
	static const char *const dst6[] = { "ff02::1:ff00:1", "fe80::1" };
	static const char *const dst4[] = {
		"224.0.0.251", "255.255.255.255", "169.254.1.1",
	};
	struct frame f;
	size_t i;

	(void)state;
	set_put(1, 1, 1);
	route_put("::", 0, 1, 1);
	for (i = 0; i < sizeof(dst6) / sizeof(*dst6); i++) {
		frame_tcp6(&f, 0, 10);
		frame_dst(&f, dst6[i]);
		assert_left_alone(&f, NULL, SRTE_COUNT_LINK_SCOPE);
	}
	for (i = 0; i < sizeof(dst4) / sizeof(*dst4); i++) {
		frame_tcp4(&f, 0, 10);
		frame_dst(&f, dst4[i]);
		assert_left_alone(&f, NULL, SRTE_COUNT_LINK_SCOPE);
	}
}

/* Solicitations and advertisements go to global addresses too. */
static void test_neighbour_discovery(void **state)
{
	struct frame f;
	struct result r;
	int type;

	(void)state;
	set_put(1, 1, 1);
	route_put("::", 0, 1, 1);
	for (type = 133; type <= 137; type++) {
		frame_eth(&f, ETH_P_IPV6);
		frame_ipv6(&f, IPPROTO_ICMPV6, 0);
		frame_icmpv6(&f, type);
		frame_end(&f, 24);
		assert_left_alone(&f, NULL, SRTE_COUNT_LINK_SCOPE);
	}
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_ICMPV6, 0);
	frame_icmpv6(&f, 128);		/* an echo request travels */
	frame_end(&f, 24);
	r = prog_run(&f);
	assert_int_equal(path_of(&f, &r), 1);
}

/* Nobody knows the way to the path's first segment; its device has gone; a
 * redirect would drop what goes to a group of neighbours. */
static void test_no_next_hop(void **state)
{
	struct srte_path p = path_make(1, 2);
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	steer_frame(&f);
	p.next_hop_known = 0;
	path_put(1, &p);
	assert_left_alone(&f, NULL, SRTE_COUNT_NEXT_HOP);
	f.data[0] &= ~1;
	p.next_hop_known = 1;
	p.ifindex = 0;
	path_put(1, &p);
	assert_left_alone(&f, NULL, SRTE_COUNT_NEXT_HOP);
	p.ifindex = 4711;
	path_put(1, &p);
	assert_left_alone(&f, NULL, SRTE_COUNT_NEXT_HOP);
	f.data[0] |= 1;
	p.ifindex = 1;
	p.next_hop[5] ^= 1;
	path_put(1, &p);	/* 0b:0b:... is a group's */
	assert_left_alone(&f, NULL, SRTE_COUNT_NEXT_HOP);
}

static void test_udp_train(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 3, .gso_size = 100 };
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	frame_udp(&f, 7, 8);
	frame_end(&f, 300);
	steer_frame(&f);
	assert_left_alone(&f, &ctx, SRTE_COUNT_UDP_GSO);
}

/* Both fragments stay on one way: the later one has no ports to go by. */
static void test_fragments_stay_on_plain_routing(void **state)
{
	struct frame f;

	(void)state;
	set_put(1, 1, 1);
	route_put("::", 0, 1, 1);
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_UDP, 0, 1);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	assert_left_alone(&f, NULL, SRTE_COUNT_FRAGMENT_PLAIN);
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_UDP, 72, 0);
	frame_end(&f, 64);
	assert_left_alone(&f, NULL, SRTE_COUNT_FRAGMENT_PLAIN);
}

/* The kernel refuses room in a GSO packet whose type it does not know. */
static void test_kernel_refuses_room(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 2, .gso_size = 500 };
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 1000);
	steer_frame(&f);
	assert_left_alone(&f, &ctx, SRTE_COUNT_PUSH_FAILED);
}

static void test_gso_segments_over_mtu(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 2, .gso_size = 1400 };
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 2800);
	steer_frame(&f);
	assert_left_alone(&f, &ctx, SRTE_COUNT_OVER_MTU);
}

/* Nothing configured: nothing counted, nothing steered. */
static void test_no_configuration(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	memset(&config, 0, sizeof(config));
	config_put();
	frame_tcp6(&f, 0, 10);
	r = prog_run(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_unknown_set),
		T(test_set_that_claims_too_many_paths),
		T(test_active_index_out_of_range),
		T(test_path_zero_in_a_set),
		T(test_bad_path_records),
		T(test_header_of_our_own),
		T(test_endpoint_of_the_other_family),
		T(test_packet_that_has_an_srh),
		T(test_vlan_tag_in_the_frame),
		T(test_link_scope),
		T(test_neighbour_discovery),
		T(test_no_next_hop),
		T(test_udp_train),
		T(test_fragments_stay_on_plain_routing),
		T(test_kernel_refuses_room),
		T(test_gso_segments_over_mtu),
		T(test_no_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
