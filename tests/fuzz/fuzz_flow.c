/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of a stream, of any type: what is taken can be written again, is
 * then taken again, and says the same. Its fields print within their room.
 */
#include "fuzz.h"

#include "jsonl.h"
#include "record.h"

static void print(const struct record *rec)
{
	const struct record_def *def = record_def(rec->type);
	const struct field *f;
	char cell[512];

	for (f = def ? def->fields : NULL; f && f->key; f++)
		if (record_text(rec, f, f - def->fields, cell,
				sizeof(cell)) >= 0)
			must(memchr(cell, '\0', sizeof(cell)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char once[8 * JSONL_LINE_MAX], again[8 * JSONL_LINE_MAX];
	char *line = fuzz_text(data, size);
	struct record rec = { 0 }, back = { 0 };
	struct fault f = { .id = FAULT_NONE };
	long n, m;

	if (size >= JSONL_LINE_MAX || record_decode(line, size, &rec, &f)) {
		must(size >= JSONL_LINE_MAX || f.id != FAULT_NONE);
		free(line);
		return 0;
	}
	print(&rec);
	n = record_encode(&rec, once, sizeof(once));
	must(n > 0 && once[n - 1] == '\n');
	must(!record_decode(once, n - 1, &back, &f));
	m = record_encode(&back, again, sizeof(again));
	must(n == m && !memcmp(once, again, n));
	record_done(&rec);
	record_done(&back);
	free(line);
	return 0;
}
