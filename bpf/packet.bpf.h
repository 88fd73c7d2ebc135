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

#endif
