/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes into the spool comes out of it. */
#include "spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void nth_flow(uint32_t n, struct record *rec)
{
	static char extra[64];

	memset(rec, 0, sizeof(*rec));
	rec->type = RECORD_FLOW;
	rec->has = n + 1;
	rec->flow.key.sport = n;
	rec->flow.bytes = 1000 + n;
	rec->flow.cgroup_id = UINT64_MAX - n;
	rec->flow.class = n % 2;
	if (n % 3)
		snprintf(rec->flow.cgroup, sizeof(rec->flow.cgroup), "/c%u", n);
	if (n % 5 == 0)
		memset(rec->flow.path, 'p', sizeof(rec->flow.path) - 1);
	if (n % 7 == 0) {
		snprintf(extra, sizeof(extra), ",\"n\":%u", n);
		rec->extra = extra;
	}
}

static void check_flow(uint32_t n, const struct record *rec)
{
	struct record want;

	nth_flow(n, &want);
	assert_int_equal(rec->type, RECORD_FLOW);
	assert_int_equal(rec->has, want.has);
	assert_memory_equal(&rec->flow, &want.flow, sizeof(want.flow));
	assert_int_equal(!!rec->extra, !!want.extra);
	if (want.extra)
		assert_string_equal(rec->extra, want.extra);
}

static void rounds_of_flows(void **state)
{
	struct spool spool = { .buf = NULL };
	struct record rec;
	uint32_t n, round;
	size_t at;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (n = 0; n < 5000; n++) {
			nth_flow(n, &rec);
			assert_int_equal(spool_add(&spool, &rec), 0);
		}
		assert_int_equal(spool.n, 5000);
		for (n = 0, at = 0; spool_next(&spool, &at, &rec); n++)
			check_flow(n, &rec);
		assert_int_equal(n, 5000);
		spool_empty(&spool);
	}
	at = 0;
	assert_false(spool_next(&spool, &at, &rec));
	assert_true(spool.size < 5000 * 400);	/* packed, not whole structs */
	spool_done(&spool);
	spool_done(&spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
