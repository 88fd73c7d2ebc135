/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_internal.h"
#include "cli_tool.h"

static void test_both_sides(void **state)
{
	(void)state;
	ran_ok("-n 5 list", "list", 0);
	assert_int_equal(cfg.top, 5);
	assert_true(cfg.top_seen);
	ran_ok("list -n 5", "list", 0);
	assert_int_equal(cfg.top, 5);
	ran_ok("--instance one pool -v load --file y z", "pool load", 1);
	assert_string_equal(cfg.file, "y");
	assert_string_equal(ran.arg[0], "z");
	assert_string_equal(cli.instance, "one");
	assert_true(cli.verbose);
	assert_false(cfg.top_seen);
	/* "list" is the value here, the default verb runs */
	ran_ok("--instance list", "list", 0);
	assert_string_equal(cli.instance, "list");
	ran_ok("a --top=7 b", "list", 2);
	assert_int_equal(cfg.top, 7);
}

static void test_spellings(void **state)
{
	(void)state;
	ran_ok("-n5", "list", 0);
	assert_int_equal(cfg.top, 5);
	ran_ok("-Nn5 -j", "list", 0);
	assert_true(cfg.numeric);
	assert_int_equal(cfg.top, 5);
	ran_ok("-Nn 6", "list", 0);
	assert_int_equal(cfg.top, 6);
	ran_ok("-n 1 -n 2", "list", 0);
	assert_int_equal(cfg.top, 2);
	ran_ok("-", "list", 1);
	assert_string_equal(ran.arg[0], "-");
	ran_ok("list -- -n", "list", 1);
	assert_string_equal(ran.arg[0], "-n");
	ran_ok("-- list", "list", 1);
	assert_string_equal(ran.arg[0], "list");
	ran_ok("-- pool", "list", 1);
	refused("pool load --", "pool load needs FILE");
}

static void test_kinds(void **state)
{
	(void)state;
	ran_ok("-w 100ms -s 64K -r 10M --share 0.5% -p share --any 7",
	       "list", 0);
	assert_int_equal(cfg.window_ns, 100000000);
	assert_int_equal(cfg.bytes, 65536);
	assert_int_equal(cfg.rate_bps, 10000000);
	assert_true(cfg.share > 0.4999 && cfg.share < 0.5001);
	assert_int_equal(cfg.policy, 1);
	assert_int_equal(cfg.any, 7);
	ran_ok("pool load --mark 0xff00 x", "pool load", 1);
	assert_int_equal(cfg.mask, 0xff00);
	ran_ok("-d eth0 list --dev eth1", "list", 0);
	assert_int_equal(cfg.devs.n, 2);
	assert_string_equal(cfg.devs.v[0], "eth0");
	assert_string_equal(cfg.devs.v[1], "eth1");
	assert_null(cfg.devs.v[2]);
}

static void test_too_often(void **state)
{
	char line[512] = "list";

	(void)state;
	for (int i = 0; i < CLI_STRS_MAX; i++)
		strcat(line, " -dx");
	ran_ok(line, "list", 0);
	assert_int_equal(cfg.devs.n, CLI_STRS_MAX);
	refused(strcat(line, " -dx"), "--dev is given more than 32 times");
}

static void test_values_refused(void **state)
{
	(void)state;
	refused("-n", "--top needs a value, N");
	refused("list --top", "--top needs a value, N");
	refused("-n 5x", "--top: '5x' is not a whole number");
	refused("-n -1", "--top: '-1' is not a whole number");
	refused("--top=", "--top: '' is not a whole number");
	refused("-n 4294967296", "--top: '4294967296' is out of range");
	refused("-w 3parsecs", "is not a time such as");
	refused("-s 1X", "is not a size such as");
	refused("-r 1.5q", "is not a rate such as");
	refused("--share 101", "out of range");
	refused("--share x", "is not a percentage");
	refused("-p best", "--policy: 'best' is not one of threshold, share");
	refused("--numeric=1", "--numeric takes no value");
	refused("--any 99999999999999999999", "out of range");
	refused("pool load --mark 0xfg x", "is not a mask such as 0xff00");
}

static void test_unknown(void **state)
{
	(void)state;
	refused("--tpo 3", "unknown option --tpo, the nearest is --top;");
	refused("--tpo=3", "unknown option --tpo, the nearest is --top;");
	refused("--to 3", "the nearest is --top");	/* no abbreviation */
	refused("--instanse x", "the nearest is --instance");
	refused("--zzzzzzzz", "unknown option --zzzzzzzz; see --help");
	refused("-z", "unknown option -z");
	refused("-vz", "unknown option -z");
	refused("---", "unknown option");
	refused("pool show -n 3", "-n is not an option of 'pool show'");
	refused("--top 3 pool show", "--top is not an option of 'pool show'");
	refused("--file x", "--file is not an option of 'list'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_too_often),
		cmocka_unit_test(test_values_refused),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
