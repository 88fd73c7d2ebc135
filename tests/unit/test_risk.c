/* SPDX-License-Identifier: GPL-2.0-only */
/* Neighbours of the circle share nothing, where that can be had. */
#include "risk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct pool_entry entries[SRTE_SET_PATHS];
static struct pool pool = { .entries = entries };

/* One letter a risk, a word an entry. */
static void make(const char *const words[])
{
	size_t n, i;

	memset(entries, 0, sizeof(entries));
	for (n = 0; words[n]; n++) {
		entries[n].n_risks = strlen(words[n]);
		for (i = 0; words[n][i]; i++)
			entries[n].risk[i][0] = words[n][i];
	}
	pool.n_entries = n;
}

#define MAKE(...) make((const char *const[]){ __VA_ARGS__, NULL })

static void check(const char *want, size_t clashes)
{
	__u8 order[SRTE_SET_PATHS];
	char got[64] = "";
	size_t i;

	assert_int_equal(risk_order(&pool, order), clashes);
	for (i = 0; i < pool.n_entries; i++)
		sprintf(got + strlen(got), "%s%d", i ? " " : "", order[i]);
	assert_string_equal(got, want);
}

static void good_order_stays(void **state)
{
	(void)state;
	MAKE("", "", "", "");
	check("0 1 2 3", 0);
	MAKE("a", "b", "a", "b");
	check("0 1 2 3", 0);
	MAKE("a");
	check("0", 0);
}

static void neighbours_are_parted(void **state)
{
	(void)state;
	MAKE("a", "a", "b", "b");
	check("0 2 1 3", 0);
	MAKE("ax", "ay", "bx", "by");
	check("0 1 2 3", 2);	/* two circles of clashes: none is better */
	MAKE("a", "a", "", "");
	check("0 2 1 3", 0);
}

/* Two of three are alike: one pair of neighbours always is. */
static void as_few_as_can_be(void **state)
{
	(void)state;
	MAKE("a", "a", "b");
	check("0 1 2", 1);
	MAKE("a", "a", "a", "a");
	check("0 1 2 3", 4);
	MAKE("a", "a");
	check("0 1", 2);
}

static void sixteen(void **state)
{
	__u8 order[SRTE_SET_PATHS];

	(void)state;
	MAKE("a", "a", "a", "a", "a", "a", "a", "a",
	     "b", "b", "b", "b", "b", "b", "b", "b");
	assert_int_equal(risk_order(&pool, order), 0);
	MAKE("a", "a", "a", "a", "b", "b", "b", "b",
	     "c", "c", "c", "c", "d", "d", "d", "d");
	assert_int_equal(risk_order(&pool, order), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_order_stays),
		cmocka_unit_test(neighbours_are_parted),
		cmocka_unit_test(as_few_as_can_be),
		cmocka_unit_test(sixteen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
