/* SPDX-License-Identifier: GPL-2.0-only */
#include "pool.h"

#include <linux/in.h>

#include <string.h>

#define IPV6_LEN	40
#define SRH_LEN		8	/* without the segment list */
#define SEGMENT_LEN	16

#define NEXT_ROUTING	43	/* RFC 8200 4.4 */
#define ROUTING_SRH	4	/* RFC 8754 8.2 */
#define HOP_LIMIT	64

/* Version 6; traffic class, flow label and payload length depend on the
 * packet and stay zero here. */
static void ipv6_build(const __u8 source[16], const __u8 first[16], __u8 *buf)
{
	buf[0] = 6 << 4;
	buf[6] = NEXT_ROUTING;
	buf[7] = HOP_LIMIT;
	memcpy(buf + 8, source, 16);
	memcpy(buf + 24, first, 16);
}

/* The list stands in reverse: entry 0 is the last segment (RFC 8754 2). */
static void list_build(const __u8 (*segments)[16], size_t n, __u8 *list)
{
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(list + i * SEGMENT_LEN, segments[n - 1 - i],
		       SEGMENT_LEN);
}

size_t srh_build(const __u8 source[16], const __u8 (*segments)[16], size_t n,
		 __u8 inner, __u8 *buf)
{
	__u8 *srh = buf + IPV6_LEN;

	memset(buf, 0, SRTE_HDR_MAX);	/* no stray byte reaches the wire */
	if (n < 1 || n > SRTE_SEGMENTS_MAX)
		return 0;
	ipv6_build(source, segments[0], buf);
	/* A first guess: the program writes what the packet is. */
	srh[0] = inner & SRTE_INNER_IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	srh[1] = n * SEGMENT_LEN / 8;	/* of 8 bytes, the first not counted */
	srh[2] = ROUTING_SRH;
	srh[3] = n - 1;			/* segments left */
	srh[4] = n - 1;			/* last entry */
	list_build(segments, n, srh + SRH_LEN);
	return IPV6_LEN + SRH_LEN + n * SEGMENT_LEN;
}
