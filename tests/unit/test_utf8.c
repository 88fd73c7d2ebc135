/* SPDX-License-Identifier: GPL-2.0-only */
/* What is UTF-8 and what only looks like it (RFC 3629). */
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* At every offset from a word's beginning, in memory of exactly that size. */
static void check(const char *text, bool valid)
{
	size_t lead, n = strlen(text);
	char *copy;

	for (lead = 0; lead < 10; lead++) {
		copy = malloc(lead + n);
		assert_non_null(copy);
		memset(copy, 'x', lead);
		memcpy(copy + lead, text, n);
		if (utf8_valid(copy, lead + n) != valid)
			fail_msg("%s behind %zu bytes", text, lead);
		free(copy);
	}
}

static void what_is(void **state)
{
	(void)state;
	check("x", true);
	check("plain text of more than eight bytes", true);
	check("\xc3\xa9t\xc3\xa9", true);
	check("\xe2\x82\xac", true);
	check("\xed\x9f\xbf\xee\x80\x80", true);
	check("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true);
	assert_true(utf8_valid("", 0));
}

static void what_is_not(void **state)
{
	(void)state;
	check("\xff", false);
	check("\x80", false);
	check("\xc0\x80", false);		/* overlong */
	check("\xe0\x9f\xbf", false);
	check("\xf0\x8f\xbf\xbf", false);
	check("\xed\xa0\x80", false);		/* surrogate */
	check("\xf4\x90\x80\x80", false);	/* past 10FFFF */
	check("\xe2\x82", false);		/* cut */
	check("\xe2\x82x", false);
	check("12345678\xc3", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is),
		cmocka_unit_test(what_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
