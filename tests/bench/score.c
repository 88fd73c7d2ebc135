// SPDX-License-Identifier: GPL-2.0-only
#include "score.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

struct span {
	double begin_s, end_s, mark_s;	/* mark_s: when it had sent so much */
	uint64_t sent;
};

/* Sums over flows; and over their bytes. */
struct sums {
	double hit, missed, wrong;
	double hit_bytes, missed_bytes, wrong_bytes;
	double covered, wrong_covered, covered_share;	/* after the verdict */
	double flaps, minutes, weighted_flaps, weight;
	double *lag_bytes, *lag_ms;
	size_t lags;
};

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		err(1, "%zu flows", n);
	return p;
}

static struct span *spans_of(const struct trace *t, uint64_t mark)
{
	struct span *span = must_calloc(t->flows, sizeof(*span));

	for (size_t i = 0; i < t->n; i++) {
		struct span *s = &span[t->step[i].flow];

		if (!s->sent)
			s->begin_s = t->at_s[i];
		if (s->sent < mark && s->sent + t->step[i].bytes >= mark)
			s->mark_s = t->at_s[i];
		s->sent += t->step[i].bytes;
		s->end_s = t->at_s[i];
	}
	return span;
}

static void sum_elephant(struct sums *s, const struct verdict *v,
			 const struct span *span)
{
	double bytes = span->sent;

	if (!v->heavy) {
		s->missed++;
		s->missed_bytes += bytes;
		return;
	}
	s->hit++;
	s->hit_bytes += bytes;
	s->covered += bytes - v->sent;
	s->covered_share += (bytes - v->sent) / bytes;
	s->lag_bytes[s->lags] = v->sent;
	s->lag_ms[s->lags++] = (v->at_s - span->mark_s) * 1e3;
}

static void sum_mouse(struct sums *s, const struct verdict *v,
		      const struct span *span)
{
	if (!v->heavy)
		return;
	s->wrong++;
	s->wrong_bytes += span->sent;
	s->wrong_covered += span->sent - v->sent;
}

/* The first change is the verdict itself. */
static void sum_flaps(struct sums *s, const struct verdict *v,
		      const struct span *span)
{
	double flaps = v->changes > 1 ? v->changes - 1 : 0;
	double minutes = (span->end_s - span->begin_s) / 60;

	if (!v->heavy || minutes <= 0)
		return;
	s->flaps += flaps;
	s->minutes += minutes;
	s->weighted_flaps += span->sent * flaps / minutes;
	s->weight += span->sent;
}

static double share(double part, double rest)
{
	return part + rest > 0 ? part / (part + rest) : 0;
}

static void print_agreement(const char *by, double hit, double missed,
			    double wrong)
{
	printf("\"precision_%s\":%.5f,\"recall_%s\":%.5f,\"f1_%s\":%.5f,",
	       by, share(hit, wrong), by, share(hit, missed), by,
	       share(2 * hit, missed + wrong));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_lag(const char *what, double *lag, size_t n)
{
	qsort(lag, n, sizeof(*lag), compare);
	printf("\"%s_p50\":%.6g,\"%s_p99\":%.6g,", what,
	       n ? lag[(n - 1) / 2] : 0, what, n ? lag[(n - 1) * 99 / 100] : 0);
}

static void print_sums(struct sums *s, const struct trace *t)
{
	double elephants = s->hit + s->missed;
	double bytes = s->hit_bytes + s->missed_bytes;

	printf("{\"flows\":%u,\"elephants\":%.0f,", t->flows, elephants);
	print_agreement("flows", s->hit, s->missed, s->wrong);
	print_agreement("bytes", s->hit_bytes, s->missed_bytes,
			s->wrong_bytes);
	print_lag("lag_bytes", s->lag_bytes, s->lags);
	print_lag("lag_ms", s->lag_ms, s->lags);
	printf("\"coverage_flows\":%.5f,\"coverage_bytes\":%.5f,"
	       "\"precision_steered\":%.5f,\"flaps_flow_minute\":%.5f,"
	       "\"flaps_byte_minute\":%.5f}\n",
	       elephants > 0 ? s->covered_share / elephants : 0,
	       bytes > 0 ? s->covered / bytes : 0,
	       share(s->covered, s->wrong_covered),
	       s->minutes > 0 ? s->flaps / s->minutes : 0,
	       s->weight > 0 ? s->weighted_flaps / s->weight : 0);
}

void score_print(const struct trace *t, const struct verdict *v,
		 uint64_t elephant, uint64_t mark)
{
	struct span *span = spans_of(t, mark);
	struct sums s = {
		.lag_bytes = must_calloc(t->flows, sizeof(double)),
		.lag_ms = must_calloc(t->flows, sizeof(double)),
	};

	for (uint32_t i = 0; i < t->flows; i++) {
		if (span[i].sent >= elephant)
			sum_elephant(&s, &v[i], &span[i]);
		else
			sum_mouse(&s, &v[i], &span[i]);
		sum_flaps(&s, &v[i], &span[i]);
	}
	print_sums(&s, t);
	free(s.lag_bytes);
	free(s.lag_ms);
	free(span);
}
