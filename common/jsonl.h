/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON Lines streams: a header first, records, a trailer last; a mark after
 * each round of a follow stream. A consumer acts only on a whole round, since
 * a killed producer looks like end of file.
 */
#ifndef SRTE_JSONL_H
#define SRTE_JSONL_H

#include "record.h"

#include <stdio.h>

#define JSONL_LINE_MAX	65536	/* bytes, with the newline */

/* ---- writing: records to stdout, as -f says (jsonl, table, csv) ---- */

struct out;

/* What the header says of the stream; 0: not known. */
struct out_about {
	uint64_t link_bps;
	uint64_t interval_us;	/* between the rounds of a follow stream */
};

/* format is cli.format. The columns of the table and of csv are the keys of
 * columns, in order (NULL-ended). about may be NULL. Writes the header. */
int  out_open(int format, enum record_type type, const char *const *columns,
	      const struct out_about *about, struct out **ret);
int  out_record(struct out *out, const struct record *rec);
/* What the trailer and the marks say beside the count, from now on. */
void out_totals(struct out *out, const struct flow_totals *totals);
int  out_mark(struct out *out);		/* end of a round; flushes */
/* Trailer (complete as told), flush, free. Negative errno if any write
 * failed; the caller reports FAULT_OUTPUT. */
int  out_close(struct out *out, bool complete);
/* Input was bad: no trailer, drop what was not flushed yet, free. */
void out_abort(struct out *out);

/* ---- reading ---- */

struct in;

/* name "-" or NULL: stdin. Refuses a terminal (FAULT_STDIN_TERMINAL). */
int  in_open(const char *name, struct in **ret, struct fault *ret_fault);

/*
 * Next record: 1 with *ret filled, 0 at the end of a whole stream (trailer
 * seen, its count right), a negative errno with the fault set otherwise:
 * missing header or trailer, count that does not match, bad line (named by
 * number), line too long, newer version. The header, marks and trailer are
 * delivered too; unknown types come as RECORD_OTHER.
 * What *ret holds belongs to the reader: no record_done() on it.
 */
int  in_record(struct in *in, struct record *ret, struct fault *ret_fault);
/* The line of the last record as it was read, without its newline. */
const char *in_text(const struct in *in);
/* From now on a bad line is dropped and counted. What it was nobody knows, so
 * a count that is off by as many will do. */
void in_skip_bad(struct in *in);
/* The last record is bad after all, and is skipped: false if none is. */
bool in_skip(struct in *in);
uint64_t in_skipped(const struct in *in);
const char *in_name(const struct in *in);
uint64_t in_line(const struct in *in);
void in_close(struct in *in);

#endif
