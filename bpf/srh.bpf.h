/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Push a ready-made header: H.Encaps and H.Encaps.Red of RFC 8986 5.1 and
 * 5.2, or an SRH inserted into the packet. Every check comes before the first
 * write; what does not pass leaves untouched and is counted.
 */
#ifndef SRTE_SRH_BPF_H
#define SRTE_SRH_BPF_H

#include "maps.bpf.h"
#include "parse.bpf.h"

#define IPV6_LEN	sizeof(struct ipv6hdr)
#define IPV6_VERSION	0x60000000U
#define FLOW_LABEL_MASK	0x000fffffU
#define SRH_LEN		8U		/* without the segment list */
#define SEGMENT_LEN	16U

/* The outer header, as far as the packet decides it. */
struct outer {
	__be32 word;		/* version, traffic class, flow label */
	__u8   next;		/* in the last header: what is inside */
	bool   srh;		/* that is an SRH */
};

static __always_inline bool
path_usable(const struct srte_path *path, const struct packet *pkt)
{
	__u8 inner = pkt->version == 4 ? SRTE_INNER_IPV4 : SRTE_INNER_IPV6;
	__u32 least = IPV6_LEN + SRH_LEN + SEGMENT_LEN;

	if (path->mode == SRTE_MODE_INLINE) {
		inner &= SRTE_INNER_IPV6;
		least = SRH_LEN + 2 * SEGMENT_LEN;
	} else if (path->mode == SRTE_MODE_ENCAP_RED) {
		least = IPV6_LEN;
	} else if (path->mode != SRTE_MODE_ENCAP) {
		return false;
	}
	return path->inner & inner && path->len >= least &&
	       path->len <= SRTE_HDR_MAX;
}

/* Hop-by-hop options must stay behind the IPv6 header (RFC 8200 4.1), where
 * an SRH would be inserted. */
static __always_inline bool
options_in_the_way(struct __sk_buff *skb, const struct srte_path *path)
{
	struct ipv6hdr *ip6 = (void *)(long)skb->data + ETH_HLEN;

	return path->mode == SRTE_MODE_INLINE &&
	       ((void *)(ip6 + 1) > (void *)(long)skb->data_end ||
		ip6->nexthdr == IPPROTO_HOPOPTS);
}

/*
 * Longest IP packet that will leave the device because of this skb, before
 * the push. A whole GSO packet is never longer than its device allows, its
 * segments are what counts.
 */
static __always_inline __u32
segment_bytes(struct __sk_buff *skb, const struct packet *pkt)
{
	if (skb->gso_size)
		return pkt->header_len + skb->gso_size;
	return skb->len - pkt->l3_off;
}

/* 0: there is no such device any more. Its own is ifindex 0. */
static __always_inline __u32 device_mtu(struct __sk_buff *skb, __u32 ifindex)
{
	__u32 mtu = 0;

	/* Asked only for the device's MTU: with GSO the helper's own verdict
	 * does not look at the segments. */
	bpf_check_mtu(skb, ifindex, &mtu, 0, 0);
	return mtu;
}

/*
 * Does the frame go to the neighbour that forwards to the path's first
 * segment? Only then may it stay as the kernel's own route made it.
 */
static __always_inline bool
same_next_hop(struct __sk_buff *skb, const struct srte_path *path)
{
	struct ethhdr *eth = (void *)(long)skb->data;

	return (void *)(eth + 1) <= (void *)(long)skb->data_end &&
	       skb->ifindex == path->ifindex &&
	       *(__u32 *)eth->h_dest == *(__u32 *)path->next_hop &&
	       *(__u16 *)(eth->h_dest + 4) == *(__u16 *)(path->next_hop + 4);
}

/* A redirect drops what goes to a group's address in the frame, such as a
 * cluster's, whatever its IP address. */
static __always_inline bool may_redirect(struct __sk_buff *skb)
{
	struct ethhdr *eth = (void *)(long)skb->data;

	return (void *)(eth + 1) <= (void *)(long)skb->data_end &&
	       !(eth->h_dest[0] & 1);
}

/*
 * A UDP train behind an outer header is dropped whole by the stack when the
 * device computes no checksums: the software that cuts it then has no answer
 * (the kernel's own seg6 fares the same). Not known here, so none is taken.
 */
static __always_inline bool
is_udp_train(struct __sk_buff *skb, const struct packet *pkt)
{
	return skb->gso_size && pkt->key.proto != IPPROTO_TCP;
}

/* Why a packet may not carry this path's header; SRTE_COUNT_STEERED: it may.
 * away: it is to leave by the path's own device and next hop. */
static __always_inline enum srte_counter
push_check(struct __sk_buff *skb, const struct packet *pkt,
	   const struct srte_path *path, bool away)
{
	__u32 mtu;

	if (!path_usable(path, pkt))
		return SRTE_COUNT_PATH_BAD;
	if (pkt->flags & PACKET_TAGGED)
		return SRTE_COUNT_TAGGED;
	if (is_udp_train(skb, pkt))
		return SRTE_COUNT_UDP_GSO;
	if (!path->next_hop_known || !path->ifindex ||
	    (away && !may_redirect(skb)))
		return SRTE_COUNT_NEXT_HOP;
	if (options_in_the_way(skb, path))
		return SRTE_COUNT_HOP_BY_HOP;
	/* A super-packet's length field must hold inner packet and SRH. */
	if (skb->len - pkt->l3_off + path->len - IPV6_LEN > 0xffff)
		return SRTE_COUNT_OVER_64K;
	mtu = device_mtu(skb, away ? path->ifindex : 0);
	if (!mtu)
		return SRTE_COUNT_NEXT_HOP;
	if (segment_bytes(skb, pkt) + path->len > mtu)
		return SRTE_COUNT_OVER_MTU;
	return SRTE_COUNT_STEERED;
}

/* DSCP and ECN go outward (RFC 6040 4.1), which Linux's own seg6 does not
 * do for IPv4; the label is stable over retransmissions (RFC 6438). */
static __always_inline struct outer
outer_of(const struct packet *pkt, __u32 len, __u32 hash)
{
	return (struct outer){
		.word = bpf_htonl(IPV6_VERSION | (__u32)pkt->tos << 20 |
				  (hash & FLOW_LABEL_MASK)),
		.next = pkt->version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6,
		.srh = len > IPV6_LEN,
	};
}

/* Fill the fields that depend on the packet into the header just stored. */
static __always_inline bool
outer_fill(struct __sk_buff *skb, const struct outer *outer)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = data + ETH_HLEN;
	__u8 *srh = (void *)(ip6 + 1);

	if ((void *)(srh + 1) > end)
		return false;
	eth->h_proto = bpf_htons(ETH_P_IPV6);	/* the helper leaves it */
	*(__be32 *)ip6 = outer->word;
	ip6->payload_len = bpf_htons(skb->len - ETH_HLEN - IPV6_LEN);
	if (outer->srh)
		*srh = outer->next;
	else
		ip6->nexthdr = outer->next;
	return true;
}

/* As far as an inserted SRH and the packet's own header depend on each other:
 * the destination goes last, the first segment takes its place. */
static __always_inline bool
inline_fill(struct __sk_buff *skb, const struct srte_path *path)
{
	struct ipv6hdr *ip6 = (void *)(long)skb->data + ETH_HLEN;
	__u8 *srh = (void *)(ip6 + 1);

	if ((void *)(srh + SRH_LEN + SEGMENT_LEN) >
	    (void *)(long)skb->data_end)
		return false;
	*srh = ip6->nexthdr;
	ip6->nexthdr = IPPROTO_ROUTING;
	ip6->payload_len = bpf_htons(skb->len - ETH_HLEN - IPV6_LEN);
	__builtin_memcpy(srh + SRH_LEN, &ip6->daddr, SEGMENT_LEN);
	__builtin_memcpy(&ip6->daddr, path->first, SEGMENT_LEN);
	return true;
}

/* The header into the room made for it. push_check() knows that the length is
 * in range; the verifier of 6.1 must see it once more, in the register that
 * it is handed. The room is linear and len bytes long: this cannot fail. */
static __always_inline bool
header_store(struct __sk_buff *skb, const struct srte_path *path, __u32 at,
	     __u64 len)
{
	asm volatile("" : "+r"(len));
	if (len < SRH_LEN)
		return false;
	/* else both become one comparison, of a difference in another one */
	asm volatile("" : "+r"(len));
	return len <= SRTE_HDR_MAX &&
	       !bpf_skb_store_bytes(skb, at, path->header, len, 0);
}

/* Insert an SRH. What is behind the IPv6 header stays as it is, so checksums
 * hold: they are over the destination that the packet arrives with. */
static __always_inline enum srte_counter
inline_push(struct __sk_buff *skb, const struct srte_path *path)
{
	__u64 len = path->len;

	if (bpf_skb_adjust_room(skb, len, BPF_ADJ_ROOM_NET,
				BPF_F_ADJ_ROOM_FIXED_GSO) ||
	    !header_store(skb, path, ETH_HLEN + IPV6_LEN, len) ||
	    !inline_fill(skb, path))
		return SRTE_COUNT_PUSH_FAILED;
	return SRTE_COUNT_STEERED;
}

/*
 * The push itself. push_check() has passed, so only the kernel can refuse,
 * and it does so in adjust_room, before anything is changed. Segments keep
 * their size (FIXED_GSO): push_check() made sure that they fit, so there
 * are no runts.
 */
static __always_inline enum srte_counter
srh_push(struct __sk_buff *skb, const struct packet *pkt,
	 const struct srte_path *path, __u32 hash)
{
	struct outer outer = outer_of(pkt, path->len, hash);
	__u64 len = path->len;

	if (path->mode == SRTE_MODE_INLINE)
		return inline_push(skb, path);
	if (bpf_skb_adjust_room(skb, len, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 |
				BPF_F_ADJ_ROOM_FIXED_GSO) ||
	    !header_store(skb, path, ETH_HLEN, len) ||
	    !outer_fill(skb, &outer))
		return SRTE_COUNT_PUSH_FAILED;
	return SRTE_COUNT_STEERED;
}

#endif
