/* SPDX-License-Identifier: GPL-2.0-only */
/* The pools file: its bytes, with limits, to a JSON tree. */
#include "cgroup.h"
#include "cleanup.h"
#include "json_text.h"
#include "pool.h"
#include "poolnode.h"
#include "sidallow.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX	POOLFILE_MAX
#define FILE_STEP	(64U << 10)

struct text {
	char *bytes;
	size_t len;
};

static int open_file(const char *name, FILE **ret, struct fault *f)
{
	FILE *file;

	if (!strcmp(name, "-")) {
		if (isatty(STDIN_FILENO))
			return fault_set(f, FAULT_STDIN_TERMINAL,
					 "the pools would come from a "
					 "terminal");
		name = "/dev/stdin";
	}
	file = fopen(name, "re");
	if (!file)
		return fault_set(f, FAULT_OPEN, "%s: %s", name,
				 strerror(errno));
	*ret = file;
	return 0;
}

/* Who can write the file can send this host's traffic anywhere. What comes
 * through a pipe or a redirection the caller has opened himself. */
static int check_rights(const char *name, FILE *file, struct fault *f)
{
	struct stat st;

	if (!strcmp(name, "-") || fstat(fileno(file), &st) ||
	    !S_ISREG(st.st_mode) || !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return fault_set(f, FAULT_POOLS_RIGHTS,
			 "%s: others than its owner can write it (mode %04o)",
			 name, st.st_mode & 07777);
}

/* A pipe has no size to ask for: grow, and stop past the limit. */
static int read_all(FILE *file, struct text *text)
{
	size_t room = 0;
	char *bigger;

	do {
		room = room ? 2 * room : FILE_STEP;
		bigger = realloc(text->bytes, room);
		if (!bigger)
			return -ENOMEM;
		text->bytes = bigger;
		text->len += fread(bigger + text->len, 1, room - text->len,
				   file);
		if (ferror(file))
			return -errno;
	} while (text->len == room && room <= FILE_MAX);
	return text->len > FILE_MAX ? -EFBIG : 0;
}

static int read_text(const char *name, struct text *text, struct fault *f)
{
	auto_fclose FILE *file = NULL;
	int err = open_file(name, &file, f);

	if (!err)
		err = check_rights(name, file, f);
	if (err)
		return err;
	err = read_all(file, text);
	if (err == -ENOMEM)
		return fault_set(f, FAULT_NO_MEMORY, "%s: no memory", name);
	if (err == -EFBIG)
		return fault_set(f, FAULT_POOLS_FILE,
				 "%s: more than %u MiB", name, FILE_MAX >> 20);
	if (err)
		return fault_set(f, FAULT_OPEN, "%s: %s", name,
				 strerror(-err));
	return 0;
}

static int parse(const char *name, const struct text *text, json_t **ret,
		 struct fault *f)
{
	char words[SHOWN_MAX];
	json_error_t error;
	json_t *root;

	root = json_text_load(text->bytes, text->len, &error);
	if (!root && !error.line)
		return fault_set(f, FAULT_POOLS_FILE, "%s: %s", name,
				 error.text);
	if (!root)
		return fault_set(f, FAULT_POOLS_FILE, "%s:%d:%d: %s", name,
				 error.line, error.column,
				 poolnode_shown(error.text, words));
	*ret = root;
	return 0;
}

/* The programs know a cgroup by its id, and that is given when it is made. */
static int find_cgroups(const char *name, struct pooldoc *doc,
			struct fault *f)
{
	size_t i;

	for (i = 0; i < doc->n_matches; i++) {
		struct pool_match *m = &doc->matches[i];
		uint64_t id = 0;
		int err = 0;

		if (m->cgroup[0])
			err = cgroup_find(m->cgroup, &id,
					  &m->match.cgroup_level);
		if (err)
			return fault_set(f, FAULT_POOLS_FILE,
					 "%s: matches[%zu].cgroup: %s: %s; a "
					 "cgroup must be there before a load "
					 "that names it", name, i, m->cgroup,
					 strerror(-err));
		m->match.cgroup_id = id;
	}
	return 0;
}

int poolfile_parse(const char *name, char *bytes, size_t len,
		   struct pooldoc *ret, struct fault *f)
{
	const struct text text = { bytes, len };
	struct pooldoc doc = { 0 };
	json_auto_t *root = NULL;
	int err = parse(name, &text, &root, f);

	if (!err)
		err = pooldoc_read(&(struct poolnode){ .file = name,
						       .fault = f,
						       .value = root }, &doc);
	if (!err)
		err = find_cgroups(name, &doc, f);
	if (!err)
		err = sidallow_check(&doc, SIDALLOW_FILE, SIDALLOW_OWNER, f);
	if (err)
		pooldoc_done(&doc);
	else
		*ret = doc;
	return err;
}

int poolfile_read(const char *name, struct pooldoc *ret, struct fault *f)
{
	struct text text = { 0 };
	auto_free char *bytes = NULL;
	int err = read_text(name, &text, f);

	bytes = text.bytes;
	return err ? err : poolfile_parse(name, bytes, text.len, ret, f);
}
