/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands are declared, not parsed by hand: a tool is a table of verbs, a
 * verb a table of options, and from these tables come parsing, --help,
 * --version, the completions and the check of the manual pages.
 *
 *	static const struct cli_opt list_opts[] = {
 *		CLI_U32('n', "top", "N", &cfg.top, "keep the N largest flows"),
 *		CLI_TIME('w', "window", "TIME", &cfg.window_ns, "rate window"),
 *		CLI_END
 *	};
 *
 * Options may stand before and after the verb; "--" ends them; "-" is an
 * ordinary argument; no abbreviations. An unknown option exits 2 and names
 * the nearest one.
 */
#ifndef SRTE_CLI_H
#define SRTE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_kind {
	CLI_KIND_END,
	CLI_KIND_FLAG,		/* bool, no argument */
	CLI_KIND_STR,		/* const char * into argv */
	CLI_KIND_STRS,		/* struct cli_strs: may be given again */
	CLI_KIND_U32,
	CLI_KIND_U64,
	CLI_KIND_MASK,		/* uint32_t, hexadecimal: 0xff00 */
	CLI_KIND_SIZE,		/* uint64_t bytes: 1500, 64K, 1M */
	CLI_KIND_TIME,		/* uint64_t nanoseconds: 100ms, 3s, 1m */
	CLI_KIND_RATE,		/* uint64_t bits a second: 10M, 1G */
	CLI_KIND_PCT,		/* double, 0..100: 1, 0.5, 50% */
	CLI_KIND_CHOICE,	/* int, index into choices */
};

/* Values of an option that may be given more than once, in order. */
#define CLI_STRS_MAX	32

struct cli_strs {
	const char *v[CLI_STRS_MAX + 1];	/* NULL-ended */
	int         n;
};

struct cli_opt {
	char        letter;	/* 0: long form only */
	const char *name;
	const char *arg;	/* how help calls the argument, NULL: none */
	enum cli_kind kind;
	void       *dest;
	const char *help;	/* lower case, no full stop */
	const char *const *choices;	/* NULL-ended; CHOICE only */
	bool       *seen;	/* set true when given; may be NULL */
};

/* The cast in the conditional makes the compiler check dest's type. */
#define CLI_OPT_(l, n, a, k, type, d, h)				\
	{ .letter = (l), .name = (n), .arg = (a), .kind = (k),		\
	  .dest = (1 ? (d) : (type *)0), .help = (h) }
#define CLI_FLAG(l, n, d, h)	CLI_OPT_(l, n, NULL, CLI_KIND_FLAG, bool, d, h)
#define CLI_STR(l, n, a, d, h)						\
	CLI_OPT_(l, n, a, CLI_KIND_STR, const char *, d, h)
#define CLI_STRS(l, n, a, d, h)						\
	CLI_OPT_(l, n, a, CLI_KIND_STRS, struct cli_strs, d, h)
#define CLI_U32(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_U32, uint32_t, d, h)
#define CLI_U64(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_U64, uint64_t, d, h)
#define CLI_MASK(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_MASK, uint32_t, d, h)
#define CLI_SIZE(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_SIZE, uint64_t, d, h)
#define CLI_TIME(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_TIME, uint64_t, d, h)
#define CLI_RATE(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_RATE, uint64_t, d, h)
#define CLI_PCT(l, n, a, d, h)	CLI_OPT_(l, n, a, CLI_KIND_PCT, double, d, h)
#define CLI_CHOICE(l, n, a, d, c, h)					\
	{ .letter = (l), .name = (n), .arg = (a),			\
	  .kind = CLI_KIND_CHOICE, .dest = (1 ? (d) : (int *)0),	\
	  .help = (h), .choices = (c) }
#define CLI_END			{ .kind = CLI_KIND_END }

/* The rest of the command line after options and verb. */
struct cli_args {
	int    n;
	char **arg;
};

struct cli_verb {
	const char *name;	/* "pool load": two words are one verb */
	const char *args;	/* synopsis of the arguments, "[FILE|-]" */
	int         min_args, max_args;	/* max -1: any number */
	const struct cli_opt *opts;	/* NULL: only the common ones */
	const char *help;
	int       (*run)(const struct cli_args *args);	/* exit status */
};

struct cli_tool {
	const char *name;
	const char *summary;	/* one line */
	const char *example;	/* one command line for --help */
	const struct cli_verb *verbs;	/* ended by a NULL name */
	const char *default_verb;	/* NULL: a verb is required */
	/* For completion: gives each value that the argument of this name may
	 * have, begun so far. NULL: there are none but choices, devices and
	 * files. */
	void (*values)(const char *arg, const char *begun,
		       void (*give)(const char *value));
};

/* Values of the options that every command takes. */
enum cli_format { CLI_FORMAT_AUTO, CLI_FORMAT_TABLE, CLI_FORMAT_JSONL,
		  CLI_FORMAT_CSV };

struct cli_common {
	const char *bpffs;	/* --bpffs, SRTE_BPFFS, else /run/srte */
	const char *instance;	/* --instance, "default" */
	int  format;		/* -f, -j; AUTO is resolved by cli_main:
				 * TABLE on a terminal, JSONL in a pipe. Who
				 * asks for JSONL gets errors in it as well */
	bool verbose;		/* -v: log_info shows; twice (-vv): debug */
	bool quiet;		/* -q: only errors */
};
extern struct cli_common cli;

/*
 * Parse and run. Returns the exit status; main() does nothing else.
 * --help goes to stdout and exits 0. --complete (hidden) is what the shells
 * ask, see cli_complete.c. --dump-options (hidden) prints the
 * tables as TSV, one option or verb a line, a field empty where there is none:
 *	tool<TAB>srte-steer<TAB>default verb<TAB>summary
 *	verb<TAB>pool load<TAB>FILE|-<TAB>help
 *	opt<TAB>VERB or *<TAB>-n<TAB>--top<TAB>N<TAB>choice,choice<TAB>help
 */
int cli_main(const struct cli_tool *tool, int argc, char **argv);

#endif
