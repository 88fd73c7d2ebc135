/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frames DEVICE [bare]: one flow of every kind of packet, as frames of our own
 * making, and what has to be counted of each: one JSON line a flow, with the
 * keys of a flow record and "kind". bare: a device without Ethernet.
 *
 * frames DEVICE cut: TCP and UDP cut short at every length of their headers,
 * and {"truncated":N,"whole":N}.
 */
#include "packet.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

#define VLAN_8021Q	0x8100
#define VLAN_8021AD	0x88a8
#define IP_MORE		0x2000
#define UNKNOWN_ID	777	/* of a fragment whose first one never came */

static int sock;
static struct sockaddr_ll to = {
	.sll_family = AF_PACKET, .sll_halen = ETH_ALEN,
};
static bool bare;
static const char *kind;
static uint32_t packets, bytes;

static void die(const char *what)
{
	fprintf(stderr, "frames: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_frame(const struct frame *f)
{
	uint32_t from = bare ? f->l3 : 0;

	to.sll_protocol = htons(f->data[f->l3] >> 4 == 6 ? ETH_P_IPV6 :
				ETH_P_IP);
	if (sendto(sock, f->data + from, f->len - from, 0, (void *)&to,
		   sizeof(to)) < 0)
		die(kind);
	packets++;
	bytes += f->len - f->l3;
}

/* All that was sent since the last one is one flow; no ports: 0. */
static void flow(bool v6, const char *proto, unsigned port)
{
	printf("{\"kind\":\"%s\",\"family\":\"%s\",\"proto\":\"%s\","
	       "\"saddr\":\"%s\",\"daddr\":\"%s\",", kind,
	       v6 ? "ipv6" : "ipv4", proto, v6 ? "fd00:1::1" : "10.0.1.1",
	       v6 ? "fd00:2::1" : "10.0.2.1");
	if (port)
		printf("\"sport\":%u,\"dport\":5201,", port);
	printf("\"bytes\":%u,\"packets\":%u}\n", bytes, packets);
	bytes = packets = 0;
}

static struct frame begin(bool v6, uint8_t proto)
{
	struct frame f;

	frame_eth(&f, v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (v6)
		frame_ipv6(&f, proto, 0);
	else
		frame_ipv4(&f, proto);
	return f;
}

/* Ports, and 100 bytes behind a header that has them. */
static void finish_udp(struct frame *f, unsigned port)
{
	frame_udp(f, port, 5201);
	frame_end(f, 100);
	send_frame(f);
}

/* ---- kinds, each from a port of its own ---- */

static void tcp(bool v6, unsigned port)
{
	struct frame f = begin(v6, IPPROTO_TCP);

	kind = v6 ? "TCP over IPv6" : "TCP over IPv4";
	frame_tcp(&f, port, 5201, 12);
	frame_end(&f, 100);
	send_frame(&f);
	send_frame(&f);
	flow(v6, "tcp", port);
}

static void with_ports(bool v6, uint8_t proto, const char *name, unsigned port)
{
	struct frame f = begin(v6, proto);

	kind = name;
	finish_udp(&f, port);
	flow(v6, name, port);
}

static void without_ports(bool v6, uint8_t proto, const char *name)
{
	struct frame f = begin(v6, proto);

	kind = name;
	frame_end(&f, 100);
	send_frame(&f);
	flow(v6, name, 0);
}

static void ipv4_options(unsigned port)
{
	struct frame f;

	kind = "IPv4 options";
	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, 0, 40);
	finish_udp(&f, port);
	flow(false, "udp", port);
}

static void extension(const char *name, uint8_t header, unsigned port)
{
	struct frame f = begin(true, header);

	kind = name;
	frame_ext(&f, IPPROTO_UDP, 2, 1);
	finish_udp(&f, port);
	flow(true, "udp", port);
}

static void extensions_all(unsigned port)
{
	struct frame f = begin(true, IPPROTO_HOPOPTS);

	kind = "many extension headers";
	frame_ext(&f, IPPROTO_DSTOPTS, 0, 1);
	frame_ext(&f, IPPROTO_ROUTING, 3, 1);
	frame_ext(&f, IPPROTO_FRAGMENT, 2, 0);
	frame_frag(&f, IPPROTO_UDP, 0, 0);
	finish_udp(&f, port);
	flow(true, "udp", port);
}

static void tags(const char *name, int n, unsigned port)
{
	struct frame f;

	if (bare)
		return;
	kind = name;
	frame_eth(&f, ETH_P_IPV6);
	if (n > 1)
		frame_vlan(&f, VLAN_8021AD, 10);
	frame_vlan(&f, VLAN_8021Q, 20);
	frame_ipv6(&f, IPPROTO_UDP, 0);
	finish_udp(&f, port);
	flow(true, "udp", port);
}

static void fragment4(uint16_t id, uint16_t frag, unsigned port)
{
	struct frame f;

	frame_eth(&f, ETH_P_IP);
	frame_ipv4_full(&f, IPPROTO_UDP, 0, frag, 0);
	frame_put16(&f, f.l3 + 4, id);
	if (port)
		frame_udp(&f, port, 5201);
	frame_end(&f, 64);
	send_frame(&f);
}

static void fragment6(uint16_t offset, bool more, unsigned port)
{
	struct frame f = begin(true, IPPROTO_FRAGMENT);

	frame_frag(&f, IPPROTO_UDP, offset, more);
	if (port)
		frame_udp(&f, port, 5201);
	frame_end(&f, 64);
	send_frame(&f);
}

static void fragments(unsigned port)
{
	kind = "IPv4 fragments";
	fragment4(99, IP_MORE, port);
	fragment4(99, IP_MORE | 9, 0);
	fragment4(99, 17, 0);
	flow(false, "udp", port);
	kind = "a later IPv4 fragment alone";
	fragment4(UNKNOWN_ID, 17, 0);
	flow(false, "udp", 0);
	kind = "IPv6 fragments";
	fragment6(0, true, port);
	fragment6(72, true, 0);
	fragment6(136, false, 0);
	flow(true, "udp", port);
}

static void every_kind(void)
{
	tcp(false, 1001);
	tcp(true, 1001);
	with_ports(false, IPPROTO_UDP, "udp", 1002);
	with_ports(true, IPPROTO_UDP, "udp", 1002);
	with_ports(false, IPPROTO_SCTP, "sctp", 1003);
	with_ports(true, IPPROTO_SCTP, "sctp", 1003);
	without_ports(false, IPPROTO_ICMP, "icmp");
	without_ports(true, IPPROTO_ICMPV6, "icmpv6");
	without_ports(false, 89, "89");
	without_ports(true, 89, "89");
	ipv4_options(1004);
	extension("hop-by-hop", IPPROTO_HOPOPTS, 1005);
	extension("destination options", IPPROTO_DSTOPTS, 1006);
	extension("routing header", IPPROTO_ROUTING, 1007);
	extensions_all(1008);
	tags("one tag in the frame", 1, 1009);
	tags("two tags in the frame", 2, 1010);
	fragments(1011);
}

/* From where the Ethernet header ends to where all is there. */
static void cut(struct frame f, uint32_t headers, uint32_t *truncated,
		uint32_t *whole)
{
	uint32_t len = f.len;

	kind = "cut";
	for (f.len = f.l3 + 1; f.len <= len; f.len++) {
		send_frame(&f);
		++*(f.len < f.l3 + headers ? truncated : whole);
	}
}

static void every_cut(void)
{
	uint32_t truncated = 0, whole = 0;
	struct frame f;

	frame_tcp6(&f, 0, 10);
	cut(f, 40 + 20, &truncated, &whole);
	frame_tcp4(&f, 0, 10);
	cut(f, 20 + 20, &truncated, &whole);
	f = begin(true, IPPROTO_HOPOPTS);
	frame_ext(&f, IPPROTO_UDP, 1, 1);
	frame_udp(&f, 1, 2);
	frame_end(&f, 10);
	cut(f, 40 + 16 + 4, &truncated, &whole);
	printf("{\"truncated\":%u,\"whole\":%u}\n", truncated, whole);
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fputs("usage: frames DEVICE [bare|cut]\n", stderr);
		return 2;
	}
	sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	to.sll_ifindex = if_nametoindex(argv[1]);
	if (sock < 0 || !to.sll_ifindex)
		die(argv[1]);
	bare = argc > 2 && !strcmp(argv[2], "bare");
	if (argc > 2 && !strcmp(argv[2], "cut"))
		every_cut();
	else
		every_kind();
	return 0;
}
