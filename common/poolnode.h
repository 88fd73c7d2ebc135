/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside poolfile: a JSON value and its place in the pools document, so that
 * every refusal can say where: pools.heavy[1].segments[0]. Nodes live on the
 * stack of the function that looks into their parent.
 */
#ifndef SRTE_POOLNODE_H
#define SRTE_POOLNODE_H

#include "fault.h"
#include "pool.h"

#include <jansson.h>

struct poolnode {
	const char *file;		/* for messages */
	struct fault *fault;
	const struct poolnode *up;	/* NULL: the document itself */
	const char *key;		/* NULL: member index of an array */
	size_t index;
	json_t *value;			/* NULL: the key is absent */
};

struct poolnode poolnode_member(const struct poolnode *object,
				const char *key);
struct poolnode poolnode_at(const struct poolnode *array, size_t index);

/* Set the fault, with file and place before the text; returns its errno. */
int poolnode_refuse(const struct poolnode *at, enum fault_id id,
		    const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* An object with these keys only, so that a slip of the pen is not a silent
 * default; keys ends with NULL, NULL takes any. */
int poolnode_object(const struct poolnode *at, const char *const *keys);
/* An array of 1 to max members; more is the fault too_many. */
int poolnode_array(const struct poolnode *at, size_t max,
		   enum fault_id too_many);

/* Leaves. */
int poolnode_sid(const struct poolnode *at, __u8 ret[16]);
int poolnode_prefix(const struct poolnode *at, struct srte_route_key *ret);
int poolnode_name(const struct poolnode *at, char ret[SRTE_NAME_MAX]);
/* The key itself, as poolnode_name() has a value. */
int poolnode_key(const struct poolnode *at, char ret[SRTE_NAME_MAX]);
int poolnode_u16(const struct poolnode *at, __u16 *ret);	/* from 1 on */
int poolnode_u32(const struct poolnode *at, __u32 *ret);	/* from 0 on */
int poolnode_hops(const struct poolnode *at, __u8 *ret);
int poolnode_mode(const struct poolnode *at, __u8 *ret);
int poolnode_usid(const struct poolnode *at, __u16 *ret);
int poolnode_block(const struct poolnode *at, struct srte_route_key *ret);

/* Foreign text in a message: short, and safe for a terminal. */
#define SHOWN_MAX 96
const char *poolnode_shown(const char *text, char ret[SHOWN_MAX]);

/* pooldoc.c: the document below its root. On failure *ret may be half
 * filled: pooldoc_done() is the caller's either way. */
int pooldoc_read(const struct poolnode *root, struct pooldoc *ret);

/* poolmatch.c: its matches; ret has the pools already. */
int poolmatch_read(const struct poolnode *list, struct pooldoc *ret);

#endif
