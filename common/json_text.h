/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one door that JSON from outside comes in by. Strict: RFC 8259, no
 * duplicate keys, no NUL byte, JSON_TEXT_DEPTH_MAX deep at most.
 */
#ifndef SRTE_JSON_TEXT_H
#define SRTE_JSON_TEXT_H

#include <jansson.h>

#define JSON_TEXT_DEPTH_MAX	16

/* NULL with ret_why->text, which may hold bytes of the input; its line is 0
 * when it is a limit of ours that was not kept. */
json_t *json_text_load(const char *text, size_t len, json_error_t *ret_why);

#endif
