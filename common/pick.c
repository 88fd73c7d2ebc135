/* SPDX-License-Identifier: GPL-2.0-only */
#include "pick.h"

#include <string.h>

/* The finaliser of splitmix64: every input bit reaches every output bit. */
static __u64 mix(__u64 h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
	return h ^ h >> 31;
}

static __u64 hash_key(const struct srte_flow_key *key)
{
	__u64 word[sizeof(*key) / 8], h = 0;
	size_t i;

	memcpy(word, key, sizeof(word));
	for (i = 0; i < sizeof(word) / sizeof(*word); i++)
		h = mix(h ^ word[i]) + 0x9e3779b97f4a7c15ULL;
	return h;
}

static __u64 hash_name(const char *name)
{
	__u64 h = 0xcbf29ce484222325ULL;	/* FNV-1a */

	while (*name)
		h = (h ^ (__u8)*name++) * 0x100000001b3ULL;
	return mix(h);
}

/*
 * -log2(h / 2^64) in units of 2^-32, bit by bit: squaring a number between
 * 1 and 2 carries the next binary digit of its logarithm over 2.
 */
static __u64 minus_log2(__u64 h)
{
	int lead = __builtin_clzll(h | 1);
	__u64 m = (h | 1) << lead;	/* 1.63 fixed point, 1 <= m < 2 */
	__u64 digits = 0;
	int i;

	for (i = 31; i >= 0; i--) {
		m = (unsigned __int128)m * m >> 64;
		if (m >> 63)
			digits |= 1ULL << i;
		else
			m <<= 1;
	}
	return ((__u64)(lead + 1) << 32) - digits;
}

/* Of exponential variables divided by weights, the smallest falls on each
 * in proportion to its weight: hence the logarithm. */
static bool beats(__u64 a, __u16 a_weight, __u64 b, __u16 b_weight)
{
	return a * b_weight < b * a_weight;	/* below 2^39 * 2^16 */
}

static int best(const struct pick *pick, __u64 flow, bool also_down)
{
	__u64 score, least = 0;
	int found = -1;
	__u32 i;

	for (i = 0; i < pick->n; i++) {
		const struct pick_path *p = &pick->path[i];

		if (p->down && !also_down)
			continue;
		score = minus_log2(mix(flow ^ hash_name(p->name)));
		if (found >= 0 &&
		    !beats(score, p->weight, least, pick->path[found].weight))
			continue;
		least = score;
		found = i;
	}
	return found;
}

__u32 pick_index(const struct pick *pick, const struct srte_flow_key *key)
{
	__u64 flow = hash_key(key);
	int i = best(pick, flow, false);

	if (i < 0)
		i = best(pick, flow, true);
	return i < 0 ? 0 : i;
}

static int least(const struct pick *pick, bool also_down)
{
	int found = -1;
	__u32 i;

	for (i = 0; i < pick->n; i++) {
		const struct pick_path *p = &pick->path[i];

		if (p->down && !also_down)
			continue;
		/* below 2^40 * 2^16 */
		if (found < 0 || p->rate_bps * pick->path[found].weight <
		    pick->path[found].rate_bps * p->weight)
			found = i;
	}
	return found;
}

__u32 pick_least(const struct pick *pick)
{
	int i = least(pick, false);

	if (i < 0)
		i = least(pick, true);
	return i < 0 ? 0 : i;
}

int pick_find(const struct pick *pick, const char *name)
{
	__u32 i;

	for (i = 0; i < pick->n; i++)
		if (!strcmp(pick->path[i].name, name))
			return i;
	return -1;
}
