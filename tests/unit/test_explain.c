/* SPDX-License-Identifier: GPL-2.0-only */
/* Which flow is meant, and that what is explained is what was judged. */
#include "explain.h"

#include "addr.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void flows_by_word(void **state)
{
	static const struct {
		const char *src, *text;
	} good[] = {
		{ "10.0.1.1:40000", "tcp 10.0.1.1:40000 > 10.0.2.1:80" },
		{ "[fd00::1]:9", NULL },
		{ "fd00::1", NULL },
		{ "[fd00::1]", NULL },
		{ "10.0.1.1", NULL },
	};
	static const char *const bad[] = { "", "10.0.1", "10.0.1.1:",
		"10.0.1.1:65536", "10.0.1.1:x", "[fd00::1", "[fd00::1]9",
		"[fd00::1]:", "[]:1", "fd00::1:70000",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:22" };
	struct srte_flow_key key;
	char text[FLOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(explain_key("tcp", good[i].src,
					     "10.0.2.1:80", &key,
					     &(struct fault){}), 0);
		flow_format(&key, text);
		if (good[i].text)
			assert_string_equal(text, good[i].text);
	}
	assert_int_equal(explain_key("tcp", "[fd00::1]:9", "fd00::2", &key,
				     &(struct fault){}), 0);
	assert_int_equal(ntohs(key.sport), 9);
	assert_int_equal(key.dport, 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = {};

		if (!explain_key("tcp", bad[i], "10.0.2.1", &key, &f))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(f.id, FAULT_USAGE);
	}
}

/* The first rule that holds is the one that the verdict is from. */
static void explained_as_judged(void **state)
{
	const struct classify_rules rules = {
		.marks[CLASSIFY_ANY] = { 100, 1000, 50, 20 }, .idle_us = 9,
	};
	struct classify_rule rule;
	struct verdict v;
	uint64_t n;
	size_t i;

	(void)state;
	for (n = 0; n < 20000; n++) {
		struct contender c = {
			.bytes = n % 20 * 60, .rate_bps = n / 20 % 20 * 5,
			.idle_us = n / 400 % 2 * 10, .class = n / 800 % 2,
		};

		classify_one(&rules, &c, &v);
		for (i = 0; i < classify_explain(&rules, &c, i, &rule); i++)
			if (rule.holds)
				break;
		assert_int_equal(rule.class, v.class);
		if (v.class == SRTE_CLASS_HEAVY)
			assert_string_equal(rule.name,
					    classify_reason(v.reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_by_word),
		cmocka_unit_test(explained_as_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
