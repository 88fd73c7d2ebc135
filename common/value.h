/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One JSON value into one field of a record: what the field tables ask for,
 * and nothing else.
 */
#ifndef SRTE_VALUE_H
#define SRTE_VALUE_H

#include "record.h"

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT,
		  VALUE_OBJECT, VALUE_ARRAY };

/* text: of a number as written, of a text without its escapes; not
 * NUL-ended. Of a bool, "" is false. */
struct value {
	enum value_kind kind;
	const char *text;
	size_t      len;
};

/* at: where the field is. FAULT_BAD_RECORD says what was expected. */
int value_store(const struct field *f, const struct value *v, void *at,
		struct fault *fault);

/* "KEY: expected WANTED" */
int value_bad(const char *key, const char *wanted, struct fault *fault);

#endif
