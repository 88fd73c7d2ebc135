/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte_ingress: what a packet that arrives tells us, also when it is still
 * inside an SRv6 header that this host will take off. Read with helpers that
 * do not care where in the skb the bytes are; written only after every check.
 */
#ifndef SRTE_INGRESS_BPF_H
#define SRTE_INGRESS_BPF_H

#include "maps.bpf.h"
#include "parse.bpf.h"
#include "reverse.bpf.h"
#include "sockops.bpf.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PACKET_HOST	0	/* linux/if_packet.h: for this host */
#define ECN_MASK	3
#define IPV4_CSUM_OFF	10
#define TCP_CSUM_OFF	16
#define TCPOPT_EOL	0	/* RFC 9293 3.2 */
#define TCPOPT_NOP	1
#define TCPOPT_MSS	2
#define TCPOLEN_MSS	4
#define TCP_OPTIONS_MAX	40	/* bytes, and so options */

/* Where the packet's own IP header is. */
struct arrival {
	__u32 ip_off;
	__u8  next;		/* IPPROTO_IPIP or _IPV6: what is there */
	__u8  tos;		/* of the SRv6 header around it */
	bool  wrapped;
};

static __always_inline bool
arrival_vlan(struct __sk_buff *skb, __be16 *proto, __u32 *off)
{
	struct vlan_tag tag;
	int i;

	for (i = 0; i < VLAN_TAGS_MAX && is_vlan(*proto); i++) {
		if (bpf_skb_load_bytes(skb, *off, &tag, sizeof(tag)))
			return false;
		*proto = tag.proto;
		*off += sizeof(tag);
	}
	return true;
}

/* An SRH with nothing left to visit (RFC 8986 4.1), or none (H.Encaps.Red of
 * one segment): the header ends here. */
static __always_inline bool
arrival_unwrap(struct __sk_buff *skb, struct arrival *at)
{
	struct ipv6hdr ip6;
	__u8 srh[8];		/* next, length, type, segments left... */

	if (bpf_skb_load_bytes(skb, at->ip_off, &ip6, sizeof(ip6)))
		return false;
	at->tos = ip6.priority << 4 | ip6.flow_lbl[0] >> 4;
	if (ip6.nexthdr == IPPROTO_IPIP || ip6.nexthdr == IPPROTO_IPV6) {
		at->next = ip6.nexthdr;
		at->ip_off += sizeof(ip6);
		at->wrapped = true;
	} else if (ip6.nexthdr == IPPROTO_ROUTING) {
		if (bpf_skb_load_bytes(skb, at->ip_off + sizeof(ip6), srh,
				       sizeof(srh)))
			return false;
		if (srh[2] != IPV6_SRH || srh[3] ||
		    (srh[0] != IPPROTO_IPIP && srh[0] != IPPROTO_IPV6))
			return true;
		at->next = srh[0];
		at->ip_off += sizeof(ip6) + (srh[1] + 1) * 8;
		at->wrapped = true;
	}
	return true;
}

static __always_inline bool
arrival_find(struct __sk_buff *skb, __u32 link_len, struct arrival *at)
{
	__be16 proto = skb->protocol;

	at->ip_off = link_len;
	if (link_len && !arrival_vlan(skb, &proto, &at->ip_off))
		return false;
	if (proto == bpf_htons(ETH_P_IP))
		at->next = IPPROTO_IPIP;
	else if (proto == bpf_htons(ETH_P_IPV6))
		at->next = IPPROTO_IPV6;
	else
		return false;
	return at->next == IPPROTO_IPIP || arrival_unwrap(skb, at);
}

/* ---- ECN ---- */

static __always_inline void
ce_store(struct __sk_buff *skb, const struct arrival *at, __u16 old)
{
	bool ipv4 = at->next == IPPROTO_IPIP;
	__u8 byte = old | (ipv4 ? ECN_MASK : ECN_MASK << 4);
	__u16 new = (old & 0xff00) | byte;

	/* An IPv4 header's sum is made good below, and so is the packet's;
	 * IPv6 has none, so a sum that the device took must be. */
	if (bpf_skb_store_bytes(skb, at->ip_off + 1, &byte, sizeof(byte),
				ipv4 ? 0 : BPF_F_RECOMPUTE_CSUM))
		return;
	if (ipv4)
		bpf_l3_csum_replace(skb, at->ip_off + IPV4_CSUM_OFF,
				    bpf_htons(old), bpf_htons(new),
				    sizeof(new));
	count(SRTE_COUNT_CE_COPIED);
}

/*
 * RFC 6040 4.2: a mark of the outer header belongs to the inner one, which
 * Linux forgets when it takes an SRv6 header off. A packet that cannot be
 * marked would have to be dropped by the RFC; here nothing ever is.
 */
static __always_inline void
ce_copy(struct __sk_buff *skb, const struct arrival *at)
{
	__be16 head[IPV4_CSUM_OFF / 2 + 1];	/* as far as is written to */
	__u16 old;
	__u8 ecn;

	if (bpf_skb_load_bytes(skb, at->ip_off, head, sizeof(head)))
		return;
	old = bpf_ntohs(head[0]);	/* version and traffic class */
	ecn = (at->next == IPPROTO_IPIP ? old : old >> 4) & ECN_MASK;
	if (!ecn)
		count(SRTE_COUNT_CE_NOT_ECT);
	else if (ecn != ECN_MASK)
		ce_store(skb, at, old);
}

/* ---- TCP ---- */

/* Addresses and ports as the flow back to the sender has them. False: no
 * TCP, a fragment, or extension headers. */
static __always_inline bool
arrival_ipv4(struct __sk_buff *skb, const struct arrival *at,
	     struct srte_flow_key *key, __u32 *tcp_off)
{
	struct iphdr ip4;

	if (bpf_skb_load_bytes(skb, at->ip_off, &ip4, sizeof(ip4)) ||
	    ip4.protocol != IPPROTO_TCP || ip4.ihl < 5 ||
	    ip4.frag_off & bpf_htons(IP_FRAGMENT_MASK))
		return false;
	map_ipv4(key->src, ip4.daddr);
	map_ipv4(key->dst, ip4.saddr);
	*tcp_off = at->ip_off + ip4.ihl * 4;
	return true;
}

static __always_inline bool
arrival_ipv6(struct __sk_buff *skb, const struct arrival *at,
	     struct srte_flow_key *key, __u32 *tcp_off)
{
	struct ipv6hdr ip6;

	if (bpf_skb_load_bytes(skb, at->ip_off, &ip6, sizeof(ip6)) ||
	    ip6.nexthdr != IPPROTO_TCP)
		return false;
	__builtin_memcpy(key->src, &ip6.daddr, sizeof(key->src));
	__builtin_memcpy(key->dst, &ip6.saddr, sizeof(key->dst));
	*tcp_off = at->ip_off + sizeof(ip6);
	return true;
}

/* Offset of the MSS option in a header of options; 0: there is none. */
__noinline int
tcp_mss_offset(struct __sk_buff *skb, __u32 off, __u32 end)
{
	__u8 opt[2];		/* kind, length */
	int i;

	for (i = 0; i < TCP_OPTIONS_MAX && off < end; i++) {
		if (bpf_skb_load_bytes(skb, off, opt, sizeof(opt)) ||
		    opt[0] == TCPOPT_EOL)
			return 0;
		if (opt[0] == TCPOPT_NOP) {
			off++;
			continue;
		}
		if (opt[0] == TCPOPT_MSS && opt[1] == TCPOLEN_MSS)
			return off + sizeof(opt);
		if (opt[1] < sizeof(opt))
			return 0;
		off += opt[1];
	}
	return 0;
}

/*
 * Whoever sends this SYN tells the size of segments that it takes. A sender
 * on this side, be it a listener older than the pools or a host that we
 * forward for, is held to what fits with the longest header.
 */
static __always_inline void
mss_clamp(struct __sk_buff *skb, const struct arrival *at, __u32 tcp_off,
	  __u32 tcp_len, const struct srte_config *cfg)
{
	int plan = mss_plan(cfg, at->next == IPPROTO_IPIP ? AF_INET :
			    AF_INET6);
	__u32 off = tcp_mss_offset(skb, tcp_off + sizeof(struct tcphdr),
				   tcp_off + tcp_len);
	__be16 old, new = bpf_htons(plan);

	if (!plan || !off || bpf_skb_load_bytes(skb, off, &old, sizeof(old)) ||
	    bpf_ntohs(old) <= plan ||
	    bpf_skb_store_bytes(skb, off, &new, sizeof(new), 0))
		return;
	/* The sum is one of 16-bit words: at an odd place bytes change
	 * sides. */
	if ((off - tcp_off) & 1) {
		old = __builtin_bswap16(old);
		new = __builtin_bswap16(new);
	}
	bpf_l4_csum_replace(skb, tcp_off + TCP_CSUM_OFF, old, new,
			    sizeof(new));
	count(SRTE_COUNT_MSS_CLAMPED);
}

static __noinline int
arrival_tcp(struct __sk_buff *skb, const struct arrival *at,
	    const struct srte_config *cfg)
{
	struct srte_flow_key key = { .proto = IPPROTO_TCP };
	struct segment seg = {};
	struct tcphdr tcp;
	__u32 tcp_off;

	if (!(at->next == IPPROTO_IPIP ?
	      arrival_ipv4(skb, at, &key, &tcp_off) :
	      arrival_ipv6(skb, at, &key, &tcp_off)) ||
	    bpf_skb_load_bytes(skb, tcp_off, &tcp, sizeof(tcp)) ||
	    !route_get(key.dst))
		return 0;
	key.sport = tcp.dest;
	key.dport = tcp.source;
	if (tcp.syn)
		mss_clamp(skb, at, tcp_off, tcp.doff * 4, cfg);
	else if (cfg->rules & SRTE_RULE(R7)) {
		seg.seq = bpf_ntohl(tcp.seq);
		seg.len = skb->len - tcp_off - tcp.doff * 4;
		on_segment(skb, &key, &seg, cfg);
	}
	return 0;
}

static __always_inline void
packet_arrives(struct __sk_buff *skb, __u32 link_len,
	       const struct srte_config *cfg)
{
	struct arrival at = {};

	if (!arrival_find(skb, link_len, &at))
		return;
	/* Only what ends here: in transit the marks travel on outside. */
	if (at.wrapped && (at.tos & ECN_MASK) == ECN_MASK &&
	    skb->pkt_type == PACKET_HOST)
		ce_copy(skb, &at);
	if (cfg->generation)
		arrival_tcp(skb, &at, cfg);
}

#endif
