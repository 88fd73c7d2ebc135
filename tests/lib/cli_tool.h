/* SPDX-License-Identifier: GPL-2.0-only */
/* A tool with an option of each kind, and what became of a call of it. */
#ifndef SRTE_TEST_CLI_TOOL_H
#define SRTE_TEST_CLI_TOOL_H

#include "capture.h"
#include "cli.h"
#include "fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct {
	uint32_t top, mask;
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
	{ .name = "mark", .arg = "MASK", .kind = CLI_KIND_MASK,
	  .dest = &cfg.mask, .help = "bits of the packet mark" },
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

static struct capture out, err;

static inline int call_tool(const struct cli_tool *t, const char *line)
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

static inline int call(const char *line)
{
	return call_tool(&tool, line);
}

/* Refused: status 2, nothing run, one line that says text, stdout clean. */
static inline void refused(const char *line, const char *text)
{
	assert_int_equal(call(line), EXIT_USAGE);
	assert_null(ran.verb);
	assert_string_equal(out.text, "");
	if (!strstr(err.text, text))
		fail_msg("'%s' said: %s", line, err.text);
	assert_ptr_equal(strchr(err.text, '\n'), strrchr(err.text, '\n'));
	assert_ptr_equal(strstr(err.text, "error: srte-x: USAGE: "), err.text);
}

static inline void ran_ok(const char *line, const char *verb, int n)
{
	if (call(line))
		fail_msg("'%s' said: %s", line, err.text);
	assert_string_equal(ran.verb, verb);
	assert_int_equal(ran.n, n);
	assert_string_equal(err.text, "");
}

#endif
