/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams: whole, cut, out of order. */
#include "jsonl.h"
#include "records.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER "{\"type\":\"header\",\"v\":1,\"tool\":\"t\"}\n"
#define ONE FLOW("") "\n"
#define MARK(n) "{\"type\":\"mark\",\"v\":1,\"records\":" #n \
	",\"complete\":true}\n"
#define TRAILER(n) "{\"type\":\"trailer\",\"v\":1,\"records\":" #n \
	",\"complete\":true}\n"

/* Open the first n bytes of text as a file. */
static struct in *open_bytes(const char *text, size_t n)
{
	struct fault f = { .id = FAULT_NONE };
	static char name[64];
	struct in *in;
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_int_equal(in_open(name, &in, &f), 0);
	close(fd);
	return in;
}

/* Read to the end: 0 or the error; counts what came. */
static int drain(struct in *in, int *ret_records, struct fault *f)
{
	struct record rec;
	int err;

	f->id = FAULT_NONE;
	*ret_records = 0;
	while ((err = in_record(in, &rec, f)) > 0)
		++*ret_records;
	in_close(in);
	return err;
}

static void whole_stream(void **state)
{
	static const char text[] = HEADER ONE "{\"type\":\"wind\",\"v\":1}\n"
		MARK(2) MARK(0) ONE TRAILER(1);
	struct in *in = open_bytes(text, sizeof(text) - 1);
	enum record_type want[] = { RECORD_HEADER, RECORD_FLOW, RECORD_OTHER,
		RECORD_MARK, RECORD_MARK, RECORD_FLOW, RECORD_TRAILER };
	struct fault f = { .id = FAULT_NONE };
	struct record rec;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(in_record(in, &rec, &f), 1);
		assert_int_equal(rec.type, want[i]);
		assert_int_equal(in_line(in), i + 1);
	}
	assert_non_null(strstr(in_text(in), "\"trailer\""));
	assert_int_equal(in_record(in, &rec, &f), 0);
	assert_int_equal(in_record(in, &rec, &f), 0);
	in_close(in);
}

/* A cut anywhere is no whole stream, and is called what it is. */
static void cut_at_every_byte(void **state)
{
	static const char text[] = HEADER ONE MARK(1) ONE ONE TRAILER(2);
	size_t n, len = sizeof(text) - 1;
	struct fault f;
	int records;

	(void)state;
	for (n = 0; n < len - 1; n++) {
		assert_int_equal(drain(open_bytes(text, n), &records, &f),
				 -EPIPE);
		assert_int_equal(f.id, FAULT_TRUNCATED_STREAM);
	}
	/* all but the last newline is enough */
	assert_int_equal(drain(open_bytes(text, len - 1), &records, &f), 0);
	assert_int_equal(drain(open_bytes(text, len), &records, &f), 0);
	assert_int_equal(records, 6);
}

static void order_and_count(void **state)
{
	static const struct {
		const char *text;
		enum fault_id id;
		const char *named;
	} cases[] = {
		{ ONE TRAILER(1), FAULT_BAD_RECORD, "line 1: expected a head" },
		{ TRAILER(0), FAULT_BAD_RECORD, "line 1: expected a header" },
		{ HEADER HEADER TRAILER(0), FAULT_BAD_RECORD,
		  "line 2: a second header" },
		{ HEADER TRAILER(0) ONE, FAULT_BAD_RECORD, "line 3: some" },
		{ HEADER TRAILER(0) TRAILER(0), FAULT_BAD_RECORD, "line 3" },
		{ HEADER TRAILER(0) HEADER, FAULT_BAD_RECORD, "line 3" },
		{ HEADER TRAILER(0) "\n", FAULT_BAD_RECORD, "line 3: empty" },
		{ HEADER "\n" TRAILER(0), FAULT_BAD_RECORD, "line 2: empty" },
		{ "\n", FAULT_BAD_RECORD, "line 1: empty" },
		{ HEADER ONE "x\n" TRAILER(2), FAULT_BAD_RECORD,
		  "line 3: not JSON" },
		{ HEADER "{\"type\":\"flow\",\"v\":9}\n", FAULT_NEWER_RECORD,
		  "line 2: record version 9" },
		/* the last line too, and even without its newline */
		{ HEADER "{\"type\":\"flow\",\"v\":9}", FAULT_NEWER_RECORD,
		  "version 9" },
		{ HEADER ONE TRAILER(2), FAULT_TRUNCATED_STREAM,
		  "2 records announced, 1 came" },
		{ HEADER ONE ONE TRAILER(1), FAULT_TRUNCATED_STREAM,
		  "1 records announced, 2 came" },
		{ HEADER ONE MARK(0), FAULT_TRUNCATED_STREAM, "announced" },
		{ HEADER ONE MARK(1) TRAILER(1), FAULT_TRUNCATED_STREAM,
		  "line 4" },
		{ HEADER ONE MARK(1), FAULT_TRUNCATED_STREAM,
		  "without a trailer" },
		{ HEADER "{\"type\":\"trailer\",\"v\":1,\"records\":0,"
		  "\"complete\":false}\n", FAULT_TRUNCATED_STREAM, "producer" },
		{ "", FAULT_TRUNCATED_STREAM, "empty" },
	};
	struct fault f;
	int records;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text;

		assert_true(drain(open_bytes(text, strlen(text)), &records,
				  &f) < 0);
		if (f.id != cases[i].id || !strstr(f.cause, cases[i].named))
			fail_msg("%s: %s: %s", text, fault_name(f.id),
				 f.cause);
	}
}

/* A status line of n bytes, newline included, behind a header. */
static struct in *long_line(size_t n, const char *after)
{
	static const char head[] = "{\"type\":\"wind\",\"v\":1,\"x\":\"";
	size_t pad = n - strlen(head) - 3, len;
	char *text = malloc(n + 4096);
	struct in *in;

	assert_non_null(text);
	len = sprintf(text, HEADER "%s", head);
	memset(text + len, 'y', pad);
	sprintf(text + len + pad, "\"}\n%s", after);
	in = open_bytes(text, strlen(text));
	free(text);
	return in;
}

static void line_limit(void **state)
{
	struct fault f;
	int records;

	(void)state;
	assert_int_equal(drain(long_line(JSONL_LINE_MAX, TRAILER(1)),
			       &records, &f), 0);
	assert_int_equal(records, 3);
	assert_int_equal(drain(long_line(JSONL_LINE_MAX + 1, TRAILER(1)),
			       &records, &f), -EINVAL);
	assert_non_null(strstr(f.cause, "line 2: longer than 64 KiB"));
	assert_int_equal(drain(long_line(40 * JSONL_LINE_MAX, TRAILER(1)),
			       &records, &f), -EINVAL);
	assert_int_equal(records, 1);
}

/* Put fd in the place of standard input for as long as we read. */
static struct in *open_stdin(int fd, int *ret_saved)
{
	struct fault f = { .id = FAULT_NONE };
	struct in *in;

	*ret_saved = dup(STDIN_FILENO);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	assert_int_equal(in_open("-", &in, &f), 0);
	assert_string_equal(in_name(in), "stdin");
	return in;
}

/* What is there is delivered at once, however little it is. */
static void lines_as_they_come(void **state)
{
	static const char text[] = HEADER ONE TRAILER(1);
	struct fault f = { .id = FAULT_NONE };
	struct record rec;
	struct in *in;
	int fds[2], saved, got = 0;
	size_t i;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	in = open_stdin(fds[0], &saved);
	for (i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(write(fds[1], text + i, 1), 1);
		if (text[i] != '\n')
			continue;
		alarm(20);	/* would block here for ever otherwise */
		assert_int_equal(in_record(in, &rec, &f), 1);
		alarm(0);
		got++;
	}
	close(fds[1]);
	assert_int_equal(in_record(in, &rec, &f), 0);
	assert_int_equal(got, 3);
	in_close(in);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* Reads that end within lines: a writer of seven bytes at a time. */
static void ragged_writer(void **state)
{
	static const char text[] = HEADER ONE ONE ONE ONE TRAILER(4);
	int fds[2], saved, records, status;
	struct fault f;
	struct in *in;
	size_t i, n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		for (i = 0; i < sizeof(text) - 1; i += n) {
			n = sizeof(text) - 1 - i < 7 ? sizeof(text) - 1 - i : 7;
			if (write(fds[1], text + i, n) != (ssize_t)n)
				_exit(1);
		}
		_exit(0);
	}
	close(fds[1]);
	in = open_stdin(fds[0], &saved);
	assert_int_equal(drain(in, &records, &f), 0);
	assert_int_equal(records, 6);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void cannot_open(void **state)
{
	struct fault f = { .id = FAULT_NONE };
	struct record rec;
	struct in *in;

	(void)state;
	assert_int_equal(in_open("/nonexistent/x", &in, &f), -ENOENT);
	assert_int_equal(f.id, FAULT_OPEN);
	assert_non_null(strstr(f.cause, "/nonexistent/x: No such file"));
	f.id = FAULT_NONE;
	assert_int_equal(in_open("/", &in, &f), 0);
	assert_true(in_record(in, &rec, &f) < 0);
	assert_int_equal(f.id, FAULT_OPEN);
	assert_non_null(strstr(f.cause, "Is a directory"));
	in_close(in);
	in_close(NULL);
}

/* What is bad is dropped and counted; the count may be off by as many. */
static void bad_lines_skipped(void **state)
{
	static const char text[] = HEADER ONE "x\n" ONE TRAILER(3);
	struct in *in = open_bytes(text, sizeof(text) - 1);
	struct fault f = { .id = FAULT_NONE };
	struct record rec;
	int records = 0, err;

	(void)state;
	assert_false(in_skip(in));	/* nobody has asked for it yet */
	in_skip_bad(in);
	while ((err = in_record(in, &rec, &f)) > 0)
		/* the caller finds one of the two bad after all */
		records += rec.type != RECORD_FLOW || in_line(in) != 4 ||
			   !in_skip(in);
	assert_int_equal(err, 0);
	assert_int_equal(records, 3);
	assert_int_equal(in_skipped(in), 2);
	in_close(in);
}

static void long_line_skipped(void **state)
{
	struct in *in = long_line(3 * JSONL_LINE_MAX, ONE TRAILER(2));
	struct fault f;
	int records;

	(void)state;
	in_skip_bad(in);
	assert_int_equal(drain(in, &records, &f), 0);
	assert_int_equal(records, 3);
	/* and one that never ends */
	in = long_line(3 * JSONL_LINE_MAX, "");
	in_skip_bad(in);
	assert_int_equal(drain(in, &records, &f), -EPIPE);
	assert_int_equal(f.id, FAULT_TRUNCATED_STREAM);
}

static void terminal_refused(void **state)
{
	int tty = posix_openpt(O_RDWR | O_NOCTTY);
	int saved = dup(STDIN_FILENO);
	struct fault f = { .id = FAULT_NONE };
	struct in *in;

	(void)state;
	assert_true(tty >= 0);
	assert_int_equal(dup2(tty, STDIN_FILENO), STDIN_FILENO);
	assert_true(in_open("-", &in, &f) < 0);
	assert_int_equal(f.id, FAULT_STDIN_TERMINAL);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(tty);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_stream),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(order_and_count),
		cmocka_unit_test(line_limit),
		cmocka_unit_test(lines_as_they_come),
		cmocka_unit_test(ragged_writer),
		cmocka_unit_test(cannot_open),
		cmocka_unit_test(bad_lines_skipped),
		cmocka_unit_test(long_line_skipped),
		cmocka_unit_test(terminal_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
