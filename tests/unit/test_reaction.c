/* SPDX-License-Identifier: GPL-2.0-only */
#include "reaction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_defaults(void **state)
{
	struct reaction r;
	char text[REACTION_TEXT];

	(void)state;
	reaction_default(&r);
	assert_string_equal(reaction_text(r.rules, text),
			    "R1,R2,R3,R4,R5,R6,R7,R8,R9");
	assert_int_equal(r.numbers.ce_permille, 500);
	assert_int_equal(r.numbers.ce_rounds, 12);
	assert_int_equal(r.numbers.ce_rounds_idle, 3);
	assert_int_equal(r.numbers.pause_ns, 60000000000ULL);
	assert_int_equal(r.numbers.caution_bytes, 102400);
	assert_int_equal(r.numbers.rto_min_us, 0);
}

static void test_rule_lists(void **state)
{
	static const char *const bad[] = {
		"", "R0", "R10", "r1", "R1,", ",R1", "R1 R3", "all,R1"
	};
	struct fault f = { 0 };
	char text[REACTION_TEXT];
	__u32 set = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f = (struct fault){ 0 };
		assert_true(reaction_rules(bad[i], &set, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
		assert_int_equal(set, 77);
	}
	assert_int_equal(reaction_rules("none", &set, &f), 0);
	assert_string_equal(reaction_text(set, text), "none");
	assert_int_equal(reaction_rules("R9,R1", &set, &f), 0);
	assert_string_equal(reaction_text(set, text), "R1,R2,R9");
}

static void test_lists_with_numbers(void **state)
{
	static const char *const bad[] = {
		"", "R1,", "R1,ce_rounds", "R1,ce_rounds=0", "=", "R2=off",
		"ce_rounds=3,", "all,R1,ce_rounds=3", "rto_min=300ms"
	};
	struct fault f = { 0 };
	struct reaction r;
	char text[REACTION_TEXT];

	(void)state;
	reaction_default(&r);
	assert_int_equal(reaction_read("R1,ce_rounds=3,R3", &r, &f), 0);
	assert_string_equal(reaction_text(r.rules, text), "R1,R2,R3");
	assert_int_equal(r.numbers.ce_rounds, 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f = (struct fault){ 0 };
		assert_true(reaction_read(bad[i], &r, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
		assert_int_equal(r.numbers.ce_rounds, 3);
		assert_string_equal(reaction_text(r.rules, text), "R1,R2,R3");
	}
	reaction_default(&r);
	assert_int_equal(reaction_read("preset=eager,R4=off,all", &r, &f), 0);
	assert_string_equal(reaction_text(r.rules, text),
			    "R1,R2,R3,R5,R6,R7,R8,R9");
	assert_int_equal(r.numbers.ce_permille, 50);
}

static void test_words(void **state)
{
	struct fault f = { 0 };
	struct reaction r;

	(void)state;
	reaction_default(&r);
	assert_int_equal(reaction_set("R3=off", &r, &f), 0);
	assert_false(r.rules & SRTE_RULE(R3));
	assert_int_equal(reaction_set("R3=on", &r, &f), 0);
	assert_true(r.rules & SRTE_RULE(R3));
	assert_int_equal(reaction_set("ce_rounds=3", &r, &f), 0);
	assert_int_equal(r.numbers.ce_rounds, 3);
	assert_int_equal(reaction_set("ce_permille=5%", &r, &f), 0);
	assert_int_equal(r.numbers.ce_permille, 50);
	assert_int_equal(reaction_set("pause=90s", &r, &f), 0);
	assert_int_equal(r.numbers.pause_ns, 90000000000ULL);
	assert_int_equal(reaction_set("rto_min=20ms", &r, &f), 0);
	assert_int_equal(r.numbers.rto_min_us, 20000);
	assert_int_equal(reaction_set("caution_bytes=1M", &r, &f), 0);
	assert_int_equal(r.numbers.caution_bytes, 1 << 20);
	assert_int_equal(reaction_set("preset=eager", &r, &f), 0);
	assert_int_equal(r.numbers.ce_permille, 50);
	assert_int_equal(r.numbers.rto_min_us, 0);
}

static void test_bad_words(void **state)
{
	static const char *const bad[] = {
		"R3", "R2=off", "R3=yes", "ce_rounds", "ce_rounds=",
		"ce_rounds=0", "ce_rounds=70000", "ce_permille=101%",
		"pause_us=5", "pause=0", "none=1", "preset=wild", "=3",
		"ce_rounds=3x", "rto_min=10s"
	};
	struct reaction r, before;

	(void)state;
	reaction_default(&r);
	before = r;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };

		assert_true(reaction_set(bad[i], &r, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
		assert_memory_equal(&r, &before, sizeof(r));
	}
}

static int seen(const char *what, const char *name, __u64 value,
		const char *text, void *arg)
{
	int *n = arg;

	assert_true(*text);
	n[*what == 'r' ? 0 : 1]++;
	if (!strcmp(name, "pause_us"))
		assert_int_equal(value, 60000000);
	return 0;
}

static void test_each(void **state)
{
	struct reaction r;
	int n[2] = { 0, 0 };

	(void)state;
	reaction_default(&r);
	assert_int_equal(reaction_each(&r, seen, n), 0);
	assert_int_equal(n[0], 9);
	assert_int_equal(n[1], 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_rule_lists),
		cmocka_unit_test(test_lists_with_numbers),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_bad_words),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
