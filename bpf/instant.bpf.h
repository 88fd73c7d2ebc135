/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instant mode: a flow that crosses heavy_bytes gets the heavy set of its
 * destination at that very packet, and not when user space has heard of it.
 */
#ifndef SRTE_INSTANT_BPF_H
#define SRTE_INSTANT_BPF_H

#include "maps.bpf.h"
#include "steer.bpf.h"

/* Once a flow; by itself for the sake of the caller's stack. */
__noinline int
instant_enter(struct srte_flow_key *key, __u32 set_id, __u64 lease_ns)
{
	struct srte_steer entry = {
		.lease_ns = lease_ns,
		.set = set_id,
		.class = SRTE_CLASS_HEAVY,
		.reason = SRTE_REASON_INSTANT,
		.instant = 1,
	};

	struct srte_flow_key own;	/* 6.1 takes an argument for no key */

	if (!key)		/* the verifier asks, the caller never does */
		return 0;
	own = *key;
	entry.active = set_weighted(set_id, flow_hash(&own));
	/* BPF_ANY: a reaction's entry on the default set gives way */
	if (bpf_map_update_elem(&srte_steering, &own, &entry, BPF_ANY))
		count(SRTE_COUNT_MOVE_FAILED);
	else
		count(SRTE_COUNT_INSTANT);
	return 0;
}

/* What is heavy already, or was given up by R9, stays as it is. */
static __always_inline bool
instant_may(const struct srte_flow_key *key, __u64 now_ns)
{
	struct srte_steer *entry = bpf_map_lookup_elem(&srte_steering, key);

	return !entry || entry->lease_ns <= now_ns ||
	       (entry->class == SRTE_CLASS_REST &&
		entry->reason != SRTE_REASON_GAVE_UP);
}

/* Asked once: whoever takes the entry away later (srte-steer, the end of the
 * lease) has the last word. */
static __always_inline void
instant_judge(struct __sk_buff *skb, struct srte_flow_key *key,
	      struct srte_flow *flow, const struct srte_config *cfg,
	      __u64 now_ns)
{
	struct srte_route *route;
	__u32 set_id;

	if (!flow || flow->flags & SRTE_FLOW_INSTANT ||
	    flow->bytes < cfg->heavy_bytes)
		return;
	route = route_get(key->dst);
	set_id = route ? route_set(skb, key, route, true) : 0;
	if (!set_id)
		return;
	flow->flags |= SRTE_FLOW_INSTANT;
	if (instant_may(key, now_ns))
		instant_enter(key, set_id, now_ns + cfg->reaction_lease_ns);
}

/* Such an entry has no controller: it lives as long as its flow sends. One
 * write in half a lease. */
static __always_inline void
instant_renew(const struct choice *on, const struct srte_config *cfg,
	      __u64 now_ns)
{
	struct srte_steer *entry = on->entry;

	if (entry && entry->instant && entry->set &&
	    entry->lease_ns - now_ns < cfg->reaction_lease_ns / 2)
		entry->lease_ns = now_ns + cfg->reaction_lease_ns;
}

#endif
