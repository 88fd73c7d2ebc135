/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the frame to struct packet. A helper moves the cursor past its header
 * and fills its output, or touches neither; it returns a named reason.
 */
#ifndef SRTE_PARSE_BPF_H
#define SRTE_PARSE_BPF_H

#include "abi.h"
#include "packet.bpf.h"

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_FRAGMENT_MASK	0x3fff	/* more fragments, and the offset */
#define IP_OFFSET_MASK		0x1fff
#define IPV6_OFFSET_MASK	0xfff8
#define IPV6_EXT_MAX		6	/* headers we step over */
#define IPV6_SRH		4	/* routing type, RFC 8754 2 */
#define VLAN_TAGS_MAX		2
#define UDP_LEN			8
#define ND_FIRST		133	/* router solicitation, RFC 4861 4 */
#define ND_LAST			137	/* redirect */

#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP		132
#endif

struct vlan_tag {
	__be16 tci, proto;
};

union extension {		/* the 8 bytes that all of them begin with */
	struct {
		__u8 next, len;		/* in 8 bytes, less the first 8 */
		__u8 type;		/* of a routing header */
	};
	struct {
		__u16  fragment_next;
		__be16 fragment;	/* offset, and more to come */
		__be32 fragment_id;
	};
};

struct ports {
	__be16 src, dst;
};

static __always_inline bool is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) ||
	       proto == bpf_htons(ETH_P_8021AD);
}

static __always_inline enum parse
parse_ethernet(struct cursor *cur, __be16 *ret_proto)
{
	struct ethhdr *h = cur->pos;

	if ((void *)(h + 1) > cur->end)
		return PARSE_SHORT;
	cur->pos = h + 1;
	*ret_proto = h->h_proto;
	return PARSE_OK;
}

static __always_inline enum parse
parse_vlan(struct cursor *cur, __be16 *proto, struct packet *pkt)
{
	int i;

	for (i = 0; i < VLAN_TAGS_MAX && is_vlan(*proto); i++) {
		struct vlan_tag *tag = cur->pos;

		if ((void *)(tag + 1) > cur->end)
			return PARSE_SHORT;
		cur->pos = tag + 1;
		*proto = tag->proto;
		pkt->l3_off += sizeof(*tag);
		pkt->flags |= PACKET_TAGGED;
	}
	return PARSE_OK;
}

/* The key keeps IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
static __always_inline void map_ipv4(__u8 addr[16], __be32 ip)
{
	__u32 *word = (__u32 *)addr;

	word[2] = bpf_htonl(0xffff);
	word[3] = ip;
}

static __always_inline enum parse
parse_ipv4(struct cursor *cur, struct packet *pkt)
{
	struct iphdr *h = cur->pos;
	__u32 len;

	if ((void *)(h + 1) > cur->end)
		return PARSE_SHORT;
	len = h->ihl * 4;
	if (h->version != 4 || len < sizeof(*h))
		return PARSE_UNKNOWN;
	if (cur->pos + len > cur->end)
		return PARSE_SHORT;
	cur->pos += len;
	pkt->header_len = len;
	map_ipv4(pkt->key.src, h->saddr);
	map_ipv4(pkt->key.dst, h->daddr);
	pkt->key.proto = h->protocol;
	pkt->version = 4;
	pkt->tos = h->tos;
	if (h->frag_off & bpf_htons(IP_FRAGMENT_MASK))
		pkt->flags |= PACKET_FRAGMENT;
	pkt->fragment_proto = h->protocol;
	pkt->fragment_id = h->id;
	if (h->frag_off & bpf_htons(IP_OFFSET_MASK))
		pkt->flags |= PACKET_LATER;
	return PARSE_OK;
}

static __always_inline void
ipv6_read(const struct ipv6hdr *h, struct packet *pkt)
{
	pkt->header_len = sizeof(*h);
	__builtin_memcpy(pkt->key.src, &h->saddr, 16);
	__builtin_memcpy(pkt->key.dst, &h->daddr, 16);
	pkt->key.proto = h->nexthdr;
	pkt->version = 6;
	pkt->tos = h->priority << 4 | h->flow_lbl[0] >> 4;
}

static __always_inline enum parse
parse_ipv6(struct cursor *cur, struct packet *pkt)
{
	struct ipv6hdr *h = cur->pos;

	if ((void *)(h + 1) > cur->end)
		return PARSE_SHORT;
	if (h->version != 6)
		return PARSE_UNKNOWN;
	cur->pos = h + 1;
	ipv6_read(h, pkt);
	return PARSE_OK;
}

static __always_inline bool is_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
	       next == IPPROTO_DSTOPTS || next == IPPROTO_FRAGMENT;
}

static __always_inline void
extension_note(const union extension *h, struct packet *pkt)
{
	if (pkt->key.proto == IPPROTO_ROUTING && h->type == IPV6_SRH)
		pkt->flags |= PACKET_SRV6;
	if (pkt->key.proto != IPPROTO_FRAGMENT)
		return;
	pkt->flags |= PACKET_FRAGMENT;
	pkt->fragment_proto = h->next;
	pkt->fragment_id = h->fragment_id;
	if (h->fragment & bpf_htons(IPV6_OFFSET_MASK))
		pkt->flags |= PACKET_LATER;
}

/*
 * Step over the extension headers. Rare, so it reads through the helper,
 * which sees the pages too, and stays out of the fast path. A global
 * function, here and below: the verifier walks it once, by itself, and not
 * once more for every state that its callers can be in. Unrolled: 6.1 takes
 * no loop whose last instruction is not a jump, and clang promises none.
 */
__noinline int ipv6_extensions(struct __sk_buff *skb, struct packet *pkt)
{
	union extension h;
	__u32 len;
	int i;

	if (!pkt)		/* the verifier asks, the callers never do */
		return PARSE_UNKNOWN;
#pragma unroll
	for (i = 0; i < IPV6_EXT_MAX; i++) {
		if (!is_extension(pkt->key.proto) ||
		    pkt->flags & PACKET_LATER)
			return PARSE_OK;
		if (bpf_skb_load_bytes(skb, pkt->l3_off + pkt->header_len, &h,
				       sizeof(h)))
			return PARSE_SHORT;
		len = pkt->key.proto == IPPROTO_FRAGMENT ? 8 : 8 + 8 * h.len;
		if (pkt->l3_off + pkt->header_len + len > skb->len)
			return PARSE_SHORT;
		extension_note(&h, pkt);
		pkt->key.proto = h.next;
		pkt->header_len += len;
	}
	return is_extension(pkt->key.proto) ? PARSE_UNKNOWN : PARSE_OK;
}

/* Neighbour discovery goes to unicast addresses too. */
static __always_inline enum parse
parse_icmpv6(struct cursor *cur, struct packet *pkt)
{
	__u8 *type = cur->pos;

	if ((void *)(type + 1) > cur->end)
		return PARSE_SHORT;
	if (*type >= ND_FIRST && *type <= ND_LAST)
		pkt->flags |= PACKET_LINK;
	return PARSE_OK;
}

static __always_inline bool has_ports(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_UDPLITE;
}

/* Ports, and the length that a GSO packet repeats in every segment. */
static __always_inline enum parse
parse_transport(struct cursor *cur, struct packet *pkt)
{
	struct ports *ports = cur->pos;
	struct tcphdr *tcp = cur->pos;

	if (pkt->flags & PACKET_LATER)
		return PARSE_OK;
	if (pkt->key.proto == IPPROTO_ICMPV6)
		return parse_icmpv6(cur, pkt);
	if (!has_ports(pkt->key.proto))
		return PARSE_OK;
	if ((void *)(ports + 1) > cur->end)
		return PARSE_SHORT;
	pkt->key.sport = ports->src;
	pkt->key.dport = ports->dst;
	if (pkt->key.proto == IPPROTO_UDP)
		pkt->header_len += UDP_LEN;
	if (pkt->key.proto != IPPROTO_TCP)
		return PARSE_OK;
	if ((void *)(tcp + 1) > cur->end)
		return PARSE_SHORT;
	pkt->header_len += tcp->doff * 4;
	return PARSE_OK;
}

/* A device with Ethernet: the frame says what is in it. */
static __always_inline enum parse
parse_frame(struct cursor *cur, struct packet *pkt)
{
	enum parse ret;
	__be16 proto;

	pkt->l3_off = ETH_HLEN;
	ret = parse_ethernet(cur, &proto);
	if (ret == PARSE_OK)
		ret = parse_vlan(cur, &proto, pkt);
	if (ret != PARSE_OK)
		return ret;
	if (proto == bpf_htons(ETH_P_IP))
		return parse_ipv4(cur, pkt);
	if (proto == bpf_htons(ETH_P_IPV6))
		return parse_ipv6(cur, pkt);
	return PARSE_NOT_IP;
}

/* Begins with the IP header, whose first half byte says which it is. */
static __always_inline enum parse
parse_bare(struct cursor *cur, struct packet *pkt)
{
	__u8 *first = cur->pos;

	if ((void *)(first + 1) > cur->end)
		return PARSE_SHORT;
	if (*first >> 4 == 4)
		return parse_ipv4(cur, pkt);
	if (*first >> 4 == 6)
		return parse_ipv6(cur, pkt);
	return PARSE_NOT_IP;
}

/*
 * What most packets are, in one look: an IPv6 header and that of TCP behind
 * it. Whatever is otherwise goes the long way, which says the same of these.
 */
static __always_inline bool
parse_tcp6(struct __sk_buff *skb, struct packet *pkt, __u32 link_len)
{
	struct ethhdr *eth = (void *)(long)skb->data;
	struct ipv6hdr *ip6 = (void *)eth + link_len;
	struct tcphdr *tcp = (void *)(ip6 + 1);

	if ((void *)(tcp + 1) > (void *)(long)skb->data_end ||
	    (link_len && eth->h_proto != bpf_htons(ETH_P_IPV6)) ||
	    ip6->version != 6 || ip6->nexthdr != IPPROTO_TCP)
		return false;
	*pkt = (struct packet){
		.key.sport = tcp->source,
		.key.dport = tcp->dest,
		.l3_off = link_len,
	};
	ipv6_read(ip6, pkt);
	pkt->header_len += tcp->doff * 4;
	if (is_link_scope(pkt))
		pkt->flags |= PACKET_LINK;
	measure(skb, pkt);
	return true;
}

static __always_inline enum parse
parse_linear(struct __sk_buff *skb, struct packet *pkt, __u32 link_len)
{
	struct cursor cur = cursor_at(skb, 0);
	enum parse ret;

	if (parse_tcp6(skb, pkt, link_len))
		return PARSE_OK;
	__builtin_memset(pkt, 0, sizeof(*pkt));
	ret = link_len ? parse_frame(&cur, pkt) : parse_bare(&cur, pkt);
	if (ret == PARSE_OK && pkt->version == 6 &&
	    is_extension(pkt->key.proto))
		ret = ipv6_extensions(skb, pkt);
	if (ret != PARSE_OK)
		return ret;
	if (is_link_scope(pkt))
		pkt->flags |= PACKET_LINK;
	cur = cursor_at(skb, pkt->l3_off + pkt->header_len);
	ret = parse_transport(&cur, pkt);
	if (ret == PARSE_OK)
		measure(skb, pkt);
	return ret;
}

/* Headers may sit outside the linear part (a forwarded packet with pages):
 * pull them in once and read again. */
#define PULL_MAX 256

static __always_inline enum parse
parse_pulled(struct __sk_buff *skb, struct packet *pkt, __u32 link_len)
{
	__u32 want = skb->len < PULL_MAX ? skb->len : PULL_MAX;

	if (bpf_skb_pull_data(skb, want))
		return PARSE_SHORT;
	return parse_linear(skb, pkt, link_len);
}

__noinline int packet_pull(struct __sk_buff *skb, struct packet *pkt)
{
	return pkt ? parse_pulled(skb, pkt, ETH_HLEN) : PARSE_UNKNOWN;
}

__noinline int packet_pull_l3(struct __sk_buff *skb, struct packet *pkt)
{
	return pkt ? parse_pulled(skb, pkt, 0) : PARSE_UNKNOWN;
}

/* Inline: a call costs a fifth of all this where returns are guarded. */
static __always_inline enum parse
packet_parse(struct __sk_buff *skb, struct packet *pkt, __u32 link_len)
{
	enum parse ret = parse_linear(skb, pkt, link_len);

	if (ret != PARSE_SHORT)
		return ret;
	return link_len ? packet_pull(skb, pkt) : packet_pull_l3(skb, pkt);
}

#endif
