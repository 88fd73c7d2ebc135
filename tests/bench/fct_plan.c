// SPDX-License-Identifier: GPL-2.0-only
#include "fct_plan.h"
#include "trace.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

enum fct_class fct_class_of(double published_bytes)
{
	if (published_bytes < FCT_SMALL_BELOW)
		return FCT_SMALL;
	return published_bytes > FCT_LARGE_ABOVE ? FCT_LARGE : FCT_MEDIUM;
}

/* The size is drawn at each arrival, so that a longer run begins alike. */
static struct fct_flow
flow_draw(const struct fct_load *load, uint64_t *seed, double at_s)
{
	double bytes = workload_size(load->cdf, trace_uniform01(seed));

	return (struct fct_flow){
		.at_ns = at_s * NS_PER_S,
		.bytes = fmax(1, fmin(bytes * load->scale, UINT32_MAX)),
		.class = fct_class_of(bytes),
	};
}

static double gap_draw(double mean_s, uint64_t *seed)
{
	return -mean_s * log(1 - trace_uniform01(seed));
}

int fct_plan_make(const struct fct_load *load, struct fct_plan *ret)
{
	double mean_s = workload_mean(load->cdf) * load->scale * 8 / load->bps;
	struct fct_plan plan = { .lasts_ns = load->seconds * NS_PER_S };
	uint64_t seed = load->seed;
	double at_s;

	plan.flow = calloc(FCT_FLOWS_MAX, sizeof(*plan.flow));
	if (!plan.flow)
		return -ENOMEM;
	for (at_s = gap_draw(mean_s, &seed); at_s < load->seconds;
	     at_s += gap_draw(mean_s, &seed)) {
		if (plan.n == FCT_FLOWS_MAX) {
			fct_plan_free(&plan);
			return -E2BIG;
		}
		plan.flow[plan.n++] = flow_draw(load, &seed, at_s);
	}
	*ret = plan;
	return 0;
}

void fct_plan_free(struct fct_plan *plan)
{
	free(plan->flow);
	memset(plan, 0, sizeof(*plan));
}

/* Words of 8 bytes: which one it is, and a pattern of the flow's own. */
void fct_stamp(uint8_t *buf, uint32_t flow, uint64_t offset, size_t len)
{
	uint64_t own = (flow + 1) * 0x9e3779b97f4a7c15ULL, word;
	size_t i, part;

	for (i = 0; i < len; i += part) {
		word = own ^ (offset + i) / 8;
		part = 8 - (offset + i) % 8;
		if (part > len - i)
			part = len - i;
		memcpy(buf + i, (uint8_t *)&word + (offset + i) % 8, part);
	}
}

/* ---- report ---- */

struct summary {
	double *ms;
	unsigned flows, unfinished, broken;
	double bytes_in_time;
};

static int less(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of n sorted values: the smallest that a share p does not exceed. */
static double rank(const double *sorted, unsigned n, double p)
{
	unsigned i = ceil(n * p);

	return sorted[i ? i - 1 : 0];
}

static double mean(const double *values, unsigned n)
{
	double sum = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		sum += values[i];
	return sum / n;
}

static void
take(struct summary *s, const struct fct_flow *f, uint64_t end_ns)
{
	uint64_t done_ns = f->done_ns ? f->done_ns : end_ns;

	s->ms[s->flows++] = (double)(done_ns - f->at_ns) / 1e6;
	s->unfinished += !f->done_ns;
	s->broken += f->broken;
	s->bytes_in_time += f->got_in_time;
}

static void print(enum fct_class class, struct summary *s, double lasts_s,
		  FILE *to)
{
	static const char *const names[] = { "small", "medium", "large",
					     "all" };

	fprintf(to, "{\"type\":\"fct\",\"v\":1,\"class\":\"%s\","
		"\"flows\":%u,\"unfinished\":%u,\"broken\":%u", names[class],
		s->flows, s->unfinished, s->broken);
	qsort(s->ms, s->flows, sizeof(*s->ms), less);
	if (s->flows)
		fprintf(to, ",\"mean_ms\":%.3f,\"p50_ms\":%.3f,"
			"\"p99_ms\":%.3f", mean(s->ms, s->flows),
			rank(s->ms, s->flows, 0.5),
			rank(s->ms, s->flows, 0.99));
	fprintf(to, ",\"goodput_mbit\":%.3f}\n",
		s->bytes_in_time * 8 / 1e6 / lasts_s);
}

void fct_report(const struct fct_plan *plan, uint64_t end_ns, FILE *to)
{
	struct summary s = { .ms = calloc(plan->n + 1, sizeof(*s.ms)) };
	enum fct_class of;
	unsigned i;

	for (of = 0; s.ms && of < FCT_CLASSES; of++) {
		s = (struct summary){ .ms = s.ms };
		for (i = 0; i < plan->n; i++)
			if (of == FCT_ALL || plan->flow[i].class == of)
				take(&s, &plan->flow[i], end_ns);
		print(of, &s, plan->lasts_ns / NS_PER_S, to);
	}
	free(s.ms);
}
