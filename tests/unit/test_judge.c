/* SPDX-License-Identifier: GPL-2.0-only */
/* Verdicts over rounds: who waits, who is remembered, who is told at once. */
#include "judge.h"

#include "addr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define R SRTE_CLASS_REST
#define H SRTE_CLASS_HEAVY

static struct {
	size_t n;
	struct flow flow[16];
	int fail;		/* give() returns it */
} given;

static int keep(struct record *rec, void *arg)
{
	(void)arg;
	assert_int_equal(rec->type, RECORD_CLASS);
	given.flow[given.n++] = rec->flow;
	return given.fail;
}

static struct judge_conf conf_of(enum classify_policy policy)
{
	return (struct judge_conf){
		.rules = { .policy = policy, .idle_us = 1000, .top = 1,
			   .share_milli = 50000,
			   .marks[CLASSIFY_ANY] = { 100, 1000, 50, 25 } },
	};
}

static struct judge judge_of(const struct judge_conf *conf)
{
	struct judge j;

	memset(&given, 0, sizeof(given));
	judge_init(&j, conf, keep, NULL);
	return j;
}

static int flow(struct judge *j, uint16_t port, uint64_t bytes, uint64_t rate)
{
	struct record rec = { .type = RECORD_FLOW };

	assert_int_equal(addr_parse("10.0.1.1", rec.flow.key.src), 0);
	assert_int_equal(addr_parse("10.0.2.1", rec.flow.key.dst), 0);
	rec.flow.key.proto = 6;
	rec.flow.key.sport = port;
	rec.flow.bytes = bytes;
	rec.flow.rate_bps = rate;
	return judge_flow(j, &rec);
}

static void threshold_does_not_wait(void **state)
{
	const struct judge_conf conf = conf_of(CLASSIFY_THRESHOLD);
	struct judge j = judge_of(&conf);

	(void)state;
	assert_int_equal(flow(&j, 1, 100, 50), 0);
	assert_int_equal(given.n, 1);
	assert_int_equal(given.flow[0].class, H);
	assert_int_equal(flow(&j, 1, 100, 50), -EEXIST);
	assert_int_equal(given.n, 1);
	assert_int_equal(judge_end_round(&j), 0);
	assert_int_equal(flow(&j, 1, 100, 50), 0);
	judge_done(&j);
}

static void ranks_and_limits_wait(void **state)
{
	struct judge_conf conf = conf_of(CLASSIFY_SHARE);
	struct judge j = judge_of(&conf);

	(void)state;
	assert_int_equal(flow(&j, 1, 1, 10), 0);
	assert_int_equal(flow(&j, 2, 1, 90), 0);
	assert_int_equal(given.n, 0);
	assert_int_equal(judge_end_round(&j), 0);
	assert_int_equal(given.n, 2);
	assert_int_equal(given.flow[0].class, R);
	assert_int_equal(given.flow[1].class, H);
	judge_done(&j);

	conf = conf_of(CLASSIFY_THRESHOLD);
	conf.cap.heavy = 1;
	j = judge_of(&conf);
	assert_int_equal(flow(&j, 1, 2000, 60), 0);
	assert_int_equal(flow(&j, 2, 2000, 90), 0);
	assert_int_equal(given.n, 0);
	assert_int_equal(judge_end_round(&j), 0);
	assert_string_equal(given.flow[0].reason, "capped");
	assert_int_equal(given.flow[1].class, H);
	judge_done(&j);
}

/* Keeping N or sorting all of them comes to the same classes. */
static void top_is_top_either_way(void **state)
{
	struct judge_conf conf = conf_of(CLASSIFY_TOP);
	struct judge j;
	size_t i, heavy = 0;

	(void)state;
	for (int way = 0; way < 2; way++) {
		conf.cap.heavy = way ? 99 : 0;	/* holds the round */
		conf.rules.top = 3;
		j = judge_of(&conf);
		for (i = 0; i < 10; i++)
			assert_int_equal(flow(&j, i + 1, 1, i * 7 % 10 + 1),
					 0);
		assert_int_equal(judge_end_round(&j), 0);
		assert_int_equal(given.n, 10);
		for (i = heavy = 0; i < 10; i++) {
			heavy += given.flow[i].class == H;
			assert_int_equal(given.flow[i].class,
					 given.flow[i].rate_bps > 7 ? H : R);
		}
		assert_int_equal(heavy, 3);
		judge_done(&j);
	}
}

static void follow_remembers(void **state)
{
	struct judge_conf conf = conf_of(CLASSIFY_THRESHOLD);
	struct judge j;

	(void)state;
	conf.interval_us = 100;
	conf.dwell_us = 250;	/* three rounds */
	j = judge_of(&conf);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(flow(&j, 1, 100, i ? 1 : 50), 0);
		assert_int_equal(judge_end_round(&j), 0);
	}
	assert_string_equal(given.flow[0].reason, "bytes_rate");
	assert_string_equal(given.flow[1].reason, "dwell");
	assert_string_equal(given.flow[2].reason, "dwell");
	assert_string_equal(given.flow[3].reason, "below_rate");
	assert_string_equal(given.flow[4].reason, "small");
	judge_done(&j);
}

static void groups_share_a_verdict(void **state)
{
	struct judge_conf conf = conf_of(CLASSIFY_THRESHOLD);
	struct judge j;

	(void)state;
	conf.by = (struct group_by){ GROUP_PREFIX, 24, 64, false };
	j = judge_of(&conf);
	assert_int_equal(flow(&j, 1, 60, 30), 0);
	assert_int_equal(flow(&j, 2, 60, 30), 0);
	assert_int_equal(judge_end_round(&j), 0);
	assert_int_equal(given.flow[0].class, H);
	assert_int_equal(given.flow[1].class, H);
	assert_string_equal(given.flow[1].group, "10.0.2.0/24");
	judge_done(&j);
}

static void a_failing_output_ends_it(void **state)
{
	const struct judge_conf conf = conf_of(CLASSIFY_TOP);
	struct judge j = judge_of(&conf);

	(void)state;
	given.fail = -EPIPE;
	assert_int_equal(flow(&j, 1, 1, 1), 0);
	assert_int_equal(judge_end_round(&j), -EPIPE);
	judge_done(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threshold_does_not_wait),
		cmocka_unit_test(ranks_and_limits_wait),
		cmocka_unit_test(top_is_top_either_way),
		cmocka_unit_test(follow_remembers),
		cmocka_unit_test(groups_share_a_verdict),
		cmocka_unit_test(a_failing_output_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
