/* SPDX-License-Identifier: GPL-2.0-only */
/* Names and refusals; what needs a bpffs is in tests/cmd. */
#include "cli.h"
#include "pin.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void place(const char *bpffs, const char *instance)
{
	cli.bpffs = bpffs;
	cli.instance = instance;
}

static void test_path(void **state)
{
	char path[PIN_PATH_MAX];
	struct fault f = {};

	(void)state;
	place("/run/srte", "default");
	assert_int_equal(pin_path(NULL, path, &f), 0);
	assert_string_equal(path, "/run/srte/v1/default");
	assert_int_equal(pin_path("prog/x", path, &f), 0);
	assert_string_equal(path, "/run/srte/v1/default/prog/x");
	assert_int_equal(f.id, FAULT_NONE);
}

static void test_long_place(void **state)
{
	char dir[PIN_PATH_MAX], path[PIN_PATH_MAX];
	struct fault f = {};

	(void)state;
	memset(dir, 'd', sizeof(dir) - 1);
	dir[0] = '/';
	dir[sizeof(dir) - 1] = '\0';
	place(dir, "default");
	assert_int_equal(pin_path(NULL, path, &f), -EINVAL);
	assert_int_equal(f.id, FAULT_USAGE);
}

static void refuses(const char *dir, enum fault_id id)
{
	struct fault f = {};

	place(dir, "default");
	assert_true(pin_open("srte_flows", PIN_READ, &f) < 0);
	assert_int_equal(f.id, id);
	f = (struct fault){};
	assert_true(pin_lock(&f) < 0);
	assert_int_equal(f.id, id);
}

static void test_no_bpffs(void **state)
{
	(void)state;
	refuses("/nonexistent", FAULT_NO_BPFFS);
	refuses("/", FAULT_NO_BPFFS);
	refuses("/proc", FAULT_NO_BPFFS);
}

/* One row for each map, sizes as bpf/ declares them. */
static void test_table(void **state)
{
	size_t n = 0, writable = 0;

	(void)state;
	for (const struct pin_map *m = pin_maps; m->name; m++, n++) {
		assert_int_equal(strncmp(m->name, "srte_", 5), 0);
		assert_true(m->key_size || !strcmp(m->name, "srte_events"));
		writable += m->group_writes;
	}
	assert_int_equal(n, 16);
	assert_int_equal(writable, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_long_place),
		cmocka_unit_test(test_no_bpffs),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
