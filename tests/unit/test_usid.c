/* SPDX-License-Identifier: GPL-2.0-only */
/* uSID carriers: RFC 9800 4.1, the block and then 16 bits each. */
#include "addr.h"
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const __u16 usids[] = { 0x100, 0x200, 0x300, 0x400, 0x500, 0x600,
			       0x700 };
static struct srte_route_key block;
static __u8 got[8][16];

static void check(size_t i, const char *want)
{
	char text[ADDR_TEXT];

	addr_format(got[i], text);
	assert_string_equal(text, want);
}

static void carriers(void **state)
{
	(void)state;
	prefix_parse("fcbb:bb00::/32", &block);
	assert_int_equal(usid_per_carrier(&block), 6);
	assert_int_equal(usid_pack(&block, usids, 2, got), 1);
	check(0, "fcbb:bb00:100:200::");
	assert_int_equal(usid_pack(&block, usids, 6, got), 1);
	check(0, "fcbb:bb00:100:200:300:400:500:600");
	assert_int_equal(usid_pack(&block, usids, 7, got), 2);
	check(0, "fcbb:bb00:100:200:300:400:500:600");
	check(1, "fcbb:bb00:700::");
}

static void other_blocks(void **state)
{
	(void)state;
	prefix_parse("fc00::/16", &block);
	assert_int_equal(usid_per_carrier(&block), 7);
	assert_int_equal(usid_pack(&block, usids, 7, got), 1);
	check(0, "fc00:100:200:300:400:500:600:700");
	prefix_parse("fcbb:bb00:1:2:3:4:5::/112", &block);
	assert_int_equal(usid_pack(&block, usids, 3, got), 3);
	check(2, "fcbb:bb00:1:2:3:4:5:300");
}

static void no_block(void **state)
{
	(void)state;
	prefix_parse("fcbb:bb00::/40", &block);
	assert_int_equal(usid_per_carrier(&block), 0);
	assert_int_equal(usid_pack(&block, usids, 1, got), 0);
	prefix_parse("fcbb:bb00::/128", &block);
	assert_int_equal(usid_per_carrier(&block), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carriers),
		cmocka_unit_test(other_blocks),
		cmocka_unit_test(no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
