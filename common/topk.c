/* SPDX-License-Identifier: GPL-2.0-only */
#include "topk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16

void topk_free(struct topk_entry *entry)
{
	free((char *)entry->rec.extra);
	entry->rec.extra = NULL;
}

/* The lighter, and of two alike the later, goes first. */
static bool is_lighter(const struct topk_entry *a, const struct topk_entry *b)
{
	if (a->score != b->score)
		return a->score < b->score;
	return a->c.number > b->c.number;
}

static void swap(struct topk_entry *a, struct topk_entry *b)
{
	struct topk_entry t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct topk_entry *e, size_t i)
{
	for (; i && is_lighter(&e[i], &e[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&e[i], &e[(i - 1) / 2]);
}

static void sift_down(struct topk_entry *e, size_t n)
{
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && is_lighter(&e[child + 1], &e[child]))
			child++;
		if (!is_lighter(&e[child], &e[i]))
			return;
		swap(&e[i], &e[child]);
	}
}

/* The same for bare rates: the least on top. */
static void note_rate(struct topk *t, uint64_t rate)
{
	uint64_t *r = t->rate, old;
	size_t i = 0, child;

	if (t->n_rates < t->k) {
		i = t->n_rates++;
		for (; i && rate < r[(i - 1) / 2]; i = (i - 1) / 2)
			r[i] = r[(i - 1) / 2];
		r[i] = rate;
		return;
	}
	if (rate <= r[0])
		return;
	for (; (child = 2 * i + 1) < t->n_rates; i = child) {
		if (child + 1 < t->n_rates && r[child + 1] < r[child])
			child++;
		if (r[child] >= rate)
			break;
		old = r[child];
		r[i] = old;
	}
	r[i] = rate;
}

uint64_t topk_limit(const struct topk *t)
{
	return t->n_rates == t->k ? t->rate[0] : 0;
}

static int make_room(struct topk *t)
{
	size_t room = t->room ? 2 * t->room : ROOM_FIRST;
	void *p;

	if (t->n < t->room || t->n == t->k)
		return 0;
	p = reallocarray(t->entry, room, sizeof(*t->entry));
	if (!p)
		return -ENOMEM;
	t->entry = p;
	p = reallocarray(t->rate, room, sizeof(*t->rate));
	if (!p)
		return -ENOMEM;
	t->rate = p;
	t->room = room;
	return 0;
}

int topk_offer(struct topk *t, const struct record *rec,
	       const struct contender *c, uint64_t score,
	       struct topk_entry *ret)
{
	struct topk_entry e = { .rec = *rec, .c = *c, .score = score };

	e.c.number = t->seen++;
	if (make_room(t))
		return -ENOMEM;
	if (rec->extra) {
		e.rec.extra = strdup(rec->extra);
		if (!e.rec.extra)
			return -ENOMEM;
	}
	note_rate(t, c->rate_bps);
	if (t->n < t->k) {
		t->entry[t->n] = e;
		sift_up(t->entry, t->n++);
		return 0;
	}
	*ret = e;
	if (is_lighter(&t->entry[0], &e)) {
		swap(ret, &t->entry[0]);
		sift_down(t->entry, t->n);
	}
	return 1;
}

static int by_number(const void *x, const void *y)
{
	const struct topk_entry *a = x, *b = y;

	return a->c.number < b->c.number ? -1 : a->c.number > b->c.number;
}

void topk_sort(struct topk *t)
{
	if (t->n)
		qsort(t->entry, t->n, sizeof(*t->entry), by_number);
}

void topk_clear(struct topk *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		topk_free(&t->entry[i]);
	t->n = t->n_rates = 0;
	t->seen = 0;
}

void topk_done(struct topk *t)
{
	topk_clear(t);
	free(t->entry);
	free(t->rate);
	memset(t, 0, sizeof(*t));
}
