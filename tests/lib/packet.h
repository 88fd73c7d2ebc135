/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames for the program tests, put together header by header. */
#ifndef TEST_PACKET_H
#define TEST_PACKET_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct frame {
	uint8_t  data[4096];
	uint32_t len;
	uint32_t l3;		/* where the IP header starts */
};

/* Headers are built beside the frame and copied in: no alignment, no
 * aliasing to think of. */
static inline void frame_add(struct frame *f, const void *bytes, uint32_t len)
{
	memcpy(f->data + f->len, bytes, len);
	f->len += len;
}

static inline void frame_fill(struct frame *f, uint8_t byte, uint32_t len)
{
	memset(f->data + f->len, byte, len);
	f->len += len;
}

static inline void frame_eth(struct frame *f, uint16_t proto)
{
	struct ethhdr h = { .h_proto = htons(proto) };

	memset(h.h_dest, 0x0b, ETH_ALEN);
	memset(h.h_source, 0x0a, ETH_ALEN);
	f->len = 0;
	frame_add(f, &h, sizeof(h));
	f->l3 = f->len;
}

/* Makes what follows the first addresses a VLAN tag with vid. */
static inline void frame_vlan(struct frame *f, uint16_t tpid, uint16_t vid)
{
	uint8_t *type = f->data + f->len - 2;
	uint16_t tag[2] = { htons(vid) };

	memcpy(&tag[1], type, 2);
	tpid = htons(tpid);
	memcpy(type, &tpid, 2);
	frame_add(f, tag, sizeof(tag));
	f->l3 = f->len;
}

/* frag: flags and offset as in the header. options: bytes, a multiple of 4.
 * Lengths are set by frame_end(). */
static inline void frame_ipv4_full(struct frame *f, uint8_t proto, uint8_t tos,
				   uint16_t frag, uint32_t options)
{
	struct iphdr h = {
		.version = 4,
		.ihl = 5 + options / 4,
		.tos = tos,
		.ttl = 64,
		.protocol = proto,
		.frag_off = htons(frag),
	};

	inet_pton(AF_INET, "10.0.1.1", &h.saddr);
	inet_pton(AF_INET, "10.0.2.1", &h.daddr);
	frame_add(f, &h, sizeof(h));
	frame_fill(f, 1, options);	/* IPOPT_NOOP */
}

static inline void frame_ipv4(struct frame *f, uint8_t proto)
{
	frame_ipv4_full(f, proto, 0, 0, 0);
}

static inline void frame_ipv6(struct frame *f, uint8_t next, uint8_t tclass)
{
	struct ipv6hdr h = {
		.version = 6,
		.priority = tclass >> 4,
		.flow_lbl = { tclass << 4 },
		.nexthdr = next,
		.hop_limit = 64,
	};

	inet_pton(AF_INET6, "fd00:1::1", &h.saddr);
	inet_pton(AF_INET6, "fd00:2::1", &h.daddr);
	frame_add(f, &h, sizeof(h));
}

/* An extension header of 8 * (units + 1) bytes. */
static inline void
frame_ext(struct frame *f, uint8_t next, uint8_t units, uint8_t type)
{
	uint8_t h[3] = { next, units, type };

	frame_add(f, h, sizeof(h));
	frame_fill(f, 0, 8 * (units + 1U) - sizeof(h));
}

static inline void
frame_frag(struct frame *f, uint8_t next, uint16_t offset, int more)
{
	uint8_t h[8] = {
		next, 0, offset >> 8, (offset & 0xf8) | (more ? 1 : 0),
	};

	frame_add(f, h, sizeof(h));
}

static inline void frame_tcp(struct frame *f, uint16_t sport, uint16_t dport,
			     uint32_t options)
{
	struct tcphdr h = {
		.source = htons(sport),
		.dest = htons(dport),
		.doff = 5 + options / 4,
		.ack = 1,
	};

	frame_add(f, &h, sizeof(h));
	frame_fill(f, 1, options);	/* TCPOPT_NOP */
}

static inline void
frame_udp(struct frame *f, uint16_t sport, uint16_t dport)
{
	struct udphdr h = { .source = htons(sport), .dest = htons(dport) };

	frame_add(f, &h, sizeof(h));
}

/* An ICMPv6 message of this type (neighbour solicitation: 135). */
static inline void frame_icmpv6(struct frame *f, uint8_t type)
{
	frame_add(f, &type, 1);
	frame_fill(f, 0, 7);
}

/* Another destination, in either family. */
static inline void frame_dst(struct frame *f, const char *addr)
{
	bool v6 = f->data[f->l3] >> 4 == 6;

	inet_pton(v6 ? AF_INET6 : AF_INET, addr,
		  f->data + f->l3 + (v6 ? 24 : 16));
}

static inline void frame_put16(struct frame *f, uint32_t at, uint32_t value)
{
	f->data[at] = value >> 8;
	f->data[at + 1] = value;
}

/* Payload that shows if a byte moved, then the lengths of the IP header. */
static inline void frame_end(struct frame *f, uint32_t payload)
{
	uint32_t i;

	for (i = 0; i < payload; i++)
		f->data[f->len++] = (uint8_t)(i * 7 + 1);
	if (f->data[f->l3] >> 4 == 4)
		frame_put16(f, f->l3 + 2, f->len - f->l3);
	else if (f->data[f->l3] >> 4 == 6)
		frame_put16(f, f->l3 + 4, f->len - f->l3 - 40);
}

/* The two frames that most tests start from. */
static inline void frame_tcp4(struct frame *f, uint8_t tos, uint32_t payload)
{
	frame_eth(f, ETH_P_IP);
	frame_ipv4_full(f, IPPROTO_TCP, tos, 0, 0);
	frame_tcp(f, 40000, 5201, 12);
	frame_end(f, payload);
}

static inline void frame_tcp6(struct frame *f, uint8_t tclass,
			      uint32_t payload)
{
	frame_eth(f, ETH_P_IPV6);
	frame_ipv6(f, IPPROTO_TCP, tclass);
	frame_tcp(f, 40000, 5201, 12);
	frame_end(f, payload);
}

#endif
