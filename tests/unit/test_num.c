/* SPDX-License-Identifier: GPL-2.0-only */
#include "num.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

typedef int (*parse_fn)(const char *text, uint64_t *ret);

/* Refused with err, and the result untouched. */
static void no(parse_fn parse, const char *text, int err)
{
	uint64_t n = 77;
	int got = parse(text, &n);

	if (got != err)
		fail_msg("'%s' gave %d, not %d", text, got, err);
	assert_int_equal(n, 77);
}

static void yes(parse_fn parse, const char *text, uint64_t want)
{
	uint64_t n = 77;

	if (parse(text, &n))
		fail_msg("'%s' was refused", text);
	assert_int_equal(n, want);
}

/* Whatever the unit, these are never numbers. */
static void garbage(parse_fn parse)
{
	static const char *const texts[] = {
		"", " ", "-1", "+1", " 1", "1 ", "1\n", "x", "0x10", "1e3",
		"1_000", "1,000", "1..2", ".5", "--1", "1K1", "1KK", "1 K",
		"1Ki", "inf", "nan", "\xc2\xb2", "K", "s", "%",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		no(parse, texts[i], -EINVAL);
}

static void test_u64(void **state)
{
	(void)state;
	yes(num_u64, "0", 0);
	yes(num_u64, "007", 7);
	yes(num_u64, "18446744073709551615", UINT64_MAX);
	no(num_u64, "18446744073709551616", -ERANGE);
	no(num_u64, "99999999999999999999999999", -ERANGE);
	no(num_u64, "1K", -EINVAL);
	garbage(num_u64);
}

static void test_u32(void **state)
{
	uint32_t n = 77;

	(void)state;
	assert_int_equal(num_u32("4294967296", &n), -ERANGE);
	assert_int_equal(num_u32("18446744073709551616", &n), -ERANGE);
	assert_int_equal(num_u32("1x", &n), -EINVAL);
	assert_int_equal(n, 77);
	assert_int_equal(num_u32("4294967295", &n), 0);
	assert_int_equal(n, UINT32_MAX);
}

static void test_mask(void **state)
{
	static const char *const none[] = {
		"", "0", "0x", "x1", "1", "ff", "0Xff", " 0xff", "0xff ",
		"-0xff", "0xfg", "0xff\n", "0x-1", "0x 1", "0x1K", "\xc2\xb2",
	};
	uint32_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(num_mask(none[i], &n), -EINVAL);
	assert_int_equal(num_mask("0x100000000", &n), -ERANGE);
	assert_int_equal(num_mask("0xffffffff0", &n), -ERANGE);
	assert_int_equal(n, 77);
	assert_int_equal(num_mask("0x0", &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(num_mask("0x0000000000ff00", &n), 0);
	assert_int_equal(n, 0xff00);
	assert_int_equal(num_mask("0xDeadBeef", &n), 0);
	assert_int_equal(n, 0xdeadbeef);
	assert_int_equal(num_mask("0xffffffff", &n), 0);
	assert_int_equal(n, UINT32_MAX);
}

static void test_size(void **state)
{
	(void)state;
	yes(num_size, "1500", 1500);
	yes(num_size, "64K", 65536);
	yes(num_size, "64KiB", 65536);
	yes(num_size, "1M", 1048576);
	yes(num_size, "2G", 2147483648);
	yes(num_size, "16777215T", 16777215ULL << 40);
	no(num_size, "16777216T", -ERANGE);
	no(num_size, "1m", -EINVAL);
	no(num_size, "1KB", -EINVAL);
	garbage(num_size);
}

static void test_time(void **state)
{
	(void)state;
	yes(num_time, "100ns", 100);
	yes(num_time, "5us", 5000);
	yes(num_time, "100ms", 100000000);
	yes(num_time, "3", 3000000000);
	yes(num_time, "3s", 3000000000);
	yes(num_time, "2m", 120000000000);
	yes(num_time, "1h", 3600000000000);
	yes(num_time, "0", 0);
	yes(num_time, "5124095h", 5124095 * 3600000000000ULL);
	no(num_time, "5124096h", -ERANGE);
	no(num_time, "1d", -EINVAL);
	no(num_time, "1S", -EINVAL);
	garbage(num_time);
}

static void test_rate(void **state)
{
	(void)state;
	yes(num_rate, "900", 900);
	yes(num_rate, "900bit", 900);
	yes(num_rate, "64k", 64000);
	yes(num_rate, "64kbit", 64000);
	yes(num_rate, "10M", 10000000);
	yes(num_rate, "10Mbit", 10000000);
	yes(num_rate, "1G", 1000000000);
	yes(num_rate, "18446744T", 18446744000000000000ULL);
	no(num_rate, "18446745T", -ERANGE);
	no(num_rate, "10Mbps", -EINVAL);
	no(num_rate, "bit", -EINVAL);
	garbage(num_rate);
}

static void pct(const char *text, double want)
{
	double n = -1;

	assert_int_equal(num_pct(text, &n), 0);
	assert_true(n > want - 1e-9 && n < want + 1e-9);
}

static void test_pct(void **state)
{
	static const char *const bad[] = {
		"", "%", ".5", "1.", "1.%", "1.2345", "1%%", "-1", "1e1",
		" 1", "1 %", "1.2.3", "nan",
	};
	double n = -1;

	(void)state;
	pct("0", 0);
	pct("1", 1);
	pct("0.5", 0.5);
	pct("50%", 50);
	pct("12.345%", 12.345);
	pct("1.05", 1.05);
	pct("100.000", 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(num_pct(bad[i], &n), -EINVAL);
	assert_int_equal(num_pct("100.001", &n), -ERANGE);
	assert_int_equal(num_pct("101", &n), -ERANGE);
	assert_int_equal(num_pct("99999999999999999999", &n), -ERANGE);
	assert_true(n == -1);
}

static void shows(uint64_t n, uint32_t base, const char *want)
{
	char text[NUM_TEXT];

	num_human(n, base, text);
	assert_string_equal(text, want);
}

static void test_human(void **state)
{
	(void)state;
	shows(0, 1000, "0");
	shows(999, 1000, "999");
	shows(1000, 1000, "1.0K");
	shows(1249, 1000, "1.2K");
	shows(1250, 1000, "1.3K");
	shows(81000000, 1000, "81.0M");
	shows(99949, 1000, "99.9K");
	shows(99950, 1000, "100K");
	shows(999499, 1000, "999K");
	shows(999500, 1000, "1.0M");
	shows(999999, 1000, "1.0M");
	shows(1023, 1024, "1023");
	shows(1024, 1024, "1.0K");
	shows(1023 * 1024, 1024, "1023K");
	shows(1048575, 1024, "1.0M");
	shows(UINT64_MAX, 1000, "18.4E");
	shows(UINT64_MAX, 1024, "16.0E");
}

static void shows_time(uint64_t us, const char *want)
{
	char text[NUM_TEXT];

	num_human_time(us, text);
	assert_string_equal(text, want);
}

static void test_human_time(void **state)
{
	(void)state;
	shows_time(0, "0us");
	shows_time(999, "999us");
	shows_time(1000, "1.0ms");
	shows_time(99999, "99.9ms");
	shows_time(103000, "103ms");
	shows_time(999999, "999ms");
	shows_time(1000000, "1.0s");
	shows_time(59999999, "59.9s");
	shows_time(60000000, "1m00s");
	shows_time(3599000000, "59m59s");
	shows_time(3600000000, "1h00m");
	shows_time(86399000000, "23h59m");
	shows_time(86400000000, "1d00h");
	shows_time(UINT64_MAX, "99999d");
}

/* Six characters are what a column of a table has. */
static void test_human_width(void **state)
{
	char text[NUM_TEXT];

	(void)state;
	for (uint64_t n = 1; n < UINT64_MAX / 3; n += n / 7 + 1) {
		num_human(n, 1000, text);
		assert_in_range(strlen(text), 1, 6);
		num_human(n, 1024, text);
		assert_in_range(strlen(text), 1, 6);
		num_human_time(n, text);
		assert_in_range(strlen(text), 3, 6);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_u32),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_pct),
		cmocka_unit_test(test_human),
		cmocka_unit_test(test_human_time),
		cmocka_unit_test(test_human_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
