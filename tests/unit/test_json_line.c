/* SPDX-License-Identifier: GPL-2.0-only */
/* What a walk tells of a line, and what it does not take; the rest of the
 * grammar is in test_record.c. */
#include "json_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char told[4096];

static int tell_key(void *arg, const char *key, size_t len, struct fault *f)
{
	(void)arg;
	(void)f;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%.*s=",
		 (int)len, key);
	return 0;
}

static int tell_value(void *arg, size_t depth, const struct value *v,
		      struct fault *f)
{
	static const char kinds[] = "0b#\"{[";

	(void)arg;
	(void)f;
	snprintf(told + strlen(told), sizeof(told) - strlen(told),
		 "%zu%c%.*s ", depth, kinds[v->kind], (int)v->len, v->text);
	return 0;
}

static int walk(const char *line, struct fault *f)
{
	static const struct json_line_user user = { tell_key, tell_value };
	size_t n = strlen(line);
	char *copy = malloc(n);
	int err;

	memset(f, 0, sizeof(*f));
	told[0] = '\0';
	memcpy(copy, line, n);
	err = json_line_walk(copy, n, &user, NULL, f);
	free(copy);
	return err;
}

static void values_and_depths(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(walk("{\"a\":1,\"b\":\"\\u00e9\",\"c\":null,\"d\":"
			      "[2,{\"e\":\"x\"}],\"f\":-1.5e3}", &f), 0);
	assert_string_equal(told, "a=1#1 b=1\"\xc3\xa9 c=10 d=1[ 2#2 2{ "
			    "3\"x f=1#-1.5e3 ");
}

/* The reader is the same for all lines: a bad one leaves nothing behind. */
static void lines_know_nothing_of_each_other(void **state)
{
	static const char *const bad[] = {
		"{", "{\"a\":1}}", "{\"a\":1} \"x", "{\"a\":1} tr",
		"{\"a\":1} 1", "{\"a\":1}{", "{\"a", "[", "nul", "1", "",
		"{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}",
		"{\"a\":\"\\ud800\\u0041\"}", "{\"a\":1,\"a\":1}",
		"{\"x\":{\"a\":1,\"a\":1}}", "{\"a\":1e400}",
		"{\"a\":-9223372036854775809}",
	};
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (walk(bad[i], &f) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(f.id, FAULT_BAD_RECORD);
		assert_int_equal(walk("{\"a\":1}", &f), 0);
		assert_string_equal(told, "a=1#1 ");
	}
}

static void pairs_and_equal_keys_that_are_none(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(walk("{\"a\":\"\\ud83d\\ude00\"}", &f), 0);
	assert_string_equal(told, "a=1\"\xf0\x9f\x98\x80 ");
	assert_int_equal(walk("{\"a\":\"\\\\ud800\"}", &f), 0);
	assert_int_equal(walk("{\"a\":{\"a\":{\"a\":1},\"b\":2},\"b\":3}", &f),
			 0);
}

static void many_keys_end_somewhere(void **state)
{
	char line[16384] = "{";
	struct fault f;
	int i;

	(void)state;
	for (i = 0; i < JSON_LINE_KEYS_MAX; i++)
		sprintf(line + strlen(line), "%s\"%d\":1", i ? "," : "", i);
	strcat(line, "}");
	assert_int_equal(walk(line, &f), 0);
	line[strlen(line) - 1] = '\0';
	strcat(line, ",\"x\":1}");
	assert_int_equal(walk(line, &f), -EINVAL);
	assert_non_null(strstr(f.cause, "more than 1024 keys"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_depths),
		cmocka_unit_test(lines_know_nothing_of_each_other),
		cmocka_unit_test(pairs_and_equal_keys_that_are_none),
		cmocka_unit_test(many_keys_end_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
