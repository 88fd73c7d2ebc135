/* SPDX-License-Identifier: GPL-2.0-only */
/* What the options come to; which are refused is in tests/cmd. */
#include "rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct header gigabit = { .link_bps = 1000000000 };

static void defaults(void **state)
{
	struct rulebook book = RULEBOOK_DEFAULT;
	struct judge_conf conf;
	const struct classify_marks *m = conf.rules.marks;

	(void)state;
	assert_int_equal(rulebook_check(&book, &(struct fault){}), 0);
	assert_int_equal(rulebook_make(&book, &gigabit, &conf,
				       &(struct fault){}), 0);
	assert_int_equal(m[CLASSIFY_ANY].enter_bytes, 1 << 20);
	assert_int_equal(m[CLASSIFY_ANY].always_bytes, 10 << 20);
	assert_int_equal(m[CLASSIFY_ANY].enter_bps, 10000000);
	assert_int_equal(m[CLASSIFY_ANY].leave_bps, 5000000);
	assert_memory_equal(&m[CLASSIFY_UDP], &m[CLASSIFY_ANY], sizeof(*m));
	assert_int_equal(conf.rules.idle_us, 2000000);
	assert_int_equal(conf.rules.share_milli, 80000);
	assert_int_equal(conf.rules.bonus_milli, 25000);
	assert_int_equal(conf.cap.heavy, 0);
	assert_int_equal(conf.cap.changes, 0);
	assert_int_equal(conf.by.kind, GROUP_FLOW);
	assert_int_equal(conf.interval_us, 0);
}

static void given_beats_the_header(void **state)
{
	struct rulebook book = RULEBOOK_DEFAULT;
	struct judge_conf conf;
	const struct classify_marks *m = conf.rules.marks;

	(void)state;
	book.link_bps = 2000000000;
	book.enter_pct = 10;
	book.udp_enter_bps = 1000;
	assert_int_equal(rulebook_make(&book, &gigabit, &conf,
				       &(struct fault){}), 0);
	assert_int_equal(m[CLASSIFY_ANY].enter_bps, 200000000);
	assert_int_equal(m[CLASSIFY_UDP].enter_bps, 1000);
	assert_int_equal(m[CLASSIFY_UDP].leave_bps, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(given_beats_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
