/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli.h"
#include "cli_internal.h"
#include "cli_tool.h"

#include <fcntl.h>
#include <signal.h>

static const struct cli_tool strict = {
	.name = "srte-x", .summary = "a tool for the test", .verbs = verbs,
};

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
	refused("pool", "'pool' needs a second word, as in 'pool load'");
	refused("pool laod x", "needs a second word");
	refused("lsit", "'lsit' is not a verb, the nearest is 'list'");
	ran_ok("-- lsit", "list", 1);
	ran_ok("/lsit", "list", 1);
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

static void refused_json(const char *line, const char *text)
{
	assert_int_equal(call(line), EXIT_USAGE);
	assert_null(ran.verb);
	assert_non_null(strstr(err.text, text));
	assert_ptr_equal(strstr(err.text, "{\"type\":\"error\""), err.text);
}

static void test_common_refused(void **state)
{
	(void)state;
	refused("--instance a/b", "--instance: 'a/b' is not a name");
	refused("--instance eth0.1", "--instance");
	refused("--instance ..", "--instance");
	refused("--instance .", "--instance");
	refused("--instance ../x", "--instance");
	refused("--instance \xc3\xa4", "--instance");
	refused("--instance=", "--instance: ''");
	refused("--instance abcdefghijklmnopqrstuvwxyz012345", "at most 31");
	refused("--bpffs=", "--bpffs needs a directory");
	refused("-f yaml", "--format: 'yaml' is not one of auto, table, "
		"jsonl, csv; ");
	refused_json("-j -f table", "exclude each other");
	/* wherever it stands, behind the mistake too */
	refused_json("--bogus list -vj", "unknown option --bogus");
	ran_ok("--instance abcdefghijklmnopqrstuvwxyz01234", "list", 0);
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
	assert_string_equal(out.text, "srte-x " SRTE_VERSION " (abi 1.1)\n");
	assert_int_equal(call("list -V"), 0);
	assert_string_equal(out.text, "srte-x " SRTE_VERSION " (abi 1.1)\n");
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
