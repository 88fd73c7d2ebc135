/* SPDX-License-Identifier: GPL-2.0-only */
/* Which flows a filter lets through. */
#include "flowfilter.h"

#include "addr.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct flow flow_of(void)
{
	struct flow flow = { .bytes = 1000, .rate_bps = 500, .idle_us = 70,
			     .class = SRTE_CLASS_HEAVY };

	assert_int_equal(addr_parse("10.0.1.1", flow.key.src), 0);
	assert_int_equal(addr_parse("10.0.2.1", flow.key.dst), 0);
	flow.key.proto = 6;
	flow.key.sport = htons(40000);
	flow.key.dport = htons(443);
	return flow;
}

static struct cli_strs words(const char *a, const char *b)
{
	return (struct cli_strs){ .v = { a, b }, .n = b ? 2 : 1 };
}

static bool passes(const struct flowfilter_words *w)
{
	struct flow flow = flow_of();
	struct flowfilter filter;
	struct fault f = {};

	assert_int_equal(flowfilter_make(w, &filter, &f), 0);
	return flowfilter_numbers(&filter, &flow) &&
	       flowfilter_names(&filter, "/db/one", "heavy/s2");
}

#define PASSES(member, a, b)						\
	passes(&(struct flowfilter_words){ .member = words(a, b) })

static void no_word_lets_all_through(void **state)
{
	struct flowfilter_words none = {};

	(void)state;
	assert_true(passes(&none));
}

static void the_same_flag_twice_means_either(void **state)
{
	(void)state;
	assert_true(PASSES(proto, "tcp", NULL));
	assert_false(PASSES(proto, "udp", NULL));
	assert_true(PASSES(proto, "udp", "6"));
	assert_true(PASSES(src, "10.0.0.0/16", NULL));
	assert_true(PASSES(src, "fd00::/8", "10.0.1.1"));
	assert_false(PASSES(src, "fd00::/8", "10.0.1.2"));
	assert_true(PASSES(dst, "::/0", NULL));
	assert_false(PASSES(dst, "10.0.1.0/24", NULL));
	assert_true(PASSES(dport, "443", NULL));
	assert_true(PASSES(dport, "80", "440-443"));
	assert_false(PASSES(dport, "444-65535", NULL));
	assert_true(PASSES(sport, "0-65535", NULL));
	assert_true(PASSES(class, "rest", "heavy"));
	assert_false(PASSES(class, "rest", NULL));
	assert_true(PASSES(cgroup, "/db", NULL));
	assert_true(PASSES(cgroup, "/", NULL));
	assert_false(PASSES(cgroup, "/db/on", NULL));
	assert_true(PASSES(path, "default/a", "heavy/s2"));
	assert_false(PASSES(path, "heavy", NULL));
}

static void different_flags_mean_all(void **state)
{
	struct flowfilter_words both = {
		.proto = words("tcp", NULL), .dport = words("443", NULL),
	};

	(void)state;
	assert_true(passes(&both));
	both.dport = words("80", NULL);
	assert_false(passes(&both));
}

static void numbers_are_limits(void **state)
{
	(void)state;
	assert_true(passes(&(struct flowfilter_words){ .min_bytes = 1000 }));
	assert_false(passes(&(struct flowfilter_words){ .min_bytes = 1001 }));
	assert_true(passes(&(struct flowfilter_words){ .min_bps = 500 }));
	assert_false(passes(&(struct flowfilter_words){ .min_bps = 501 }));
	assert_true(passes(&(struct flowfilter_words){
		.idle_ns = 70000, .idle_given = true }));
	assert_false(passes(&(struct flowfilter_words){
		.idle_ns = 69000, .idle_given = true }));
}

static void a_wrong_word_is_named(void **state)
{
	static const struct {
		struct flowfilter_words w;
		const char *says;
	} bad[] = {
		{ { .proto = { { "tpc" }, 1 } }, "--proto: 'tpc'" },
		{ { .src = { { "10.0.1.1/8" }, 1 } }, "--src: '10.0.1.1/8'" },
		{ { .dst = { { "host" }, 1 } }, "--dst: 'host'" },
		{ { .sport = { { "1", "9-1" }, 2 } }, "--sport: '9-1'" },
		{ { .dport = { { "65536" }, 1 } }, "--dport: '65536'" },
		{ { .dport = { { "-" }, 1 } }, "--dport: '-'" },
		{ { .dport = { { "1-" }, 1 } }, "--dport: '1-'" },
		{ { .class = { { "big" }, 1 } }, "--class: 'big'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct flowfilter filter;
		struct fault f = {};

		assert_true(flowfilter_make(&bad[i].w, &filter, &f) < 0);
		assert_int_equal(f.id, FAULT_USAGE);
		assert_non_null(strstr(f.cause, bad[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_word_lets_all_through),
		cmocka_unit_test(the_same_flag_twice_means_either),
		cmocka_unit_test(different_flags_mean_all),
		cmocka_unit_test(numbers_are_limits),
		cmocka_unit_test(a_wrong_word_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
