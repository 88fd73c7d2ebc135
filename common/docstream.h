/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON documents one after the other from a stream, each as soon as its last
 * bracket is there. Nothing is judged here: what is no document comes out
 * as a line, for the reader to refuse. A record separator (RFC 7464, jq
 * --seq) ends whatever it meets, so that one cut short takes no other along.
 */
#ifndef SRTE_DOCSTREAM_H
#define SRTE_DOCSTREAM_H

#include <stddef.h>
#include <stdio.h>

struct docstream {
	FILE *in;		/* the caller's */
	size_t max;		/* bytes of one */
	char *text;		/* of the last one, not a string */
	size_t len, room;
};

/* 1: there is one; 0: the end; -EFBIG, -ENOMEM, or what the reading said */
int docstream_next(struct docstream *s);
void docstream_done(struct docstream *s);

#endif
