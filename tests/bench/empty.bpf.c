// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that do nothing, one for each hook: what is left is the price of
 * being called. And the two older ways of the journey: a socket's mark that
 * picks a routing table, and a header pushed on a route (LWT_XMIT).
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tc")
int empty_tc(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

SEC("cgroup_skb/egress")
int empty_cgroup(struct __sk_buff *skb)
{
	(void)skb;
	return 1;
}

SEC("lwt_xmit")
int empty_lwt(struct __sk_buff *skb)
{
	(void)skb;
	return BPF_OK;
}

SEC("sockops")
int empty_sockops(struct bpf_sock_ops *ctx)
{
	(void)ctx;
	return 1;
}

/* Sockets of this cgroup get a mark: cgroup_skb sees packets when their route
 * is settled, so the mark must be there before. */
SEC("cgroup/sock_create")
int mark_sock(struct bpf_sock *sk)
{
	sk->mark = 7;
	return 1;
}

/* fc00:L::e, fc00:L::d6 of links.bash, for the link that this is set to. */
struct header {
	struct ipv6hdr ip6;
	__u8 srh[8];
	__u8 segment[2][16];
} __attribute__((packed));

#ifndef LWT_LINK
#define LWT_LINK 4
#endif

SEC("lwt_xmit")
int push_lwt(struct __sk_buff *skb)
{
	struct header h = {
		.ip6 = { .version = 6, .nexthdr = IPPROTO_ROUTING,
			 .hop_limit = 64 },
		.srh = { IPPROTO_IPV6, 4, 4, 1, 1, 0, 0, 0 },
		.segment = { { 0xfc, 0, 0, LWT_LINK, [15] = 0xd6 },
			     { 0xfc, 0, 0, LWT_LINK, [15] = 0x0e } },
	};

	h.ip6.payload_len = bpf_htons(skb->len + sizeof(h) - sizeof(h.ip6));
	__builtin_memcpy(&h.ip6.daddr, h.segment[1], 16);
	h.ip6.saddr.s6_addr[0] = 0xfd;
	h.ip6.saddr.s6_addr[3] = 9;
	h.ip6.saddr.s6_addr[5] = LWT_LINK;
	h.ip6.saddr.s6_addr[15] = 1;
	/* Plain packets would pass for steered ones in the figure. */
	return bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, &h, sizeof(h)) ?
	       BPF_DROP : BPF_OK;
}
