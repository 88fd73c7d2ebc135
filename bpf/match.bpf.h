/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pool takes a flow that no entry speaks for? Without matches that is
 * the route's own word, and one comparison; with them the first that fits the
 * packet.
 */
#ifndef SRTE_MATCH_BPF_H
#define SRTE_MATCH_BPF_H

#include "maps.bpf.h"

#include <bpf/bpf_endian.h>

#define POOL_MASK (SRTE_POOLS_MAX - 1)	/* shows the verifier the range */
_Static_assert(!(SRTE_POOLS_MAX & POOL_MASK), "a power of two");

/* What match_packet() returns: both pools' indices. */
#define MATCH_POOLS(pool, heavy) ((pool) | (heavy) << 8)
#define MATCH_NONE MATCH_POOLS(SRTE_POOL_DEFAULT, SRTE_POOL_HEAVY)

static __always_inline struct srte_matches *matches_get(__u32 generation)
{
	__u32 slot = generation % SRTE_MATCH_TABLES;
	struct srte_matches *table;

	table = bpf_map_lookup_elem(&srte_matches, &slot);
	return table && table->generation == generation ? table : NULL;
}

/* All of it without a branch: 32 matches with some each would be more states
 * than the verifier cares to walk. */
static __always_inline bool
packet_fits(const struct srte_match *m, const struct srte_flow_key *key,
	    __u32 mark)
{
	const __u64 *value = (const void *)&m->value;
	const __u64 *mask = (const void *)&m->mask;
	const __u64 *word = (const void *)key;
	__s64 sport = bpf_ntohs(key->sport), dport = bpf_ntohs(key->dport);
	__s64 outside = 0;	/* a port that is has the sign bit set */
	__u64 differs = (mark ^ m->mark) & m->mark_mask;
	int i;

	for (i = 0; i < (int)(sizeof(*key) / sizeof(*word)); i++)
		differs |= (word[i] ^ value[i]) & mask[i];
	outside |= sport - m->sport_first;
	outside |= m->sport_last - sport;
	outside |= dport - m->dport_first;
	outside |= m->dport_last - dport;
	return !(differs | (__u64)outside >> 63);
}

/* A packet without a socket (forwarded, or of a connection that is over) is
 * in no cgroup. */
static __always_inline bool
cgroup_fits(struct __sk_buff *skb, const struct srte_match *m)
{
	return !m->cgroup_id ||
	       bpf_skb_ancestor_cgroup_id(skb, m->cgroup_level) ==
		       m->cgroup_id;
}

/* By itself: the verifier walks the loop once, not once for each way there. */
__noinline int
match_packet(struct __sk_buff *skb, struct srte_flow_key *key, __u32 generation)
{
	struct srte_matches *table = matches_get(generation);
	__u32 i, mark = skb->mark;

	if (!table || !key)	/* key: the verifier asks, the caller never */
		return MATCH_NONE;
	for (i = 0; i < SRTE_MATCHES_MAX && i < table->n; i++) {
		const struct srte_match *m = &table->match[i];

		if (packet_fits(m, key, mark) && cgroup_fits(skb, m))
			return MATCH_POOLS(m->pool, m->heavy);
	}
	return MATCH_NONE;
}

static __always_inline __u32
pools_set(const struct srte_route *route, __u32 index)
{
	__u32 id = route->pools;
	struct srte_pools *pools = bpf_map_lookup_elem(&srte_pools, &id);

	return pools ? pools->set[index & POOL_MASK] : 0;
}

/* The set that takes the packet's flow, as heavy or not; 0: plain routing. */
static __always_inline __u32
route_set(struct __sk_buff *skb, struct srte_flow_key *key,
	  const struct srte_route *route, bool heavy)
{
	int pools;

	if (!route->pools)
		return route->set[heavy ? SRTE_POOL_HEAVY : SRTE_POOL_DEFAULT];
	pools = match_packet(skb, key, route->generation);
	return pools_set(route, heavy ? pools >> 8 : pools & 0xff);
}

/*
 * The same for who has no packet, and so neither mark nor cgroup: where the
 * flow's last packet went tells the pool. Of a flow that is not in the table
 * nobody knows, and plain routing is what it is taken to be on.
 */
static __always_inline __u32
route_set_known(const struct srte_flow_key *key, const struct srte_route *route)
{
	struct srte_path *path = NULL;
	struct srte_flow *flow;
	__u32 id;

	if (!route->pools)
		return route->set[SRTE_POOL_DEFAULT];
	flow = bpf_map_lookup_elem(&srte_flows, key);
	if (!flow || !flow->path)
		return 0;
	id = flow->path;
	path = bpf_map_lookup_elem(&srte_paths, &id);
	return path ? pools_set(route, path->pool_index) : 0;
}

#endif
