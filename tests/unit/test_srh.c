/* SPDX-License-Identifier: GPL-2.0-only */
/* The outer header, byte for byte: RFC 8200 3, RFC 8754 2. */
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define STALE	0xa5	/* must never reach the wire */

/* fd00:1::1; segments are fc00:a::1, fc00:b::1, ... */
static const __u8 source[16] = { 0xfd, 0, 0, 1, [15] = 1 };
static __u8 segments[SRTE_SEGMENTS_MAX + 1][16];
static __u8 buf[SRTE_HDR_MAX];

#define SOURCE	0xfd, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01
#define SID(x)	0xfc, 0x00, 0x00, x, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01

static int setup(void **state)
{
	size_t i;

	(void)state;
	memset(buf, STALE, sizeof(buf));
	memset(segments, 0, sizeof(segments));
	for (i = 0; i <= SRTE_SEGMENTS_MAX; i++) {
		segments[i][0] = 0xfc;
		segments[i][3] = 0x0a + i;
		segments[i][15] = 1;
	}
	return 0;
}

static size_t build_as(__u8 mode, size_t n, __u8 inner)
{
	const struct srh_spec spec = {
		.mode = mode, .inner = inner, .hop_limit = 64,
		.source = source,
		.segments = (const __u8 (*)[16])segments, .n = n,
	};

	return srh_build(&spec, buf);
}

static size_t build(size_t n, __u8 inner)
{
	return build_as(SRTE_MODE_ENCAP, n, inner);
}

static void one_segment(void **state)
{
	static const __u8 want[] = {
		0x60, 0x00, 0x00, 0x00,	/* version 6, class 0, label 0 */
		0x00, 0x00, 43, 64,	/* payload, routing, hop limit */
		SOURCE, SID(0x0a),
		4, 2, 4, 0,		/* IPv4, 2 x 8 bytes, SRH, left 0 */
		0, 0, 0x00, 0x00,	/* last entry, flags, tag */
		SID(0x0a),
	};

	(void)state;
	assert_int_equal(build(1, SRTE_INNER_IPV4), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

static void two_segments(void **state)
{
	static const __u8 want[] = {
		0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 43, 64,
		SOURCE, SID(0x0a),
		41, 4, 4, 1, 1, 0, 0x00, 0x00,	/* IPv6 inside */
		SID(0x0b), SID(0x0a),
	};

	(void)state;
	assert_int_equal(build(2, SRTE_INNER_IPV6), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

static void three_segments(void **state)
{
	static const __u8 want[] = {
		0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 43, 64,
		SOURCE, SID(0x0a),
		4, 6, 4, 2, 2, 0, 0x00, 0x00,
		SID(0x0c), SID(0x0b), SID(0x0a),
	};

	(void)state;
	assert_int_equal(build(3, SRTE_INNER_IPV4), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

/* The length fields agree, the list is whole, and nothing stale is left. */
static void check_length(size_t n)
{
	size_t i, len = build(n, SRTE_INNER_IPV6);

	assert_int_equal(len, 40 + 8 + 16 * n);
	assert_int_equal(8 + 8 * buf[41], len - 40);
	assert_int_equal(buf[43], n - 1);
	assert_int_equal(buf[44], n - 1);
	assert_memory_equal(buf + 24, segments[0], 16);
	for (i = 0; i < n; i++)
		assert_memory_equal(buf + 48 + 16 * i, segments[n - 1 - i],
				    16);
	for (; len < sizeof(buf); len++)
		assert_int_equal(buf[len], 0);
}

static void every_length(void **state)
{
	size_t n;

	(void)state;
	for (n = 1; n <= SRTE_SEGMENTS_MAX; n++) {
		memset(buf, STALE, sizeof(buf));
		check_length(n);
	}
	assert_int_equal(build(SRTE_SEGMENTS_MAX, SRTE_INNER_IPV6),
			 SRTE_HDR_MAX);
}

/* RFC 8986 5.2: the first segment stands in the destination alone. */
static void reduced(void **state)
{
	static const __u8 want[] = {
		0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 43, 64,
		SOURCE, SID(0x0a),
		4, 4, 4, 2, 1, 0, 0x00, 0x00,	/* left 2 of 0..1: allowed */
		SID(0x0c), SID(0x0b),
	};
	static const __u8 single[] = {
		0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 41, 64,
		SOURCE, SID(0x0a),
	};

	(void)state;
	assert_int_equal(build_as(SRTE_MODE_ENCAP_RED, 3, SRTE_INNER_IPV4),
			 sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(build_as(SRTE_MODE_ENCAP_RED, 1, SRTE_INNER_IPV6),
			 sizeof(single));
	assert_memory_equal(buf, single, sizeof(single));
}

/* An SRH alone; entry 0 is for the packet's own destination. */
static void inserted(void **state)
{
	static const __u8 want[] = {
		41, 6, 4, 2, 2, 0, 0x00, 0x00,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		SID(0x0b), SID(0x0a),
	};

	(void)state;
	assert_int_equal(build_as(SRTE_MODE_INLINE, 2, SRTE_INNER_IPV6),
			 sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(build_as(SRTE_MODE_INLINE, SRTE_SEGMENTS_MAX,
				  SRTE_INNER_IPV6), 0);
}

/* What was built can be read again, in each mode and length. */
static void segments_again(void **state)
{
	__u8 got[SRTE_SEGMENTS_MAX][16];
	struct srte_path path = { 0 };
	size_t n;

	(void)state;
	for (path.mode = SRTE_MODE_ENCAP; srh_mode_name(path.mode);
	     path.mode++)
		for (n = 1; n < SRTE_SEGMENTS_MAX; n++) {
			path.len = build_as(path.mode, n, SRTE_INNER_IPV6);
			memcpy(path.header, buf, sizeof(path.header));
			memcpy(path.first, segments[0], 16);
			assert_int_equal(srh_segments(&path, got), n);
			assert_memory_equal(got, segments, 16 * n);
		}
	assert_int_equal(path.mode, SRTE_MODE_INLINE + 1);
}

static void modes_by_name(void **state)
{
	__u8 mode = 77;

	(void)state;
	assert_int_equal(srh_mode_parse("encap.red", &mode), 0);
	assert_int_equal(mode, SRTE_MODE_ENCAP_RED);
	assert_string_equal(srh_mode_name(SRTE_MODE_INLINE), "inline");
	assert_true(srh_mode_parse("encaps", &mode) < 0);
	assert_int_equal(mode, SRTE_MODE_ENCAP_RED);
	assert_null(srh_mode_name(99));
}

static void no_such_length(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(build(0, SRTE_INNER_IPV6), 0);
	assert_int_equal(build(SRTE_SEGMENTS_MAX + 1, SRTE_INNER_IPV6), 0);
	for (i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_segment, setup),
		cmocka_unit_test_setup(two_segments, setup),
		cmocka_unit_test_setup(three_segments, setup),
		cmocka_unit_test_setup(every_length, setup),
		cmocka_unit_test_setup(reduced, setup),
		cmocka_unit_test_setup(inserted, setup),
		cmocka_unit_test_setup(segments_again, setup),
		cmocka_unit_test_setup(modes_by_name, setup),
		cmocka_unit_test_setup(no_such_length, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
