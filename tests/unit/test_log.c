/* SPDX-License-Identifier: GPL-2.0-only */
#include "log.h"
#include "capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct capture out, err;

/* All four, at a level. */
static const char *at(enum log_level level)
{
	log_init("srte-x", level);
	capture_start(&out, stdout);
	capture_start(&err, stderr);
	log_error("e%d", 1);
	log_warn("w%d", 2);
	log_info("i%d", 3);
	log_debug("d%d", 4);
	capture_end(&err);
	capture_end(&out);
	assert_string_equal(out.text, "");
	return err.text;
}

static void test_levels(void **state)
{
	(void)state;
	assert_string_equal(at(LOG_QUIET), "srte-x: e1\n");
	assert_string_equal(at(LOG_NORMAL),
			    "srte-x: e1\nsrte-x: warning: w2\n");
	assert_string_equal(at(LOG_INFO),
			    "srte-x: e1\nsrte-x: warning: w2\nsrte-x: i3\n");
	assert_string_equal(at(LOG_DEBUG),
			    "srte-x: e1\nsrte-x: warning: w2\nsrte-x: i3\n"
			    "srte-x: debug: d4\n");
}

static void test_control(void **state)
{
	(void)state;
	log_init("srte-x", LOG_NORMAL);
	capture_start(&err, stderr);
	log_warn("%s", "a\nb\tc\033d\177e");
	capture_end(&err);
	assert_string_equal(err.text, "srte-x: warning: a?b?c?d?e\n");
}

static void test_long(void **state)
{
	char text[4000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_init("srte-x", LOG_NORMAL);
	capture_start(&err, stderr);
	log_error("%s", text);
	capture_end(&err);
	assert_in_range(strlen(err.text), 500, 1100);
	assert_int_equal(err.text[strlen(err.text) - 1], '\n');
}

static void test_tool(void **state)
{
	(void)state;
	log_init("srte-y", LOG_NORMAL);
	assert_string_equal(log_tool(), "srte-y");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_tool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
