/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS	 80
#define LEFT	 26	/* width of the option's own column */
#define NAME_LEN 31	/* longer names are not compared */

/* Words of text from column col on; further lines start at column indent. */
static void wrap(const char *text, int col, int indent)
{
	int len;

	for (; *text; text += len, text += *text == ' ') {
		len = (int)strcspn(text, " ");
		if (col > indent && col + 1 + len > COLUMNS) {
			printf("\n%*s", indent, "");
			col = indent;
		}
		col += printf("%s%.*s", col > indent ? " " : "", len, text);
	}
	putchar('\n');
}

static void help_opt(const struct cli_opt *o)
{
	char letter[5] = "    ", left[64], text[512];
	int n;

	if (!o->help)
		return;
	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name,
		 o->arg ? " " : "", o->arg ? o->arg : "");
	n = snprintf(text, sizeof(text), "%s", o->help);
	for (int i = 0; o->choices && o->choices[i]; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s",
			      i ? ", " : ": ", o->choices[i]);
	if (printf("%-*s", LEFT, left) > LEFT)
		printf("\n%*s", LEFT, "");
	wrap(text, LEFT, LEFT);
}

static void help_opts(const struct cli_opt *opts)
{
	for (; opts && opts->kind != CLI_KIND_END; opts++)
		help_opt(opts);
}

static bool is_default(const struct cli_tool *tool, const struct cli_verb *v)
{
	return tool->default_verb && !strcmp(tool->default_verb, v->name);
}

static void help_usage(const struct cli_tool *tool, const struct cli_verb *v,
		       const char *before)
{
	bool def = is_default(tool, v);

	printf("%s%s %s%s%s [OPTION]...%s%s\n", before, tool->name,
	       def ? "[" : "", v->name, def ? "]" : "",
	       v->args && *v->args ? " " : "", v->args ? v->args : "");
}

static void help_verb(const struct cli_verb *v)
{
	putchar('\n');
	wrap(v->help, printf("%s:", v->name), 2);
	help_opts(v->opts);
}

void cli_help(const struct cli_tool *tool, const struct cli_verb *verb)
{
	const struct cli_verb *v;

	wrap(tool->summary, printf("%s:", tool->name), 2);
	putchar('\n');
	if (verb) {
		help_usage(tool, verb, "usage: ");
		putchar('\n');
		wrap(verb->help, 0, 0);
		help_opts(verb->opts);
	}
	for (v = tool->verbs; !verb && v->name; v++)
		help_usage(tool, v, v == tool->verbs ? "usage: " : "       ");
	for (v = tool->verbs; !verb && v->name; v++)
		help_verb(v);
	printf("\nevery verb:\n");
	help_opts(cli_common_opts);
	if (tool->example)
		printf("\nexample:\n  %s\n", tool->example);
	printf("\nexit status: 0 done; 1 failed, nothing changed; 2 usage; "
	       "3 host not ready;\n  4 bad input; 5 busy. "
	       "The manual is %s(8).\n", tool->name);
}

static void dump_opts(const char *verb, const struct cli_opt *o)
{
	char letter[3] = "";

	for (; o && o->kind != CLI_KIND_END; o++) {
		if (!o->help)
			continue;
		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c", o->letter);
		else
			letter[0] = '\0';
		printf("opt\t%s\t%s\t--%s\t%s\t", verb, letter, o->name,
		       o->arg ? o->arg : "");
		for (int i = 0; o->choices && o->choices[i]; i++)
			printf("%s%s", i ? "," : "", o->choices[i]);
		printf("\t%s\n", o->help);
	}
}

void cli_dump(const struct cli_tool *tool)
{
	const struct cli_verb *v;

	printf("tool\t%s\t%s\t%s\n", tool->name,
	       tool->default_verb ? tool->default_verb : "", tool->summary);
	for (v = tool->verbs; v->name; v++)
		printf("verb\t%s\t%s\t%s\n", v->name, v->args ? v->args : "",
		       v->help);
	dump_opts("*", cli_common_opts);
	for (v = tool->verbs; v->name; v++)
		dump_opts(v->name, v->opts);
}

/* Edits that make b of a (Levenshtein), one row of the table at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_LEN + 1], len = strlen(b), diag, up;

	if (strlen(a) > NAME_LEN || len > NAME_LEN)
		return NAME_LEN;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (; *a; a++) {
		diag = row[0]++;
		for (size_t j = 1; j <= len; j++) {
			up = row[j];
			row[j] = diag + (*a != b[j - 1]);
			if (up + 1 < row[j])
				row[j] = up + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diag = up;
		}
	}
	return row[len];
}

/* Two edits are near, if they leave something of the word. */
static void nearer(const char *name, const char *text, size_t *best,
		   const char **ret)
{
	size_t d = distance(text, name);

	if (d < *best && d < strlen(name)) {
		*best = d;
		*ret = name;
	}
}

static void near_in(const struct cli_opt *o, const char *text, size_t *best,
		    const char **ret)
{
	for (; o && o->kind != CLI_KIND_END; o++)
		if (o->help)
			nearer(o->name, text, best, ret);
}

const char *cli_near_option(const struct cli_tool *tool, const char *text)
{
	const struct cli_verb *v = tool->verbs;
	const char *ret = NULL;
	size_t best = 3;

	near_in(cli_common_opts, text, &best, &ret);
	for (; v->name; v++)
		near_in(v->opts, text, &best, &ret);
	return ret;
}

const char *cli_near_verb(const struct cli_tool *tool, const char *text)
{
	const struct cli_verb *v = tool->verbs;
	const char *ret = NULL;
	size_t best = 3;

	for (; v->name; v++)
		nearer(v->name, text, &best, &ret);
	return ret;
}
