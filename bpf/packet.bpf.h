/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs know of a packet, and the cursor that finds it out. */
#ifndef SRTE_PACKET_BPF_H
#define SRTE_PACKET_BPF_H

#include "abi.h"

#include <stdbool.h>

#include <linux/bpf.h>

enum parse {
	PARSE_OK,
	PARSE_SHORT,		/* the frame, or its linear part, ends */
	PARSE_NOT_IP,
	PARSE_UNKNOWN,		/* a header that says nothing sensible */
};

enum packet_flag {
	PACKET_TAGGED = 0x1,	/* VLAN tag in the frame's own bytes */
	PACKET_LATER = 0x2,	/* not the first fragment: no ports */
	PACKET_FRAGMENT = 0x4,	/* any fragment */
	PACKET_SRV6 = 0x8,	/* has a segment routing header */
	PACKET_LINK = 0x10,	/* must not leave the link it is sent on */
};

struct packet {
	/* aligned, or clang moves it in small pieces */
	struct srte_flow_key key __attribute__((aligned(8)));
	__u32 l3_off;		/* of the IP header in the frame */
	__u32 header_len;	/* IP, extension and TCP or UDP headers */
	__u32 bytes;		/* at the IP layer, on the wire */
	__u32 segments;
	__u16 flags;		/* PACKET_* */
	__u8  version;		/* 4 or 6 */
	__u8  tos;		/* DSCP and ECN */
	__u8  hook;		/* SRTE_HOOK_* that we run on */
	__u8  fragment_proto;	/* as every fragment says it */
	__u8  pad[2];
	__u32 fragment_id;
	__u32 pad2;
};

/* Lengths are summed up on the way: the verifier allows no subtraction of
 * packet pointers in 32 bits, which is what clang makes of it. */
struct cursor {
	void *pos, *end;
};

#define OFFSET_MAX 0x3fff	/* a packet pointer moves less than 64 KB */

static __always_inline struct cursor
cursor_at(struct __sk_buff *skb, __u32 offset)
{
	return (struct cursor){
		.pos = (void *)(long)skb->data + (offset & OFFSET_MAX),
		.end = (void *)(long)skb->data_end,
	};
}

/* Multicast, link-local and limited broadcast: no router may forward it, so
 * no segment list may carry it away. */
static __always_inline bool is_link_scope(const struct packet *pkt)
{
	const __u8 *dst = pkt->key.dst;

	if (pkt->version == 4)
		return (dst[12] & 0xf0) == 0xe0 || dst[12] == 0xff ||
		       (dst[12] == 169 && dst[13] == 254);
	return dst[0] == 0xff || (dst[0] == 0xfe && (dst[1] & 0xc0) == 0x80);
}

/* Whoever hands us a GSO packet from outside (tun, a guest) may leave it to
 * us to count its segments. */
static __always_inline __u32
segments_of(struct __sk_buff *skb, const struct packet *pkt)
{
	__u32 headers = pkt->l3_off + pkt->header_len, size = skb->gso_size;

	if (skb->gso_segs)
		return skb->gso_segs;
	if (!size || skb->len <= headers)
		return 1;
	return (skb->len - headers + size - 1) / size;
}

/* Wire size: a GSO packet's headers are repeated in each of its segments. */
static __always_inline void
measure(struct __sk_buff *skb, struct packet *pkt)
{
	pkt->bytes = skb->len - pkt->l3_off;
	pkt->segments = 1;
	if (!skb->gso_size)
		return;
	pkt->segments = segments_of(skb, pkt);
	pkt->bytes += (pkt->segments - 1) * pkt->header_len;
}

#endif
