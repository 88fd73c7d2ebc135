/* SPDX-License-Identifier: GPL-2.0-only */
/* Records to standard output: three formats, and outputs that fail. */
#include "cli.h"
#include "jsonl.h"
#include "log.h"
#include "records.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const columns[] = { "saddr", "dport", "cgroup", "bytes",
	"rate_bps", "idle_us", "class", NULL };

static int saved_stdout = -1;

/* Standard output goes to fd until restore(). */
static void redirect(int fd)
{
	fflush(stdout);
	saved_stdout = dup(STDOUT_FILENO);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
}

static void restore(void)
{
	assert_int_equal(dup2(saved_stdout, STDOUT_FILENO), STDOUT_FILENO);
	close(saved_stdout);
}

static int to_memory(void)
{
	int fd = memfd_create("out", MFD_CLOEXEC);

	assert_true(fd >= 0);
	redirect(fd);
	return fd;
}

/* Everything that was written, in buf. */
static size_t written(int fd)
{
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	return n;
}

static void fill_flow(struct record *rec, const char *cgroup)
{
	memset(rec, 0, sizeof(*rec));
	rec->type = RECORD_FLOW;
	set_key(&rec->flow.key, "10.0.1.1", "10.0.2.1", 1, 5201, 6);
	strcpy(rec->flow.cgroup, cgroup);
	rec->flow.bytes = 3 << 20;
	rec->flow.rate_bps = 81000000;
	rec->flow.idle_us = 12;
}

static struct out *begin(int format)
{
	struct out *out;

	const struct out_about about = { .link_bps = 1000000000 };

	assert_int_equal(out_open(format, RECORD_FLOW, columns, &about, &out),
			 0);
	return out;
}

static void stream_reads_back(void **state)
{
	struct fault f = { .id = FAULT_NONE };
	struct record rec;
	char name[64];
	struct out *out;
	struct in *in;
	int fd, i;

	(void)state;
	log_init("srte-test", LOG_NORMAL);
	fd = to_memory();
	out = begin(CLI_FORMAT_JSONL);
	for (i = 0; i < 3000; i++) {	/* several blocks */
		fill_flow(&rec, "/db");
		assert_int_equal(out_record(out, &rec), 0);
		if (i == 999)
			assert_int_equal(out_mark(out), 0);
	}
	assert_int_equal(out_close(out, true), 0);
	restore();
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_int_equal(in_open(name, &in, &f), 0);
	assert_int_equal(in_record(in, &rec, &f), 1);
	assert_string_equal(rec.header.tool, "srte-test");
	assert_string_equal(rec.header.version, SRTE_VERSION);
	assert_int_equal(strlen(rec.header.boot_id), 36);
	assert_int_equal(strlen(rec.header.time), 27);
	assert_int_equal(rec.header.link_bps, 1000000000);
	for (i = 0; in_record(in, &rec, &f) > 0; i++)
		;
	assert_int_equal(f.id, FAULT_NONE);
	assert_int_equal(i, 3000 + 2);
	in_close(in);
	close(fd);
}

/* A mark pushes a round out; nothing waits for the next one. */
static void mark_flushes(void **state)
{
	struct record rec;
	struct out *out;
	int fd;

	(void)state;
	fd = to_memory();
	out = begin(CLI_FORMAT_JSONL);
	fill_flow(&rec, "/db");
	out_record(out, &rec);
	assert_int_equal(written(fd), 0);
	out_mark(out);
	assert_true(written(fd) > 0);
	assert_non_null(strstr(buf, "{\"type\":\"mark\",\"v\":1,\"records\":1,"
			       "\"complete\":true}\n"));
	out_close(out, false);
	restore();
	written(fd);
	assert_non_null(strstr(buf, "{\"type\":\"trailer\",\"v\":1,"
			       "\"records\":0,\"complete\":false}\n"));
	close(fd);
}

static void abort_has_no_trailer(void **state)
{
	struct record rec;
	struct out *out;
	int fd, i;

	(void)state;
	fd = to_memory();
	out = begin(CLI_FORMAT_JSONL);
	for (i = 0; i < 1000; i++) {
		fill_flow(&rec, "/db");
		out_record(out, &rec);
	}
	out_abort(out);
	out_abort(NULL);
	restore();
	assert_true(written(fd) > 0);
	assert_null(strstr(buf, "trailer"));
	close(fd);
}

static void csv_quotes(void **state)
{
	static const char *const names[] = { "/db", "", "/a,b", "/\"q\"",
		"/two\nlines" };
	struct record rec;
	struct out *out;
	size_t i;
	int fd;

	(void)state;
	fd = to_memory();
	out = begin(CLI_FORMAT_CSV);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		fill_flow(&rec, names[i]);
		assert_int_equal(out_record(out, &rec), 0);
		rec.type = RECORD_STATUS;	/* not in this table */
		assert_int_equal(out_record(out, &rec), 0);
	}
	assert_int_equal(out_close(out, true), 0);
	restore();
	written(fd);
	assert_string_equal(buf,
		"saddr,dport,cgroup,bytes,rate_bps,idle_us,class\n"
		"10.0.1.1,5201,/db,3145728,81000000,12,rest\n"
		"10.0.1.1,5201,,3145728,81000000,12,rest\n"
		"10.0.1.1,5201,\"/a,b\",3145728,81000000,12,rest\n"
		"10.0.1.1,5201,\"/\"\"q\"\"\",3145728,81000000,12,rest\n"
		"10.0.1.1,5201,\"/two\nlines\",3145728,81000000,12,rest\n");
	close(fd);
}

static void table_for_people(void **state)
{
	struct record rec;
	struct out *out;
	int fd;

	(void)state;
	fd = to_memory();
	out = begin(CLI_FORMAT_TABLE);
	fill_flow(&rec, "/db\x1b[2J");	/* must not reach a terminal */
	assert_int_equal(out_record(out, &rec), 0);
	assert_int_equal(out_mark(out), 0);
	assert_int_equal(out_mark(out), 0);	/* an empty round is silent */
	assert_int_equal(out_close(out, true), 0);
	restore();
	written(fd);
	assert_memory_equal(buf, "SADDR    DPORT CGROUP", 21);
	assert_non_null(strstr(buf, "  RATE IDLE CLASS\n"));
	assert_non_null(strstr(buf, " 3.0M 81.0M "));
	assert_null(strchr(buf, '\x1b'));
	assert_int_equal(buf[strlen(buf) - 1], '\n');
	assert_ptr_equal(strstr(buf, "SADDR"), buf);
	assert_null(strstr(buf + 1, "SADDR"));
	close(fd);
}

static void failing_output(void **state)
{
	static const int formats[] = { CLI_FORMAT_JSONL, CLI_FORMAT_CSV,
		CLI_FORMAT_TABLE };
	struct record rec;
	struct out *out;
	int full, err;
	size_t i;

	(void)state;
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(full >= 0);
	for (i = 0; i < 3; i++) {
		redirect(full);
		out = begin(formats[i]);
		fill_flow(&rec, "/db");
		out_record(out, &rec);
		err = out_close(out, true);
		restore();
		assert_int_equal(err, -ENOSPC);
	}
	close(full);
}

static void closed_pipe(void **state)
{
	struct record rec;
	struct out *out;
	int fds[2], first = 0, i;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	redirect(fds[1]);
	out = begin(CLI_FORMAT_JSONL);
	fill_flow(&rec, "/db");
	for (i = 0; i < 5000 && !first; i++)
		first = out_record(out, &rec);
	assert_int_equal(out_record(out, &rec), -EPIPE);	/* it sticks */
	assert_int_equal(out_close(out, true), -EPIPE);
	restore();
	assert_int_equal(first, -EPIPE);
	close(fds[1]);
}

static void line_too_long(void **state)
{
	struct record rec;
	struct out *out;
	char *extra = malloc(JSONL_LINE_MAX + 1);
	int fd, err;

	(void)state;
	assert_non_null(extra);
	memset(extra, ' ', JSONL_LINE_MAX);
	extra[JSONL_LINE_MAX] = '\0';
	fd = to_memory();
	out = begin(CLI_FORMAT_JSONL);
	fill_flow(&rec, "/db");
	rec.extra = extra;
	err = out_record(out, &rec);
	out_abort(out);
	restore();
	assert_int_equal(err, -EMSGSIZE);
	close(fd);
	free(extra);
}

static void unknown_column(void **state)
{
	static const char *const wrong[] = { "saddr", "colour", NULL };
	struct out *out = NULL;

	(void)state;
	assert_int_equal(out_open(CLI_FORMAT_CSV, RECORD_FLOW, wrong, NULL,
				  &out), -EINVAL);
	assert_null(out);
}

/* A setting is what was set, an id what it is; counts are scaled. */
static void table_of_status(void **state)
{
	static const struct status rows[] = {
		{ "config", "mtu", 1500, "" },
		{ "config", "heavy_bytes", 1048576, "" },
		{ "config", "window_us", 250000, "" },
		{ "program", "srte_egress", 4711, "" },
		{ "counter", "pushed", 1500000, "" },
	};
	static const char *const want[] = { "1500", "1048576", "250ms", "4711",
					    "1.5M" };
	static const char *const cols[] = { "name", "value", NULL };
	struct record rec = { .type = RECORD_STATUS };
	struct out *out;
	char *at = buf;
	size_t i;
	int fd;

	(void)state;
	fd = to_memory();
	assert_int_equal(out_open(CLI_FORMAT_TABLE, RECORD_STATUS, cols, NULL,
				  &out), 0);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rec.status = rows[i];
		assert_int_equal(out_record(out, &rec), 0);
	}
	assert_int_equal(out_close(out, true), 0);
	restore();
	written(fd);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		at = strstr(at, rows[i].name);
		assert_non_null(at);
		at += strcspn(at, " ");
		at += strspn(at, " ");
		assert_memory_equal(at, want[i], strlen(want[i]));
		assert_int_equal(at[strlen(want[i])], '\n');
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_reads_back),
		cmocka_unit_test(mark_flushes),
		cmocka_unit_test(abort_has_no_trailer),
		cmocka_unit_test(csv_quotes),
		cmocka_unit_test(table_for_people),
		cmocka_unit_test(table_of_status),
		cmocka_unit_test(failing_output),
		cmocka_unit_test(closed_pipe),
		cmocka_unit_test(line_too_long),
		cmocka_unit_test(unknown_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
