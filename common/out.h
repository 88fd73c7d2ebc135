/* SPDX-License-Identifier: GPL-2.0-only */
/* What out.c and table.c share; nobody else's business. */
#ifndef SRTE_OUT_H
#define SRTE_OUT_H

#include "jsonl.h"

#define OUT_BLOCK	65536		/* written at once */
#define OUT_COLUMNS	24
#define OUT_TEXT	1024		/* longest cell: every segment */

struct libscols_table;

struct out_column {
	const struct field *field;
	size_t number;			/* of the field, for record_has() */
};

struct out {
	int      format;		/* CLI_FORMAT_* */
	enum record_type type;		/* shown in table and csv */
	struct out_column columns[OUT_COLUMNS];
	size_t   n_columns;
	struct libscols_table *table;
	uint64_t records;		/* since the header or last mark */
	bool     has_totals;
	struct flow_totals totals;	/* for the trailer */
	int      err;			/* the first one sticks */
	size_t   used;
	char     buf[OUT_BLOCK + JSONL_LINE_MAX];
};

int  out_bytes(struct out *out, const char *data, size_t n);

int  table_open(struct out *out);
int  table_row(struct out *out, const struct record *rec);
int  table_flush(struct out *out);	/* rows out, table empty */
void table_close(struct out *out);

#endif
