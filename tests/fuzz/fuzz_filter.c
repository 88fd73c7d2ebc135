/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a filter, "flag word" a line, and those of the rules: one that
 * is not understood is named, one that is does not change its mind.
 */
#include "fuzz.h"

#include "addr.h"
#include "flowfilter.h"
#include "reaction.h"

#include <stdio.h>

static struct cli_strs *list_of(struct flowfilter_words *w, const char *flag)
{
	const struct { const char *flag; struct cli_strs *list; } all[] = {
		{ "proto", &w->proto }, { "src", &w->src }, { "dst", &w->dst },
		{ "sport", &w->sport }, { "dport", &w->dport },
		{ "cgroup", &w->cgroup }, { "path", &w->path },
		{ "class", &w->class },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(flag, all[i].flag))
			return all[i].list;
	return NULL;
}

static void add(struct flowfilter_words *w, char *line)
{
	char *word = strchr(line, ' ');
	struct cli_strs *list;

	if (!word)
		return;
	*word++ = '\0';
	list = list_of(w, line);
	if (list && list->n < CLI_STRS_MAX)
		list->v[list->n++] = word;
}

static void ask(const struct flowfilter *filter)
{
	struct flow flow = { .key.proto = 6, .bytes = 1 };
	bool once;

	flow.key.src[15] = flow.key.dst[0] = 1;
	once = flowfilter_numbers(filter, &flow);
	must(once == flowfilter_numbers(filter, &flow));
	must(!once || flowfilter_key(filter, &flow.key));
	(void)flowfilter_names(filter, "/db", "heavy/s1");
}

static void rules(const char *text)
{
	struct fault f = { .id = FAULT_NONE };
	char shown[REACTION_TEXT];
	struct reaction reaction;
	__u32 bits;

	reaction_default(&reaction);
	if (!reaction_rules(text, &bits, &f))
		must(memchr(reaction_text(bits, shown), '\0', sizeof(shown)));
	f.id = FAULT_NONE;
	if (reaction_set(text, &reaction, &f))
		must(f.id == FAULT_USAGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *line, *save;
	struct fault f = { .id = FAULT_NONE };
	struct flowfilter_words words = { 0 };
	struct flowfilter filter;

	rules(text);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add(&words, line);
	if (flowfilter_make(&words, &filter, &f))
		must(f.id == FAULT_USAGE);
	else
		ask(&filter);
	free(text);
	return 0;
}
