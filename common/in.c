/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a stream of records. A line is cut out of one fixed buffer; what
 * came through is whole only if a trailer says so, since a producer that
 * was killed looks like end of file.
 */
#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum in_state { IN_START, IN_ROUND, IN_DONE };

struct in {
	const char *name;
	int      fd;
	enum in_state state;
	uint64_t line;			/* number of the last line */
	uint64_t records;		/* since the header or last mark */
	bool     skip_bad;
	bool     overlong;		/* dropping the rest of a line */
	uint64_t skipped, skipped_now;	/* in all, since the last mark */
	struct record last;		/* owner of what the caller sees */
	size_t   start, scanned, end;	/* of the bytes in buf */
	bool     eof;
	bool     cut;			/* the last line had no newline */
	char    *text;			/* the last line */
	char     buf[JSONL_LINE_MAX + 1];
};

int in_open(const char *name, struct in **ret, struct fault *ret_fault)
{
	bool std = !name || !strcmp(name, "-");
	struct in *in;
	int fd = STDIN_FILENO;

	if (std && isatty(fd))
		return fault_set(ret_fault, FAULT_STDIN_TERMINAL,
				 "standard input is a terminal");
	if (!std)
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fault_set(ret_fault, FAULT_OPEN, "cannot open %s: %m",
				 name);
	in = calloc(1, sizeof(*in));
	if (!in) {
		if (!std)
			close(fd);
		return fault_set(ret_fault, FAULT_NO_MEMORY,
				 "cannot read records");
	}
	in->name = std ? "stdin" : name;
	in->fd = fd;
	*ret = in;
	return 0;
}

/* Move the unread bytes to the front and read behind them. */
static int fill(struct in *in, struct fault *f)
{
	ssize_t n;

	in->end -= in->start;
	memmove(in->buf, in->buf + in->start, in->end);
	in->start = 0;
	do
		n = read(in->fd, in->buf + in->end, JSONL_LINE_MAX - in->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fault_set(f, FAULT_OPEN, "cannot read %s: %m",
				 in->name);
	in->eof = !n;
	in->end += n;
	return 0;
}

/* End of the line at start, if all of it is here. Never looks twice. */
static char *find_end(struct in *in)
{
	size_t from = in->start + in->scanned;
	char *end = memchr(in->buf + from, '\n', in->end - from);

	in->scanned = in->end - in->start;
	return end;
}

static int bad_line(const struct in *in, struct fault *f, enum fault_id id,
		    const char *cause)
{
	return fault_set(f, id, "%s: line %" PRIu64 ": %s", in->name,
			 in->line, cause);
}

static size_t take_line(struct in *in, char *end)
{
	in->text = in->buf + in->start;
	in->start = end - in->buf + !in->cut;
	in->scanned = 0;
	*end = '\0';
	return end - in->text;
}

/* 1 with in->text and its length, 0 at the end of file. */
static int next_line(struct in *in, size_t *ret_len, struct fault *f)
{
	char *end;
	int err;

	while (!(end = find_end(in)) && !in->eof) {
		if (in->end - in->start == JSONL_LINE_MAX) {
			in->line += !in->overlong;
			if (!in->skip_bad)
				return bad_line(in, f, FAULT_BAD_RECORD,
						"longer than 64 KiB");
			in->overlong = true;
			in->start = in->end;
			in->scanned = 0;
		}
		err = fill(in, f);
		if (err)
			return err;
	}
	if (!end && in->start == in->end)
		return 0;
	in->cut = !end;
	in->line += !in->overlong;
	*ret_len = take_line(in, end ? end : in->buf + in->end);
	return 1;
}

static int truncated(const struct in *in, struct fault *f, const char *why)
{
	return fault_set(f, FAULT_TRUNCATED_STREAM, "%s: %s", in->name, why);
}

/* A mark or trailer counts what came since the one before. */
static int check_count(struct in *in, const struct trailer *t,
		       struct fault *f)
{
	if (!t->complete)
		return truncated(in, f, "the producer says some are missing");
	if (t->records < in->records ||
	    t->records > in->records + in->skipped_now)
		return fault_set(f, FAULT_TRUNCATED_STREAM,
				 "%s: line %" PRIu64 ": %" PRIu64
				 " records announced, %" PRIu64 " came",
				 in->name, in->line, t->records, in->records);
	in->records = 0;
	in->skipped_now = 0;
	return 0;
}

/* Header first, trailer last, nothing after it. */
static int check_order(struct in *in, const struct record *rec,
		       struct fault *f)
{
	if (in->state == IN_DONE)
		return bad_line(in, f, FAULT_BAD_RECORD,
				"something after the trailer");
	if (in->state == IN_START && rec->type != RECORD_HEADER)
		return bad_line(in, f, FAULT_BAD_RECORD,
				"expected a header record first");
	if (in->state == IN_ROUND && rec->type == RECORD_HEADER)
		return bad_line(in, f, FAULT_BAD_RECORD, "a second header");
	in->state = rec->type == RECORD_TRAILER ? IN_DONE : IN_ROUND;
	if (rec->type == RECORD_TRAILER || rec->type == RECORD_MARK)
		return check_count(in, &rec->trailer, f);
	in->records += rec->type != RECORD_HEADER;
	return 0;
}

static int at_end(const struct in *in, struct fault *f)
{
	if (in->state == IN_DONE)
		return 0;
	return truncated(in, f, in->state == IN_START ?
			 "empty, without a header" :
			 "ends without a trailer");
}

/* One line: 1 a record, 0 the end, or an error. */
static int read_one(struct in *in, struct fault *f)
{
	struct fault why = { .id = FAULT_NONE };
	size_t len = 0;
	int err = next_line(in, &len, f);

	if (err < 0)
		return err;
	if (!err)
		return at_end(in, f);
	if (in->overlong)
		return bad_line(in, f, FAULT_BAD_RECORD, "longer than 64 KiB");
	if (!len)
		return bad_line(in, f, FAULT_BAD_RECORD, "empty");
	err = record_decode(in->text, len, &in->last, &why);
	if (err && in->cut && why.id == FAULT_BAD_RECORD)
		return truncated(in, f, "ends within a line");
	if (err)
		return bad_line(in, f, why.id, why.cause);
	err = check_order(in, &in->last, f);
	return err ? err : 1;
}

static bool skip(struct in *in)
{
	in->skipped += in->skip_bad;
	in->skipped_now += in->skip_bad;
	return in->skip_bad;
}

int in_record(struct in *in, struct record *ret, struct fault *ret_fault)
{
	struct fault f;
	int err;

	do {
		f.id = FAULT_NONE;
		record_done(&in->last);
		err = read_one(in, &f);
		in->overlong = false;
	} while (err < 0 && f.id == FAULT_BAD_RECORD && skip(in));
	if (err < 0)
		return fault_set(ret_fault, f.id, "%s", f.cause);
	if (err)
		*ret = in->last;
	return err;
}

void in_skip_bad(struct in *in)
{
	in->skip_bad = true;
}

/* It was counted as a good one already. */
bool in_skip(struct in *in)
{
	if (in->skip_bad)
		in->records--;
	return skip(in);
}

uint64_t in_skipped(const struct in *in)
{
	return in->skipped;
}

const char *in_text(const struct in *in)
{
	return in->text;
}

const char *in_name(const struct in *in)
{
	return in->name;
}

uint64_t in_line(const struct in *in)
{
	return in->line;
}

void in_close(struct in *in)
{
	if (!in)
		return;
	record_done(&in->last);
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	free(in);
}
