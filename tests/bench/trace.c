// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#include <err.h>
#include <stdlib.h>

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		err(1, "a trace of %zu", n);
	return p;
}

struct trace *trace_new(uint32_t flows, size_t n)
{
	struct trace *t = must_calloc(1, sizeof(*t));

	t->flows = flows;
	t->n = n;
	t->step = must_calloc(n, sizeof(*t->step));
	t->packets = must_calloc(flows, sizeof(*t->packets));
	t->bytes = must_calloc(flows, sizeof(*t->bytes));
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	free(t->step);
	free(t->at_s);
	free(t->packets);
	free(t->bytes);
	free(t);
}

void trace_count(struct trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		t->packets[t->step[i].flow]++;
		t->bytes[t->step[i].flow] += t->step[i].bytes;
	}
}

uint64_t trace_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

double trace_uniform01(uint64_t *seed)
{
	return (double)(trace_random(seed) >> 11) * 0x1p-53;
}

struct trace *trace_uniform(uint64_t seed, uint32_t flows, size_t n,
			    uint32_t bytes)
{
	struct trace *t = trace_new(flows, n);

	for (size_t i = 0; i < n; i++) {
		t->step[i].flow = (trace_random(&seed) >> 32) * flows >> 32;
		t->step[i].bytes = bytes;
	}
	trace_count(t);
	return t;
}
