/* SPDX-License-Identifier: GPL-2.0-only */
#include "fault.h"
#include "capture.h"
#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct capture err;

static int report(const struct fault *f)
{
	int status;

	log_init("srte-x", LOG_QUIET);	/* -q must not hide a fault */
	capture_start(&err, stderr);
	status = fault_report(f);
	capture_end(&err);
	return status;
}

static void test_set(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(fault_set(&f, FAULT_BAD_SID, "pools.json: %s", "::1"),
			 -EINVAL);
	assert_int_equal(f.id, FAULT_BAD_SID);
	assert_string_equal(f.cause, "pools.json: ::1");
	/* the first cause is the cause */
	assert_int_equal(fault_set(&f, FAULT_BUSY, "later"), -EBUSY);
	assert_int_equal(f.id, FAULT_BAD_SID);
	assert_string_equal(f.cause, "pools.json: ::1");
}

static void test_report(void **state)
{
	struct fault f = { 0 };

	(void)state;
	fault_set(&f, FAULT_BUSY, "default: in use");
	assert_int_equal(report(&f), EXIT_BUSY);
	assert_string_equal(err.text, "error: srte-x: BUSY: default: in use; "
				      "run again when it is done\n");
}

static void test_unset(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(report(&f), EXIT_FAILED);
	assert_ptr_equal(strstr(err.text, "error: srte-x: FAILED: "),
			 err.text);
}

static void test_long(void **state)
{
	struct fault f = { 0 };
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fault_set(&f, FAULT_OPEN, "%s", text);
	assert_int_equal(strlen(f.cause), sizeof(f.cause) - 1);
	assert_int_equal(report(&f), EXIT_BAD_INPUT);
	assert_non_null(strstr(err.text, "; check the name"));
}

/* A name from a file may not draw on the terminal or forge a line. */
static void test_control(void **state)
{
	struct fault f = { 0 };

	(void)state;
	fault_set(&f, FAULT_OPEN, "a\nerror: b\033[2J\177");
	report(&f);
	assert_non_null(strstr(err.text, "a?error: b?[2J?;"));
	assert_ptr_equal(strchr(err.text, '\n'),
			 err.text + strlen(err.text) - 1);
}

static void test_json(void **state)
{
	struct fault f = { 0 };

	(void)state;
	fault_set(&f, FAULT_BUSY, "a\"b\\c\nd\xff\xc3\xa9");
	log_json(true);
	assert_int_equal(report(&f), EXIT_BUSY);
	log_json(false);
	assert_string_equal(err.text, "{\"type\":\"error\",\"v\":1,"
			    "\"tool\":\"srte-x\",\"name\":\"BUSY\","
			    "\"exit\":5,\"cause\":\"a\\\"b\\\\c?d?\xc3\xa9\","
			    "\"fix\":\"run again when it is done\"}\n");
}

/* Each row is whole: an upper-case name, a status, an errno, a fix that can
 * follow a semicolon. */
static void test_table(void **state)
{
	struct fault f;

	(void)state;
	for (int id = FAULT_NONE + 1; id < FAULT_N; id++) {
		memset(&f, 0, sizeof(f));
		assert_true(fault_set(&f, id, "x") < 0);
		assert_in_range(fault_exit(id), EXIT_FAILED, EXIT_BUSY);
		for (const char *c = fault_name(id); *c; c++)
			assert_true(isupper(*c) || isdigit(*c) || *c == '_');
		assert_true(islower(*fault_fix(id)));
		assert_int_not_equal('.', fault_fix(id)
					  [strlen(fault_fix(id)) - 1]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_unset),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
