/* SPDX-License-Identifier: GPL-2.0-only */
/* Verdicts, by table. Rates in Mbit/s on a link of 1 Gbit/s. */
#include "classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MB 1048576ULL
#define MBIT 1000000ULL
#define SECOND 1000000ULL

static const struct classify_rules threshold = {
	.policy = CLASSIFY_THRESHOLD,
	.marks[CLASSIFY_ANY] = {
		.enter_bytes = MB,
		.always_bytes = 10 * MB,
		.enter_bps = 10 * MBIT,
		.leave_bps = 5 * MBIT,
	},
	.marks[CLASSIFY_UDP] = {
		.enter_bytes = 2 * MB,
		.always_bytes = 3 * MB,
		.enter_bps = 20 * MBIT,
		.leave_bps = 1 * MBIT,
	},
	.idle_us = 2 * SECOND,
};

struct row {
	uint8_t  was;
	uint64_t bytes, rate_bps, idle_us;
	uint8_t  class;
	enum classify_reason reason;
};

#define R SRTE_CLASS_REST
#define H SRTE_CLASS_HEAVY

static void check_rows(const struct classify_rules *rules,
		       const struct row *rows, size_t n)
{
	struct verdict v;
	struct contender flow;
	size_t i;

	for (i = 0; i < n; i++) {
		memset(&flow, 0, sizeof(flow));
		flow.class = rows[i].was;
		flow.bytes = rows[i].bytes;
		flow.rate_bps = rows[i].rate_bps;
		flow.idle_us = rows[i].idle_us;
		classify_one(rules, &flow, &v);
		if (v.class != rows[i].class || v.reason != rows[i].reason)
			fail_msg("row %zu: class %d, reason %s", i, v.class,
				 classify_reason(v.reason));
		assert_int_equal(v.score, rows[i].rate_bps);
	}
}

#define CHECK(rules, rows) \
	check_rows(rules, rows, sizeof(rows) / sizeof(*(rows)))

static void threshold_enters_and_leaves(void **state)
{
	static const struct row rows[] = {
		/* from rest: both marks, to the byte and the bit */
		{ R, MB, 10 * MBIT, 0, H, REASON_BYTES_RATE },
		{ R, MB - 1, 10 * MBIT, 0, R, REASON_SMALL },
		{ R, MB, 10 * MBIT - 1, 0, R, REASON_SMALL },
		{ R, 0, 900 * MBIT, 0, R, REASON_SMALL },
		{ R, 10 * MB, 5 * MBIT, 0, H, REASON_BYTES },
		{ R, 10 * MB - 1, 5 * MBIT, 0, R, REASON_SMALL },
		{ R, 10 * MB, 5 * MBIT - 1, 0, R, REASON_SMALL },
		{ R, 10 * MB, 900 * MBIT, 2 * SECOND + 1, R, REASON_SMALL },
		/* from heavy: only below the lower mark, or silent */
		{ H, MB, 10 * MBIT, 0, H, REASON_BYTES_RATE },
		{ H, MB, 10 * MBIT - 1, 0, H, REASON_INCUMBENT },
		{ H, MB, 5 * MBIT, 2 * SECOND, H, REASON_INCUMBENT },
		{ H, 0, 5 * MBIT, 0, H, REASON_INCUMBENT },
		{ H, MB, 5 * MBIT - 1, 0, R, REASON_BELOW_RATE },
		{ H, 99 * MB, 5 * MBIT - 1, 0, R, REASON_BELOW_RATE },
		{ H, 99 * MB, 900 * MBIT, 2 * SECOND + 1, R, REASON_IDLE },
		{ H, 99 * MB, 0, 9 * SECOND, R, REASON_IDLE },
	};

	(void)state;
	CHECK(&threshold, rows);
}

/* Without a link speed only the bytes count to enter, silence to leave. */
static void threshold_without_link(void **state)
{
	static const struct row rows[] = {
		{ R, 10 * MB - 1, 900 * MBIT, 0, R, REASON_SMALL },
		{ R, 10 * MB, 1, 0, H, REASON_BYTES },
		{ R, 10 * MB, 0, 3 * SECOND, R, REASON_SMALL },
		{ H, MB, 1, 0, H, REASON_INCUMBENT },
		{ H, MB, 0, 3 * SECOND, R, REASON_IDLE },
	};
	struct classify_rules rules = threshold;

	(void)state;
	rules.marks[CLASSIFY_ANY].enter_bps = 0;
	rules.marks[CLASSIFY_ANY].leave_bps = 0;
	CHECK(&rules, rows);
}

/* A verdict is stable: judged again as what it was made, it stays that. */
static void threshold_never_flaps(void **state)
{
	static const uint64_t bytes[] = { 0, MB - 1, MB, 10 * MB, 99 * MB };
	uint64_t rate;
	struct verdict v, again;
	struct contender flow;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes) / sizeof(*bytes) * 2; i++) {
		for (rate = 0; rate < 20 * MBIT; rate += MBIT / 2) {
			memset(&flow, 0, sizeof(flow));
			flow.bytes = bytes[i / 2];
			flow.rate_bps = rate;
			flow.class = i % 2;
			classify_one(&threshold, &flow, &v);
			flow.class = v.class;
			classify_one(&threshold, &flow, &again);
			assert_int_equal(again.class, v.class);
		}
	}
}

/* A rate that swings by 30 % round the mark enters once and stays. */
static void swinging_rate_enters_once(void **state)
{
	struct contender flow = { .bytes = 2 * MB };
	struct verdict v;
	int i, changes = 0;

	(void)state;
	for (i = 0; i < 600; i++) {
		flow.rate_bps = (i % 2 ? 13 : 7) * MBIT;
		classify_one(&threshold, &flow, &v);
		changes += v.class != flow.class;
		flow.class = v.class;
	}
	assert_int_equal(changes, 1);
}

struct entry {
	uint64_t rate_bps, idle_us;
	uint8_t  was, class;
	enum classify_reason reason;
};

static void check_round(const struct classify_rules *rules,
			const struct entry *e, size_t n)
{
	struct contender *c = calloc(n + 1, sizeof(*c));
	struct verdict *v = calloc(n + 1, sizeof(*v));
	size_t i;

	assert_non_null(c);
	assert_non_null(v);
	for (i = 0; i < n; i++) {
		c[i].rate_bps = e[i].rate_bps;
		c[i].idle_us = e[i].idle_us;
		c[i].class = e[i].was;
		c[i].number = i;
	}
	classify_round(rules, c, n, v);
	for (i = 0; i < n; i++)
		if (v[i].class != e[i].class || v[i].reason != e[i].reason)
			fail_msg("flow %zu: class %d, reason %s", i,
				 v[i].class, classify_reason(v[i].reason));
	free(c);
	free(v);
}

#define ROUND(rules, e) check_round(rules, e, sizeof(e) / sizeof(*(e)))

static struct classify_rules share(uint32_t percent)
{
	return (struct classify_rules){ .policy = CLASSIFY_SHARE,
		.idle_us = 2 * SECOND, .share_milli = percent * 1000 };
}

static struct classify_rules top(uint32_t n)
{
	return (struct classify_rules){ .policy = CLASSIFY_TOP,
		.idle_us = 2 * SECOND, .top = n, .bonus_milli = 25000 };
}

static void share_is_smallest_set(void **state)
{
	static const struct entry e[] = {	/* 50 + 30 + 15 + 5 */
		{ 5, 0, R, R, REASON_SMALL },
		{ 50, 0, R, H, REASON_SHARE },
		{ 15, 0, H, R, REASON_OUTRANKED },
		{ 30, 0, H, H, REASON_SHARE },
	};
	static const struct entry exact[] = {
		{ 50, 0, R, H, REASON_SHARE },
		{ 50, 0, R, R, REASON_SMALL },	/* ties: the first one */
	};
	struct classify_rules rules = share(80), half = share(50);

	(void)state;
	ROUND(&rules, e);
	ROUND(&half, exact);
}

static void share_of_all_and_of_nothing(void **state)
{
	static const struct entry all[] = {
		{ 1, 0, R, H, REASON_SHARE },
		{ 0, 0, R, R, REASON_SMALL },
		{ 7, 3 * SECOND, H, R, REASON_IDLE },
		{ 99, 0, R, H, REASON_SHARE },
	};
	static const struct entry silent[] = {
		{ 0, 0, R, R, REASON_SMALL },
		{ 0, 0, H, R, REASON_IDLE },
	};
	struct classify_rules rules = share(100);

	(void)state;
	ROUND(&rules, all);
	ROUND(&rules, silent);
	check_round(&rules, NULL, 0);
}

/* Sums beyond 64 bits stay right. */
static void share_does_not_overflow(void **state)
{
	static const struct entry e[] = {
		{ UINT64_MAX, 0, R, H, REASON_SHARE },
		{ UINT64_MAX, 0, R, H, REASON_SHARE },
		{ UINT64_MAX, 0, R, R, REASON_SMALL },
	};
	struct classify_rules rules = share(50);

	(void)state;
	ROUND(&rules, e);
}

static void top_prefers_incumbents(void **state)
{
	static const struct entry held[] = {	/* 100 < 80 * 1.25 + 1 */
		{ 200, 0, R, H, REASON_TOP },
		{ 99, 0, R, R, REASON_SMALL },
		{ 80, 0, H, H, REASON_INCUMBENT },
	};
	static const struct entry lost[] = {
		{ 200, 0, H, H, REASON_TOP },
		{ 101, 0, R, H, REASON_TOP },
		{ 80, 0, H, R, REASON_OUTRANKED },
		{ 500, 3 * SECOND, H, R, REASON_IDLE },
	};
	struct classify_rules rules = top(2);

	(void)state;
	ROUND(&rules, held);
	ROUND(&rules, lost);
}

static void top_of_few(void **state)
{
	static const struct entry e[] = {
		{ 3, 0, R, H, REASON_TOP },
		{ 0, 0, R, R, REASON_SMALL },
		{ 0, 0, H, R, REASON_IDLE },
	};
	struct classify_rules rules = top(UINT32_MAX);

	(void)state;
	ROUND(&rules, e);
	check_round(&rules, NULL, 0);
}

/* UDP has marks of its own. */
static void udp_has_its_own_marks(void **state)
{
	struct contender c = { .bytes = 3 * MB, .rate_bps = 2 * MBIT };
	struct verdict v;

	(void)state;
	c.proto = 17;
	classify_one(&threshold, &c, &v);
	assert_int_equal(v.reason, REASON_BYTES);
	assert_int_equal(v.limit_bytes, 3 * MB);
	c.proto = 6;
	classify_one(&threshold, &c, &v);
	assert_int_equal(v.class, R);
}

/* The reason has the number that it was held against. */
static void verdicts_have_their_limits(void **state)
{
	struct contender c = { .bytes = MB, .rate_bps = 10 * MBIT };
	struct verdict v;

	(void)state;
	classify_one(&threshold, &c, &v);
	assert_int_equal(v.limit_bytes, MB);
	assert_int_equal(v.limit_bps, 10 * MBIT);
	c.class = H;
	c.rate_bps = MBIT;
	classify_one(&threshold, &c, &v);
	assert_int_equal(v.reason, REASON_BELOW_RATE);
	assert_int_equal(v.limit_bps, 5 * MBIT);
	c.idle_us = 3 * SECOND;
	classify_one(&threshold, &c, &v);
	assert_int_equal(v.reason, REASON_IDLE);
	assert_int_equal(v.limit_us, 2 * SECOND);
}

static void the_young_wait(void **state)
{
	struct classify_rules rules = threshold, ranked = top(1);
	struct contender c = { .bytes = 99 * MB, .rate_bps = 99 * MBIT,
			       .age_us = 9 };
	struct verdict v;

	(void)state;
	rules.min_age_us = ranked.min_age_us = 10;
	classify_one(&rules, &c, &v);
	assert_int_equal(v.class, R);
	assert_int_equal(v.reason, REASON_YOUNG);
	classify_round(&ranked, &c, 1, &v);
	assert_int_equal(v.reason, REASON_YOUNG);
	assert_int_equal(v.limit_us, 10);
	c.age_us = 10;
	classify_one(&rules, &c, &v);
	assert_int_equal(v.class, H);
	c.age_us = 9;	/* who is heavy is not sent back for its age */
	c.class = H;
	classify_one(&rules, &c, &v);
	assert_int_equal(v.class, H);
}

/* Each protocol has its own first. */
static void apart_ranks_each(void **state)
{
	struct contender c[] = {
		{ .rate_bps = 100, .number = 0, .proto = 6 },
		{ .rate_bps = 9, .number = 1, .proto = 17 },
		{ .rate_bps = 90, .number = 2, .proto = 6 },
		{ .rate_bps = 1, .number = 3, .proto = 132 },
		{ .rate_bps = 8, .number = 4, .proto = 17 },
	};
	struct classify_rules rules = top(1);
	struct verdict v[5];

	(void)state;
	rules.apart = true;
	classify_round(&rules, c, 5, v);
	assert_int_equal(v[0].class, H);
	assert_int_equal(v[1].class, H);
	assert_int_equal(v[2].class, R);
	assert_int_equal(v[3].class, H);
	assert_int_equal(v[4].class, R);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threshold_enters_and_leaves),
		cmocka_unit_test(threshold_without_link),
		cmocka_unit_test(threshold_never_flaps),
		cmocka_unit_test(swinging_rate_enters_once),
		cmocka_unit_test(share_is_smallest_set),
		cmocka_unit_test(share_of_all_and_of_nothing),
		cmocka_unit_test(share_does_not_overflow),
		cmocka_unit_test(top_prefers_incumbents),
		cmocka_unit_test(top_of_few),
		cmocka_unit_test(udp_has_its_own_marks),
		cmocka_unit_test(verdicts_have_their_limits),
		cmocka_unit_test(the_young_wait),
		cmocka_unit_test(apart_ranks_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
