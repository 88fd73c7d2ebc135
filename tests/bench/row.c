// SPDX-License-Identifier: GPL-2.0-only
#include "row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void row_add(struct row *r, double sample)
{
	if (r->n < ROW_SAMPLES)
		r->samples[r->n++] = sample;
}

__attribute__((format(printf, 2, 3)))
static void detail_add(struct row *r, const char *format, ...)
{
	size_t used = strlen(r->detail), room = sizeof(r->detail) - used;
	va_list ap;

	va_start(ap, format);
	if ((size_t)vsnprintf(r->detail + used, room, format, ap) >= room)
		abort();	/* a line cut short would be no JSON */
	va_end(ap);
}

static const char *comma(const struct row *r)
{
	return r->detail[0] ? "," : "";
}

void row_detail(struct row *r, const char *key, double value)
{
	detail_add(r, "%s\"%s\":%.10g", comma(r), key, value);
}

void row_note(struct row *r, const char *key, const char *text)
{
	detail_add(r, "%s\"%s\":\"%s\"", comma(r), key, text);
}

void row_json(struct row *r, const char *key, const char *json)
{
	detail_add(r, "%s\"%s\":%s", comma(r), key, json);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double row_median(double *values, unsigned n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof(*values), compare);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

void row_median_detail(struct row *r, const char *key, double *values,
		       unsigned n)
{
	double median = row_median(values, n);

	detail_add(r, "%s\"%s\":%.10g,\"%s_all\":[", comma(r), key, median,
		   key);
	for (unsigned i = 0; i < n; i++)
		detail_add(r, "%s%.6g", i ? "," : "", values[i]);
	detail_add(r, "]");
}

void row_print(const struct row *r)
{
	printf("{\"name\":\"%s\",\"unit\":\"%s\"", r->name, r->unit);
	if (r->goal)
		printf(",\"goal\":\"%s\"", r->goal);
	if (r->peer)
		printf(",\"peer\":\"%s\"", r->peer);
	printf(",\"samples\":[");
	for (unsigned i = 0; i < r->n; i++)
		printf("%s%.10g", i ? "," : "", r->samples[i]);
	printf("],\"detail\":{%s}}\n", r->detail);
	fflush(stdout);
}

unsigned row_pairs(void)
{
	const char *env = getenv("BENCH_PAIRS");
	unsigned n = env ? (unsigned)strtoul(env, NULL, 10) : 10;

	return n < 1 ? 1 : n > ROW_SAMPLES ? ROW_SAMPLES : n;
}
