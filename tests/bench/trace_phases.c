// SPDX-License-Identifier: GPL-2.0-only
/*
 * Phases with large flows among them. The captures at hand have next to none,
 * so each phase gets flows of its own beside theirs: sizes are drawn from the
 * published distribution of web search (DCTCP, SIGCOMM 2010, as the points
 * that simulators pass on), linear in between. Such a flow lives for a part of
 * the phase, anywhere in it, and its packets come at any time of its life; a
 * capture's come in their order, spread over the phase.
 */
#include "trace.h"

#include <err.h>
#include <stdlib.h>

#define PAYLOAD		1448
#define HEADERS		52	/* at the IP layer, with TCP's */

static const struct { double bytes, up_to; } web_search[] = {
	{ 0, 0 }, { 10e3, .15 }, { 20e3, .20 }, { 30e3, .30 }, { 50e3, .40 },
	{ 80e3, .53 }, { 200e3, .60 }, { 1e6, .70 }, { 2e6, .80 },
	{ 5e6, .90 }, { 10e6, .97 }, { 30e6, 1 },
};

static uint32_t size_drawn(uint64_t *seed)
{
	double p = trace_uniform01(seed), part;
	int i = 1;

	while (web_search[i].up_to < p)
		i++;
	part = (p - web_search[i - 1].up_to) /
	       (web_search[i].up_to - web_search[i - 1].up_to);
	return 1 + web_search[i - 1].bytes +
	       part * (web_search[i].bytes - web_search[i - 1].bytes);
}

struct timed {
	double at;		/* 0 to 1, of the phase */
	size_t nth;		/* where two are at the same moment */
	struct replay_step step;
};

static int by_time(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->nth > y->nth) - (x->nth < y->nth);
}

struct phase {
	struct timed *step;
	size_t n, cap;
};

static void put(struct phase *p, double at, uint32_t flow, uint32_t bytes)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 65536;
		p->step = realloc(p->step, p->cap * sizeof(*p->step));
		if (!p->step)
			err(1, "a phase of %zu packets", p->cap);
	}
	p->step[p->n] = (struct timed){ at, p->n, { flow, bytes } };
	p->n++;
}

static void flow_put(struct phase *p, uint32_t flow, uint64_t *seed)
{
	double life = .2 + .8 * trace_uniform01(seed);
	double start = (1 - life) * trace_uniform01(seed);
	uint32_t left = size_drawn(seed), now;

	for (; left; left -= now) {
		now = left < PAYLOAD ? left : PAYLOAD;
		put(p, start + life * trace_uniform01(seed), flow,
		    now + HEADERS);
	}
}

/* first: the number of the phase's first flow. */
static void phase_put(struct phase *p, const struct trace *captures,
		      uint32_t first, uint32_t flows, uint64_t *seed)
{
	size_t begin = p->n;

	for (size_t i = 0; captures && i < captures->n; i++)
		put(p, (double)i / captures->n,
		    first + flows + captures->step[i].flow,
		    captures->step[i].bytes);
	for (uint32_t i = 0; i < flows; i++)
		flow_put(p, first + i, seed);
	qsort(p->step + begin, p->n - begin, sizeof(*p->step), by_time);
}

struct trace *trace_phases(const struct trace *captures, uint32_t phases,
			   uint32_t flows, uint64_t seed)
{
	uint32_t each = flows + (captures ? captures->flows : 0);
	struct phase all = { 0 };
	struct trace *t;

	for (uint32_t i = 0; i < phases; i++)
		phase_put(&all, captures, i * each, flows, &seed);
	t = trace_new(phases * each, all.n);
	for (size_t i = 0; i < all.n; i++)
		t->step[i] = all.step[i].step;
	free(all.step);
	trace_count(t);
	return t;
}
