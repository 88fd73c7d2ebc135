/* SPDX-License-Identifier: GPL-2.0-only */
/* What the options come to, and which of them do not go together. */
#include "rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

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

/* One option more. */
#define SPOIL(name, member, value)					\
	static void spoil_##name(struct rulebook *book)			\
	{								\
		book->member = value;					\
	}
SPOIL(enter, enter_bytes, 1)
SPOIL(leave, leave_bps, 1)
SPOIL(share, share_pct, 50)
SPOIL(top, top, 5)
SPOIL(bonus, bonus_pct, 5)
SPOIL(apart, apart, true)
SPOIL(by, by, "cgroup")
SPOIL(zero, max_heavy, 0)

static void spoil_both(struct rulebook *book)
{
	book->enter_bps = 1000;
	book->enter_pct = 5;
}

/* An option without effect, and two that contradict each other. */
static void do_not_go_together(void **state)
{
	static const struct {
		int policy;
		void (*spoil)(struct rulebook *book);
		const char *says;
	} bad[] = {
		{ CLASSIFY_TOP, spoil_enter, "--enter-*, --always-bytes" },
		{ CLASSIFY_TOP, spoil_leave, "--leave-" },
		{ CLASSIFY_THRESHOLD, spoil_share, "--share goes with" },
		{ CLASSIFY_THRESHOLD, spoil_top, "--top" },
		{ CLASSIFY_THRESHOLD, spoil_bonus, "--bonus goes with" },
		{ CLASSIFY_THRESHOLD, spoil_apart, "--apart goes with" },
		{ CLASSIFY_HEAT, spoil_by, "--policy heat looks at single" },
		{ CLASSIFY_THRESHOLD, spoil_both, "exclude each other" },
		{ CLASSIFY_THRESHOLD, spoil_zero, "must be more than 0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct rulebook book = RULEBOOK_DEFAULT;
		struct fault f = {};

		book.policy = bad[i].policy;
		assert_int_equal(rulebook_check(&book, &f), 0);
		bad[i].spoil(&book);
		assert_true(rulebook_check(&book, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
		if (!strstr(f.cause, bad[i].says))
			fail_msg("%s: %s", bad[i].says, f.cause);
	}
}

/* What only a stream of many rounds can give. */
static void needs_rounds(void **state)
{
	const struct header many = { .link_bps = 1000, .interval_us = 1 };
	struct rulebook book = RULEBOOK_DEFAULT;
	struct judge_conf conf;
	struct fault f = {};

	(void)state;
	book.policy = CLASSIFY_HEAT;
	assert_true(rulebook_make(&book, &gigabit, &conf, &f) < 0);
	assert_non_null(strstr(f.cause, "--policy heat looks back"));
	assert_int_equal(rulebook_make(&book, &many, &conf, &f), 0);
	book.policy = CLASSIFY_THRESHOLD;
	book.dwell_ns = 1;
	f = (struct fault){};
	assert_true(rulebook_make(&book, &gigabit, &conf, &f) < 0);
	assert_non_null(strstr(f.cause, "--dwell looks back"));
	assert_int_equal(rulebook_make(&book, &many, &conf, &f), 0);
}

static void leaves_above_what_enters(void **state)
{
	struct rulebook book = RULEBOOK_DEFAULT;
	struct judge_conf conf;
	struct fault f = {};

	(void)state;
	book.leave_bps = 10000001;
	assert_true(rulebook_make(&book, &gigabit, &conf, &f) < 0);
	assert_string_equal(f.cause, "--leave-rate 10000001 is above the "
				     "10000000 that enters");
	book.leave_bps = 1;
	book.udp_leave_bps = 10000001;
	f = (struct fault){};
	assert_true(rulebook_make(&book, &gigabit, &conf, &f) < 0);
	assert_non_null(strstr(f.cause, "--udp-leave-rate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(given_beats_the_header),
		cmocka_unit_test(do_not_go_together),
		cmocka_unit_test(needs_rounds),
		cmocka_unit_test(leaves_above_what_enters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
