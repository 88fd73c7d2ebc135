/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may stand where the cursor is, out of the same tables as everything
 * else: COMMAND --complete WORD... prints one candidate a line, the last WORD
 * being the one under the cursor. "@files" leaves it to the shell, which knows
 * how a file is quoted. Nothing is ever said on stderr.
 */
#include "cli_internal.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

static struct {
	const char *begun;	/* what is there of the value or word */
	int         before;	/* characters of it in front: "--format=" */
	const char *word;
} at;

static void offer(const char *value)
{
	if (!strncmp(value, at.begun, strlen(at.begun)))
		printf("%.*s%s\n", at.before, at.word, value);
}

static void offer_devices(void)
{
	struct if_nameindex *all = if_nameindex(), *dev;

	for (dev = all; dev && dev->if_index; dev++)
		offer(dev->if_name);
	if_freenameindex(all);
}

/* What the argument's name in the help asks for; the tool knows the rest. */
static void offer_kind(const struct cli_tool *tool, const char *arg)
{
	if (!strcmp(arg, "DEV"))
		offer_devices();
	else if (strstr(arg, "FILE") || !strcmp(arg, "DIR"))
		puts("@files");
	else if (tool->values)
		tool->values(arg, at.begun, offer);
}

/* Of a list "a,b" the last one is under way. */
static void offer_value(const struct cli_tool *tool, const struct cli_opt *o)
{
	const char *comma = strrchr(at.begun, ',');

	if (comma && !strcmp(o->arg, "LIST")) {
		at.before += (int)(comma + 1 - at.begun);
		at.begun = comma + 1;
	}
	for (int i = 0; o->choices && o->choices[i]; i++)
		offer(o->choices[i]);
	if (!o->choices)
		offer_kind(tool, o->arg);
}

static void offer_options(const struct cli_opt *o)
{
	char text[64];

	for (; o && o->kind != CLI_KIND_END; o++) {
		if (!o->help)
			continue;
		snprintf(text, sizeof(text), "--%s", o->name);
		offer(text);
		snprintf(text, sizeof(text), "-%c", o->letter);
		if (o->letter && at.begun[1] != '-' && at.begun[1])
			offer(text);
	}
}

static void offer_verbs(const struct cli_parse *p)
{
	const struct cli_verb *v = p->tool->verbs;
	char first[32];

	for (; v->name; v++) {
		const char *space = strchr(v->name, ' ');
		size_t len = space ? (size_t)(space - v->name) :
			     strlen(v->name);

		snprintf(first, sizeof(first), "%.*s", (int)len, v->name);
		if (!p->n_words)
			offer(first);
		else if (space && !strcmp(p->words[0], first))
			offer(space + 1);
	}
}

static void offer_word(const struct cli_parse *p, const struct cli_verb *said)
{
	const struct cli_verb *v = p->tool->verbs;

	if (!said && !p->ended)
		offer_verbs(p);
	while (!said && v->name && (!p->tool->default_verb ||
				    strcmp(v->name, p->tool->default_verb)))
		v++;
	if (said)
		v = said;
	if (v->name && v->args && (said || p->ended || !p->n_words))
		offer_kind(p->tool, v->args);
}

static const struct cli_verb *verb_said(const struct cli_parse *p)
{
	const struct cli_verb *v = p->tool->verbs;

	while (v->name && !cli_verb_match(v, p->words, p->n_before))
		v++;
	return v->name ? v : NULL;
}

void cli_complete(struct cli_parse *p)
{
	const char *word = p->argc > 1 ? p->argv[p->argc - 1] : "";
	const struct cli_verb *v, *said;
	const char *value = strchr(word, '=');
	const struct cli_opt *o;

	p->argc -= p->argc > 1;
	(void)cli_parse(p);	/* what is wrong with it is not our business */
	said = verb_said(p);
	at.word = at.begun = word;
	if (p->pending) {
		offer_value(p->tool, p->pending);
	} else if (!p->ended && !strncmp(word, "--", 2) && value) {
		at.begun = value + 1;
		at.before = (int)(at.begun - word);
		o = cli_option(p, word + 2, value - word - 2);
		if (o && o->arg)
			offer_value(p->tool, o);
	} else if (!p->ended && *word == '-') {
		offer_options(cli_common_opts);
		for (v = said ? said : p->tool->verbs; v->name; v++) {
			offer_options(v->opts);
			if (said)
				break;
		}
	} else {
		offer_word(p, said);
	}
}
