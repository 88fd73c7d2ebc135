/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools documents: the good, and what is said about each bad one. */
#include "addr.h"
#include "pool.h"
#include "pooldocs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void matches(void **state)
{
	struct pooldoc doc;
	const struct srte_match *m;

	(void)state;
	read_good("{" ENDPOINTS ",\"pools\":{\"heavy\":[" ENTRY "],"
		  "\"bulk\":[" ENTRY "],\"big\":[" ENTRY "]},\"matches\":["
		  "{\"src\":\"10.0.0.0/8\",\"proto\":\"udp\","
		  "\"dport\":\"8000-8010\",\"mark\":\"0x10/0xf0\","
		  "\"pool\":\"bulk\",\"heavy\":\"big\"},"
		  "{\"sport\":53,\"mark\":7,\"pool\":\"default\"},"
		  "{\"cgroup\":\"/\",\"heavy\":\"big\"}]}", &doc);
	assert_int_equal(doc.n_matches, 3);
	m = &doc.matches[0].match;
	assert_int_equal(m->pool, 2);
	assert_int_equal(m->heavy, 3);
	assert_int_equal(m->mask.src[12], 0xff);
	assert_int_equal(m->mask.src[13], 0);
	assert_int_equal(m->value.src[12], 10);
	assert_int_equal(m->value.proto, 17);
	assert_int_equal(m->mask.proto, 0xff);
	assert_int_equal(m->dport_first, 8000);
	assert_int_equal(m->dport_last, 8010);
	assert_int_equal(m->sport_first, 0);
	assert_int_equal(m->sport_last, UINT16_MAX);
	assert_int_equal(m->mark, 0x10);
	assert_int_equal(m->mark_mask, 0xf0);
	m = &doc.matches[1].match;
	assert_int_equal(m->sport_first, 53);
	assert_int_equal(m->sport_last, 53);
	assert_int_equal(m->mark_mask, UINT32_MAX);
	assert_int_equal(m->pool, SRTE_POOL_DEFAULT);
	assert_int_equal(m->heavy, SRTE_POOL_DEFAULT);	/* keeps to its own */
	m = &doc.matches[2].match;
	assert_string_equal(doc.matches[2].cgroup, "/");
	assert_true(m->cgroup_id);
	assert_int_equal(m->cgroup_level, 0);
	assert_int_equal(m->pool, SRTE_POOL_DEFAULT);
	assert_int_equal(m->heavy, 3);
	pooldoc_done(&doc);
}

static void no_such_cgroup(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(read_text(WITH_MATCH("\"cgroup\":\"/srte-none\","
					      "\"pool\":\"heavy\""), &f),
			 FAULT_POOLS_FILE);
	assert_non_null(strstr(f.cause, "matches[0].cgroup: /srte-none: No "
			       "such file or directory"));
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

/* Whoever can write it can send this host's traffic anywhere. */
static void others_can_write(void **state)
{
	struct fault f = { .id = FAULT_NONE };
	struct pooldoc doc;

	(void)state;
	write_file(GOOD, strlen(GOOD));
	assert_int_equal(chmod(file, 0664), 0);
	assert_true(poolfile_read(file, &doc, &f) < 0);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(f.id, FAULT_POOLS_RIGHTS);
	assert_non_null(strstr(f.cause, "(mode 0664)"));
}

/* From standard input, unless somebody would have to type it. */
static void standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), tty;
	struct fault f = { .id = FAULT_NONE };
	struct pooldoc doc;

	(void)state;
	write_file(GOOD, strlen(GOOD));
	assert_int_equal(chmod(file, 0664), 0);	/* the caller opened it */
	assert_non_null(freopen(file, "r", stdin));
	assert_int_equal(poolfile_read("-", &doc, &f), 0);
	pooldoc_done(&doc);
	assert_int_equal(chmod(file, 0600), 0);
	tty = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(tty >= 0);
	assert_int_equal(dup2(tty, STDIN_FILENO), STDIN_FILENO);
	assert_true(poolfile_read("-", &doc, &f) < 0);
	assert_int_equal(f.id, FAULT_STDIN_TERMINAL);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(tty);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(no_such_cgroup),
		cmocka_unit_test(bad_documents),
		cmocka_unit_test(syntax_has_a_place),
		cmocka_unit_test(truncated),
		cmocka_unit_test(good_document),
		cmocka_unit_test(same_name_in_two_pools),
		cmocka_unit_test(too_big),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(others_can_write),
		cmocka_unit_test(standard_input),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
