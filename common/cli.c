/* SPDX-License-Identifier: GPL-2.0-only */
#include "abi.h"
#include "cleanup.h"
#include "cli_internal.h"
#include "log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BPFFS_DEFAULT	 "/run/srte"
#define INSTANCE_DEFAULT "default"
#define INSTANCE_MAX	 (SRTE_NAME_MAX - 1)

struct cli_common cli;

static bool want_help, want_version, want_json, want_dump;

static const char *const formats[] = {	/* enum cli_format */
	"auto", "table", "jsonl", "csv", NULL
};

const struct cli_opt cli_common_opts[] = {
	CLI_FLAG('h', "help", &want_help, "print this help"),
	CLI_FLAG('V', "version", &want_version, "print the version"),
	CLI_FLAG('v', "verbose", &cli.verbose,
		 "say what is done; twice, in full"),
	CLI_FLAG('q', "quiet", &cli.quiet, "say nothing but errors on stderr"),
	CLI_STR(0, "bpffs", "DIR", &cli.bpffs,
		"where the maps are pinned; SRTE_BPFFS, else /run/srte"),
	CLI_STR(0, "instance", "NAME", &cli.instance,
		"which maps there, when there are several"),
	CLI_CHOICE('f', "format", "FORMAT", &cli.format, formats,
		   "auto is a table on a terminal and jsonl in a pipe"),
	CLI_FLAG('j', "json", &want_json,
		 "the same as --format jsonl; errors too"),
	CLI_FLAG(0, "dump-options", &want_dump, NULL),
	CLI_END
};

int cli_verb_match(const struct cli_verb *v, char **words, int n)
{
	const char *space = strchr(v->name, ' ');
	size_t len = space ? (size_t)(space - v->name) : strlen(v->name);

	if (!n || strlen(words[0]) != len || strncmp(v->name, words[0], len))
		return 0;
	if (!space)
		return 1;
	return n > 1 && !strcmp(space + 1, words[1]) ? 2 : 0;
}

/* "pool" where there is "pool load" can only be a verb left unfinished. */
static const struct cli_verb *verb_half(const struct cli_tool *tool,
					const char *word)
{
	const struct cli_verb *v = tool->verbs;
	size_t len = strlen(word);

	while (v->name && (strncmp(v->name, word, len) || v->name[len] != ' '))
		v++;
	return v->name ? v : NULL;
}

static const struct cli_verb *verb_default(const struct cli_tool *tool)
{
	const struct cli_verb *v = tool->verbs;

	if (!tool->default_verb)
		return NULL;
	while (v->name && strcmp(v->name, tool->default_verb))
		v++;
	return v->name ? v : NULL;
}

/* The default verb would take the word for a file; but there is none of that
 * name, and one letter more or less would make it a verb. */
static bool verb_misspelt(const struct cli_parse *p, const struct cli_verb *v)
{
	return v->args && strstr(v->args, "FILE") &&
	       cli_near_verb(p->tool, p->words[0]) &&
	       access(p->words[0], F_OK);
}

static int verb_unknown(struct cli_parse *p)
{
	const char *near = cli_near_verb(p->tool, p->words[0]);
	const struct cli_verb *half = verb_half(p->tool, p->words[0]);

	if (half)
		return fault_set(&p->fault, FAULT_USAGE,
				 "'%s' needs a second word, as in '%s'",
				 p->words[0], half->name);
	if (near)
		return fault_set(&p->fault, FAULT_USAGE,
				 "'%s' is not a verb, the nearest is '%s'",
				 p->words[0], near);
	return fault_set(&p->fault, FAULT_USAGE, "'%s' is not a verb",
			 p->words[0]);
}

/* The words after "--" are arguments, whatever they say. */
static int verb_find(struct cli_parse *p, int *ret_used)
{
	const struct cli_verb *v = p->tool->verbs;
	int used = 0;

	for (; v->name; v++) {
		used = cli_verb_match(v, p->words, p->n_before);
		if (used)
			break;
	}
	if (!used)
		v = verb_default(p->tool);
	if (!used && p->n_before &&
	    (!v || !v->max_args || verb_half(p->tool, p->words[0]) ||
	     verb_misspelt(p, v)))
		return verb_unknown(p);
	if (!v)
		return fault_set(&p->fault, FAULT_USAGE, "a verb is missing");
	p->verb = v;
	*ret_used = used;
	return 0;
}

/* A negative max_args means any number. */
static int check_args(struct cli_parse *p, const struct cli_args *args)
{
	const struct cli_verb *v = p->verb;

	if (args->n < v->min_args)
		return fault_set(&p->fault, FAULT_USAGE, "%s needs %s", v->name,
				 v->args);
	if (v->max_args >= 0 && args->n > v->max_args)
		return fault_set(&p->fault, FAULT_USAGE,
				 "%s: '%s' is one argument too many", v->name,
				 args->arg[v->max_args]);
	return 0;
}

/* bpffs refuses a dot in a name, so an instance has none. */
static bool instance_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n && n <= INSTANCE_MAX && !name[n];
}

static int check_common(struct cli_parse *p)
{
	if (!instance_ok(cli.instance))
		return fault_set(&p->fault, FAULT_USAGE,
				 "--instance: '%s' is not a name of at most %d "
				 "letters, digits, _ and -", cli.instance,
				 INSTANCE_MAX);
	if (!*cli.bpffs)
		return fault_set(&p->fault, FAULT_USAGE,
				 "--bpffs needs a directory");
	if (want_json && cli.format != CLI_FORMAT_AUTO &&
	    cli.format != CLI_FORMAT_JSONL)
		return fault_set(&p->fault, FAULT_USAGE,
				 "--json and --format %s exclude each other",
				 formats[cli.format]);
	return 0;
}

static void set_defaults(void)
{
	const char *dir = getenv("SRTE_BPFFS");

	cli = (struct cli_common){
		.bpffs = dir && *dir ? dir : BPFFS_DEFAULT,
		.instance = INSTANCE_DEFAULT,
	};
	want_help = want_version = want_json = want_dump = false;
}

static enum log_level level(int verbosity)
{
	if (cli.quiet)
		return LOG_QUIET;
	if (verbosity > 1)
		return LOG_DEBUG;
	return verbosity ? LOG_INFO : LOG_NORMAL;
}

static void settle(const struct cli_parse *p)
{
	log_init(p->tool->name, level(p->verbosity));
	if (want_json)
		cli.format = CLI_FORMAT_JSONL;
	if (cli.format == CLI_FORMAT_AUTO)
		cli.format = isatty(STDOUT_FILENO) ? CLI_FORMAT_TABLE :
						     CLI_FORMAT_JSONL;
}

/* --help and its like: they ask for words, not for the verb to run. */
static bool tell(const struct cli_parse *p, const struct cli_verb *verb)
{
	if (want_help)
		cli_help(p->tool, verb);
	else if (want_version)
		printf("%s %s (abi %d.%d)\n", p->tool->name, SRTE_VERSION,
		       SRTE_ABI_MAJOR, SRTE_ABI_MINOR);
	else if (want_dump)
		cli_dump(p->tool);
	else
		return false;
	return true;
}

static int told(struct cli_parse *p)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	p->fault.id = FAULT_NONE;
	(void)fault_set(&p->fault, FAULT_OUTPUT, "cannot write the text: %m");
	return fault_report(&p->fault);
}

static int run(struct cli_parse *p)
{
	struct cli_args args;
	int used = 0, err;

	err = cli_parse(p);
	log_json(want_json || cli.format == CLI_FORMAT_JSONL);
	if (err)
		return fault_report(&p->fault);
	err = verb_find(p, &used);
	if (tell(p, used ? p->verb : NULL))
		return told(p);
	if (!err)
		err = cli_parse(p);
	if (!err)
		err = check_common(p);
	args.n = p->n_words - used;
	args.arg = p->words + used;
	if (!err)
		err = check_args(p, &args);
	if (err)
		return fault_report(&p->fault);
	settle(p);
	return p->verb->run(&args);
}

int cli_main(const struct cli_tool *tool, int argc, char **argv)
{
	auto_free char **words = calloc(argc + 1, sizeof(*words));
	struct cli_parse p = {
		.tool = tool, .argc = argc, .argv = argv, .words = words,
	};

	/* A parent may have ignored it; a reader that left must end us. */
	signal(SIGPIPE, SIG_DFL);
	log_init(tool->name, LOG_NORMAL);
	set_defaults();
	if (!words) {
		(void)fault_set(&p.fault, FAULT_NO_MEMORY, "out of memory");
		return fault_report(&p.fault);
	}
	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		p.argc--;
		p.argv++;
		cli_complete(&p);
		return told(&p);
	}
	return run(&p);
}
