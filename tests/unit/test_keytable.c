/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys to numbers, many of them. */
#include "keytable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 100000U

static uint64_t hash_of(uint32_t i)
{
	uint32_t key[10] = { [3] = i };

	return keytable_hash(key, sizeof(key));
}

static void numbers_stay(void **state)
{
	struct keytable t = {};
	uint32_t i, n;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		for (i = 0; i < MANY; i++) {
			n = i;
			assert_int_equal(keytable_add(&t, hash_of(i), &n), 0);
		}
		n = 7;
		assert_int_equal(keytable_add(&t, hash_of(500), &n), 1);
		assert_int_equal(n, 500);
		for (i = 0; i < MANY; i++) {
			assert_true(keytable_find(&t, hash_of(i), &n));
			assert_int_equal(n, i);
		}
		assert_false(keytable_find(&t, hash_of(MANY), &n));
		keytable_clear(&t);
		assert_false(keytable_find(&t, hash_of(1), &n));
	}
	keytable_done(&t);
}

static void sets_have_no_numbers(void **state)
{
	struct keytable t = { .is_set = true };

	(void)state;
	assert_false(keytable_find(&t, hash_of(1), NULL));
	assert_int_equal(keytable_add(&t, hash_of(1), NULL), 0);
	assert_int_equal(keytable_add(&t, hash_of(1), NULL), 1);
	assert_null(t.number);
	keytable_done(&t);
}

static void every_byte_counts(void **state)
{
	uint8_t key[41] = {};
	uint64_t zero = keytable_hash(key, 41);
	int i;

	(void)state;
	assert_true(zero != keytable_hash(key, 40));
	for (i = 0; i < 41; i++) {
		key[i] = 1;
		assert_true(keytable_hash(key, 41) != zero);
		key[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(sets_have_no_numbers),
		cmocka_unit_test(every_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
