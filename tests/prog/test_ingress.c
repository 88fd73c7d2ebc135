// SPDX-License-Identifier: GPL-2.0-only
/* bpf/ingress.bpf.h: CE marks and MSS of what arrives. */
#define TEST_PROGS " srte_ingress "
#include "prog.h"

#define CE		3
#define ECT0		2
#define MSS_PLAN4	(1500 - 88 - 40)	/* MTU, header, IP and TCP */
#define MSS_PLAN6	(1500 - 88 - 60)
#define SYN_OPTIONS	12

/* An outer header of RFC 8754 around an inner packet. lo's MAC is zero. */
static void frame_outer(struct frame *f, uint8_t tclass, uint8_t inner,
			uint32_t segments, uint8_t left)
{
	frame_eth(f, ETH_P_IPV6);
	memset(f->data, 0, ETH_ALEN);
	frame_ipv6(f, segments ? IPPROTO_ROUTING : inner, tclass);
	if (!segments)
		return;
	frame_ext(f, inner, 2 * segments, 4);
	f->data[f->len - 16 * segments - 5] = left;
	f->data[f->len - 16 * segments - 4] = segments - 1;
}

static uint16_t sum16(const uint8_t *at, uint32_t len, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? at[i] : at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void inner_ipv4(struct frame *f, uint8_t tos)
{
	uint32_t ip = f->len;

	frame_ipv4_full(f, IPPROTO_UDP, tos, 0, 0);
	frame_udp(f, 1, 2);
	frame_end(f, 100);
	frame_put16(f, ip + 2, f->len - ip);
	frame_put16(f, ip + 10, 0xffff & ~sum16(f->data + ip, 20, 0));
}

static void inner_ipv6(struct frame *f, uint8_t tclass)
{
	frame_ipv6(f, IPPROTO_UDP, tclass);
	frame_udp(f, 1, 2);
	frame_end(f, 100);
}

static struct result arrives(const struct frame *f)
{
	return prog_run_on(skel->progs.srte_ingress, f, NULL);
}

/* n 0: no SRH. All but the inner traffic class and sum stays. */
static void ce_ipv4(uint32_t n, uint8_t dscp)
{
	struct frame f, want;
	struct result r;
	uint32_t ip;

	frame_outer(&f, CE, IPPROTO_IPIP, n, 0);
	ip = f.len;
	inner_ipv4(&f, dscp | ECT0);
	want = f;
	want.data[ip + 1] |= CE;
	frame_put16(&want, ip + 10, 0);
	frame_put16(&want, ip + 10, 0xffff & ~sum16(want.data + ip, 20, 0));
	r = arrives(&f);
	assert_untouched(&want, &r);
	assert_int_equal(sum16(r.out.data + ip, 20, 0), 0xffff);
}

static void test_ce_into_ipv4(void **state)
{
	(void)state;
	ce_ipv4(0, 0);
	ce_ipv4(1, 46 << 2);
	ce_ipv4(3, 0);
	ce_ipv4(10, 0);
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 4);
}

static void test_ce_into_ipv6(void **state)
{
	struct frame f, want;
	struct result r;
	uint32_t n, ip;

	(void)state;
	for (n = 0; n < 4; n++) {
		frame_outer(&f, CE, IPPROTO_IPV6, n, 0);
		ip = f.len;
		inner_ipv6(&f, 46 << 2 | 1);
		want = f;
		want.data[ip + 1] |= CE << 4;
		r = arrives(&f);
		assert_untouched(&want, &r);
	}
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 4);
}

/* Outer class, inner class, segments left: none of these is written to. */
static void test_nothing_to_copy(void **state)
{
	static const struct {
		uint8_t outer, inner, left;
	} rows[] = {
		{ ECT0, ECT0, 0 }, { 0, ECT0, 0 }, { 1, ECT0, 0 },
		{ CE, CE, 0 }, { CE, 0, 0 }, { CE, ECT0, 1 },
	};
	struct frame f;
	struct result r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_outer(&f, rows[i].outer, IPPROTO_IPIP, 2, rows[i].left);
		inner_ipv4(&f, rows[i].inner);
		r = arrives(&f);
		assert_untouched(&f, &r);
	}
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 0);
	assert_int_equal(counter(SRTE_COUNT_CE_NOT_ECT), 1);
}

static void test_not_for_this_host(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	frame_outer(&f, CE, IPPROTO_IPIP, 2, 0);
	f.data[0] = 0x0a;	/* somebody else's address */
	inner_ipv4(&f, ECT0);
	r = arrives(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 0);
}

static void test_ce_behind_tags(void **state)
{
	struct frame f, want;
	struct result r;
	uint32_t ip;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	memset(f.data, 0, ETH_ALEN);
	frame_vlan(&f, 0x88a8, 7);
	frame_vlan(&f, 0x8100, 8);
	frame_ipv6(&f, IPPROTO_IPV6, CE);
	ip = f.len;
	inner_ipv6(&f, ECT0);
	want = f;
	want.data[ip + 1] |= CE << 4;
	r = arrives(&f);
	assert_untouched(&want, &r);
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 1);
}

static void test_every_length(void **state)
{
	struct frame f;
	uint32_t ip;

	(void)state;
	/* tagged: of others newer kernels ask for a whole header */
	frame_eth(&f, ETH_P_IPV6);
	memset(f.data, 0, ETH_ALEN);
	frame_vlan(&f, 0x8100, 7);
	frame_ipv6(&f, IPPROTO_ROUTING, CE);
	frame_ext(&f, IPPROTO_IPIP, 4, 4);
	f.data[f.len - 37] = 0;		/* segments left */
	ip = f.len;
	inner_ipv4(&f, ECT0);
	for (f.len = ETH_HLEN + 1; f.len < ip + 12; f.len++) {
		struct result r = arrives(&f);

		assert_untouched(&f, &r);
	}
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 0);
	arrives(&f);
	assert_int_equal(counter(SRTE_COUNT_CE_COPIED), 1);
}

/* ---- MSS ---- */

static void plan(void)
{
	config.push_max = 88;
	config_put();
	set_put(1, 1, 1);
	route_put("::ffff:10.0.1.0", 120, 1, 0);	/* who sends */
	route_put("fd00:1::", 64, 1, 0);
}

/* A SYN with an MSS option behind nops NOPs, and a right sum. Returns where
 * the MSS is. */
static uint32_t syn_add(struct frame *f, bool v6, uint32_t nops, uint16_t mss)
{
	uint32_t ip = f->len, tcp, at, addrs = v6 ? 32 : 8;

	if (v6)
		frame_ipv6(f, IPPROTO_TCP, 0);
	else
		frame_ipv4(f, IPPROTO_TCP);
	tcp = f->len;
	frame_tcp(f, 40000, 5201, SYN_OPTIONS);
	f->data[tcp + 13] = 2;		/* SYN */
	at = tcp + 20 + nops;
	f->data[at] = 2;
	f->data[at + 1] = 4;
	frame_put16(f, at + 2, mss);
	frame_end(f, 0);
	frame_put16(f, ip + (v6 ? 4 : 2), f->len - (v6 ? tcp : ip));
	frame_put16(f, tcp + 16, 0xffff & ~sum16(f->data + tcp, f->len - tcp,
		    sum16(f->data + tcp - addrs, addrs, 6 + f->len - tcp)));
	return at + 2;
}

static uint32_t tcp_sum(const struct frame *f, bool v6, uint32_t tcp)
{
	uint32_t addrs = v6 ? 32 : 8;

	return sum16(f->data + tcp, f->len - tcp,
		     sum16(f->data + tcp - addrs, addrs, 6 + f->len - tcp));
}

static void clamps(bool v6, uint32_t segments, uint32_t nops)
{
	uint16_t want = v6 ? MSS_PLAN6 : MSS_PLAN4;
	struct frame f;
	struct result r;
	uint32_t at, tcp;

	if (segments) {
		frame_outer(&f, 0, v6 ? IPPROTO_IPV6 : IPPROTO_IPIP, segments,
			    0);
	} else {
		frame_eth(&f, v6 ? ETH_P_IPV6 : ETH_P_IP);
		memset(f.data, 0, ETH_ALEN);
	}
	tcp = f.len + (v6 ? 40 : 20);
	at = syn_add(&f, v6, nops, 1460);
	r = arrives(&f);
	assert_int_equal(r.verdict, TC_ACT_UNSPEC);
	assert_int_equal(r.out.data[at] << 8 | r.out.data[at + 1], want);
	assert_int_equal(tcp_sum(&r.out, v6, tcp), 0xffff);
	/* nothing but these two fields */
	memcpy(r.out.data + at, f.data + at, 2);
	memcpy(r.out.data + tcp + 16, f.data + tcp + 16, 2);
	assert_untouched(&f, &r);
}

static void test_mss(void **state)
{
	uint32_t nops;

	(void)state;
	plan();
	for (nops = 0; nops < 4; nops++) {
		clamps(false, 0, nops);
		clamps(true, 0, nops);
		clamps(false, 2, nops);
		clamps(true, 2, nops);
	}
	assert_int_equal(counter(SRTE_COUNT_MSS_CLAMPED), 16);
}

static void test_mss_that_fits(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	plan();
	frame_eth(&f, ETH_P_IP);
	syn_add(&f, false, 0, MSS_PLAN4);
	r = arrives(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_MSS_CLAMPED), 0);
}

static void test_mss_of_strangers(void **state)
{
	struct frame f;
	struct result r;

	(void)state;
	plan();
	frame_eth(&f, ETH_P_IP);
	syn_add(&f, false, 0, 1460);
	f.data[f.l3 + 14] = 9;		/* 10.0.9.1: no pool reaches it */
	r = arrives(&f);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_MSS_CLAMPED), 0);
}

/* Options whose lengths lie: nothing is written, nothing goes on for ever. */
static void test_bad_options(void **state)
{
	static const uint8_t lengths[] = { 0, 1, 3, 5, 40, 255 };
	struct frame f;
	struct result r;
	size_t i;

	(void)state;
	plan();
	for (i = 0; i < sizeof(lengths); i++) {
		frame_eth(&f, ETH_P_IP);
		f.data[syn_add(&f, false, 0, 1460) - 1] = lengths[i];
		r = arrives(&f);
		assert_untouched(&f, &r);
	}
	assert_int_equal(counter(SRTE_COUNT_MSS_CLAMPED), 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_ce_into_ipv4),
		T(test_ce_into_ipv6),
		T(test_nothing_to_copy),
		T(test_not_for_this_host),
		T(test_ce_behind_tags),
		T(test_every_length),
		T(test_mss),
		T(test_mss_that_fits),
		T(test_mss_of_strangers),
		T(test_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
