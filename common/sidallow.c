/* SPDX-License-Identifier: GPL-2.0-only */
#include "sidallow.h"

#include "addr.h"
#include "cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PREFIXES_MAX	4096
#define LINE_BYTES	256

struct list {
	const char *file;
	struct srte_route_key *prefix;
	size_t n;
};

static int check_owner(FILE *in, const char *file, uid_t owner,
		       struct fault *f)
{
	struct stat st;

	if (fstat(fileno(in), &st) || !S_ISREG(st.st_mode) ||
	    st.st_uid != owner || st.st_mode & (S_IWGRP | S_IWOTH))
		return fault_set(f, FAULT_ALLOW_LIST, "%s: others than uid %u "
				 "can write it", file, (unsigned int)owner);
	return 0;
}

/* The word of a line; NULL: there is none. */
static char *line_word(char *line)
{
	char *save;

	line[strcspn(line, "#\n")] = '\0';
	return strtok_r(line, " \t\r", &save);
}

static int read_prefixes(FILE *in, struct list *list, struct fault *f)
{
	char line[LINE_BYTES], *word;
	size_t at;

	for (at = 1; fgets(line, sizeof(line), in); at++) {
		word = line_word(line);
		if (!word)
			continue;
		if (list->n == PREFIXES_MAX)
			return fault_set(f, FAULT_ALLOW_LIST,
					 "%s: more than %d prefixes",
					 list->file, PREFIXES_MAX);
		if (prefix_parse(word, &list->prefix[list->n]))
			return fault_set(f, FAULT_ALLOW_LIST,
					 "%s:%zu: '%s' is not a prefix",
					 list->file, at, word);
		list->n++;
	}
	return 0;
}

static int check_sid(const struct list *list, const __u8 sid[16],
		     struct fault *f)
{
	char text[ADDR_TEXT];
	size_t i;

	for (i = 0; i < list->n; i++)
		if (prefix_has(&list->prefix[i], sid))
			return 0;
	addr_format(sid, text);
	return fault_set(f, FAULT_NOT_ALLOWED, "%s is in no prefix of %s",
			 text, list->file);
}

static int check_pool(const struct list *list, const struct pool *pool,
		      struct fault *f)
{
	size_t i, k;
	int err = 0;

	for (i = 0; i < pool->n_entries; i++)
		for (k = 0; !err && k < pool->entries[i].n_segments; k++)
			err = check_sid(list, pool->entries[i].segments[k], f);
	return err;
}

static int check_all(const struct list *list, const struct pooldoc *doc,
		     struct fault *f)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < doc->n_endpoints; i++)
		if (!addr_is_zero(doc->endpoints[i].sid))
			err = check_sid(list, doc->endpoints[i].sid, f);
	for (i = 0; !err && i < doc->n_pools; i++)
		err = check_pool(list, &doc->pools[i], f);
	return err;
}

int sidallow_check(const struct pooldoc *doc, const char *file, uid_t owner,
		   struct fault *f)
{
	auto_fclose FILE *in = fopen(file, "re");
	auto_free struct srte_route_key *prefixes = NULL;
	struct list list = { .file = file };
	int err;

	if (!in && errno == ENOENT)
		return 0;
	if (!in)
		return fault_set(f, FAULT_ALLOW_LIST, "%s: %s", file,
				 strerror(errno));
	list.prefix = prefixes = calloc(PREFIXES_MAX, sizeof(*prefixes));
	if (!prefixes)
		return fault_set(f, FAULT_NO_MEMORY, "%s: no memory", file);
	err = check_owner(in, file, owner, f);
	if (!err)
		err = read_prefixes(in, &list, f);
	return err ? err : check_all(&list, doc, f);
}
