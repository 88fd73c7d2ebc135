/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter's hash of a flow key. Plain C: tests take it as it is. */
#ifndef SRTE_HASH_BPF_H
#define SRTE_HASH_BPF_H

#include "abi.h"

_Static_assert(sizeof(struct srte_flow_key) == 8 * SRTE_SEED_WORDS,
	       "a word of seed for each of the key");

typedef __u64 __attribute__((may_alias)) hash_word;	/* of any record */

/*
 * A sum of products of seeded halves (NH of UMAC, RFC 4418 5.2): whoever does
 * not know the seed cannot make two keys that meet with more than chance
 * 2^-32, which no chain of multiplications by constants can promise. The
 * products wait for none before them. The end spreads the sum over all bits.
 */
static inline __attribute__((always_inline)) __u64
hash_key(const struct srte_flow_key *key, const __u64 seed[SRTE_SEED_WORDS])
{
	const hash_word *word = (const void *)key;
	__u64 h = 0;
	int i;

#pragma GCC unroll 5
	for (i = 0; i < SRTE_SEED_WORDS; i++) {
		__u32 low = (__u32)word[i] + (__u32)seed[i];
		__u32 high = (__u32)(word[i] >> 32) + (__u32)(seed[i] >> 32);

		h += (__u64)low * high;
	}
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL;
	return h ^ h >> 32;
}

/* How a slot of the filter names the flow; 0 is a free slot's. */
#define HASH_PRINT_MASK ((1ULL << 48) - 1)

static inline __attribute__((always_inline)) __u64 hash_print(__u64 hash)
{
	hash &= HASH_PRINT_MASK;
	return hash ? hash : 1;
}

#endif
