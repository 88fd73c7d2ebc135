/* SPDX-License-Identifier: GPL-2.0-only */
#include "docstream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR	0x1e	/* RFC 7464 2.2 */
#define ROOM_FIRST	4096

/* Where in a document we are. */
struct scan {
	bool bare;		/* none: up to the end of the line */
	bool quoted, escaped;
	size_t depth;
};

/* Is this its last byte? */
static bool ends(struct scan *at, int c)
{
	if (at->bare)
		return c == '\n';
	if (at->escaped)
		at->escaped = false;
	else if (at->quoted && c == '\\')
		at->escaped = true;
	else if (c == '"')
		at->quoted = !at->quoted;
	else if (at->quoted)
		return false;
	else if (c == '{' || c == '[')
		at->depth++;
	else if (c == '}' || c == ']')
		return !--at->depth;
	return false;
}

static int add(struct docstream *s, int c)
{
	size_t room = s->room ? 2 * s->room : ROOM_FIRST;
	char *bigger;

	if (s->len == s->max)
		return -EFBIG;
	if (s->len == s->room) {
		bigger = realloc(s->text, room);
		if (!bigger)
			return -ENOMEM;
		s->text = bigger;
		s->room = room;
	}
	s->text[s->len++] = c;
	return 0;
}

static int skip_space(FILE *in)
{
	int c;

	do
		c = getc(in);
	while (c == SEPARATOR || (c > 0 && strchr(" \t\r\n", c)));
	return c;
}

int docstream_next(struct docstream *s)
{
	int err, c = skip_space(s->in);
	struct scan at = { .bare = c != '{' && c != '[' };

	s->len = 0;
	for (; c != EOF && c != SEPARATOR; c = getc(s->in)) {
		err = add(s, c);
		if (err)
			return err;
		if (ends(&at, c))
			return 1;
	}
	if (ferror(s->in))
		return errno ? -errno : -EIO;
	return s->len > 0;
}

void docstream_done(struct docstream *s)
{
	free(s->text);
	s->text = NULL;
	s->len = s->room = 0;
}
