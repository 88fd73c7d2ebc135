/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools documents: the good, and what is said about each bad one. */
#include "addr.h"
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char file[256];

static int make_file(void **state)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	(void)state;
	snprintf(file, sizeof(file), "%s/srte-poolfile.XXXXXX",
		 dir ? dir : "/tmp");
	fd = mkstemp(file);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void write_file(const char *text, size_t len)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static enum fault_id read_text(const char *text, struct fault *f)
{
	struct pooldoc doc;

	*f = (struct fault){ .id = FAULT_NONE };
	write_file(text, strlen(text));
	if (!poolfile_read(file, &doc, f))
		pooldoc_done(&doc);
	return f->id;
}

#define ENDPOINT	"{\"prefix\":\"10.0.2.0/24\",\"sid\":\"fc00:2::d4\"}"
#define ENDPOINTS	"\"endpoints\":[" ENDPOINT "]"
#define ENTRY		"{\"name\":\"s1\",\"segments\":[\"fc00:a::1\"]}"
#define POOLS		"\"pools\":{\"heavy\":[" ENTRY "]}"
#define GOOD		"{" ENDPOINTS "," POOLS "}"
/* A document with one part replaced. */
#define WITH_ENTRY(e)							\
	"{" ENDPOINTS ",\"pools\":{\"heavy\":[" ENTRY "," e "]}}"
#define WITH_SID(s)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"," s "]}")
#define WITH_NAME(n)							\
	WITH_ENTRY("{\"name\":" n ",\"segments\":[\"fc00::1\"]}")
#define WITH_WEIGHT(w)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"	\
		   "\"weight\":" w "}")
#define WITH_MODE(m)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"	\
		   "\"mode\":" m "}")
#define BLOCK		"\"usid_block\":\"fcbb:bb00::/32\","
#define USIDS(block, u)							\
	"{" block ENDPOINTS ",\"pools\":{\"heavy\":[{\"name\":\"s\","	\
	"\"segments\":[{\"usids\":" u "}]}]}}"
#define WITH_END(e)	"{\"endpoints\":[" ENDPOINT "," e "]," POOLS "}"
#define WITH_POOLS(p)	"{" ENDPOINTS ",\"pools\":" p "}"

#define SID4		"\"fc00::1\",\"fc00::2\",\"fc00::3\",\"fc00::4\","
#define SID13		SID4 SID4 SID4 "\"fc00::5\""
#define ENTRY_N(n)	"{\"name\":\"" n "\",\"segments\":[\"fc00::1\"]}"

static const struct {
	const char *text;
	enum fault_id id;
	const char *says;	/* after the file's name and ": " */
} bad[] = {
	{ "", FAULT_POOLS_FILE, NULL },
	{ "{", FAULT_POOLS_FILE, NULL },
	{ GOOD "x", FAULT_POOLS_FILE, NULL },
	{ "{\"pools\":{}, \"pools\":{}}", FAULT_POOLS_FILE, NULL },
	{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", FAULT_POOLS_FILE,
	  "nested more than 16 deep" },
	{ "[]", FAULT_POOLS_FILE, "is an array, not an object" },
	{ "{}", FAULT_POOLS_FILE, "\"endpoints\" is missing" },
	{ "{" ENDPOINTS "}", FAULT_POOLS_FILE, "\"pools\" is missing" },
	{ "{" POOLS "}", FAULT_POOLS_FILE, "\"endpoints\" is missing" },
	{ "{" ENDPOINTS "," POOLS ",\"Source\":\"fc00::1\"}",
	  FAULT_POOLS_FILE, "\"Source\" is not a key here" },
	{ "{" ENDPOINTS "," POOLS ",\"a\\u001b[2Jb\":1}",
	  FAULT_POOLS_FILE, "\"a?[2Jb\" is not a key here" },
	{ "{\"source\":\"fe80::1\"," ENDPOINTS "," POOLS "}", FAULT_BAD_SID,
	  "source: fe80::1 is link-local" },
	{ "{\"source\":\"10.0.0.1\"," ENDPOINTS "," POOLS "}", FAULT_BAD_SID,
	  "source: 10.0.0.1 is IPv4" },
	{ "{\"source\":1," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "source: is an integer, not a string" },
	{ "{\"source\":null," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "source: is null, not a string" },

	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"risk\":[\"a b\"]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].risk[0]: \"a b\" is not 1 to 31 characters of "
	  "A-Z a-z 0-9 _ . -" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"risk\":\"a\"}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].risk: is a string, not an array" },
	{ WITH_MODE("\"red\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].mode: \"red\" is not encap, encap.red or inline" },
	{ WITH_MODE("2"), FAULT_POOLS_FILE,
	  "pools.heavy[1].mode: is an integer, not a string" },
	{ "{\"hop_limit\":0," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "hop_limit: 0 is not in 1..255" },
	{ "{\"hop_limit\":256," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "hop_limit: 256 is not in 1..255" },
	{ "{\"usid_block\":\"fcbb:bb00::/40\"," ENDPOINTS "," POOLS "}",
	  FAULT_POOLS_FILE, "usid_block: length is not 16, 32, ... or 112" },
	{ "{\"usid_block\":\"fe80::/32\"," ENDPOINTS "," POOLS "}",
	  FAULT_BAD_SID, "usid_block: is link-local" },
	{ USIDS("", "[\"0100\"]"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0].usids: needs a usid_block to be packed "
	  "behind" },
	{ USIDS(BLOCK, "[\"0000\"]"), FAULT_BAD_SID,
	  "pools.heavy[0].segments[0].usids[0]: \"0000\" is not a uSID: one "
	  "to four hex digits, not zero" },
	{ USIDS(BLOCK, "[\"1\",\"12345\"]"), FAULT_BAD_SID,
	  "pools.heavy[0].segments[0].usids[1]: \"12345\" is not a uSID: "
	  "one to four hex digits, not zero" },
	{ USIDS(BLOCK, "[]"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0].usids: is empty" },
	{ USIDS(BLOCK, "[\"1\"],\"x\":1"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0]: \"x\" is not a key here" },

	{ "{\"endpoints\":{}," POOLS "}", FAULT_POOLS_FILE,
	  "endpoints: is an object, not an array" },
	{ "{\"endpoints\":[]," POOLS "}", FAULT_POOLS_FILE,
	  "endpoints: is empty" },
	{ WITH_END("3"), FAULT_POOLS_FILE,
	  "endpoints[1]: is an integer, not an object" },
	{ WITH_END("{\"sid\":\"fc00::1\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: \"prefix\" is missing" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"via\":1}"), FAULT_POOLS_FILE,
	  "endpoints[1]: \"via\" is not a key here" },
	{ WITH_END("{\"prefix\":\"10.0.3.1/24\"}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: \"10.0.3.1/24\" is not a prefix, or has "
	  "bits past its length" },
	{ WITH_END("{\"prefix\":\"10.0.3.0/33\"}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: \"10.0.3.0/33\" is not a prefix, or has "
	  "bits past its length" },
	{ WITH_END("{\"prefix\":24}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: is an integer, not a string" },
	{ WITH_END("{\"prefix\":\"10.0.2.0/24\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: prefix 10.0.2.0/24 is taken by endpoints[0]" },
	{ WITH_END("{\"prefix\":\"::ffff:10.0.2.0/120\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: prefix 10.0.2.0/24 is taken by endpoints[0]" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"sid\":\"ff02::1\"}"),
	  FAULT_BAD_SID, "endpoints[1].sid: ff02::1 is multicast" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"sid\":\"\"}"),
	  FAULT_BAD_SID, "endpoints[1].sid: \"\" is not an address" },

	{ WITH_POOLS("[]"), FAULT_POOLS_FILE,
	  "pools: is an array, not an object" },
	{ WITH_POOLS("{}"), FAULT_POOLS_FILE, "pools: is empty" },
	{ WITH_POOLS("{\"bulk\":[" ENTRY "]}"), FAULT_POOLS_FILE,
	  "pools.bulk: nothing uses a pool of this name; pools are "
	  "\"default\" and \"heavy\"" },
	{ WITH_POOLS("{\"heavy\":[]}"), FAULT_POOLS_FILE,
	  "pools.heavy: is empty" },
	{ WITH_POOLS("{\"heavy\":" ENTRY "}"), FAULT_POOLS_FILE,
	  "pools.heavy: is an object, not an array" },
	{ WITH_ENTRY("\"s2\""), FAULT_POOLS_FILE,
	  "pools.heavy[1]: is a string, not an object" },
	{ WITH_ENTRY("{\"segments\":[\"fc00::1\"]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"name\" is missing" },
	{ WITH_ENTRY("{\"name\":\"s2\"}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"segments\" is missing" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"wieght\":2}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"wieght\" is not a key here" },
	{ WITH_NAME("\"s1\""), FAULT_POOLS_FILE,
	  "pools.heavy[1]: name \"s1\" is taken by pools.heavy[0]" },
	{ WITH_NAME("\"\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"\" is not 1 to 31 characters of A-Z a-z "
	  "0-9 _ . -" },
	{ WITH_NAME("\"a/b\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"a/b\" is not 1 to 31 characters of A-Z "
	  "a-z 0-9 _ . -" },
	{ WITH_NAME("\"12345678901234567890123456789012\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"12345678901234567890123456789012\" is not "
	  "1 to 31 characters of A-Z a-z 0-9 _ . -" },
	{ WITH_NAME("true"), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: is true, not a string" },
	{ WITH_WEIGHT("0"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: 0 is not in 1..65535" },
	{ WITH_WEIGHT("65536"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: 65536 is not in 1..65535" },
	{ WITH_WEIGHT("-1"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: -1 is not in 1..65535" },
	{ WITH_WEIGHT("1.5"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: is a fraction, not an integer" },
	{ WITH_WEIGHT("\"2\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: is a string, not an integer" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].segments: is empty" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":\"fc00::1\"}"),
	  FAULT_POOLS_FILE,
	  "pools.heavy[1].segments: is a string, not an array" },
	{ WITH_SID("\"fe80::1\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: fe80::1 is link-local" },
	{ WITH_SID("\"::1\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: ::1 is loopback" },
	{ WITH_SID("\"::\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: :: is unspecified" },
	{ WITH_SID("\"fc00:a::1/64\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: \"fc00:a::1/64\" is not an address" },
	{ WITH_SID("7"), FAULT_POOLS_FILE,
	  "pools.heavy[1].segments[1]: is an integer, not a string" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[" SID13
		     ",\"fc00::6\"]}"), FAULT_TOO_LONG,
	  "pools.heavy[1].segments: has 14 members, 13 fit" },
	{ WITH_POOLS("{\"heavy\":["
		     ENTRY_N("a") "," ENTRY_N("b") "," ENTRY_N("c") ","
		     ENTRY_N("d") "," ENTRY_N("e") "," ENTRY_N("f") ","
		     ENTRY_N("g") "," ENTRY_N("h") "," ENTRY_N("i") ","
		     ENTRY_N("j") "," ENTRY_N("k") "," ENTRY_N("l") ","
		     ENTRY_N("m") "," ENTRY_N("n") "," ENTRY_N("o") ","
		     ENTRY_N("p") "," ENTRY_N("q") "]}"), FAULT_TOO_MANY,
	  "pools.heavy: has 17 members, 16 fit" },
};

static void bad_documents(void **state)
{
	char want[600];
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (read_text(bad[i].text, &f) != bad[i].id)
			fail_msg("%s: %s, not %s", bad[i].text,
				 fault_name(f.id), fault_name(bad[i].id));
		snprintf(want, sizeof(want), "%s: %s", file,
			 bad[i].says ? bad[i].says : "");
		if (bad[i].says)
			assert_string_equal(f.cause, want);
	}
}

/* What jansson refuses is told by line and column. */
static void syntax_has_a_place(void **state)
{
	char want[300];
	struct fault f;

	(void)state;
	assert_int_equal(read_text("{\n \"pools\": nope\n}", &f),
			 FAULT_POOLS_FILE);
	snprintf(want, sizeof(want), "%s:2:", file);
	assert_memory_equal(f.cause, want, strlen(want));
	assert_int_equal(read_text("{\"pools\":1,\n\"pools\":1}", &f),
			 FAULT_POOLS_FILE);
	assert_memory_equal(f.cause, want, strlen(want));
}

/* Every byte matters: no document that ends early is taken. */
static void truncated(void **state)
{
	static const char text[] = GOOD;
	struct pooldoc doc;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(text); len++) {
		struct fault f = { .id = FAULT_NONE };

		write_file(text, len);
		assert_true(poolfile_read(file, &doc, &f) < 0);
		assert_int_equal(f.id, FAULT_POOLS_FILE);
	}
}

static void read_good(const char *text, struct pooldoc *doc)
{
	struct fault f = { .id = FAULT_NONE };

	write_file(text, strlen(text));
	if (poolfile_read(file, doc, &f))
		fail_msg("%s", f.cause);
}

static void good_document(void **state)
{
	struct pooldoc doc;
	__u8 addr[16];

	(void)state;
	read_good("{\"source\":\"fd00:1::1\",\"endpoints\":[" ENDPOINT
		  ",{\"prefix\":\"::/0\"}],\"pools\":{\"default\":[" ENTRY
		  "],\"heavy\":[{\"weight\":65535,\"segments\":[" SID13
		  "],\"name\":\"A.b-c_1\"}]}}", &doc);
	assert_int_equal(addr_parse("fd00:1::1", addr), 0);
	assert_memory_equal(doc.source, addr, 16);
	assert_int_equal(doc.n_endpoints, 2);
	assert_int_equal(doc.endpoints[0].prefix.prefixlen, 120);
	assert_int_equal(addr_parse("fc00:2::d4", addr), 0);
	assert_memory_equal(doc.endpoints[0].sid, addr, 16);
	memset(addr, 0, 16);
	assert_memory_equal(doc.endpoints[1].sid, addr, 16);
	assert_int_equal(doc.n_pools, 2);
	assert_string_equal(doc.pools[0].name, "default");
	assert_int_equal(doc.pools[0].entries[0].weight, 1);
	assert_string_equal(doc.pools[1].entries[0].name, "A.b-c_1");
	assert_int_equal(doc.pools[1].entries[0].weight, 65535);
	assert_int_equal(doc.pools[1].entries[0].n_segments, 13);
	pooldoc_done(&doc);
	assert_null(doc.pools);
}

/* A name may stand in both pools, and the source may be left out. */
static void same_name_in_two_pools(void **state)
{
	static const __u8 none[16];
	struct pooldoc doc;

	(void)state;
	read_good("{" ENDPOINTS ",\"pools\":{\"default\":[" ENTRY
		  "],\"heavy\":[" ENTRY "]}}", &doc);
	assert_memory_equal(doc.source, none, 16);
	pooldoc_done(&doc);
}

static void too_big(void **state)
{
	size_t len = (16U << 20) + 1;
	char *text = malloc(len);
	struct fault f = { .id = FAULT_NONE };
	struct pooldoc doc;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, GOOD, strlen(GOOD));
	write_file(text, len - 1);	/* the limit itself is fine */
	assert_int_equal(poolfile_read(file, &doc, &f), 0);
	pooldoc_done(&doc);
	write_file(text, len);
	assert_true(poolfile_read(file, &doc, &f) < 0);
	free(text);
	assert_int_equal(f.id, FAULT_POOLS_FILE);
	assert_non_null(strstr(f.cause, "more than 16 MiB"));
}

static void not_a_file(void **state)
{
	struct fault f = { .id = FAULT_NONE }, g = { .id = FAULT_NONE };
	struct pooldoc doc;

	(void)state;
	assert_true(poolfile_read("/nonexistent/pools", &doc, &f) < 0);
	assert_int_equal(f.id, FAULT_OPEN);
	assert_string_equal(f.cause, "/nonexistent/pools: No such file or "
				     "directory");
	assert_true(poolfile_read("/tmp", &doc, &g) < 0);
	assert_int_equal(g.id, FAULT_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_documents),
		cmocka_unit_test(syntax_has_a_place),
		cmocka_unit_test(truncated),
		cmocka_unit_test(good_document),
		cmocka_unit_test(same_name_in_two_pools),
		cmocka_unit_test(too_big),
		cmocka_unit_test(not_a_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
