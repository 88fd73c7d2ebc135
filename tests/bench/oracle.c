// SPDX-License-Identifier: GPL-2.0-only
#include "oracle.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(1, "%zu of %zu bytes", n, size);
	return p;
}

struct ranked {
	uint64_t value;
	uint32_t flow;
};

/* Largest first; among equals the smaller number. */
static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->flow > y->flow) - (x->flow < y->flow);
}

static struct ranked *rank_all(const uint64_t *value, uint32_t flows)
{
	struct ranked *r = must_calloc(flows, sizeof(*r));

	for (uint32_t i = 0; i < flows; i++)
		r[i] = (struct ranked){ value[i], i };
	qsort(r, flows, sizeof(*r), by_rank);
	return r;
}

double oracle_missed(const struct trace *t, const uint64_t *estimate,
		     uint32_t k)
{
	struct ranked *truth = rank_all(t->packets, t->flows);
	struct ranked *guess = rank_all(estimate, t->flows);
	uint64_t least = truth[k - 1].value;
	uint32_t hits = 0;

	/* any of several flows at the limit will do */
	for (uint32_t i = 0; i < k; i++)
		hits += guess[i].value &&
			t->packets[guess[i].flow] >= least;
	free(truth);
	free(guess);
	return 100.0 * (k - hits) / k;
}

/* ---- Space-Saving: a heap with the smallest on top ---- */

struct heap {
	struct ranked *at;
	uint32_t *where;	/* of each flow, from 1; 0: not there */
	uint32_t n, cap;
};

static void heap_put(struct heap *h, uint32_t i, struct ranked r)
{
	h->at[i] = r;
	h->where[r.flow] = i + 1;
}

static void heap_down(struct heap *h, uint32_t i)
{
	struct ranked r = h->at[i];

	for (uint32_t c = 2 * i + 1; c < h->n; c = 2 * i + 1) {
		if (c + 1 < h->n && h->at[c + 1].value < h->at[c].value)
			c++;
		if (h->at[c].value >= r.value)
			break;
		heap_put(h, i, h->at[c]);
		i = c;
	}
	heap_put(h, i, r);
}

static void heap_up(struct heap *h, uint32_t i)
{
	struct ranked r = h->at[i];

	for (; i && h->at[(i - 1) / 2].value > r.value; i = (i - 1) / 2)
		heap_put(h, i, h->at[(i - 1) / 2]);
	heap_put(h, i, r);
}

static void heap_count(struct heap *h, uint32_t flow)
{
	uint32_t i = h->where[flow];

	if (i) {
		h->at[--i].value++;
		heap_down(h, i);
	} else if (h->n < h->cap) {
		h->at[h->n] = (struct ranked){ 1, flow };
		heap_up(h, h->n++);
	} else {
		h->where[h->at[0].flow] = 0;
		h->at[0].value++;
		h->at[0].flow = flow;
		heap_down(h, 0);
	}
}

uint64_t *oracle_space_saving(const struct trace *t, uint32_t entries)
{
	uint64_t *estimate = must_calloc(t->flows, sizeof(*estimate));
	struct heap h = {
		.at = must_calloc(entries, sizeof(*h.at)),
		.where = must_calloc(t->flows, sizeof(*h.where)),
		.cap = entries,
	};

	for (size_t i = 0; i < t->n; i++)
		heap_count(&h, t->step[i].flow);
	for (uint32_t i = 0; i < h.n; i++)
		estimate[h.at[i].flow] = h.at[i].value;
	free(h.at);
	free(h.where);
	return estimate;
}
