/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit tests read what the code under test prints. */
#ifndef SRTE_TEST_CAPTURE_H
#define SRTE_TEST_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct capture {
	FILE *stream;
	int   fd, saved;
	FILE *file;
	char  text[16384];
};

/* From here on what goes to stream lands in c. */
static inline void capture_start(struct capture *c, FILE *stream)
{
	fflush(stream);
	c->stream = stream;
	c->fd = fileno(stream);
	c->saved = dup(c->fd);
	c->file = tmpfile();
	if (c->saved < 0 || !c->file || dup2(fileno(c->file), c->fd) < 0)
		abort();
}

/* Ends it; the text is returned and stays in c. */
static inline char *capture_end(struct capture *c)
{
	size_t n;

	fflush(c->stream);
	dup2(c->saved, c->fd);
	close(c->saved);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = '\0';
	fclose(c->file);
	return c->text;
}

#endif
