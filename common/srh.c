/* SPDX-License-Identifier: GPL-2.0-only */
#include "pool.h"

#include <linux/in.h>

#include <errno.h>
#include <string.h>

#define IPV6_LEN	40
#define SRH_LEN		8	/* without the segment list */
#define SEGMENT_LEN	16

#define NEXT_ROUTING	43	/* RFC 8200 4.4 */
#define ROUTING_SRH	4	/* RFC 8754 8.2 */

static __u8 next_of(__u8 inner)
{
	/* A first guess: the program writes what the packet is. */
	return inner & SRTE_INNER_IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
}

/* Version 6; traffic class, flow label and payload length depend on the
 * packet and stay zero here. */
static void ipv6_build(const struct srh_spec *spec, __u8 next, __u8 *buf)
{
	buf[0] = 6 << 4;
	buf[6] = next;
	buf[7] = spec->hop_limit;
	memcpy(buf + 8, spec->source, 16);
	memcpy(buf + 24, spec->segments[0], 16);
}

/* The list stands in reverse: entry 0 is the last segment (RFC 8754 2).
 * skip: first segments that only the destination says; spare: entries in
 * front, which are behind all others on the way. */
static size_t list_build(const struct srh_spec *spec, size_t skip,
			 size_t spare, __u8 *srh)
{
	size_t n = spec->n - skip + spare, i;
	__u8 *list = srh + SRH_LEN;

	srh[0] = next_of(spec->inner);
	srh[1] = n * SEGMENT_LEN / 8;	/* of 8 bytes, the first not counted */
	srh[2] = ROUTING_SRH;
	srh[3] = spec->n - 1 + spare;	/* segments left */
	srh[4] = n - 1;			/* last entry */
	for (i = spare; i < n; i++)
		memcpy(list + i * SEGMENT_LEN,
		       spec->segments[spec->n - 1 - (i - spare)],
		       SEGMENT_LEN);
	return SRH_LEN + n * SEGMENT_LEN;
}

size_t srh_build(const struct srh_spec *spec, __u8 *buf)
{
	size_t red = spec->mode == SRTE_MODE_ENCAP_RED;

	memset(buf, 0, SRTE_HDR_MAX);	/* no stray byte reaches the wire */
	if (spec->n < 1 || spec->n + (spec->mode == SRTE_MODE_INLINE) >
			   SRTE_SEGMENTS_MAX)
		return 0;
	if (spec->mode == SRTE_MODE_INLINE)
		return list_build(spec, 0, 1, buf);
	if (spec->n == red) {		/* no list is left */
		ipv6_build(spec, next_of(spec->inner), buf);
		return IPV6_LEN;
	}
	ipv6_build(spec, NEXT_ROUTING, buf);
	return IPV6_LEN + list_build(spec, red, 0, buf + IPV6_LEN);
}

size_t srh_segments(const struct srte_path *path,
		    __u8 ret[SRTE_SEGMENTS_MAX][16])
{
	size_t skip = path->mode == SRTE_MODE_INLINE ? 0 : IPV6_LEN;
	size_t red = path->mode == SRTE_MODE_ENCAP_RED, i, n = 0;
	const __u8 *list = path->header + skip + SRH_LEN;

	if (path->len > skip + SRH_LEN && path->len <= SRTE_HDR_MAX)
		n = (path->len - skip - SRH_LEN) / SEGMENT_LEN;
	if (red && n < SRTE_SEGMENTS_MAX)
		memcpy(ret[0], path->first, SEGMENT_LEN);
	/* In an inserted header entry 0 is the packet's own destination. */
	if (path->mode == SRTE_MODE_INLINE && n)
		list += n-- ? SEGMENT_LEN : 0;
	for (i = 0; i < n && i + red < SRTE_SEGMENTS_MAX; i++)
		memcpy(ret[i + red], list + (n - 1 - i) * SEGMENT_LEN,
		       SEGMENT_LEN);
	return i + red;
}

static const char *const mode_names[] = {
	[SRTE_MODE_ENCAP] = "encap",
	[SRTE_MODE_ENCAP_RED] = "encap.red",
	[SRTE_MODE_INLINE] = "inline",
};

#define MODES (sizeof(mode_names) / sizeof(*mode_names))

int srh_mode_parse(const char *text, __u8 *ret)
{
	size_t mode;

	for (mode = SRTE_MODE_ENCAP; mode < MODES; mode++)
		if (!strcmp(text, mode_names[mode])) {
			*ret = mode;
			return 0;
		}
	return -EINVAL;
}

const char *srh_mode_name(__u8 mode)
{
	return mode < MODES ? mode_names[mode] : NULL;
}
