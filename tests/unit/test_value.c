/* SPDX-License-Identifier: GPL-2.0-only */
/* One value into one field; test_record.c has the kinds by whole lines. */
#include "value.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int store(enum field_kind kind, enum value_kind of, const char *text,
		 void *at, struct fault *f)
{
	const struct field field = { .key = "k", .kind = kind, .size = 8 };
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);	/* not NUL-ended */
	int err;

	memset(f, 0, sizeof(*f));
	memcpy(copy, text, n);
	err = value_store(&field, &(struct value){ of, copy, n }, at, f);
	free(copy);
	return err;
}

static void integers(void **state)
{
	static const char *const bad[] = {
		"-1", "1.0", "1e1", "9007199254740992", "18446744073709551616",
		"99999999999999999999999",
	};
	struct fault f;
	uint64_t n = 7;
	uint8_t small = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(store(FIELD_U64, VALUE_NUMBER, bad[i], &n,
				       &f), -EINVAL);
	assert_int_equal(n, 7);
	assert_non_null(strstr(f.cause, "k: expected an integer from 0 to"));
	assert_int_equal(store(FIELD_U64, VALUE_NUMBER, "9007199254740991",
			       &n, &f), 0);
	assert_true(n == 9007199254740991);
	assert_int_equal(store(FIELD_U8, VALUE_NUMBER, "256", &small, &f),
			 -EINVAL);
	assert_int_equal(store(FIELD_U8, VALUE_TEXT, "1", &small, &f),
			 -EINVAL);
	assert_int_equal(small, 7);
}

static void texts_fit_or_are_refused(void **state)
{
	char at[8] = "old";
	struct fault f;

	(void)state;
	assert_int_equal(store(FIELD_STR, VALUE_TEXT, "12345678", at, &f),
			 -EINVAL);
	assert_string_equal(at, "old");
	assert_int_equal(store(FIELD_STR, VALUE_TEXT, "1234567", at, &f), 0);
	assert_string_equal(at, "1234567");
	assert_int_equal(store(FIELD_STR, VALUE_TEXT, "", at, &f), 0);
	assert_string_equal(at, "");
	assert_int_equal(store(FIELD_STR, VALUE_NULL, "", at, &f), -EINVAL);
}

static void words_longer_than_any(void **state)
{
	uint8_t addr[16];
	struct fault f;
	uint64_t n;

	(void)state;
	assert_int_equal(store(FIELD_ADDR, VALUE_TEXT, "1111:2222:3333:4444:"
			       "5555:6666:7777:8888:9999:aaaa", addr, &f),
			 -EINVAL);
	assert_int_equal(store(FIELD_HEX64, VALUE_TEXT, "0xffffffffffffffff",
			       &n, &f), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(store(FIELD_HEX64, VALUE_TEXT, "0xg", &n, &f),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(texts_fit_or_are_refused),
		cmocka_unit_test(words_longer_than_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
