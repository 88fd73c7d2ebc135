/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as a table for people, by libsmartcols. */
#include "num.h"
#include "out.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

static bool ends_in(const char *key, const char *end)
{
	size_t n = strlen(key), m = strlen(end);

	return n >= m && !strcmp(key + n - m, end);
}

/* "rate_bps" is headed RATE: the cells carry their unit's prefix. */
static void heading(const char *key, char *ret, size_t size)
{
	size_t i, n = strlen(key);

	if (ends_in(key, "_bps"))
		n -= 4;
	else if (ends_in(key, "_us"))
		n -= 3;
	for (i = 0; i < n && i + 1 < size; i++)
		ret[i] = key[i] == '_' ? ' ' : toupper((unsigned char)key[i]);
	ret[i] = '\0';
}

/* What is counted is scaled; a setting or an id is what it is. */
static bool is_plain(const struct record *rec)
{
	const char *what = rec->status.what;

	return rec->type == RECORD_STATUS && strcmp(what, "counter") &&
	       strcmp(what, "path") && strcmp(what, "map") &&
	       strcmp(what, "runtime");
}

/* What names the unit: the key, or the name of a setting. */
static const char *unit_of(const struct record *rec, const struct field *f)
{
	return is_plain(rec) ? rec->status.name : f->key;
}

static int cell(const struct record *rec, const struct out_column *c,
		char *buf, size_t size)
{
	const char *unit = unit_of(rec, c->field);
	uint64_t n = record_number(rec, c->field);
	bool number = c->field->kind == FIELD_U64 &&
		      record_has(rec, c->field, c->number);

	if (number && ends_in(unit, "_us"))
		num_human_time(n, buf);
	else if (number && !is_plain(rec))
		num_human(n, ends_in(unit, "bytes") ? 1024 : 1000, buf);
	else if (record_text(rec, c->field, c->number, buf, size) < 0)
		return -EMSGSIZE;
	return 0;
}

int table_open(struct out *out)
{
	char text[32];
	int flags;
	size_t i;

	out->table = scols_new_table();
	if (!out->table)
		return -ENOMEM;
	for (i = 0; i < out->n_columns; i++) {
		const struct field *f = out->columns[i].field;

		heading(f->key, text, sizeof(text));
		flags = field_max(f->kind) ? SCOLS_FL_RIGHT : 0;
		if (out->type == RECORD_CHECK && i > 1)	/* sentences */
			flags |= SCOLS_FL_WRAP;
		if (!scols_table_new_column(out->table, text, 0, flags))
			return -ENOMEM;
	}
	return 0;
}

int table_row(struct out *out, const struct record *rec)
{
	struct libscols_line *line;
	char text[OUT_TEXT];
	size_t i;
	int err = 0;

	line = scols_table_new_line(out->table, NULL);
	if (!line)
		return -ENOMEM;
	for (i = 0; !err && i < out->n_columns; i++) {
		err = cell(rec, &out->columns[i], text, sizeof(text));
		if (!err && scols_line_set_data(line, i, text))
			err = -ENOMEM;
	}
	return err;
}

int table_flush(struct out *out)
{
	char *text = NULL;
	int err;

	if (!scols_table_get_nlines(out->table))
		return 0;
	err = scols_print_table_to_string(out->table, &text);
	if (!err)
		err = out_bytes(out, text, strlen(text));
	if (!err)	/* the library ends without one */
		err = out_bytes(out, "\n", 1);
	scols_table_remove_lines(out->table);
	free(text);
	return err;
}

void table_close(struct out *out)
{
	if (out->table)
		scols_unref_table(out->table);
	out->table = NULL;
}
