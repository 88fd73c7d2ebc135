// SPDX-License-Identifier: GPL-2.0-only
/*
 * HashPipe's figure run again: which part of the k largest flows is missed,
 * over memory and over k, by our filter, by HashPipe (six stages) in its
 * place, by Space-Saving and by an LRU table, on one trace by one seed.
 */
#include "estimate.h"
#include "oracle.h"
#include "replay.h"
#include "row.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

enum { RAP, PIPE, SPACE_SAVING, LRU, DETECTORS };
static const char *const names[] = {
	"filter", "HashPipe", "Space-Saving", "LRU",
};

/* The memory of the published points; k as in their figures. */
static const uint32_t entries[] = { 600, 1200, 2400, 4500, 6000 };
static const uint32_t ks[] = { 20, 60, 150, 300 };

#define ENTRIES	(sizeof(entries) / sizeof(*entries))
#define KS	(sizeof(ks) / sizeof(*ks))
#define BEST_K	2		/* 150, over memory */
#define MIDDLE	3		/* 4,500 entries, over k */

static double missed[DETECTORS][ENTRIES][KS];

static void run(const struct trace *t, const struct feed_trace *ft, size_t e)
{
	uint64_t *estimate[DETECTORS] = {
		[RAP] = estimate_filter(t, ft, SRTE_FILTER_RAP, entries[e],
					REPLAY_SEED),
		[PIPE] = estimate_filter(t, ft, SRTE_FILTER_HASHPIPE,
					 entries[e], REPLAY_SEED),
		[SPACE_SAVING] = oracle_space_saving(t, entries[e]),
		[LRU] = estimate_lru(t, ft, entries[e]),
	};

	for (int d = 0; d < DETECTORS; d++) {
		for (size_t k = 0; k < KS; k++)
			missed[d][e][k] = oracle_missed(t, estimate[d],
							ks[k]);
		free(estimate[d]);
	}
}

static void print_points(FILE *out, int d, bool over_k)
{
	size_t n = over_k ? KS : ENTRIES;

	fprintf(out, "%s{\"name\":\"%s\",\"points\":[", d ? "," : "",
		names[d]);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s[%u,%.4g]", i ? "," : "",
			over_k ? ks[i] : entries[i],
			over_k ? missed[d][MIDDLE][i] :
			missed[d][i][BEST_K]);
	fputs("]}", out);
}

static void curve_row(struct row *r, const char *x, bool over_k)
{
	char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);

	if (!out)
		err(1, "a curve");
	fprintf(out, "{\"x\":\"%s\",\"y\":\"missed, %%\",\"log\":\"x\","
		"\"series\":[", x);
	for (int d = 0; d < DETECTORS; d++)
		print_points(out, d, over_k);
	fputs("]}", out);
	fclose(out);
	row_json(r, "curve", json);
	row_add(r, over_k ? missed[RAP][MIDDLE][KS - 1] :
		missed[RAP][MIDDLE][BEST_K]);
	row_note(r, "note", "order of the trace: a flow of more than 300 "
		 "packets spans the 20 s with p = 0.85, which was fitted to "
		 "HashPipe's figure at k = 150 and 4,500 entries; a smaller "
		 "one with p = 0.7; see trace_isp.c");
	row_print(r);
	free(json);
}

void detect_figure(void)
{
	struct row memory = { .name = "detect.memory", .unit = "%",
			      .goal = "<=1.0", .peer = "HashPipe, "
			      "Space-Saving, LRU; k = 150" };
	struct row k = { .name = "detect.k", .unit = "%", .goal = "<=3",
			 .peer = "HashPipe, Space-Saving, LRU; 4,500 entries" };
	struct trace *t = trace_isp(REPLAY_SEED, 1, TRACE_SPAN);
	struct feed_trace ft = feed_trace_put(t);

	for (size_t e = 0; e < ENTRIES; e++)
		run(t, &ft, e);
	curve_row(&memory, "entries of 17.5 bytes", false);
	curve_row(&k, "k", true);
	feed_trace_close(&ft);
	trace_free(t);
}
