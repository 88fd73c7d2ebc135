/* SPDX-License-Identifier: GPL-2.0-only */
/* The allow-list of SIDs: what it lets pass, and whose word it is. */
#include "sidallow.h"

#include "addr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char file[256];
static struct pool_entry entry = { .name = "p", .n_segments = 2 };
static struct pool pool = { "heavy", &entry, 1 };
static struct pool_endpoint endpoint;
static struct pooldoc doc = { .endpoints = &endpoint, .n_endpoints = 1,
			      .pools = &pool, .n_pools = 1 };

static int setup(void **state)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	(void)state;
	snprintf(file, sizeof(file), "%s/srte-allow.XXXXXX",
		 dir ? dir : "/tmp");
	fd = mkstemp(file);
	addr_parse("fc00:a::1", entry.segments[0]);
	addr_parse("fc00:b::1", entry.segments[1]);
	addr_parse("fc00:2::d4", endpoint.sid);
	return fd < 0 || fchmod(fd, 0644) ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(file);
}

static enum fault_id check(const char *text, struct fault *f)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	*f = (struct fault){ .id = FAULT_NONE };
	(void)sidallow_check(&doc, file, geteuid(), f);
	return f->id;
}

static void lets_pass(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(check("fc00::/16\n", &f), FAULT_NONE);
	assert_int_equal(check("# ours\n\n fc00:a::/32 # spine 1\n"
			       "fc00:b::1\nfc00:2::/64", &f), FAULT_NONE);
}

static void refuses(void **state)
{
	char want[320];
	struct fault f;

	(void)state;
	assert_int_equal(check("fc00:a::/32\nfc00:2::/32\n", &f),
			 FAULT_NOT_ALLOWED);
	snprintf(want, sizeof(want), "fc00:b::1 is in no prefix of %s", file);
	assert_string_equal(f.cause, want);
	assert_int_equal(check("fc00:a::/32\nfc00:b::/32\n", &f),
			 FAULT_NOT_ALLOWED);	/* the endpoint's */
	assert_int_equal(check("# none\n", &f), FAULT_NOT_ALLOWED);
}

static void bad_lists(void **state)
{
	char want[320];
	struct fault f;

	(void)state;
	assert_int_equal(check("fc00::/16\nspine2\n", &f),
			 FAULT_ALLOW_LIST);
	snprintf(want, sizeof(want), "%s:2: 'spine2' is not a prefix", file);
	assert_string_equal(f.cause, want);
	assert_int_equal(sidallow_check(&doc, "/dev/null/x", 0, &f), -EINVAL);
	assert_int_equal(f.id, FAULT_ALLOW_LIST);	/* no way to ask */
	assert_int_equal(chmod(file, 0664), 0);
	assert_int_equal(check("fc00::/16\n", &f), FAULT_ALLOW_LIST);
	assert_int_equal(chmod(file, 0644), 0);
	f = (struct fault){ .id = FAULT_NONE };
	(void)sidallow_check(&doc, file, geteuid() + 1, &f);
	assert_int_equal(f.id, FAULT_ALLOW_LIST);
	f = (struct fault){ .id = FAULT_NONE };
	(void)sidallow_check(&doc, "/", geteuid(), &f);
	assert_int_equal(f.id, FAULT_ALLOW_LIST);
}

static void too_many_prefixes(void **state)
{
	static const char line[] = "fc00::/16\n";
	char *text = malloc(4097 * strlen(line) + 1);
	struct fault f;
	int i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < 4097; i++)
		strcpy(text + i * strlen(line), line);
	assert_int_equal(check(text, &f), FAULT_ALLOW_LIST);
	assert_non_null(strstr(f.cause, "more than 4096 prefixes"));
	text[4096 * strlen(line)] = '\0';
	assert_int_equal(check(text, &f), FAULT_NONE);
	free(text);
}

static void no_list_is_any_sid(void **state)
{
	struct fault f = { .id = FAULT_NONE };
	char none[300];

	(void)state;
	snprintf(none, sizeof(none), "%s.none", file);
	assert_int_equal(sidallow_check(&doc, none, 0, &f), 0);
	assert_int_equal(f.id, FAULT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lets_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_prefixes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(no_list_is_any_sid, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
