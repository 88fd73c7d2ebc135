/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of cli share; commands include cli.h. */
#ifndef SRTE_CLI_INTERNAL_H
#define SRTE_CLI_INTERNAL_H

#include "cli.h"
#include "fault.h"

/*
 * The command line is read twice, since the verb among its words says which
 * options there are: first for the words and the common options, with verb
 * NULL, then for the options of the verb.
 */
struct cli_parse {
	const struct cli_tool *tool;
	const struct cli_verb *verb;
	int    argc;
	char **argv;
	char **words;			/* room for argc of them */
	int    n_words, n_before;	/* all of them; those before "--" */
	bool   ended;			/* there was a "--" */
	const struct cli_opt *pending;	/* the last word, without its value */
	int    verbosity;
	struct fault fault;
};

int cli_parse(struct cli_parse *p);
/* The option of this name, len bytes, or NULL. */
const struct cli_opt *cli_option(const struct cli_parse *p, const char *name,
				 size_t len);
/* How many of the first n words the verb's name is; 0: it is another. */
int cli_verb_match(const struct cli_verb *v, char **words, int n);

/* The options of every command; those without help text are not shown. */
extern const struct cli_opt cli_common_opts[];

/* The name most like text among the options or the verbs of a tool; NULL when
 * none is near. */
const char *cli_near_option(const struct cli_tool *tool, const char *text);
const char *cli_near_verb(const struct cli_tool *tool, const char *text);

/* --help of one verb, or of the whole tool (NULL); --dump-options. */
void cli_help(const struct cli_tool *tool, const struct cli_verb *verb);
void cli_dump(const struct cli_tool *tool);
/* --complete: argv[0], and the words up to the one under the cursor. */
void cli_complete(struct cli_parse *p);

#endif
