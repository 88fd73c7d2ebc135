/* SPDX-License-Identifier: GPL-2.0-only */
#include "keytable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOTS_FIRST 256

static uint64_t seed(void)
{
	static uint64_t value;

	if (!value && getrandom(&value, sizeof(value), 0) != sizeof(value))
		value = 0x9e3779b97f4a7c15;
	return value | 1;
}

/* The whole product of 128 bits, folded: every bit reaches every other. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t keytable_hash(const void *data, size_t n)
{
	const char *p = data;
	uint64_t word, h = seed() ^ n;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = mix(h ^ word, 0xa0761d6478bd642f) ^ (h << 23 | h >> 41);
	}
	word = 0;
	memcpy(&word, p, n);
	h = mix(h ^ word, 0xe7037ed1a0b428db ^ seed());
	return h ? h : 1;
}

static size_t slot_of(const struct keytable *t, uint64_t hash)
{
	size_t i = hash & (t->slots - 1);

	while (t->hash[i] && t->hash[i] != hash)
		i = (i + 1) & (t->slots - 1);
	return i;
}

/* Three quarters full at most. */
static int grow(struct keytable *t)
{
	struct keytable next = { .is_set = t->is_set };
	size_t i, to;

	next.slots = t->slots ? 2 * t->slots : SLOTS_FIRST;
	next.hash = calloc(next.slots, sizeof(*next.hash));
	if (!t->is_set)
		next.number = calloc(next.slots, sizeof(*next.number));
	if (!next.hash || (!t->is_set && !next.number)) {
		keytable_done(&next);
		return -ENOMEM;
	}
	for (i = 0; i < t->slots; i++) {
		if (!t->hash[i])
			continue;
		to = slot_of(&next, t->hash[i]);
		next.hash[to] = t->hash[i];
		if (!t->is_set)
			next.number[to] = t->number[i];
	}
	next.used = t->used;
	keytable_done(t);
	*t = next;
	return 0;
}

int keytable_add(struct keytable *t, uint64_t hash, uint32_t *number)
{
	size_t i;

	if (t->used >= t->slots / 4 * 3 && grow(t))
		return -ENOMEM;
	i = slot_of(t, hash);
	if (t->hash[i]) {
		if (number && t->number)
			*number = t->number[i];
		return 1;
	}
	t->hash[i] = hash;
	if (number && t->number)
		t->number[i] = *number;
	t->used++;
	return 0;
}

bool keytable_find(const struct keytable *t, uint64_t hash,
		   uint32_t *ret_number)
{
	size_t i;

	if (!t->used)
		return false;
	i = slot_of(t, hash);
	if (!t->hash[i])
		return false;
	if (t->number)
		*ret_number = t->number[i];
	return true;
}

void keytable_clear(struct keytable *t)
{
	if (t->used)
		memset(t->hash, 0, t->slots * sizeof(*t->hash));
	t->used = 0;
}

void keytable_done(struct keytable *t)
{
	bool is_set = t->is_set;

	free(t->hash);
	free(t->number);
	memset(t, 0, sizeof(*t));
	t->is_set = is_set;
}
