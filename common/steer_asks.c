/* SPDX-License-Identifier: GPL-2.0-only */
/* A round in memory: collected, and checked before any of it is used. */
#include "steer.h"

#include "addr.h"
#include "cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int grow(struct steer_round *round)
{
	size_t room = round->room ? 2 * round->room : 256;
	struct steer_ask *asks;

	asks = reallocarray(round->asks, room, sizeof(*asks));
	if (!asks)
		return -ENOMEM;
	round->asks = asks;
	round->room = room;
	return 0;
}

int steer_round_add(struct steer_round *round, const struct steer_ask *ask,
		    struct fault *f)
{
	if (round->n == STEER_ROUND_MAX)
		return fault_set(f, FAULT_TOO_MANY,
				 "more than %u flows in one round",
				 STEER_ROUND_MAX);
	if (round->n == round->room && grow(round))
		return fault_set(f, FAULT_NO_MEMORY, "no memory for %zu flows",
				 round->n);
	round->asks[round->n++] = *ask;
	return 0;
}

void steer_round_clear(struct steer_round *round)
{
	round->n = 0;
}

void steer_round_done(struct steer_round *round)
{
	free(round->asks);
	*round = (struct steer_round){ 0 };
}

/* ---- the same flow twice ---- */

static int by_key(const void *a, const void *b)
{
	const struct steer_ask *const *x = a, *const *y = b;
	int order = memcmp(&(*x)->key, &(*y)->key, sizeof((*x)->key));

	return order ? order : ((*x)->line > (*y)->line) -
			       ((*x)->line < (*y)->line);
}

static int refuse_twice(const struct steer_ask *a, const struct steer_ask *b,
			struct fault *f)
{
	char flow[FLOW_TEXT];

	flow_format(&b->key, flow);
	return fault_set(f, FAULT_BAD_RECORD,
			 "line %" PRIu64 ": %s was in line %" PRIu64
			 " already", b->line, flow, a->line);
}

/* Events come as they come: of several the first one counts, and none beside
 * the word of a class record. */
static bool skip_one(struct steer_ask *a, struct steer_ask *b)
{
	if (b->event)
		b->skip = true;
	else if (a->event)
		a->skip = true;
	return a->event || b->event;
}

int steer_round_check(const struct steer_round *round, struct fault *f)
{
	auto_free struct steer_ask **sorted = NULL;
	size_t i;

	sorted = calloc(round->n + 1, sizeof(*sorted));
	if (!sorted)
		return fault_set(f, FAULT_NO_MEMORY, "no memory for %zu flows",
				 round->n);
	for (i = 0; i < round->n; i++)
		sorted[i] = &round->asks[i];
	qsort(sorted, round->n, sizeof(*sorted), by_key);
	for (i = 1; i < round->n; i++)
		if (!memcmp(&sorted[i - 1]->key, &sorted[i]->key,
			    sizeof(sorted[i]->key)) &&
		    !skip_one(sorted[i - 1], sorted[i]))
			return refuse_twice(sorted[i - 1], sorted[i], f);
	return 0;
}
