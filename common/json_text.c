/* SPDX-License-Identifier: GPL-2.0-only */
#include "json_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* jansson goes 2048 deep before it stops; on a small stack that is much. */
static bool too_deep(const char *text, size_t len)
{
	const char *end = text + len;
	bool quoted = false;
	int depth = 0;

	for (; text < end; text++) {
		if (quoted && *text == '\\')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*text == '{' || *text == '[')
			depth++;
		else if (*text == '}' || *text == ']')
			depth--;
		if (depth > JSON_TEXT_DEPTH_MAX)
			return true;
	}
	return false;
}

json_t *json_text_load(const char *text, size_t len, json_error_t *ret_why)
{
	memset(ret_why, 0, sizeof(*ret_why));
	if (memchr(text, '\0', len))	/* jansson skips it behind a number */
		snprintf(ret_why->text, sizeof(ret_why->text), "a NUL byte");
	else if (too_deep(text, len))
		snprintf(ret_why->text, sizeof(ret_why->text),
			 "nested more than %d deep", JSON_TEXT_DEPTH_MAX);
	else
		return json_loadb(text, len, JSON_REJECT_DUPLICATES, ret_why);
	return NULL;
}
