/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records to standard output. Lines gather into blocks of 64 KiB; the end
 * of a round pushes them out. Every write is checked: a full disk or a
 * closed pipe must not look like success.
 */
#include "cli.h"
#include "host.h"
#include "log.h"
#include "out.h"
#include "wall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Somebody else may have made our terminal or pipe non-blocking. */
static int wait_writable(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&fd, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int write_all(const char *data, size_t n)
{
	ssize_t did;
	int err = 0;

	while (n && !err) {
		did = write(STDOUT_FILENO, data, n);
		if (did >= 0) {
			data += did;
			n -= did;
		} else if (errno == EAGAIN) {
			err = wait_writable();
		} else if (errno != EINTR) {
			err = -errno;
		}
	}
	return err;
}

static int flush(struct out *out)
{
	if (!out->err)
		out->err = write_all(out->buf, out->used);
	out->used = 0;
	return out->err;
}

int out_bytes(struct out *out, const char *data, size_t n)
{
	if (out->used + n > sizeof(out->buf) && flush(out))
		return out->err;
	if (n > sizeof(out->buf)) {
		out->err = write_all(data, n);
		return out->err;
	}
	memcpy(out->buf + out->used, data, n);
	out->used += n;
	return out->used >= OUT_BLOCK ? flush(out) : 0;
}

/* There is always room for a line: whoever reaches OUT_BLOCK flushes. */
static int json_line(struct out *out, const struct record *rec)
{
	long n;

	n = record_encode(rec, out->buf + out->used, JSONL_LINE_MAX);
	if (n < 0)
		return out->err = -EMSGSIZE;	/* no reader would take it */
	out->used += n;
	return out->used >= OUT_BLOCK ? flush(out) : 0;
}

/* RFC 4180 quoting, but a bare newline as every Unix tool expects. */
static int csv_cell(struct out *out, const char *text, char end)
{
	char cell[2 * OUT_TEXT + 3], *to = cell;
	bool quote = text[strcspn(text, ",\"\r\n")];

	if (quote)
		*to++ = '"';
	for (; *text; text++) {
		if (*text == '"')
			*to++ = '"';
		*to++ = *text;
	}
	if (quote)
		*to++ = '"';
	*to++ = end;
	return out_bytes(out, cell, to - cell);
}

static char csv_end(const struct out *out, size_t i)
{
	return i + 1 < out->n_columns ? ',' : '\n';
}

static int csv_heading(struct out *out)
{
	size_t i;

	for (i = 0; !out->err && i < out->n_columns; i++)
		csv_cell(out, out->columns[i].field->key, csv_end(out, i));
	return out->err;
}

static int csv_line(struct out *out, const struct record *rec)
{
	const struct out_column *c = out->columns;
	char text[OUT_TEXT];
	size_t i;

	for (i = 0; !out->err && i < out->n_columns; i++, c++) {
		if (record_text(rec, c->field, c->number, text,
				sizeof(text)) < 0)
			return out->err = -EMSGSIZE;
		csv_cell(out, text, csv_end(out, i));
	}
	return out->err;
}

static int json_header(struct out *out, const struct out_about *about)
{
	struct record rec = { .type = RECORD_HEADER };
	struct header *h = &rec.header;

	snprintf(h->tool, sizeof(h->tool), "%s", log_tool());
	snprintf(h->version, sizeof(h->version), "%s", SRTE_VERSION);
	gethostname(h->host, sizeof(h->host) - 1);
	host_boot_id(h->boot_id);
	wall_now(h->time);
	if (about) {
		h->link_bps = about->link_bps;
		h->interval_us = about->interval_us;
	}
	return json_line(out, &rec);
}

static int json_trailer(struct out *out, enum record_type type, bool complete)
{
	struct record rec = {
		.type = type,
		.trailer = { .records = out->records, .complete = complete,
			     .flows = out->totals },
		/* here a zero is known, and said */
		.has = out->has_totals ? ~0ULL : 0,
	};

	out->records = 0;
	return json_line(out, &rec);
}

static int find_columns(struct out *out, const char *const *keys)
{
	const struct record_def *def = record_def(out->type);
	struct out_column *c = out->columns;
	size_t at = 0;

	for (; *keys; keys++, c++, out->n_columns++) {
		if (out->n_columns == OUT_COLUMNS)
			return -E2BIG;
		c->field = record_field(def, *keys, strlen(*keys), &at);
		if (!c->field)
			return -EINVAL;
		c->number = at;
	}
	return 0;
}

static int open_format(struct out *out, const struct out_about *about)
{
	if (out->format == CLI_FORMAT_TABLE)
		return table_open(out);
	if (out->format == CLI_FORMAT_CSV)
		return csv_heading(out);
	return json_header(out, about);
}

int out_open(int format, enum record_type type, const char *const *columns,
	     const struct out_about *about, struct out **ret)
{
	struct out *out = calloc(1, sizeof(*out));
	int err;

	if (!out)
		return -ENOMEM;
	out->format = format;
	out->type = type;
	err = columns ? find_columns(out, columns) : 0;
	if (!err)
		err = open_format(out, about);
	if (err) {
		out_abort(out);
		return err;
	}
	*ret = out;
	return 0;
}

int out_record(struct out *out, const struct record *rec)
{
	if (out->err)
		return out->err;
	if (out->format != CLI_FORMAT_TABLE && out->format != CLI_FORMAT_CSV) {
		out->records++;
		return json_line(out, rec);
	}
	if (rec->type != out->type)
		return 0;
	if (out->format == CLI_FORMAT_CSV)
		return csv_line(out, rec);
	return table_row(out, rec);
}

void out_totals(struct out *out, const struct flow_totals *totals)
{
	out->totals = *totals;
	out->has_totals = true;
}

int out_mark(struct out *out)
{
	int err = 0;

	if (out->format == CLI_FORMAT_TABLE)
		err = table_flush(out);
	else if (out->format != CLI_FORMAT_CSV)
		err = json_trailer(out, RECORD_MARK, true);
	return err ? err : flush(out);
}

int out_close(struct out *out, bool complete)
{
	int err = out->err;

	if (!err && out->format == CLI_FORMAT_TABLE)
		err = table_flush(out);
	else if (!err && out->format != CLI_FORMAT_CSV)
		err = json_trailer(out, RECORD_TRAILER, complete);
	if (!err)
		err = flush(out);
	out_abort(out);
	return err;
}

void out_abort(struct out *out)
{
	if (!out)
		return;
	table_close(out);
	free(out);
}
