// SPDX-License-Identifier: GPL-2.0-only
/* bpf/srh.bpf.h: every byte that the push puts on the wire. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#define ECN_CE	3
#define DSCP_EF	(46 << 2)

/* Steer the frame's flow over path 1, n segments. */
static struct result push(const struct frame *f, uint32_t n)
{
	struct srte_path p = path_make(1, n);

	set_put(1, 1, 1);
	path_put(1, &p);
	entry_put(key_of_frame(f), 1, 0, FOREVER);
	return prog_run(f);
}

/* The frame with the header in front of its IP packet, nothing else moved. */
static void
assert_encapsulated(const struct frame *in, const struct result *ret,
		    uint32_t push_len)
{
	const uint8_t *eth = ret->out.data, *ip6 = eth + ETH_HLEN;
	uint32_t inner_len = in->len - ETH_HLEN;

	assert_int_equal(ret->verdict, TC_ACT_UNSPEC);
	assert_int_equal(ret->out.len, in->len + push_len);
	assert_memory_equal(eth, in->data, 12);
	assert_int_equal(eth[12] << 8 | eth[13], ETH_P_IPV6);
	assert_int_equal(ip6[0] >> 4, 6);
	assert_int_equal(ip6[4] << 8 | ip6[5], inner_len + push_len - 40);
	assert_memory_equal(ip6 + push_len, in->data + ETH_HLEN, inner_len);
}

static void test_every_length(void **state)
{
	struct frame f;
	uint32_t n;

	(void)state;
	for (n = 1; n <= SRTE_SEGMENTS_MAX; n++) {
		uint32_t len = 48 + 16 * n;
		struct srte_path p = path_make(1, n);
		struct result r;

		frame_tcp6(&f, 0, 100);
		r = push(&f, n);
		assert_encapsulated(&f, &r, len);
		/* next header, hop limit, addresses: as the record says */
		assert_memory_equal(r.out.data + ETH_HLEN + 6, p.header + 6,
				    34);
		/* the SRH but for its next header */
		assert_int_equal(r.out.data[ETH_HLEN + 40], IPPROTO_IPV6);
		assert_memory_equal(r.out.data + ETH_HLEN + 41, p.header + 41,
				    len - 41);
	}
	assert_int_equal(counter(SRTE_COUNT_STEERED), SRTE_SEGMENTS_MAX);
}

static void test_ipv4_inside(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_tcp4(&f, 0, 100);
	r = push(&f, 2);
	assert_encapsulated(&f, &r, 80);
	assert_int_equal(r.out.data[ETH_HLEN + 40], IPPROTO_IPIP);
}

static void test_udp_inside(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, 0, 8);
	frame_udp(&f, 53, 53);
	frame_end(&f, 64);
	r = push(&f, 3);
	assert_encapsulated(&f, &r, 96);
}

/* H.Encaps.Red of one segment: no SRH, the outer header says what is in. */
static void test_reduced_to_nothing(void **state)
{
	struct srte_path p = path_make(1, 1);
	struct frame f;
	struct result r;

	(void)state;
	p.mode = SRTE_MODE_ENCAP_RED;
	p.len = 40;
	set_put(1, 1, 1);
	path_put(1, &p);
	frame_tcp4(&f, 0, 100);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	r = prog_run(&f);
	assert_encapsulated(&f, &r, 40);
	assert_int_equal(r.out.data[ETH_HLEN + 6], IPPROTO_IPIP);
	assert_memory_equal(r.out.data + ETH_HLEN + 7, p.header + 7, 33);
	frame_tcp6(&f, 0, 100);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	r = prog_run(&f);
	assert_encapsulated(&f, &r, 40);
	assert_int_equal(r.out.data[ETH_HLEN + 6], IPPROTO_IPV6);
}

/* An SRH of n entries to insert, the first waypoint fc00:a::1. */
static struct srte_path path_inline(uint32_t n)
{
	struct srte_path p = path_make(1, n);

	memmove(p.header, p.header + 40, p.len - 40);
	memset(p.header + 8, 0, 16);
	p.len -= 40;
	p.mode = SRTE_MODE_INLINE;
	return p;
}

static struct result push_inline(const struct frame *f, uint32_t n)
{
	struct srte_path p = path_inline(n);

	set_put(1, 1, 1);
	path_put(1, &p);
	entry_put(key_of_frame(f), 1, 0, FOREVER);
	return prog_run(f);
}

static void test_inline_every_length(void **state)
{
	const uint8_t *ip6, *srh;
	struct frame f;
	struct result r;
	uint32_t n;

	(void)state;
	for (n = 2; n <= SRTE_SEGMENTS_MAX; n++) {
		struct srte_path p = path_inline(n);

		frame_tcp6(&f, DSCP_EF | 2, 100);
		r = push_inline(&f, n);
		assert_int_equal(r.verdict, TC_ACT_UNSPEC);
		assert_int_equal(r.out.len, f.len + p.len);
		ip6 = r.out.data + ETH_HLEN;
		srh = ip6 + 40;
		/* Ethernet, class, label and source as they were */
		assert_memory_equal(r.out.data, f.data, ETH_HLEN + 4);
		assert_int_equal(ip6[4] << 8 | ip6[5], r.out.len - 54);
		assert_int_equal(ip6[6], IPPROTO_ROUTING);
		assert_memory_equal(ip6 + 7, f.data + ETH_HLEN + 7, 17);
		assert_memory_equal(ip6 + 24, p.first, 16);
		/* the SRH: what follows it, and the packet's destination */
		assert_int_equal(srh[0], IPPROTO_TCP);
		assert_memory_equal(srh + 1, p.header + 1, 7);
		assert_memory_equal(srh + 8, f.data + ETH_HLEN + 24, 16);
		assert_memory_equal(srh + 24, p.header + 24, p.len - 24);
		assert_memory_equal(srh + p.len, f.data + ETH_HLEN + 40,
				    f.len - ETH_HLEN - 40);
	}
}

static void test_inline_leaves_ipv4_alone(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_tcp4(&f, 0, 100);
	r = push_inline(&f, 2);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_PATH_BAD), 1);
}

/* RFC 6040 4.1 and RFC 2983: the whole octet goes outward. */
static void test_dscp_and_ecn_go_outward(void **state)
{
	struct frame f;
	struct result r;
	const uint8_t *ip6 = r.out.data + ETH_HLEN;

	(void)state;
	frame_tcp4(&f, DSCP_EF | ECN_CE, 10);
	r = push(&f, 2);
	assert_int_equal((ip6[0] << 4 | ip6[1] >> 4) & 0xff, DSCP_EF | ECN_CE);
	frame_tcp6(&f, DSCP_EF | 2, 10);
	r = push(&f, 2);
	assert_int_equal((ip6[0] << 4 | ip6[1] >> 4) & 0xff, DSCP_EF | 2);
}

static uint32_t label(const struct result *r)
{
	const uint8_t *ip6 = r->out.data + ETH_HLEN;

	return (ip6[1] & 15) << 16 | ip6[2] << 8 | ip6[3];
}

/* Same 5-tuple, same label, whatever the kernel's own hash is by now. */
static void test_label_is_stable_and_differs_by_flow(void **state)
{
	struct __sk_buff ctx = { 0 };
	struct frame f;
	struct result r;
	uint32_t first;

	(void)state;
	frame_tcp6(&f, 0, 10);
	r = push(&f, 2);
	first = label(&r);
	ctx.priority = 6;
	r = prog_run_ctx(&f, &ctx);
	assert_int_equal(label(&r), first);
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_TCP, 0);
	frame_tcp(&f, 40001, 5201, 12);
	frame_end(&f, 10);
	r = push(&f, 2);
	assert_int_not_equal(label(&r), first);
}

/* The last size that fits, and the first that does not. */
static void test_mtu_edge(void **state)
{
	struct frame f;
	struct result r;
	uint32_t fits = TEST_MTU - 80 - 40 - 32;	/* SRH, IPv6, TCP */

	(void)state;
	frame_tcp6(&f, 0, fits);
	r = push(&f, 2);
	assert_encapsulated(&f, &r, 80);
	frame_tcp6(&f, 0, fits + 1);
	r = push(&f, 2);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_OVER_MTU), 1);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 1);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_every_length),
		T(test_ipv4_inside),
		T(test_udp_inside),
		T(test_reduced_to_nothing),
		T(test_inline_every_length),
		T(test_inline_leaves_ipv4_alone),
		T(test_dscp_and_ecn_go_outward),
		T(test_label_is_stable_and_differs_by_flow),
		T(test_mtu_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
