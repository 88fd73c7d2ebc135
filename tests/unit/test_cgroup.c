/* SPDX-License-Identifier: GPL-2.0-only */
/* Where cgroup2 is and what its directories are called; no root needed. */
#include "cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static bool have_cgroup2(char root[CGROUP_PATH_MAX])
{
	struct fault f = {};

	return !cgroup_root(root, &f);
}

static void test_root(void **state)
{
	char root[CGROUP_PATH_MAX], same[CGROUP_PATH_MAX];
	char name[SRTE_CGROUP_TEXT];
	struct fault f = {};
	struct stat st;

	(void)state;
	if (!have_cgroup2(root))
		skip();
	assert_int_equal(cgroup_resolve(NULL, same, &f), 0);
	assert_string_equal(root, same);
	assert_int_equal(cgroup_resolve(root, same, &f), 0);
	assert_string_equal(root, same);
	assert_int_equal(stat(root, &st), 0);
	cgroup_path(st.st_ino, name);
	assert_string_equal(name, "/");
}

static void test_unknown_id(void **state)
{
	char name[SRTE_CGROUP_TEXT] = "x";

	(void)state;
	cgroup_path(0, name);
	assert_string_equal(name, "");
	strcpy(name, "x");
	cgroup_path(UINT64_MAX, name);
	assert_string_equal(name, "");
}

static void test_not_cgroup2(void **state)
{
	static const char *const wrong[] = { "/", "/proc", "/nonexistent" };
	char path[CGROUP_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fault f = {};

		assert_true(cgroup_resolve(wrong[i], path, &f) < 0);
		assert_int_equal(f.id, FAULT_NO_CGROUP2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_unknown_id),
		cmocka_unit_test(test_not_cgroup2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
