/* SPDX-License-Identifier: GPL-2.0-only */
/* Records to lines: the tables, the writer, the schema. */
#include "records.h"

static void flow_as_designed(void **state)
{
	struct record rec = { .type = RECORD_FLOW };
	struct flow *f = &rec.flow;

	(void)state;
	set_key(&f->key, "10.0.1.1", "10.0.2.1", 40000, 5201, 6);
	strcpy(f->cgroup, "/db");
	f->cgroup_id = 0xfedcba9876543210;
	f->bytes = 1048576;
	f->packets = 724;
	f->rate_bps = 81000000;
	f->age_us = 103000;
	f->idle_us = 12;
	strcpy(f->path, "heavy/spine2");
	assert_string_equal(encode(&rec),
		"{\"type\":\"flow\",\"v\":1,\"family\":\"ipv4\","
		"\"proto\":\"tcp\",\"saddr\":\"10.0.1.1\",\"sport\":40000,"
		"\"daddr\":\"10.0.2.1\",\"dport\":5201,\"cgroup\":\"/db\","
		"\"cgroup_id\":\"0xfedcba9876543210\",\"bytes\":1048576,"
		"\"packets\":724,\"rate_bps\":81000000,\"age_us\":103000,"
		"\"idle_us\":12,\"class\":\"rest\","
		"\"path\":\"heavy/spine2\"}\n");
}

static void unknown_is_absent(void **state)
{
	struct record rec = { .type = RECORD_FLOW };

	(void)state;
	set_key(&rec.flow.key, "fd00::1", "fd00::2", 0, 0, 58);
	rec.flow.class = SRTE_CLASS_HEAVY;
	assert_string_equal(encode(&rec),
		"{\"type\":\"flow\",\"v\":1,\"family\":\"ipv6\","
		"\"proto\":\"icmpv6\",\"saddr\":\"fd00::1\","
		"\"daddr\":\"fd00::2\",\"bytes\":0,\"packets\":0,"
		"\"rate_bps\":0,\"age_us\":0,\"idle_us\":0,"
		"\"class\":\"heavy\"}\n");
}

static void text_is_escaped(void **state)
{
	static const struct { const char *raw, *json; } cases[] = {
		{ "plain", "plain" },
		{ "a\"b\\c/d", "a\\\"b\\\\c/d" },
		{ "\n\t\x01\x1f\x7f", "\\u000a\\u0009\\u0001\\u001f\x7f" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\x80", "\xef\xbf\xbd" },			/* stray */
		{ "\xff" "a", "\xef\xbf\xbd" "a" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },	/* overlong */
		{ "\xe0\x80\xaf",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80",				/* surrogate */
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80",				/* too high */
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc3", "\xef\xbf\xbd" },			/* cut */
		{ "\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct record rec = { .type = RECORD_STATUS }, back;
	struct fault f;
	char want[256];
	size_t i;

	(void)state;
	strcpy(rec.status.what, "map");
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(rec.status.text, cases[i].raw);
		snprintf(want, sizeof(want), "\"text\":\"%s\"}", cases[i].json);
		assert_non_null(strstr(encode(&rec), want));
		assert_int_equal(decode(buf, &back, &f), 0);
	}
}

/* A field that fills its array to the last byte, without a NUL. */
static void text_without_end(void **state)
{
	struct record rec = { .type = RECORD_STATUS };

	(void)state;
	memset(rec.status.what, 'w', sizeof(rec.status.what));
	assert_non_null(strstr(encode(&rec), "\"wwwwwwwwwwwwwwww\""));
}

static void buffer_too_small(void **state)
{
	struct record rec;
	enum record_type type;
	char *small;
	long n, cap;

	(void)state;
	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++) {
		full_record(type, &rec);
		rec.extra = ",\"x\":1";
		n = record_encode(&rec, buf, sizeof(buf));
		for (cap = 0; cap <= n; cap++) {
			small = malloc(cap ? cap : 1);
			assert_non_null(small);
			assert_int_equal(record_encode(&rec, small, cap),
					 cap < n ? -ENOSPC : n);
			free(small);
		}
	}
}

static void text_of(const struct record *rec, const char *key, char *ret)
{
	size_t at = 0;
	const struct field *f = record_field(record_def(rec->type), key,
					     strlen(key), &at);

	assert_non_null(f);
	assert_true(record_text(rec, f, at, ret, LINE) >= 0);
}

static void bare_text(void **state)
{
	struct record rec = { .type = RECORD_PATH };
	char small[3];
	size_t at = 0;

	(void)state;
	rec.path.id = 7;
	rec.path.down = true;
	strcpy(rec.path.path, "heavy/\"s\"");
	strcpy(rec.path.segments[0], "fc00:a::1");
	strcpy(rec.path.segments[1], "fc00:b::1");
	rec.path.n_segments = 2;
	text_of(&rec, "id", buf);
	assert_string_equal(buf, "7");
	text_of(&rec, "path", buf);
	assert_string_equal(buf, "heavy/\"s\"");
	text_of(&rec, "segments", buf);
	assert_string_equal(buf, "fc00:a::1 fc00:b::1");
	text_of(&rec, "down", buf);
	assert_string_equal(buf, "true");
	text_of(&rec, "mode", buf);
	assert_string_equal(buf, "");
	record_field(record_def(RECORD_PATH), "path", 4, &at);
	assert_int_equal(record_text(&rec, record_def(RECORD_PATH)->fields + at,
				     at, small, sizeof(small)), -ENOSPC);
}

/* has is one bit a field, and no two fields share a key. */
static void tables_are_sound(void **state)
{
	const struct field *f, *g;
	enum record_type type;
	char lead[64];

	(void)state;
	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++) {
		const struct record_def *def = record_def(type);

		assert_int_equal(record_type_by_name(def->type), type);
		for (f = def->fields; f->key; f++) {
			snprintf(lead, sizeof(lead), ",\"%s\":", f->key);
			assert_string_equal(f->lead, lead);
			assert_int_equal(f->lead_len, strlen(lead));
			assert_true(f->offset + f->size <= def->size);
			assert_non_null(f->help);
			assert_null(strpbrk(f->help, "\"\\"));
			for (g = def->fields; g != f; g++)
				assert_string_not_equal(f->key, g->key);
		}
		assert_true(f - def->fields < 64);
	}
	assert_null(record_def(RECORD_OTHER));
	assert_null(record_def(RECORD_TYPE_N));
	assert_int_equal(record_type_by_name("flows"), RECORD_OTHER);
}

static void schema_fits(void **state)
{
	enum record_type type;
	char *small;
	int n;

	(void)state;
	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++) {
		n = record_schema(type, buf, sizeof(buf));
		assert_true(n > 100);
		assert_int_equal(buf[n - 1], '\n');
		small = malloc(n);
		assert_int_equal(record_schema(type, small, n), -ENOSPC);
		free(small);
	}
	assert_int_equal(record_schema(RECORD_OTHER, buf, sizeof(buf)),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flow_as_designed),
		cmocka_unit_test(unknown_is_absent),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(text_without_end),
		cmocka_unit_test(buffer_too_small),
		cmocka_unit_test(bare_text),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(schema_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
