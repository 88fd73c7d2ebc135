/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli.h"
#include "capture.h"
#include "cli_internal.h"
#include "fault.h"

#include <fcntl.h>
#include <stdarg.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct {
	uint32_t top;
	uint64_t bytes, window_ns, rate_bps, any;
	double   share;
	bool     numeric, top_seen;
	int      policy;
	const char *file;
	struct cli_strs devs;
} cfg;

static struct {
	const char *verb;
	int n;
	char *arg[8];
} ran;

static const char *const policies[] = { "threshold", "share", NULL };

static const struct cli_opt list_opts[] = {
	{ .letter = 'n', .name = "top", .arg = "N", .kind = CLI_KIND_U32,
	  .dest = &cfg.top, .help = "keep the N largest",
	  .seen = &cfg.top_seen },
	CLI_TIME('w', "window", "TIME", &cfg.window_ns, "rate window"),
	CLI_SIZE('s', "bytes", "SIZE", &cfg.bytes, "from so many bytes on"),
	CLI_RATE('r', "rate", "RATE", &cfg.rate_bps, "from this rate on"),
	CLI_PCT(0, "share", "PCT", &cfg.share, "this share of the bytes"),
	CLI_U64(0, "any", "N", &cfg.any, "any number"),
	CLI_FLAG('N', "numeric", &cfg.numeric, "no names"),
	CLI_CHOICE('p', "policy", "POLICY", &cfg.policy, policies, "the rule"),
	CLI_STRS('d', "dev", "NAME", &cfg.devs, "a device"),
	CLI_END
};

static const struct cli_opt load_opts[] = {
	CLI_STR(0, "file", "FILE", &cfg.file, "the file"),
	CLI_END
};

static int note(const char *verb, const struct cli_args *args)
{
	ran.verb = verb;
	ran.n = args->n;
	for (int i = 0; i < args->n && i < 8; i++)
		ran.arg[i] = args->arg[i];
	return 0;
}

static int run_list(const struct cli_args *args)
{
	return note("list", args);
}

static int run_load(const struct cli_args *args)
{
	return note("pool load", args);
}

static int run_show(const struct cli_args *args)
{
	(void)note("pool show", args);
	return EXIT_BUSY;
}

static const struct cli_verb verbs[] = {
	{ "list", "[FILE...]", 0, 2, list_opts, "list flows", run_list },
	{ "pool load", "FILE", 1, 1, load_opts, "load pools", run_load },
	{ "pool show", "", 0, 0, NULL, "show pools", run_show },
	{ "many", "[WORD...]", 0, -1, NULL, "any number", run_list },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-x", .summary = "a tool for the test",
	.example = "srte-x list", .verbs = verbs, .default_verb = "list",
};

static const struct cli_tool strict = {
	.name = "srte-x", .summary = "a tool for the test", .verbs = verbs,
};

static struct capture out, err;

static int call_tool(const struct cli_tool *t, const char *line)
{
	static char copy[512];
	char *argv[48] = { copy }, *save;
	int argc = 1, status;

	snprintf(copy, sizeof(copy), "srte-x %s", line);
	memset(&cfg, 0, sizeof(cfg));
	memset(&ran, 0, sizeof(ran));
	strtok_r(copy, " ", &save);
	while ((argv[argc] = strtok_r(NULL, " ", &save)))
		argc++;
	capture_start(&out, stdout);
	capture_start(&err, stderr);
	status = cli_main(t, argc, argv);
	capture_end(&err);
	capture_end(&out);
	return status;
}

static int call(const char *line)
{
	return call_tool(&tool, line);
}

/* Refused: status 2, nothing run, one line that says text, stdout clean. */
static void refused(const char *line, const char *text)
{
	assert_int_equal(call(line), EXIT_USAGE);
	assert_null(ran.verb);
	assert_string_equal(out.text, "");
	if (!strstr(err.text, text))
		fail_msg("'%s' said: %s", line, err.text);
	assert_ptr_equal(strchr(err.text, '\n'), strrchr(err.text, '\n'));
	assert_ptr_equal(strstr(err.text, "error: srte-x: USAGE: "), err.text);
}

static void ran_ok(const char *line, const char *verb, int n)
{
	if (call(line))
		fail_msg("'%s' said: %s", line, err.text);
	assert_string_equal(ran.verb, verb);
	assert_int_equal(ran.n, n);
	assert_string_equal(err.text, "");
}

static void test_verbs(void **state)
{
	(void)state;
	ran_ok("", "list", 0);
	ran_ok("list", "list", 0);
	ran_ok("some.jsonl", "list", 1);
	assert_string_equal(ran.arg[0], "some.jsonl");
	ran_ok("list a b", "list", 2);
	ran_ok("pool load f.json", "pool load", 1);
	assert_string_equal(ran.arg[0], "f.json");
	ran_ok("many 1 2 3 4 5 6", "list", 6);
	assert_int_equal(call("pool show"), EXIT_BUSY);
	assert_string_equal(ran.verb, "pool show");
}

static void test_verbs_refused(void **state)
{
	(void)state;
	refused("pool", "'pool' is half a verb, such as 'pool load'");
	refused("pool laod x", "half a verb");
	refused("list a b c", "list: 'c' is one argument too many");
	refused("pool load", "pool load needs FILE");
	refused("pool show x", "'x' is one argument too many");
}

static void test_no_default_verb(void **state)
{
	(void)state;
	assert_int_equal(call_tool(&strict, ""), EXIT_USAGE);
	assert_non_null(strstr(err.text, "a verb is missing; see --help"));
	assert_int_equal(call_tool(&strict, "lsit"), EXIT_USAGE);
	assert_non_null(strstr(err.text, "nearest is 'list'"));
	assert_int_equal(call_tool(&strict, "zzzzzz"), EXIT_USAGE);
	assert_non_null(strstr(err.text, "'zzzzzz' is not a verb;"));
	assert_int_equal(call_tool(&strict, "-- list"), EXIT_USAGE);
	assert_int_equal(call_tool(&strict, "list -n 3"), 0);
	assert_int_equal(cfg.top, 3);
	assert_int_equal(call_tool(&strict, "--help"), 0);
	assert_null(ran.verb);
}

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
	refused("-p best", "--policy: 'best' is not one of its choices");
	refused("--numeric=1", "--numeric takes no value");
	refused("--any 99999999999999999999", "out of range");
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

static void test_common(void **state)
{
	(void)state;
	unsetenv("SRTE_BPFFS");
	ran_ok("", "list", 0);
	assert_string_equal(cli.bpffs, "/run/srte");
	assert_string_equal(cli.instance, "default");
	assert_int_equal(cli.format, CLI_FORMAT_JSONL);	/* not a terminal */
	assert_false(cli.verbose);
	ran_ok("-f csv -q", "list", 0);
	assert_int_equal(cli.format, CLI_FORMAT_CSV);
	assert_true(cli.quiet);
	ran_ok("-f table list", "list", 0);
	assert_int_equal(cli.format, CLI_FORMAT_TABLE);
	ran_ok("list -j", "list", 0);
	assert_int_equal(cli.format, CLI_FORMAT_JSONL);
	setenv("SRTE_BPFFS", "/tmp/x", 1);
	ran_ok("", "list", 0);
	assert_string_equal(cli.bpffs, "/tmp/x");
	ran_ok("--bpffs /tmp/y", "list", 0);
	assert_string_equal(cli.bpffs, "/tmp/y");
	setenv("SRTE_BPFFS", "", 1);
	ran_ok("", "list", 0);
	assert_string_equal(cli.bpffs, "/run/srte");
	unsetenv("SRTE_BPFFS");
}

static void test_common_refused(void **state)
{
	(void)state;
	refused("--instance a/b", "--instance: 'a/b' is not a name");
	refused("--instance eth0.1", "--instance");
	refused("--instance ..", "--instance");
	refused("--instance=", "--instance: ''");
	refused("--instance abcdefghijklmnopqrstuvwxyz0123456", "at most 32");
	refused("--bpffs=", "--bpffs needs a directory");
	refused("-f yaml", "--format: 'yaml' is not one");
	refused("-j -f table", "exclude each other");
	ran_ok("--instance abcdefghijklmnopqrstuvwxyz012345", "list", 0);
	ran_ok("-j -f jsonl", "list", 0);
}

static void test_help(void **state)
{
	static const char *const lines[] = { "--help", "-h", "list -h x y z",
					     "bogus bogus bogus bogus -h" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(call(lines[i]), 0);
		assert_null(ran.verb);
		assert_string_equal(err.text, "");
		assert_ptr_equal(strstr(out.text, "srte-x: a tool"), out.text);
		assert_non_null(strstr(out.text, "--instance NAME"));
		assert_non_null(strstr(out.text, "-n, --top N"));
		assert_null(strstr(out.text, "dump-options"));
	}
	assert_int_equal(call("pool load --help"), 0);
	assert_non_null(strstr(out.text, "usage: srte-x pool load"));
	assert_null(strstr(out.text, "--top"));
}

static void test_help_columns(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(call("--help"), 0);
	for (char *l = out.text; *l; l += len + 1) {
		len = strcspn(l, "\n");
		assert_in_range(len, 0, 80);
		assert_true(!len || l[len - 1] != ' ');
	}
}

static void test_version(void **state)
{
	(void)state;
	assert_int_equal(call("--version"), 0);
	assert_string_equal(out.text, "srte-x " SRTE_VERSION " (abi 1.0)\n");
	assert_int_equal(call("list -V"), 0);
	assert_string_equal(out.text, "srte-x " SRTE_VERSION " (abi 1.0)\n");
}

static void test_dump(void **state)
{
	(void)state;
	assert_int_equal(call("--dump-options"), 0);
	assert_ptr_equal(strstr(out.text, "tool\tsrte-x\tlist\ta tool for"),
			 out.text);
	assert_non_null(strstr(out.text, "\nverb\tpool load\tFILE\tload"));
	assert_non_null(strstr(out.text, "\nverb\tpool show\t\tshow pools\n"));
	assert_non_null(strstr(out.text, "\nopt\t*\t-h\t--help\t\t\tprint"));
	assert_non_null(strstr(out.text, "\nopt\t*\t\t--bpffs\tDIR\t\t"));
	assert_non_null(strstr(out.text, "\nopt\tlist\t-p\t--policy\tPOLICY\t"
					 "threshold,share\tthe rule\n"));
	assert_null(strstr(out.text, "--dump-options"));
}

/* A text that cannot be written is a failure, not silence. */
static void test_full(void **state)
{
	char *argv[] = { (char *)"srte-x", (char *)"--help", NULL };
	int saved, full, status;

	(void)state;
	full = open("/dev/full", O_WRONLY);
	assert_true(full >= 0);
	fflush(stdout);
	saved = dup(1);
	capture_start(&err, stderr);
	dup2(full, 1);
	status = cli_main(&tool, 2, argv);
	dup2(saved, 1);
	clearerr(stdout);
	capture_end(&err);
	close(saved);
	close(full);
	assert_int_equal(status, EXIT_FAILED);
	assert_non_null(strstr(err.text, "OUTPUT"));
}

static void test_sigpipe(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ran_ok("", "list", 0);
	assert_ptr_equal(signal(SIGPIPE, SIG_DFL), SIG_DFL);
}

static void test_near(void **state)
{
	(void)state;
	assert_string_equal(cli_near_option(&tool, "windw"), "window");
	assert_string_equal(cli_near_option(&tool, "windows"), "window");
	assert_string_equal(cli_near_verb(&tool, "pool lod"), "pool load");
	assert_null(cli_near_option(&tool, ""));
	assert_null(cli_near_option(&tool,
			"a-name-that-is-longer-than-any-option-could-be"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_verbs_refused),
		cmocka_unit_test(test_no_default_verb),
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_too_often),
		cmocka_unit_test(test_values_refused),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_common_refused),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_columns),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_sigpipe),
		cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
