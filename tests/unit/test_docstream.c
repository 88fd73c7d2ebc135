/* SPDX-License-Identifier: GPL-2.0-only */
/* Where one document ends and the next begins. */
#include "docstream.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The documents that come out of text, ending with NULL. */
static void check(const char *text, const char *const *want)
{
	struct docstream s = { .max = 64 };

	s.in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	assert_non_null(s.in);
	for (; *want; want++) {
		assert_int_equal(docstream_next(&s), 1);
		assert_int_equal(s.len, strlen(*want));
		assert_memory_equal(s.text, *want, s.len);
	}
	assert_int_equal(docstream_next(&s), 0);
	docstream_done(&s);
	fclose(s.in);
}

#define CHECK(text, ...) check(text, (const char *const[]){ __VA_ARGS__ })

static void one_after_the_other(void **state)
{
	(void)state;
	CHECK("{\"a\":[1]}\n{\"b\":\n{}}[2]", "{\"a\":[1]}", "{\"b\":\n{}}",
	      "[2]", NULL);
	CHECK(" \n\t", NULL);
}

static void brackets_in_strings(void **state)
{
	(void)state;
	CHECK("{\"a\":\"}\\\"}\\\\\"}{}", "{\"a\":\"}\\\"}\\\\\"}", "{}",
	      NULL);
}

/* To be refused by whoever reads them; the next one is whole again. */
static void no_documents(void **state)
{
	(void)state;
	CHECK("nonsense {\n{}", "nonsense {\n", "{}", NULL);
	CHECK("{} }\n[]", "{}", "}\n", "[]", NULL);
	CHECK("{\"cut\":", "{\"cut\":", NULL);
}

static void separators(void **state)
{
	(void)state;
	CHECK("\x1e{\"cut\":\n\x1e{}\n\x1e", "{\"cut\":\n", "{}", NULL);
}

static void too_long(void **state)
{
	struct docstream s = { .max = 8 };
	char text[] = "{\"a\":1} {\"ab\":1}";

	(void)state;
	s.in = fmemopen(text, strlen(text), "r");
	assert_non_null(s.in);
	assert_int_equal(docstream_next(&s), 1);
	assert_int_equal(docstream_next(&s), 1);
	docstream_done(&s);
	rewind(s.in);
	s.max = 6;
	assert_int_equal(docstream_next(&s), -EFBIG);
	docstream_done(&s);
	fclose(s.in);
}

/* At its last bracket: the writer may wait for what we say. */
static void at_once(void **state)
{
	struct docstream s = { .max = 64 };
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s.in = fdopen(fd[0], "r");
	assert_non_null(s.in);
	assert_int_equal(write(fd[1], "{}", 2), 2);
	assert_int_equal(docstream_next(&s), 1);
	close(fd[1]);
	assert_int_equal(docstream_next(&s), 0);
	docstream_done(&s);
	fclose(s.in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(brackets_in_strings),
		cmocka_unit_test(no_documents),
		cmocka_unit_test(separators),
		cmocka_unit_test(too_long),
		cmocka_unit_test(at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
