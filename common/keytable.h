/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys, by 64 bits of hash, to numbers: of a million keys two are taken for
 * one with a chance of one in thirty million. Seeded anew in each process,
 * so that nobody can aim at one slot.
 */
#ifndef SRTE_KEYTABLE_H
#define SRTE_KEYTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keytable {
	uint64_t *hash;		/* 0: free */
	uint32_t *number;	/* NULL: a set, without numbers */
	size_t    slots, used;
	bool      is_set;
};

uint64_t keytable_hash(const void *data, size_t n);

/* 0: it is in now, with *number. 1: it was, and *number is what it had.
 * number may be NULL for a set. -ENOMEM */
int keytable_add(struct keytable *t, uint64_t hash, uint32_t *number);
/* False: it is not there. */
bool keytable_find(const struct keytable *t, uint64_t hash,
		   uint32_t *ret_number);
void keytable_clear(struct keytable *t);	/* keeps the memory */
void keytable_done(struct keytable *t);

#endif
