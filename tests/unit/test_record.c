/* SPDX-License-Identifier: GPL-2.0-only */
/* Records to lines and back, and lines that are none. */
#include "records.h"

static void every_type_goes_round(void **state)
{
	struct record rec, back;
	struct fault f;
	enum record_type type;
	char *line;

	(void)state;
	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++) {
		full_record(type, &rec);
		line = strdup(encode(&rec));
		assert_int_equal(decode(line, &back, &f), 0);
		assert_int_equal(back.type, type);
		assert_null(back.extra);
		assert_memory_equal(&back.header, &rec.header,
				    record_def(type)->size);
		assert_string_equal(encode(&back), line);
		free(line);
	}
}

/* An empty record of each type: what is not required may be missing, and
 * what was missing is not invented on the way. */
static void absent_stays_absent(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"header\",\"v\":1,\"tool\":\"t\"}\n",
		"{\"type\":\"mark\",\"v\":1,\"records\":0,"
			"\"complete\":false}\n",
		"{\"type\":\"flow\",\"v\":1,\"family\":\"ipv4\"," KEY4
			",\"bytes\":0,\"rate_bps\":0}\n",
		"{\"type\":\"class\",\"v\":1,\"family\":\"ipv4\"," KEY4
			",\"class\":\"rest\"}\n",
		"{\"type\":\"action\",\"v\":1,\"op\":\"add\","
			"\"family\":\"ipv4\"," KEY4 "}\n",
		"{\"type\":\"event\",\"v\":1,\"event\":\"rto\","
			"\"family\":\"ipv4\"," KEY4 "}\n",
		"{\"type\":\"path\",\"v\":1,\"id\":0,\"path\":\"a/b\"}\n",
		"{\"type\":\"status\",\"v\":1,\"what\":\"map\"}\n",
		/* zeros that were said are said again */
		"{\"type\":\"flow\",\"v\":1,\"family\":\"ipv4\","
			"\"proto\":\"tcp\",\"saddr\":\"10.0.1.1\","
			"\"sport\":0,\"daddr\":\"10.0.2.1\",\"dport\":0,"
			"\"bytes\":0,\"rate_bps\":0,\"class\":\"rest\","
			"\"score\":0}\n",
	};
	struct record rec;
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(decode(lines[i], &rec, &f), 0);
		assert_string_equal(encode(&rec), lines[i]);
	}
}

/* What the accounting says of itself, by name and back. */
static void accounting_by_name(void **state)
{
	static const char trailer[] = "{\"type\":\"trailer\",\"v\":1,"
		"\"records\":2,\"complete\":true,\"inserted\":30,"
		"\"evicted\":28,\"insert_failed\":3,\"admitted\":31,"
		"\"filtered_packets\":500,\"filtered_bytes\":60000,"
		"\"filter_engaged\":true}\n";
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode(trailer, &rec, &f), 0);
	assert_int_equal(rec.trailer.flows.inserted, 30);
	assert_int_equal(rec.trailer.flows.evicted, 28);
	assert_int_equal(rec.trailer.flows.insert_failed, 3);
	assert_int_equal(rec.trailer.flows.admitted, 31);
	assert_int_equal(rec.trailer.flows.filtered_packets, 500);
	assert_int_equal(rec.trailer.flows.filtered_bytes, 60000);
	assert_true(rec.trailer.flows.filter_engaged);
	assert_string_equal(encode(&rec), trailer);
	assert_int_equal(decode(FLOW(",\"hook\":\"cgroup\""), &rec, &f), 0);
	assert_string_equal(rec.flow.hook, "cgroup");
	assert_non_null(strstr(encode(&rec), ",\"hook\":\"cgroup\""));
}

static void numbers_at_their_limits(void **state)
{
	struct record rec = { .type = RECORD_FLOW }, back;
	struct fault f;

	(void)state;
	set_key(&rec.flow.key, "10.0.1.1", "10.0.2.1", 65535, 0, 17);
	rec.flow.bytes = UINT64_MAX;
	rec.flow.rate_bps = RECORD_NUMBER_MAX + 1;
	assert_non_null(strstr(encode(&rec), "\"bytes\":9007199254740991,"));
	assert_non_null(strstr(buf, "\"rate_bps\":9007199254740991,"));
	assert_non_null(strstr(buf, "\"sport\":65535,"));
	assert_int_equal(decode(buf, &back, &f), 0);
	assert_int_equal(back.flow.bytes, RECORD_NUMBER_MAX);

	assert_int_equal(decode(FLOW(",\"idle_us\":9007199254740991"), &back,
				&f), 0);
	assert_int_equal(back.flow.idle_us, RECORD_NUMBER_MAX);
	assert_int_equal(decode(FLOW(",\"cgroup_id\":\"0xFFFFffffFFFFffff\""),
				&back, &f), 0);
	assert_true(back.flow.cgroup_id == UINT64_MAX);
}

static void unknown_fields_go_through(void **state)
{
	static const char in[] =
		" { \"type\" : \"flow\", \"new\" : [1.50,{\"a\":\"},\\\"\"}],"
		"\"v\":1," KEY4 ",\"bytes\":1,\"\\u0078\":null,"
		"\"rate_bps\":2,\"big\":9007199254740993}";
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode(in, &rec, &f), 0);
	assert_string_equal(rec.extra,
		", \"new\" : [1.50,{\"a\":\"},\\\"\"}],\"\\u0078\":null,"
		"\"big\":9007199254740993");
	assert_non_null(strstr(encode(&rec), rec.extra));
	record_done(&rec);
	assert_null(rec.extra);
}

static void unknown_types_go_through(void **state)
{
	static const char in[] = "{ \"v\" : 1,\"a\":[], \"type\":\"wind\" } ";
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode(in, &rec, &f), 0);
	assert_int_equal(rec.type, RECORD_OTHER);
	assert_string_equal(rec.extra, in);
	assert_memory_equal(encode(&rec), in, strlen(in));
	record_done(&rec);
}

/* One type becoming the other never writes a key twice. */
static void flow_becomes_class(void **state)
{
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode(FLOW(",\"score\":5,\"reason\":\"mine\","
				     "\"class\":\"rest\",\"x\":1"),
				&rec, &f), 0);
	rec.type = RECORD_CLASS;
	rec.flow.class = SRTE_CLASS_HEAVY;
	encode(&rec);
	record_done(&rec);
	assert_int_equal(decode(buf, &rec, &f), 0);
	assert_int_equal(rec.flow.class, SRTE_CLASS_HEAVY);
	assert_string_equal(rec.extra, ",\"x\":1");
	record_done(&rec);
}

static const struct { const char *line, *named; } corpus[] = {
	{ "", "not JSON" }, { " ", "not JSON" }, { "x", "not JSON" },
	{ "{", "not JSON" }, { "{}", "type" }, { "[]", "object" },
	{ "[{}]", "object" }, { "null", "object" }, { "1", "object" },
	{ "\"flow\"", "object" }, { "\xef\xbb\xbf{}", "not JSON" },
	{ "{\"type\":\"flow\"}", "v: expected" },
	{ "{\"type\":null,\"v\":1}", "type" },
	{ "{\"type\":7,\"v\":1}", "type" },
	{ "{\"type\":\"flow\",\"v\":0}", "v: expected" },
	{ "{\"type\":\"flow\",\"v\":-1}", "v: expected" },
	{ "{\"type\":\"flow\",\"v\":1.0}", "v: expected" },
	{ "{\"type\":\"flow\",\"v\":\"1\"}", "v: expected" },
	{ "{\"type\":\"wind\"}", "v: expected" },
	{ "{\"type\":\"flow\",\"v\":1}", "without \"proto\"" },
	{ "{\"type\":\"class\",\"v\":1," KEY4 "}", "without \"class\"" },
	{ "{\"type\":\"event\",\"v\":1," KEY4 "}", "without \"event\"" },
	{ "{\"type\":\"trailer\",\"v\":1,\"records\":1}", "complete" },
	{ "{\"type\":\"trailer\",\"v\":1,\"complete\":true}", "records" },
	{ "{\"type\":\"trailer\",\"v\":1,\"records\":1,\"complete\":1}",
	  "true or false" },
	{ FLOW("") " x", "not JSON" }, { FLOW("") "{}", "not JSON" },
	{ FLOW(","), "not JSON" }, { FLOW(",'a':1"), "not JSON" },
	{ FLOW(",\"a\":1,\"a\":2"), "not JSON" },
	{ FLOW(",\"bytes\":2"), "not JSON" },
	{ FLOW(",\"a\":01"), "not JSON" }, { FLOW(",\"a\":+1"), "not JSON" },
	{ FLOW(",\"a\":NaN"), "not JSON" }, { FLOW(",\"a\":.5"), "not JSON" },
	{ FLOW(",\"a\":\"\\u0000\""), "not JSON" },
	{ FLOW(",\"\\u0000\":1"), "not JSON" },
	{ FLOW(",\"a\":\"\\ud800\""), "not JSON" },
	{ FLOW(",\"a\":\"\xff\""), "not JSON" },
	{ FLOW(",\"a\":\"\t\""), "not JSON" },
	{ FLOW(",\"a\":1e999"), "not JSON" },
	{ FLOW(",\"a\":99999999999999999999"), "not JSON" },
	{ FLOW(",\"sport\":65536"), "sport: expected an integer" },
	{ FLOW(",\"sport\":-1"), "sport: expected an integer" },
	{ FLOW(",\"sport\":\"80\""), "sport: expected an integer" },
	{ FLOW(",\"sport\":80.0"), "sport: expected an integer" },
	{ FLOW(",\"sport\":8e1"), "sport: expected an integer" },
	{ FLOW(",\"sport\":null"), "sport: expected an integer" },
	{ FLOW(",\"packets\":9007199254740992"), "9007199254740991" },
	{ FLOW(",\"packets\":9223372036854775807"), "9007199254740991" },
	{ FLOW(",\"packets\":true"), "packets: expected" },
	{ FLOW(",\"class\":\"mouse\""), "\"rest\" or \"heavy\"" },
	{ FLOW(",\"class\":\"\""), "\"rest\" or \"heavy\"" },
	{ FLOW(",\"class\":1"), "\"rest\" or \"heavy\"" },
	{ FLOW(",\"family\":\"ipv5\""), "family" },
	{ FLOW(",\"family\":4"), "family" },
	{ FLOW(",\"family\":\"ipv6\""), "saddr: expected an IPv6" },
	{ FLOW(",\"cgroup\":{}"), "cgroup: expected text" },
	{ FLOW(",\"cgroup\":null"), "cgroup: expected text" },
	{ FLOW(",\"cgroup_id\":31"), "cgroup_id: expected" },
	{ FLOW(",\"cgroup_id\":\"31\""), "cgroup_id: expected" },
	{ FLOW(",\"cgroup_id\":\"0x\""), "cgroup_id: expected" },
	{ FLOW(",\"cgroup_id\":\"0x-1\""), "cgroup_id: expected" },
	{ FLOW(",\"cgroup_id\":\"0x11112222333344445\""), "cgroup_id" },
	{ FLOW(",\"reason\":\"123456789012345678901234\""), "23 bytes" },
	{ FLOW(",\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"), "16 deep" },
	{ "{\"type\":\"flow\",\"v\":1,\"proto\":\"tpc\"}", "proto: expected" },
	{ "{\"type\":\"flow\",\"v\":1,\"proto\":\"256\"}", "proto: expected" },
	{ "{\"type\":\"flow\",\"v\":1,\"proto\":6}", "proto: expected" },
	{ "{\"type\":\"flow\",\"v\":1,\"saddr\":\"10.0.0\"}", "saddr" },
	{ "{\"type\":\"flow\",\"v\":1,\"saddr\":\"10.0.0.1/8\"}", "saddr" },
	{ "{\"type\":\"flow\",\"v\":1,\"saddr\":\"fd00::1%lo\"}", "saddr" },
	{ "{\"type\":\"flow\",\"v\":1,\"saddr\":[]}", "saddr: expected" },
	{ "{\"type\":\"flow\",\"v\":1,\"proto\":\"tcp\",\"saddr\":"
	  "\"10.0.0.1\",\"daddr\":\"fd00::1\",\"bytes\":1,\"rate_bps\":1}",
	  "daddr: expected an IPv4" },
	{ "{\"type\":\"path\",\"v\":1,\"id\":4294967296}", "4294967295" },
	{ "{\"type\":\"path\",\"v\":1,\"id\":1,\"segments\":\"fc00::\"}",
	  "segments: expected at most 13" },
	{ "{\"type\":\"path\",\"v\":1,\"id\":1,\"segments\":[1]}",
	  "segments: expected text" },
	{ "{\"type\":\"path\",\"v\":1,\"id\":1,\"segments\":"
	  "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
	  "\"\",\"\",\"\",\"\"]}", "segments: expected at most 13" },
};

static void malformed_is_refused(void **state)
{
	struct record rec, before;
	struct fault f;
	size_t i;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < sizeof(corpus) / sizeof(*corpus); i++) {
		rec = before;
		if (decode(corpus[i].line, &rec, &f) != -EINVAL)
			fail_msg("accepted: %s", corpus[i].line);
		assert_int_equal(f.id, FAULT_BAD_RECORD);
		if (!strstr(f.cause, corpus[i].named))
			fail_msg("%s: %s", corpus[i].line, f.cause);
		assert_memory_equal(&rec, &before, sizeof(rec));
	}
}

static void odd_but_right(void **state)
{
	struct record rec;
	struct fault f;

	(void)state;
	/* fifteen lists within the object */
	assert_int_equal(decode(FLOW(",\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]"),
				&rec, &f), 0);
	record_done(&rec);
	/* brackets within a text are no depth */
	assert_int_equal(decode(FLOW(",\"x\":\"\\\"[[[[[[[[[[[[[[[[[[[[[\""),
				&rec, &f), 0);
	record_done(&rec);
	/* keys in any order, blanks, an escaped key, CR before the newline */
	assert_int_equal(decode("\t{\"\\u0062ytes\": 7, \"rate_bps\":2, " KEY4
				",\"v\":1,\"type\":\"flow\"}\r", &rec, &f), 0);
	assert_int_equal(rec.flow.bytes, 7);
	assert_null(rec.extra);
}

static void raw_nul_is_refused(void **state)
{
	static const char text[] = FLOW(",\"x\":\"a\0b\"");
	static const char number[] = FLOW(",\"x\":[1.5\0,2]");
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode_n(text, sizeof(text) - 1, &rec, &f), -EINVAL);
	assert_int_equal(decode_n(number, sizeof(number) - 1, &rec, &f),
			 -EINVAL);
	assert_non_null(strstr(f.cause, "NUL"));
}

static void newer_is_refused(void **state)
{
	struct record rec;
	struct fault f;

	(void)state;
	assert_int_equal(decode("{\"type\":\"flow\",\"v\":2}", &rec, &f),
			 -EPROTO);
	assert_int_equal(f.id, FAULT_NEWER_RECORD);
	assert_int_equal(decode("{\"type\":\"wind\",\"v\":2}", &rec, &f),
			 -EPROTO);
}

static void cut_anywhere_is_refused(void **state)
{
	struct record rec;
	struct fault f;
	enum record_type type;
	char *line;
	size_t i;

	(void)state;
	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++) {
		full_record(type, &rec);
		line = strdup(encode(&rec));
		for (i = 0; line[i] != '\n'; i++)
			assert_int_equal(decode_n(line, i, &rec, &f), -EINVAL);
		free(line);
	}
}

static uint32_t dice(uint32_t n)
{
	static uint32_t seed = 2463534242;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* Change a few bytes; whatever is still accepted must go round unchanged. */
static void damage(char *line, size_t n)
{
	static const char with[] = "{}[]\",:\\0129-e.tfnu \x01\xff";
	int i;

	for (i = dice(4); i >= 0; i--)
		line[dice(n)] = with[dice(sizeof(with) - 1)];
}

static void damaged_lines(void **state)
{
	struct record rec, back;
	char line[4096], again[4096];
	struct fault f;
	long n, m;
	int i, taken = 0;

	(void)state;
	for (i = 0; i < 30000; i++) {
		n = dice(sizeof(corpus) / sizeof(*corpus));
		strcpy(line, corpus[n].line);
		if (i % 3)
			strcpy(line, FLOW(",\"cgroup\":\"/a\",\"x\":{\"y\":[1,"
					  "\"}\"]},\"class\":\"rest\""));
		n = strlen(line);
		if (n)
			damage(line, n);
		if (decode_n(line, n, &rec, &f))
			continue;
		taken++;
		n = record_encode(&rec, line, sizeof(line));
		assert_true(n > 0);
		record_done(&rec);
		assert_int_equal(decode_n(line, n - 1, &back, &f), 0);
		m = record_encode(&back, again, sizeof(again));
		record_done(&back);
		assert_int_equal(m, n);
		assert_memory_equal(again, line, n);
	}
	assert_true(taken > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_goes_round),
		cmocka_unit_test(absent_stays_absent),
		cmocka_unit_test(accounting_by_name),
		cmocka_unit_test(numbers_at_their_limits),
		cmocka_unit_test(unknown_fields_go_through),
		cmocka_unit_test(unknown_types_go_through),
		cmocka_unit_test(flow_becomes_class),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(odd_but_right),
		cmocka_unit_test(raw_nul_is_refused),
		cmocka_unit_test(newer_is_refused),
		cmocka_unit_test(cut_anywhere_is_refused),
		cmocka_unit_test(damaged_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
