// SPDX-License-Identifier: GPL-2.0-only
/* Fragments, offloads and tags: what a packet says elsewhere than in itself. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#define VLAN_8021Q	0x8100
#define IP_MORE		0x2000

static struct srte_flow_key flow_key(const char *src, const char *dst,
				     uint8_t proto)
{
	struct srte_flow_key key = {
		.sport = htons(7), .dport = htons(8), .proto = proto,
	};

	inet_pton(AF_INET6, src, key.src);
	inet_pton(AF_INET6, dst, key.dst);
	return key;
}

static struct srte_flow_key key4(uint8_t proto)
{
	return flow_key("::ffff:10.0.1.1", "::ffff:10.0.2.1", proto);
}

static struct srte_flow_key key6(uint8_t proto)
{
	return flow_key("fd00:1::1", "fd00:2::1", proto);
}

static void
assert_flow(struct srte_flow_key key, uint64_t packets, uint64_t bytes)
{
	struct srte_flow flow;

	assert_int_equal(flow_get(key, &flow), 0);
	assert_int_equal(flow.packets, packets);
	assert_int_equal(flow.bytes, bytes);
}

/* ---- fragments ---- */

static void fragment4(uint16_t id, uint16_t frag, uint8_t proto)
{
	struct frame f;
	struct result r;

	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, proto, 0, frag, 0);
	frame_put16(&f, f.l3 + 4, id);
	if (!(frag & 0x1fff))
		frame_udp(&f, 7, 8);
	frame_end(&f, frag & 0x1fff ? 72 : 64);
	r = prog_run(&f);
	assert_untouched(&f, &r);
}

static void test_ipv4_later_fragments_are_the_flows(void **state)
{
	(void)state;
	fragment4(99, IP_MORE, IPPROTO_UDP);
	fragment4(99, IP_MORE | 9, IPPROTO_UDP);
	fragment4(99, 18, IPPROTO_UDP);
	assert_flow(key4(IPPROTO_UDP), 3, 3 * (20 + 72));
	assert_int_equal(counter(SRTE_COUNT_FRAGMENT), 0);
}

/* Another id, another protocol: another datagram. */
static void test_ipv4_fragments_of_others(void **state)
{
	struct srte_flow_key none = key4(IPPROTO_UDP);

	(void)state;
	fragment4(99, IP_MORE, IPPROTO_UDP);
	fragment4(98, 9, IPPROTO_UDP);
	fragment4(99, 9, IPPROTO_SCTP);
	assert_flow(key4(IPPROTO_UDP), 1, 20 + 72);
	assert_int_equal(counter(SRTE_COUNT_FRAGMENT), 2);
	none.sport = none.dport = 0;
	assert_flow(none, 1, 20 + 72);
}

/* The id is used again: the last first fragment says whose it is. */
static void test_ipv4_fragment_id_used_again(void **state)
{
	struct srte_flow_key key = key4(IPPROTO_UDP);
	struct frame f;

	(void)state;
	fragment4(99, IP_MORE, IPPROTO_UDP);
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, IP_MORE, 0);
	frame_put16(&f, f.l3 + 4, 99);
	frame_udp(&f, 9, 8);
	frame_end(&f, 64);
	prog_run(&f);
	fragment4(99, 9, IPPROTO_UDP);
	assert_flow(key, 1, 20 + 72);
	key.sport = htons(9);
	assert_flow(key, 2, 2 * (20 + 72));
}

/* Behind the first fragment's header there may be more: the later ones name
 * the first of it, not the protocol. */
static void test_ipv6_later_fragments_are_the_flows(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_DSTOPTS, 0, 1);
	frame_ext(&f, IPPROTO_UDP, 0, 1);
	frame_udp(&f, 7, 8);
	frame_end(&f, 64);
	prog_run(&f);
	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_FRAGMENT, 0);
	frame_frag(&f, IPPROTO_DSTOPTS, 80, 0);
	frame_end(&f, 80);
	prog_run(&f);
	assert_flow(key6(IPPROTO_UDP), 2, 2 * (40 + 8 + 80));
	assert_int_equal(counter(SRTE_COUNT_FRAGMENT), 0);
}

/* More datagrams under way than are kept: the rest is counted as such. */
static void test_fragments_are_bounded(void **state)
{
	const uint32_t n = 5000;
	uint32_t id;

	(void)state;
	for (id = 0; id < n; id++)
		fragment4((uint16_t)id, IP_MORE, IPPROTO_UDP);
	for (id = 0; id < n; id++)
		fragment4((uint16_t)id, 9, IPPROTO_UDP);
	assert_in_range(counter(SRTE_COUNT_FRAGMENT), n / 2, n - 1);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 2 * n);
}

/* ---- segmentation offload ---- */

static void udp6(struct frame *f, uint32_t payload)
{
	frame_eth(f, ETH_P_IPV6);
	frame_ipv6(f, IPPROTO_UDP, 0);
	frame_udp(f, 7, 8);
	frame_end(f, payload);
}

static void test_udp_gso_repeats_its_header(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 3, .gso_size = 1000 };
	struct frame f;

	(void)state;
	udp6(&f, 2500);
	prog_run_ctx(&f, &ctx);
	assert_flow(key6(IPPROTO_UDP), 3, 2500 + 3 * 48);
}

/* From tun or a guest: the size is given, the number is not. */
static void test_gso_without_a_number_of_segments(void **state)
{
	struct __sk_buff ctx = { .gso_size = 1000 };
	struct srte_flow flow;
	struct frame f;

	(void)state;
	udp6(&f, 2500);
	prog_run_ctx(&f, &ctx);
	assert_flow(key6(IPPROTO_UDP), 3, 2500 + 3 * 48);
	frame_tcp6(&f, 0, 3000);
	prog_run_ctx(&f, &ctx);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 3000 + 3 * 72);
}

static void test_gso_smaller_than_a_segment(void **state)
{
	struct __sk_buff ctx = { .gso_size = 1000 };
	struct frame f;

	(void)state;
	udp6(&f, 0);
	prog_run_ctx(&f, &ctx);
	assert_flow(key6(IPPROTO_UDP), 1, 48);
}

/* ---- VLAN ---- */

/* A program that tags the packet as the kernel does it, beside the frame,
 * and goes on in srte_egress. */
static int tagger(int tail_fd)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6,
		  .src_reg = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2,
		  .imm = htons(VLAN_8021Q) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3,
		  .imm = 10 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_vlan_push },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1,
		  .src_reg = 6 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 2,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = tail_fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = TC_ACT_SHOT },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tagger", "GPL", code,
			     sizeof(code) / sizeof(*code), NULL);
}

static void test_vlan_tag_beside_the_frame(void **state)
{
	int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, 4, 4, 1, NULL);
	int egress = bpf_program__fd(skel->progs.srte_egress), prog;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = 1);
	uint32_t zero = 0;
	struct frame f;

	(void)state;
	assert_true(map >= 0);
	assert_int_equal(bpf_map_update_elem(map, &zero, &egress, 0), 0);
	prog = tagger(map);
	assert_true(prog >= 0);
	udp6(&f, 100);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	assert_int_equal(bpf_prog_test_run_opts(prog, &opts), 0);
	assert_int_equal((int)opts.retval, TC_ACT_UNSPEC);
	assert_flow(key6(IPPROTO_UDP), 1, 148);
	close(prog);
	close(map);
}

static void test_vlan_one_tag_in_the_frame(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IPV6);
	frame_vlan(&f, VLAN_8021Q, 10);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	frame_udp(&f, 7, 8);
	frame_end(&f, 100);
	prog_run(&f);
	assert_flow(key6(IPPROTO_UDP), 1, 148);
}

static void test_vlan_two_tags_in_the_frame(void **state)
{
	struct frame f;

	(void)state;
	frame_eth(&f, ETH_P_IP);
	frame_vlan(&f, VLAN_8021Q, 10);
	frame_vlan(&f, VLAN_8021Q, 20);
	frame_ipv4(&f, IPPROTO_SCTP);
	frame_udp(&f, 7, 8);	/* the ports stand in the same place */
	frame_end(&f, 100);
	prog_run(&f);
	assert_flow(key4(IPPROTO_SCTP), 1, 20 + 8 + 100);
}

/* ---- no ports ---- */

static void one_without_ports(bool v6, uint8_t proto)
{
	struct srte_flow_key key = v6 ? key6(proto) : key4(proto);
	struct frame f;

	key.sport = key.dport = 0;
	frame_eth(&f, v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (v6)
		frame_ipv6(&f, proto, 0);
	else
		frame_ipv4(&f, proto);
	frame_end(&f, 64);
	prog_run(&f);
	assert_flow(key, 1, 64 + (v6 ? 40 : 20));
}

static void test_protocols_without_ports(void **state)
{
	static const uint8_t proto[] = { IPPROTO_ICMP, IPPROTO_ICMPV6,
		IPPROTO_IPIP, IPPROTO_GRE, IPPROTO_ESP, 89, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof(proto); i++) {
		one_without_ports(true, proto[i]);
		one_without_ports(false, proto[i]);
	}
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 2 * sizeof(proto));
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_ipv4_later_fragments_are_the_flows),
		T(test_ipv4_fragments_of_others),
		T(test_ipv4_fragment_id_used_again),
		T(test_ipv6_later_fragments_are_the_flows),
		T(test_fragments_are_bounded),
		T(test_udp_gso_repeats_its_header),
		T(test_gso_without_a_number_of_segments),
		T(test_gso_smaller_than_a_segment),
		T(test_vlan_tag_beside_the_frame),
		T(test_vlan_one_tag_in_the_frame),
		T(test_vlan_two_tags_in_the_frame),
		T(test_protocols_without_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
