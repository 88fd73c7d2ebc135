/* SPDX-License-Identifier: GPL-2.0-only */
#include "topn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

void topn_init(struct topn *top, size_t n, enum topn_by by)
{
	*top = (struct topn){ .cap = n, .by = by };
}

void topn_done(struct topn *top)
{
	free(top->flows);
	*top = (struct topn){};
}

/* Negative: a is smaller. */
static int compare(const struct flow *a, const struct flow *b,
		   enum topn_by by)
{
	uint64_t x = by == TOPN_RATE ? a->rate_bps : a->bytes;
	uint64_t y = by == TOPN_RATE ? b->rate_bps : b->bytes;

	if (x != y)
		return x < y ? -1 : 1;
	return memcmp(&b->key, &a->key, sizeof(a->key));
}

static void swap(struct flow *a, struct flow *b)
{
	struct flow t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct topn *top, size_t i)
{
	struct flow *f = top->flows;

	for (; i && compare(&f[i], &f[(i - 1) / 2], top->by) < 0;
	     i = (i - 1) / 2)
		swap(&f[i], &f[(i - 1) / 2]);
}

static void sift_down(struct topn *top, size_t i)
{
	struct flow *f = top->flows;
	size_t child;

	for (; (child = 2 * i + 1) < top->n; i = child) {
		if (child + 1 < top->n &&
		    compare(&f[child + 1], &f[child], top->by) < 0)
			child++;
		if (compare(&f[i], &f[child], top->by) <= 0)
			return;
		swap(&f[i], &f[child]);
	}
}

static int grow(struct topn *top)
{
	size_t room = top->room ? 2 * top->room : ROOM_FIRST;
	struct flow *flows;

	if (room > top->cap)
		room = top->cap;
	flows = reallocarray(top->flows, room, sizeof(*flows));
	if (!flows)
		return -ENOMEM;
	top->flows = flows;
	top->room = room;
	return 0;
}

int topn_add(struct topn *top, const struct flow *flow)
{
	if (!top->cap)
		return 0;
	if (top->n == top->cap) {
		if (compare(flow, &top->flows[0], top->by) <= 0)
			return 0;
		top->flows[0] = *flow;
		sift_down(top, 0);
		return 0;
	}
	if (top->n == top->room && grow(top))
		return -ENOMEM;
	top->flows[top->n] = *flow;
	sift_up(top, top->n++);
	return 0;
}

/* Take the smallest off the heap into the place it leaves at the end. */
void topn_sort(struct topn *top)
{
	size_t n = top->n;

	while (top->n > 1) {
		swap(&top->flows[0], &top->flows[--top->n]);
		sift_down(top, 0);
	}
	top->n = n;
}
