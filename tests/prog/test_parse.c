// SPDX-License-Identifier: GPL-2.0-only
/* bpf/parse.bpf.h: every kind of packet, whole and cut short anywhere. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#define VLAN_8021Q	0x8100
#define VLAN_8021AD	0x88a8
#define IP_MORE		0x2000

/* Run f; its flow, found by key, must hold all of its IP bytes once. */
static void assert_flow(const struct frame *f, struct srte_flow_key key)
{
	struct srte_flow flow;
	struct result r = prog_run(f);

	assert_untouched(f, &r);
	assert_int_equal(flow_get(key, &flow), 0);
	assert_int_equal(flow.bytes, f->len - f->l3);
	assert_int_equal(flow.packets, 1);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 1);
}

static struct srte_flow_key key6(uint8_t proto, uint16_t sport, uint16_t dport)
{
	struct srte_flow_key key = {
		.sport = htons(sport),
		.dport = htons(dport),
		.proto = proto,
	};

	inet_pton(AF_INET6, "fd00:1::1", key.src);
	inet_pton(AF_INET6, "fd00:2::1", key.dst);
	return key;
}

static struct srte_flow_key key4(uint8_t proto, uint16_t sport, uint16_t dport)
{
	struct srte_flow_key key = key6(proto, sport, dport);

	inet_pton(AF_INET6, "::ffff:10.0.1.1", key.src);
	inet_pton(AF_INET6, "::ffff:10.0.2.1", key.dst);
	return key;
}

static void test_ipv4_tcp(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp4(&f, 0, 100);
	assert_flow(&f, key4(IPPROTO_TCP, 40000, 5201));
}

static void test_ipv4_options(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_TCP, 0, 0, 40);
	frame_tcp(&f, 1, 2, 40);
	frame_end(&f, 1);
	assert_flow(&f, key4(IPPROTO_TCP, 1, 2));
}

static void test_ipv6_tcp(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 100);
	assert_flow(&f, key6(IPPROTO_TCP, 40000, 5201));
}

static void test_ipv6_extension_headers(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_HOPOPTS, 0);
	frame_ext(&f, IPPROTO_DSTOPTS, 0, 1);
	frame_ext(&f, IPPROTO_ROUTING, 3, 1);
	frame_ext(&f, IPPROTO_DSTOPTS, 2, 0);
	frame_ext(&f, IPPROTO_UDP, 1, 1);
	frame_udp(&f, 7, 8);
	frame_end(&f, 30);
	assert_flow(&f, key6(IPPROTO_UDP, 7, 8));
}

static void test_ipv6_too_many_extension_headers(void **state)
{
	struct frame f;
	struct result r;
	int i;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_DSTOPTS, 0);
	for (i = 0; i < 7; i++)
		frame_ext(&f, IPPROTO_DSTOPTS, 0, 1);
	frame_end(&f, 30);
	r = prog_run(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_UNKNOWN_HEADER), 1);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 0);
}

/* First fragment: the flow's own. Later ones have no ports, and say so. */
static void test_ipv4_fragments(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, IP_MORE, 0);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	assert_flow(&f, key4(IPPROTO_UDP, 7, 8));
}

static void test_ipv4_later_fragment(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, 9, 0);
	frame_end(&f, 64);
	assert_flow(&f, key4(IPPROTO_UDP, 0, 0));
	assert_int_equal(counter(SRTE_COUNT_FRAGMENT), 1);
}

static void test_ipv6_later_fragment(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_UDP, 1232, 0);
	frame_end(&f, 64);
	assert_flow(&f, key6(IPPROTO_UDP, 0, 0));
	assert_int_equal(counter(SRTE_COUNT_FRAGMENT), 1);
}

static void test_ipv6_first_fragment(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_UDP, 0, 1);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	assert_flow(&f, key6(IPPROTO_UDP, 7, 8));
}

static void test_vlan_one_and_two_tags(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_vlan(&f, VLAN_8021AD, 10);
	frame_vlan(&f, VLAN_8021Q, 20);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	assert_flow(&f, key6(IPPROTO_UDP, 7, 8));
}

static void test_protocols_without_ports(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_ipv4(&f, IPPROTO_ICMP);
	frame_end(&f, 64);
	assert_flow(&f, key4(IPPROTO_ICMP, 0, 0));
}

static void test_sctp(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_SCTP, 0);
	frame_udp(&f, 7, 8);	/* the ports stand in the same place */
	frame_end(&f, 64);
	assert_flow(&f, key6(IPPROTO_SCTP, 7, 8));
}

/* GSO: the headers of each segment count, and each segment does. */
static void test_gso_counts_every_segment(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 3, .gso_size = 1000 };
	struct srte_flow flow;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 3000);
	prog_run_ctx(&f, &ctx);
	assert_int_equal(flow_get(key6(IPPROTO_TCP, 40000, 5201), &flow), 0);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 3000 + 3 * (40 + 32));
}

/* A guest's train does not say of how many segments it is. */
static void test_gso_without_a_count(void **state)
{
	struct __sk_buff ctx = { .gso_size = 1000 };
	struct srte_flow flow;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 2500);
	prog_run_ctx(&f, &ctx);
	assert_int_equal(flow_get(key6(IPPROTO_TCP, 40000, 5201), &flow), 0);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 2500 + 3 * (40 + 32));
}

static void test_not_ip(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_eth(&f, ETH_P_ARP);
	frame_end(&f, 46);
	r = prog_run(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_NOT_IP), 1);
}

static void test_wrong_version_is_unknown(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_tcp4(&f, 0, 40);
	f.data[f.l3] = 0x54;
	r = prog_run(&f);
	assert_untouched(&f, &r);
	frame_tcp4(&f, 0, 40);
	f.data[f.l3] = 0x44;		/* a header of 16 bytes */
	r = prog_run(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_UNKNOWN_HEADER), 2);
}

/*
 * Cut at every length. Headers cut short are counted as such, nothing else
 * is, and no byte changes; whole headers are accounted with what there is.
 * The frames are tagged: for others the test run of newer kernels asks for a
 * whole IP header.
 */
static void cut_from(const struct frame *whole, uint32_t from, uint32_t headers)
{
	uint64_t truncated = counter(SRTE_COUNT_TRUNCATED);
	uint64_t accounted = counter(SRTE_COUNT_ACCOUNTED);
	struct frame f = *whole;

	for (f.len = from; f.len <= whole->len; f.len++) {
		struct result r = prog_run(&f);

		assert_untouched(&f, &r);
		if (f.len < headers)
			truncated++;
		else
			accounted++;
		assert_int_equal(counter(SRTE_COUNT_TRUNCATED), truncated);
		assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), accounted);
	}
}

static void cut_everywhere(const struct frame *whole, uint32_t headers)
{
	cut_from(whole, ETH_HLEN + 1, headers);
}

static void test_truncated_at_every_length(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_vlan(&f, VLAN_8021Q, 20);
	frame_ipv6(&f, IPPROTO_HOPOPTS, 0);
	frame_ext(&f, IPPROTO_FRAGMENT, 1, 1);
	frame_frag(&f, IPPROTO_TCP, 0, 1);
	frame_tcp(&f, 1, 2, 0);
	frame_end(&f, 20);
	cut_everywhere(&f, 14 + 4 + 40 + 16 + 8 + 20);
	frame_eth(&f, ETH_P_IP);
	frame_vlan(&f, VLAN_8021Q, 20);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, 0, 12);
	frame_udp(&f, 1, 2);
	frame_end(&f, 20);
	cut_everywhere(&f, 14 + 4 + 32 + 4);	/* the ports are enough */
	frame_tcp6(&f, 0, 20);
	cut_from(&f, 14 + 40, 14 + 40 + 20);
}

/* TCP over IPv6 has a way of its own, which a tag in the frame closes: both
 * must find the same in the same bytes. */
static void both_ways(uint8_t tclass, uint8_t offset, struct __sk_buff *ctx)
{
	struct srte_flow_key key = key6(IPPROTO_TCP, 40000, 5201);
	struct frame f, tagged;
	struct srte_flow one, two;

	frame_tcp6(&f, tclass, 2500);
	f.data[f.l3 + 40 + 12] = offset;
	frame_eth(&tagged, ETH_P_IPV6);
	frame_vlan(&tagged, VLAN_8021Q, 20);
	frame_add(&tagged, f.data + f.l3, f.len - f.l3);
	bpf_map__delete_elem(skel->maps.srte_flows, &key, sizeof(key), 0);
	prog_run_ctx(&f, ctx);
	assert_int_equal(flow_get(key, &one), 0);
	prog_run_ctx(&tagged, ctx);
	assert_int_equal(flow_get(key, &two), 0);
	assert_int_equal(two.packets, 2 * one.packets);
	assert_int_equal(two.bytes, 2 * one.bytes);
}

static void test_the_short_way_says_the_same(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 3, .gso_size = 1000 };
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		both_ways(i, 0x80, NULL);
		both_ways(0, i, NULL);
		both_ways(0, i, &ctx);
	}
}

/* Neither takes what must stay on its link for anything else. */
static void test_the_short_way_knows_the_link(void **state)
{
	static const char *const there[] = { "ff02::1", "fe80::1", "febf::1" };
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++) {
		frame_tcp6(&f, 0, 10);
		frame_dst(&f, there[i]);
		prog_run(&f);
	}
	assert_int_equal(counter(SRTE_COUNT_LINK_SCOPE), 3);
	frame_dst(&f, "fec0::1");
	prog_run(&f);
	assert_int_equal(counter(SRTE_COUNT_LINK_SCOPE), 3);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_ipv4_tcp),
		T(test_ipv4_options),
		T(test_ipv6_tcp),
		T(test_ipv6_extension_headers),
		T(test_ipv6_too_many_extension_headers),
		T(test_ipv4_fragments),
		T(test_ipv4_later_fragment),
		T(test_ipv6_later_fragment),
		T(test_ipv6_first_fragment),
		T(test_vlan_one_and_two_tags),
		T(test_protocols_without_ports),
		T(test_sctp),
		T(test_gso_counts_every_segment),
		T(test_gso_without_a_count),
		T(test_not_ip),
		T(test_wrong_version_is_unknown),
		T(test_truncated_at_every_length),
		T(test_the_short_way_says_the_same),
		T(test_the_short_way_knows_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
