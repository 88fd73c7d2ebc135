/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The admission filter: a table of fixed size that any number of flows may
 * pass by, private to each CPU, so nothing in it is atomic. On the cgroup
 * hook a softirq may come in between, and then a slot misses one packet.
 */
#ifndef SRTE_FILTER_BPF_H
#define SRTE_FILTER_BPF_H

#include "hash.bpf.h"
#include "maps.bpf.h"

/* Set before the load where the map is made smaller, as benchmarks do. */
const volatile __u32 filter_buckets = SRTE_FILTER_BUCKETS;	/* a CPU */

/* A packet whose flow asks to be let into the table, and the answer. */
struct candidate {
	__u64 hash;
	__u64 admit_bytes;
	__u32 bytes, packets;		/* of this packet */
	__u32 own_bytes, own_packets;	/* admitted: what the filter held */
	__u32 known;			/* it was in the filter already */
};

enum filter {
	FILTER_KEEPS,
	FILTER_ADMITS,
};

static __always_inline struct srte_filter_bucket *bucket_get(__u32 index)
{
	index += bpf_get_smp_processor_id() * filter_buckets;
	return bpf_map_lookup_elem(&srte_filter, &index);
}

static __always_inline __u32 add_up_to(__u32 a, __u32 b, __u32 most)
{
	__u64 sum = (__u64)a + b;

	return sum < most ? sum : most;
}

static __always_inline void
slot_add(struct srte_filter_slot *slot, const struct srte_filter_slot *more)
{
	slot->weight = add_up_to(slot->weight, more->weight, ~0U);
	slot->bytes = add_up_to(slot->bytes, more->bytes, ~0U);
	slot->packets = add_up_to(slot->packets, more->packets, 0xffff);
}

static __always_inline struct srte_filter_slot
slot_of(const struct candidate *c)
{
	return (struct srte_filter_slot){
		.print = hash_print(c->hash),
		.packets = add_up_to(c->packets, 0, 0xffff),
		.weight = c->bytes,
		.bytes = c->bytes,
	};
}

static __always_inline void
slot_leave(struct srte_filter_slot *slot, struct candidate *c)
{
	c->own_bytes += slot->bytes;
	c->own_packets += slot->packets;
	*slot = (struct srte_filter_slot){};
}

/* Randomised admission: the newcomer takes the lightest place with the
 * chance that its weight has in the sum of both, and goes on from there. */
static __always_inline void
rap_contend(struct srte_filter_slot *least, const struct candidate *c)
{
	__u64 sum = (__u64)least->weight + c->bytes;
	struct srte_filter_slot fresh = slot_of(c);

	if (least->print && bpf_get_prandom_u32() * sum >> 32 >= c->bytes)
		return;
	fresh.weight = add_up_to(least->weight, c->bytes, ~0U);
	*least = fresh;
}

/* One bucket, one cache line; a random number for a newcomer only. */
__noinline int filter_rap(struct candidate *c)
{
	struct srte_filter_slot fresh, *slot, *least;
	struct srte_filter_bucket *bucket;
	int i;

	if (!c)			/* the verifier asks, the callers never do */
		return FILTER_KEEPS;
	bucket = bucket_get((c->hash >> 32) * filter_buckets >> 32);
	if (!bucket)
		return FILTER_ADMITS;	/* no filter is no reason to lose it */
	fresh = slot_of(c);
	least = bucket->slot;
#pragma unroll
	for (i = 0; i < SRTE_FILTER_WAYS; i++) {
		slot = &bucket->slot[i];
		if (slot->print == fresh.print)
			goto found;
		if (slot->weight < least->weight)
			least = slot;
	}
	if (c->bytes >= c->admit_bytes)
		return FILTER_ADMITS;
	rap_contend(least, c);
	return FILTER_KEEPS;

found:
	c->known = 1;
	if ((__u64)slot->weight + c->bytes < c->admit_bytes) {
		slot_add(slot, &fresh);
		return FILTER_KEEPS;
	}
	slot_leave(slot, c);
	return FILTER_ADMITS;
}

/* ---- HashPipe: six stages, the lighter one is carried on ---- */

static __always_inline struct srte_filter_slot *
stage_slot(__u64 print, __u32 stage)
{
	/* Not multiples of each other: neighbours in one stage must not be
	 * neighbours in the next. */
	static const __u64 factor[SRTE_FILTER_STAGES] = {
		0x9e3779b97f4a7c15ULL, 0xc2b2ae3d27d4eb4fULL,
		0x165667b19e3779f9ULL, 0xff51afd7ed558ccdULL,
		0xc4ceb9fe1a85ec53ULL, 0xbf58476d1ce4e5b9ULL,
	};
	__u32 slots = filter_buckets * SRTE_FILTER_WAYS / SRTE_FILTER_STAGES;
	__u64 hash = print * factor[stage] >> 32;
	__u32 at = stage * slots + (__u32)(hash * slots >> 32);
	struct srte_filter_bucket *bucket;

	bucket = bucket_get(at / SRTE_FILTER_WAYS);
	return bucket ? &bucket->slot[at % SRTE_FILTER_WAYS] : NULL;
}

/* What all stages hold of the flow. */
static __always_inline __u64 stages_weigh(__u64 print)
{
	struct srte_filter_slot *slot;
	__u64 weight = 0;
	int i;

#pragma unroll
	for (i = 0; i < SRTE_FILTER_STAGES; i++) {
		slot = stage_slot(print, i);
		if (slot && slot->print == print)
			weight += slot->weight;
	}
	return weight;
}

static __always_inline void stages_leave(__u64 print, struct candidate *c)
{
	struct srte_filter_slot *slot;
	int i;

#pragma unroll
	for (i = 0; i < SRTE_FILTER_STAGES; i++) {
		slot = stage_slot(print, i);
		if (slot && slot->print == print)
			slot_leave(slot, c);
	}
}

/* True: what is carried has found its place. The newcomer always gets one in
 * the first stage. */
static __always_inline bool
stage_take(struct srte_filter_slot *carry, __u32 stage)
{
	struct srte_filter_slot *slot = stage_slot(carry->print, stage), old;

	if (!slot)
		return true;
	if (slot->print == carry->print) {
		slot_add(slot, carry);
		return true;
	}
	if (stage && slot->weight >= carry->weight)
		return false;
	old = *slot;
	*slot = *carry;
	*carry = old;
	return !old.print;
}

/* By hand: clang does not unroll it. */
static __always_inline void stages_carry(struct srte_filter_slot carry)
{
	(void)(stage_take(&carry, 0) || stage_take(&carry, 1) ||
	       stage_take(&carry, 2) || stage_take(&carry, 3) ||
	       stage_take(&carry, 4) || stage_take(&carry, 5));
}

__noinline int filter_hashpipe(struct candidate *c)
{
	struct srte_filter_slot fresh;
	__u64 weight;

	if (!c)
		return FILTER_KEEPS;
	fresh = slot_of(c);
	weight = stages_weigh(fresh.print);
	c->known = !!weight;
	if (weight + c->bytes < c->admit_bytes) {
		stages_carry(fresh);
		return FILTER_KEEPS;
	}
	stages_leave(fresh.print, c);
	return FILTER_ADMITS;
}

#endif
