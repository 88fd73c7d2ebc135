/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of one flow, from its class and what is in the maps. */
#include "steer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SET	7
#define LEASE	1000

static const struct pick two = { .n = 2, .path = {
	{ "heavy/spine2", 1, false }, { "heavy/spine3", 1, false } } };
static const struct pick one_up = { .n = 2, .path = {
	{ "heavy/spine2", 1, true }, { "heavy/spine3", 1, false } } };

/* Live, moved once by a reaction. */
static const struct srte_steer moved = {
	.lease_ns = 500, .moved_ns = 400, .set = SET, .active = 1, .moves = 1,
	.class = SRTE_CLASS_HEAVY, .reason = SRTE_REASON_RTO,
};

static struct steer_plan decide(uint8_t class, const struct steer_facts *facts)
{
	struct steer_ask ask = { .class = class, .reason = "always_bytes" };
	struct steer_plan plan;

	ask.key.proto = 6;
	steer_decide(&ask, facts, LEASE, &plan);
	/* plan.reason may point into ask */
	plan.reason = plan.reason == ask.reason ? "ask" : plan.reason;
	return plan;
}

static struct steer_facts heavy_facts(const struct srte_steer *entry)
{
	return (struct steer_facts){ .entry = entry, .heavy_set = SET,
				     .heavy = &two };
}

static struct steer_plan on_event(const char *path,
				  const struct steer_place *on)
{
	struct steer_ask ask = { .event = true, .reason = "rto" };
	struct steer_plan plan;

	snprintf(ask.path, sizeof(ask.path), "%s", path);
	steer_decide_event(&ask, on, LEASE, &plan);
	plan.reason = plan.reason == ask.reason ? "ask" : plan.reason;
	return plan;
}

/* Three paths, the second one down. */
static const struct pick three = {
	.n = 3,
	.path = { { "d/p1", 1, false }, { "d/p2", 1, true },
		  { "d/p3", 1, false } },
};

static void event_moves_to_the_next(void **state)
{
	struct steer_place on = { .set = SET, .pick = &three };
	struct steer_plan plan = on_event("d/p1", &on);
	struct srte_steer entry = plan.entry;

	(void)state;
	assert_int_equal(plan.op, STEER_ADD);
	assert_string_equal(plan.reason, "ask");
	assert_int_equal(entry.active, 2);
	assert_int_equal(entry.lease_ns, LEASE);
	assert_int_equal(entry.class, SRTE_CLASS_REST);
	assert_int_equal(entry.reason, SRTE_REASON_EVENT);
	entry.class = SRTE_CLASS_HEAVY;
	on.entry = &entry;
	plan = on_event("d/p1", &on);
	assert_int_equal(plan.op, STEER_KEEP);
	assert_string_equal(plan.reason, "moved_already");
	plan = on_event("d/p3", &on);
	assert_int_equal(plan.op, STEER_CHANGE);
	assert_int_equal(plan.entry.active, 0);
	assert_int_equal(plan.entry.class, SRTE_CLASS_HEAVY);
}

static void event_with_nowhere_to_go(void **state)
{
	struct steer_place on = { 0 };
	struct pick alone = { .n = 2, .path = { { "d/p1", 1, false },
						{ "d/p2", 1, true } } };

	(void)state;
	assert_int_equal(on_event("d/p1", &on).op, STEER_NONE);
	assert_string_equal(on_event("d/p1", &on).reason, "no_pool");
	on = (struct steer_place){ .set = SET, .pick = &alone };
	assert_int_equal(on_event("d/p1", &on).op, STEER_NONE);
	assert_string_equal(on_event("d/p1", &on).reason, "no_path");
	assert_int_equal(on_event("d/p9", &on).op, STEER_NONE);
}

static void kinds_of_events(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(steer_events_check(STEER_EVENTS, &f), 0);
	assert_int_equal(steer_events_check("none", &f), 0);
	assert_true(steer_events_check("rto,", &f) < 0);
	assert_int_equal(f.id, FAULT_USAGE);
	f = (struct fault){ 0 };
	assert_true(steer_events_check("moved", &f) < 0);
	assert_true(steer_event_asked("rto,ecn", "ecn"));
	assert_false(steer_event_asked("rto,ecn", "ec"));
	assert_false(steer_event_asked("none", "rto"));
}

static void heavy_is_added(void **state)
{
	struct steer_facts facts = heavy_facts(NULL);
	struct steer_plan plan = decide(SRTE_CLASS_HEAVY, &facts);

	(void)state;
	assert_int_equal(plan.op, STEER_ADD);
	assert_string_equal(plan.reason, "ask");
	assert_int_equal(plan.entry.set, SET);
	assert_true(plan.entry.active < 2);
	assert_int_equal(plan.entry.lease_ns, LEASE);
	assert_int_equal(plan.entry.class, SRTE_CLASS_HEAVY);
	assert_int_equal(plan.entry.reason, SRTE_REASON_CLASS);
	assert_int_equal(plan.entry.moves, 0);
	facts.heavy = &one_up;
	assert_int_equal(decide(SRTE_CLASS_HEAVY, &facts).entry.active, 1);
}

/* A reaction's choice of path and its history outlive the renewal. */
static void renewal_keeps_the_path(void **state)
{
	struct steer_facts facts = heavy_facts(&moved);
	struct steer_plan plan = decide(SRTE_CLASS_HEAVY, &facts);
	struct srte_steer want = moved;

	(void)state;
	want.lease_ns = LEASE;
	assert_int_equal(plan.op, STEER_RENEW);
	assert_memory_equal(&plan.entry, &want, sizeof(want));
}

/* A move after the plan was made outlives the renewal too. */
static void renewal_keeps_a_late_move(void **state)
{
	struct steer_facts facts = heavy_facts(&moved);
	struct steer_plan plan = decide(SRTE_CLASS_HEAVY, &facts);
	struct srte_steer late = moved, want, entry = plan.entry;

	(void)state;
	late.active = 0;
	late.moves = 2;
	late.moved_ns = 450;
	late.lease_ns = 600;
	want = late;
	want.lease_ns = LEASE;
	steer_renew(&late, &entry);
	assert_memory_equal(&entry, &want, sizeof(want));

	/* gone, or in another set: as planned */
	entry = plan.entry;
	steer_renew(NULL, &entry);
	assert_memory_equal(&entry, &plan.entry, sizeof(entry));
	late.set = SET + 1;
	steer_renew(&late, &entry);
	assert_memory_equal(&entry, &plan.entry, sizeof(entry));
}

static void nothing_new_is_kept(void **state)
{
	struct srte_steer same = moved;
	struct steer_facts facts = heavy_facts(&same);

	(void)state;
	same.lease_ns = LEASE;
	assert_int_equal(decide(SRTE_CLASS_HEAVY, &facts).op, STEER_KEEP);
}

static void other_set_is_changed(void **state)
{
	struct srte_steer other = moved;
	struct steer_facts facts = heavy_facts(&other);
	struct steer_plan plan;

	(void)state;
	other.set = SET + 1;
	other.class = SRTE_CLASS_REST;	/* as a reaction makes it */
	plan = decide(SRTE_CLASS_HEAVY, &facts);
	assert_int_equal(plan.op, STEER_CHANGE);
	assert_int_equal(plan.entry.set, SET);
	assert_int_equal(plan.entry.class, SRTE_CLASS_HEAVY);
	assert_int_equal(plan.entry.moves, 0);
}

static void index_out_of_set_is_changed(void **state)
{
	struct srte_steer past = moved;
	struct steer_facts facts = heavy_facts(&past);

	(void)state;
	past.active = 2;
	assert_int_equal(decide(SRTE_CLASS_HEAVY, &facts).op, STEER_CHANGE);
}

static void heavy_without_a_pool(void **state)
{
	struct steer_facts facts = { .why_none = "no_route" };
	struct steer_plan plan = decide(SRTE_CLASS_HEAVY, &facts);

	(void)state;
	assert_int_equal(plan.op, STEER_NONE);
	assert_string_equal(plan.reason, "no_route");
}

static void rest_loses_a_heavy_entry(void **state)
{
	struct steer_facts facts = { .entry = &moved };

	(void)state;
	assert_int_equal(decide(SRTE_CLASS_REST, &facts).op, STEER_REMOVE);
	facts.entry = NULL;
	assert_int_equal(decide(SRTE_CLASS_REST, &facts).op, STEER_NOTHING);
}

static void rest_keeps_what_a_reaction_made(void **state)
{
	struct srte_steer reaction = moved;
	struct steer_facts facts = { .entry = &reaction };

	(void)state;
	reaction.class = SRTE_CLASS_REST;
	assert_int_equal(decide(SRTE_CLASS_REST, &facts).op, STEER_NOTHING);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(steer_op_name(STEER_NOTHING), "");
	assert_string_equal(steer_op_name(STEER_NONE), "none");
	assert_string_equal(steer_op_name(STEER_REMOVE), "remove");
}

/* ---- rounds ---- */

static void same_flow_twice(void **state)
{
	struct steer_round round = { 0 };
	struct steer_ask ask = { .key = { .proto = 6 } };
	struct fault f = { .id = FAULT_NONE };

	(void)state;
	ask.key.src[10] = ask.key.src[11] = 0xff;
	ask.key.dst[10] = ask.key.dst[11] = 0xff;
	for (ask.line = 2; ask.line < 1002; ask.line++) {
		ask.key.sport = ask.line;
		assert_int_equal(steer_round_add(&round, &ask, &f), 0);
	}
	assert_int_equal(steer_round_check(&round, &f), 0);
	ask.key.sport = 0x0100;	/* port 1, line 256 */
	assert_int_equal(steer_round_add(&round, &ask, &f), 0);
	assert_true(steer_round_check(&round, &f) < 0);
	assert_int_equal(f.id, FAULT_BAD_RECORD);
	assert_string_equal(f.cause, "line 1002: tcp 0.0.0.0:1 > 0.0.0.0:0 "
				     "was in line 256 already");
	steer_round_clear(&round);
	assert_int_equal(steer_round_check(&round, &f), 0);
	steer_round_done(&round);
	assert_null(round.asks);
}

static void round_has_a_limit(void **state)
{
	struct steer_round round = { 0 };
	struct steer_ask ask = { .line = 1 };
	struct fault f = { .id = FAULT_NONE };
	size_t i;

	(void)state;
	for (i = 0; i < STEER_ROUND_MAX; i++)
		assert_int_equal(steer_round_add(&round, &ask, &f), 0);
	assert_true(steer_round_add(&round, &ask, &f) < 0);
	assert_int_equal(f.id, FAULT_TOO_MANY);
	steer_round_done(&round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heavy_is_added),
		cmocka_unit_test(renewal_keeps_the_path),
		cmocka_unit_test(renewal_keeps_a_late_move),
		cmocka_unit_test(nothing_new_is_kept),
		cmocka_unit_test(other_set_is_changed),
		cmocka_unit_test(index_out_of_set_is_changed),
		cmocka_unit_test(heavy_without_a_pool),
		cmocka_unit_test(rest_loses_a_heavy_entry),
		cmocka_unit_test(rest_keeps_what_a_reaction_made),
		cmocka_unit_test(names),
		cmocka_unit_test(event_moves_to_the_next),
		cmocka_unit_test(event_with_nowhere_to_go),
		cmocka_unit_test(kinds_of_events),
		cmocka_unit_test(same_flow_twice),
		cmocka_unit_test(round_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
