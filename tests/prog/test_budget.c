// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far the verifier walks for each program, on this kernel, beside what
 * tests/vm/insns has recorded for it: more than a tenth over fails, long
 * before the kernel's own limit of a million refuses to load. `make budget`
 * records anew; a kernel or program without a record is only told of.
 */
#include "prog.h"

#include <sys/utsname.h>

#define SLACK_PERCENT 10

static uint32_t insns_of(const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info,
						&len), 0);
	return info.verified_insns;
}

/* "7" is any 7.x, "6.1" is not 6.12. */
static bool is_kernel(const char *release, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(release, key, len) && release[len] == '.';
}

/* 0: nothing is recorded. */
static uint32_t recorded_for(const char *release, const char *prog)
{
	char path[4096], line[256], key[32], name[64];
	const char *top = getenv("SRTE_TOP");
	uint32_t n, ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/vm/insns", top ? top : ".");
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (line[0] != '#' &&
		    sscanf(line, "%31s %63s %u", key, name, &n) == 3 &&
		    is_kernel(release, key) && !strcmp(name, prog))
			ret = n;
	}
	fclose(f);
	return ret;
}

static bool is_within(const char *release, const struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);
	uint32_t n = insns_of(prog), was = recorded_for(release, name);

	printf("# insns %s %u\n", name, n);
	if (!was || (uint64_t)n * 100 <= (uint64_t)was * (100 + SLACK_PERCENT))
		return true;
	print_error("%s: the verifier walks %u instructions on %s, %u are in "
		    "tests/vm/insns: over %d %% more; find out why, or record "
		    "it with 'sudo make budget'\n", name, n, release, was,
		    SLACK_PERCENT);
	return false;
}

static void test_within_budget(void **state)
{
	struct bpf_program *prog;
	struct utsname uts;
	bool within = true;

	(void)state;
	assert_int_equal(uname(&uts), 0);
	bpf_object__for_each_program(prog, skel->obj)
		within &= is_within(uts.release, prog);
	assert_true(within);
}

static void test_a_kernel_is_told_from_its_likes(void **state)
{
	(void)state;
	assert_true(is_kernel("7.3.4+deb13-cloud-amd64", "7"));
	assert_true(is_kernel("6.1.0-56-cloud-amd64", "6.1"));
	assert_false(is_kernel("6.12.118+deb13-cloud-amd64", "6.1"));
	assert_false(is_kernel("6.1.0-56-cloud-amd64", "6.12"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_within_budget, prog_setup,
						prog_teardown),
		cmocka_unit_test(test_a_kernel_is_told_from_its_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
