/* SPDX-License-Identifier: GPL-2.0-only */
/* Which path does a flow take? Entry first, then the destination's pool. */
#ifndef SRTE_STEER_BPF_H
#define SRTE_STEER_BPF_H

#include "event.bpf.h"
#include "maps.bpf.h"
#include "match.bpf.h"

#define SET_MASK (SRTE_SET_PATHS - 1)	/* shows the verifier the range */
_Static_assert(!(SRTE_SET_PATHS & SET_MASK), "a power of two");

/* Answers of path_choose() beside the causes of abi.h. */
#define CHOSEN	SRTE_COUNT_STEERED
#define PLAIN	SRTE_COUNT_N

/* What was chosen; path_id 0 says plain routing. */
struct choice {
	struct srte_steer *entry;	/* NULL: by the destination's pool */
	struct srte_set *set;
	__u32 set_id;
	__u32 index;
	__u32 path_id;
};

/*
 * A hash of the 5-tuple alone: the kernel's own changes with every RTO, and
 * both the flow label and the default path must not.
 */
static __always_inline __u32 flow_hash(const struct srte_flow_key *key)
{
	const __u64 *word = (const __u64 *)key;
	__u64 h = 0x9e3779b97f4a7c15ULL;
	int i;

	for (i = 0; i < (int)(sizeof(*key) / sizeof(*word)); i++) {
		h = (h ^ word[i]) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return h;
}

static __always_inline struct srte_set *set_get(__u32 id)
{
	struct srte_set *set = bpf_map_lookup_elem(&srte_sets, &id);

	return id && set && set->n && set->n <= SRTE_SET_PATHS ? set : NULL;
}

static __always_inline struct srte_route *route_get(const __u8 dst[16])
{
	struct srte_route_key key = { .prefixlen = 128 };

	__builtin_memcpy(key.addr, dst, sizeof(key.addr));
	return bpf_map_lookup_elem(&srte_routes, &key);
}

/* The time of a verdict is over; who sees it first tells. */
__noinline int path_returns(__u32 id)
{
	struct srte_path_state *state;
	__u64 until_ns;

	state = bpf_map_lookup_elem(&srte_path_state, &id);
	if (!state)
		return 0;
	until_ns = state->down_until_ns;
	if (!until_ns || __sync_val_compare_and_swap(&state->down_until_ns,
						     until_ns, 0) != until_ns)
		return 0;
	if (state->verdict)
		event_path_up(id);
	state->verdict = 0;
	return 0;
}

static __always_inline bool path_is_up(__u32 id, __u64 now_ns)
{
	struct srte_path_state *state;

	state = bpf_map_lookup_elem(&srte_path_state, &id);
	if (!id || !state || state->down_until_ns > now_ns)
		return false;
	if (state->down_until_ns)
		path_returns(id);
	return true;
}

/* Index of the path whose share of the total weight the hash falls into. */
__noinline int set_weighted(__u32 set_id, __u32 hash)
{
	struct srte_set *set = set_get(set_id);
	__u32 total = 0, i;

	if (!set)
		return 0;
	for (i = 0; i < SRTE_SET_PATHS && i < set->n; i++)
		total += set->weight[i];
	if (!total)
		return 0;
	hash %= total;
	for (i = 0; i < SRTE_SET_PATHS && i < set->n; i++) {
		if (hash < set->weight[i])
			return i;
		hash -= set->weight[i];
	}
	return 0;
}

/*
 * First path that is up, from index first on, in the set's order; the path
 * avoid (0: none) is passed over. -1 when there is none.
 */
__noinline int
set_next_up(__u32 set_id, __u32 first, __u32 avoid, __u64 now_ns)
{
	struct srte_set *set = set_get(set_id);
	__u32 i, index;

	if (!set)
		return -1;
	for (i = 0; i < SRTE_SET_PATHS && i < set->n; i++) {
		index = (first + i) % set->n & SET_MASK;
		if (set->path[index] != avoid &&
		    path_is_up(set->path[index], now_ns))
			return index;
	}
	return -1;
}

/*
 * For a packet when no path is up: one that only R5 put down is better than
 * none, as long as its own set has nothing else. -1: an operator's word.
 */
__noinline int set_least_bad(__u32 set_id, __u32 first)
{
	struct srte_set *set = set_get(set_id);
	struct srte_path_state *state;
	__u32 i, index;

	if (!set)
		return -1;
	for (i = 0; i < SRTE_SET_PATHS && i < set->n; i++) {
		index = (first + i) % set->n & SET_MASK;
		state = bpf_map_lookup_elem(&srte_path_state,
					    &set->path[index]);
		if (state && state->verdict)
			return index;
	}
	return -1;
}

/* So long past its end nobody is about to renew it. */
#define ENTRY_LINGER_NS	(10 * 1000000000ULL)

/* The live entry of a flow; one past its lease is none, and goes. */
static __always_inline struct srte_steer *
entry_get(const struct srte_flow_key *key, __u64 now_ns, bool *ret_lapsed)
{
	struct srte_steer *entry = bpf_map_lookup_elem(&srte_steering, key);

	if (!entry || entry->lease_ns > now_ns)
		return entry;
	*ret_lapsed = true;
	if (now_ns - entry->lease_ns > ENTRY_LINGER_NS)
		bpf_map_delete_elem(&srte_steering, key);
	return NULL;
}

/* Set and index that a flow has, before asking which paths are up. skb: the
 * flow's packet, or NULL. */
static __always_inline enum srte_counter
choice_start(struct __sk_buff *skb, struct srte_flow_key *key, __u32 hash,
	     __u64 now_ns, struct choice *ret)
{
	struct srte_route *route;
	bool lapsed = false;

	ret->entry = entry_get(key, now_ns, &lapsed);
	if (ret->entry) {
		ret->set_id = ret->entry->set;
		if (!ret->set_id)
			return PLAIN;
		ret->index = ret->entry->active;
		ret->set = set_get(ret->set_id);
		return ret->set ? CHOSEN : SRTE_COUNT_NO_SET;
	}
	route = route_get(key->dst);
	if (route)
		ret->set_id = skb ? route_set(skb, key, route, false) :
			      route_set_known(key, route);
	if (!ret->set_id)
		return lapsed ? SRTE_COUNT_LEASE_OVER : PLAIN;
	ret->set = set_get(ret->set_id);
	if (!ret->set)
		return SRTE_COUNT_NO_SET;
	ret->index = set_weighted(ret->set_id, hash);
	return CHOSEN;
}

/*
 * CHOSEN with *ret filled, PLAIN when nothing was asked for, or the reason
 * why what was asked for cannot be had. Counting it is the caller's choice:
 * only a packet is left alone.
 */
static __always_inline enum srte_counter
path_choose_packet(struct __sk_buff *skb, struct srte_flow_key *key,
		   __u32 hash, __u64 now_ns, struct choice *ret)
{
	enum srte_counter why = choice_start(skb, key, hash, now_ns, ret);
	int index;

	if (why != CHOSEN)
		return why;
	index = set_next_up(ret->set_id, ret->index, 0, now_ns);
	if (index < 0)
		index = set_least_bad(ret->set_id, ret->index);
	if (index < 0)
		return SRTE_COUNT_PATH_DOWN;
	ret->index = index;
	ret->path_id = ret->set->path[index & SET_MASK];
	return CHOSEN;
}

/* For who sees the flow's socket, and none of its packets. */
static __always_inline enum srte_counter
path_choose(struct srte_flow_key *key, __u32 hash, __u64 now_ns,
	    struct choice *ret)
{
	return path_choose_packet(NULL, key, hash, now_ns, ret);
}

#endif
