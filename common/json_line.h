/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of JSON, walked value by value. yajl does the grammar, several
 * times as fast as what builds trees; what it accepts beyond our contract
 * (deep nesting, duplicate keys, half surrogates, numbers of any size, more
 * than one value, anything but an object) is refused here. The hostile can
 * make it no slower than the length of the line asks for.
 */
#ifndef SRTE_JSON_LINE_H
#define SRTE_JSON_LINE_H

#include "fault.h"
#include "value.h"

#define JSON_LINE_DEPTH_MAX	16
#define JSON_LINE_KEYS_MAX	1024	/* open at once, known ones aside */

/* Each returns 0, or a negative errno with the fault set, which ends it. */
struct json_line_user {
	/* A key of the object itself. 1: it is known, and was seen to be
	 * no duplicate. */
	int (*key)(void *arg, const char *key, size_t len, struct fault *f);
	/* A value: depth 1 is that of the last key, 2 is within it, ... Of
	 * an object or a list this tells the beginning. */
	int (*value)(void *arg, size_t depth, const struct value *v,
		     struct fault *f);
};

/* FAULT_BAD_RECORD, or what the user set. Not for two threads at once. */
int json_line_walk(const char *line, size_t len,
		   const struct json_line_user *user, void *arg,
		   struct fault *f);

#endif
