/* SPDX-License-Identifier: GPL-2.0-only */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* text reads, and prints as want */
static void addr_ok(const char *text, const char *want)
{
	uint8_t addr[16];
	char back[ADDR_TEXT];

	if (addr_parse(text, addr))
		fail_msg("%s was refused", text);
	addr_format(addr, back);
	assert_string_equal(back, want);
}

static void test_addr(void **state)
{
	uint8_t addr[16];

	(void)state;
	addr_ok("10.0.1.1", "10.0.1.1");
	addr_ok("::ffff:10.0.1.1", "10.0.1.1");
	addr_ok("::ffff:a00:101", "10.0.1.1");
	addr_ok("0.0.0.0", "0.0.0.0");
	addr_ok("FD00:0::1", "fd00::1");
	addr_ok("::", "::");
	addr_ok("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_int_equal(addr_parse("10.0.1.1", addr), 0);
	assert_true(addr_is_ipv4(addr));
	assert_int_equal(addr_parse("::10.0.1.1", addr), 0);
	assert_false(addr_is_ipv4(addr));
}

/* Whatever the words: what inet_ntop says, and its length. */
static void same_as_libc(const uint8_t addr[16])
{
	char want[ADDR_TEXT], got[ADDR_TEXT];
	int n = addr_format(addr, got);

	if (addr_is_ipv4(addr))
		inet_ntop(AF_INET, addr + 12, want, sizeof(want));
	else
		inet_ntop(AF_INET6, addr, want, sizeof(want));
	assert_string_equal(got, want);
	assert_int_equal(n, strlen(want));
}

/* Every pattern of words that are zero, of one digit, two, three, four. */
static void test_addr_like_libc(void **state)
{
	static const uint16_t words[] = { 0, 0xa, 0x1f, 0x9bc, 0xffff };
	uint8_t addr[16];

	(void)state;
	for (int bits = 0; bits < 256; bits++)
		for (size_t w = 0; w < 5 * 5; w++) {
			for (int i = 0; i < 8; i++) {
				uint16_t v = words[(bits >> i & 1) ? w / 5 :
						   w % 5];

				addr[2 * i] = v >> 8;
				addr[2 * i + 1] = v & 0xff;
			}
			same_as_libc(addr);
		}
}

static void test_addr_like_libc_random(void **state)
{
	uint8_t addr[16];

	(void)state;
	srandom(1);
	for (int n = 0; n < 200000; n++) {
		for (int i = 0; i < 16; i++)
			addr[i] = n >> (i % 4) & 1 ? random() : 0;
		if (n % 5 == 0)
			memcpy(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		same_as_libc(addr);
	}
}

static void test_addr_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "10.0.1", "10.0.1.256", "10.0.1.1.1", "10.0.1.1 ",
		" 10.0.1.1", "10.0.1.1/24", "fd00::1%eth0", "fd00:::1", "1",
		"fd00::1::2", "localhost", "[fd00::1]", "10.0.1.1:80", ":",
		"fd00:1:2:3:4:5:6:7:8", "0x0a000101", "\xff",
	};
	uint8_t addr[16], was[16];

	(void)state;
	memset(addr, 0x5a, sizeof(addr));
	memcpy(was, addr, sizeof(was));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (addr_parse(bad[i], addr) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_memory_equal(addr, was, sizeof(addr));
	}
}

static void prefix_ok(const char *text, const char *want, uint32_t len)
{
	struct srte_route_key key;
	char back[PREFIX_TEXT];

	if (prefix_parse(text, &key))
		fail_msg("%s was refused", text);
	assert_int_equal(key.prefixlen, len);
	prefix_format(&key, back);
	assert_string_equal(back, want);
}

static void test_prefix(void **state)
{
	(void)state;
	prefix_ok("10.0.2.0/24", "10.0.2.0/24", 120);
	prefix_ok("10.0.2.1", "10.0.2.1/32", 128);
	prefix_ok("0.0.0.0/0", "0.0.0.0/0", 96);
	prefix_ok("10.128.0.0/9", "10.128.0.0/9", 105);
	prefix_ok("::ffff:10.0.2.0/120", "10.0.2.0/24", 120);
	prefix_ok("fd00:2::/64", "fd00:2::/64", 64);
	prefix_ok("fd00:2::1", "fd00:2::1/128", 128);
	prefix_ok("::/0", "::/0", 0);
	prefix_ok("::fffe:0:0/95", "::fffe:0:0/95", 95);
}

static void test_prefix_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "/24", "10.0.2.0/", "10.0.2.0/33", "10.0.2.0/-1",
		"10.0.2.0/24 ", "10.0.2.0/24/24", "10.0.2.1/24", "fd00::/129",
		"fd00::1/64", "fd00::/0x10", "10.0.0.0/255.0.0.0",
		"10.128.0.0/8", "fd00::/4294967296",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/8",
	};
	struct srte_route_key key = { .prefixlen = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (prefix_parse(bad[i], &key) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(key.prefixlen, 77);
	}
}

static void has(const char *prefix, const char *addr, bool want)
{
	struct srte_route_key key;
	uint8_t a[16];

	assert_int_equal(prefix_parse(prefix, &key), 0);
	assert_int_equal(addr_parse(addr, a), 0);
	if (prefix_has(&key, a) != want)
		fail_msg("%s and %s", prefix, addr);
}

static void test_prefix_has(void **state)
{
	(void)state;
	has("10.0.2.0/24", "10.0.2.255", true);
	has("10.0.2.0/24", "10.0.3.0", false);
	has("10.0.2.0/23", "10.0.3.0", true);
	has("10.0.2.1", "10.0.2.1", true);
	has("10.0.2.1", "10.0.2.0", false);
	has("0.0.0.0/0", "255.1.2.3", true);
	has("0.0.0.0/0", "fd00::1", false);
	has("::/0", "10.0.0.1", true);
	has("fd00::/63", "fd00:0:0:1::", true);
	has("fd00::/63", "fd00:0:0:2::", false);
}

static void sid(const char *text, const char *want)
{
	uint8_t a[16];
	const char *got;

	assert_int_equal(addr_parse(text, a), 0);
	got = addr_bad_sid(a);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_sid(void **state)
{
	(void)state;
	sid("fc00:a::1", NULL);
	sid("2001:db8::1", NULL);
	sid("5f00::1", NULL);
	sid("::", "unspecified");
	sid("::1", "loopback");
	sid("ff02::1", "multicast");
	sid("fe80::1", "link-local");
	sid("febf::1", "link-local");
	sid("10.0.0.1", "IPv4");
}

static void test_proto(void **state)
{
	static const char *const bad[] = { "", "TCP", "tcp ", "256", "-1",
					   "6x", "ip" };
	uint8_t n = 77;
	char text[16];

	(void)state;
	for (unsigned int i = 0; i <= UINT8_MAX; i++) {
		proto_format(i, text);
		assert_int_equal(proto_parse(text, &n), 0);
		assert_int_equal(n, i);
	}
	proto_format(IPPROTO_TCP, text);
	assert_string_equal(text, "tcp");
	proto_format(IPPROTO_ICMPV6, text);
	assert_string_equal(text, "icmpv6");
	proto_format(253, text);
	assert_string_equal(text, "253");
	n = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(proto_parse(bad[i], &n), -EINVAL);
	assert_int_equal(n, 77);
}

static void flow(uint8_t proto, const char *src, const char *dst,
		 const char *want)
{
	struct srte_flow_key key = { .proto = proto };
	char text[FLOW_TEXT];

	if (proto == IPPROTO_TCP) {
		key.sport = htons(40000);
		key.dport = htons(65535);
	}
	assert_int_equal(addr_parse(src, key.src), 0);
	assert_int_equal(addr_parse(dst, key.dst), 0);
	flow_format(&key, text);
	assert_string_equal(text, want);
}

static void test_flow(void **state)
{
	(void)state;
	flow(IPPROTO_TCP, "10.0.1.1", "10.0.2.1",
	     "tcp 10.0.1.1:40000 > 10.0.2.1:65535");
	flow(IPPROTO_TCP, "fd00::1", "fd00::2",
	     "tcp [fd00::1]:40000 > [fd00::2]:65535");
	flow(IPPROTO_ICMP, "10.0.1.1", "10.0.2.1",
	     "icmp 10.0.1.1 > 10.0.2.1");
	flow(IPPROTO_UDP, "10.0.1.1", "10.0.2.1",
	     "udp 10.0.1.1:0 > 10.0.2.1:0");
	flow(IPPROTO_TCP, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	     "tcp [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:40000 > "
	     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_addr_like_libc),
		cmocka_unit_test(test_addr_like_libc_random),
		cmocka_unit_test(test_addr_refused),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_prefix_refused),
		cmocka_unit_test(test_prefix_has),
		cmocka_unit_test(test_sid),
		cmocka_unit_test(test_proto),
		cmocka_unit_test(test_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
