/* SPDX-License-Identifier: GPL-2.0-only */
/* Subflows of an MPTCP connection take different paths of their set. */
#ifndef SRTE_MPTCP_BPF_H
#define SRTE_MPTCP_BPF_H

#include "react.bpf.h"

#define CONNECTIONS_MAX	4096

/* Which paths a connection's subflows have taken, by its token. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CONNECTIONS_MAX);
	__type(key, __u32);
	__type(value, __u32);		/* bit i: path i of the set */
} srte_subflows SEC(".maps");

/* First path that is up and not taken, from index first on; -1: none. */
__noinline int
set_next_free(__u32 set_id, __u32 first, __u32 taken, __u64 now_ns)
{
	struct srte_set *set = set_get(set_id);
	__u32 i, index;

	if (!set)
		return -1;
	for (i = 0; i < SRTE_SET_PATHS && i < set->n; i++) {
		index = (first + i) % set->n & SET_MASK;
		if (!(taken >> index & 1) &&
		    path_is_up(set->path[index], now_ns))
			return index;
	}
	return -1;
}

/* More subflows than paths: those beyond stay where their hash puts them. */
static __always_inline void
subflow_place(const struct srte_flow_key *key, const struct choice *on,
	      __u32 token, const struct srte_config *cfg, __u64 now_ns)
{
	__u32 *seen = bpf_map_lookup_elem(&srte_subflows, &token);
	__u32 taken = seen ? *seen : 0;
	int index = set_next_free(on->set_id, on->index, taken, now_ns);
	struct srte_steer entry = {
		.lease_ns = now_ns + cfg->reaction_lease_ns,
		.set = on->set_id,
		.active = index,
		.class = SRTE_CLASS_REST,
		.reason = SRTE_REASON_SUBFLOW,
	};

	if (index < 0)
		return;
	taken |= 1U << (index & SET_MASK);
	bpf_map_update_elem(&srte_subflows, &token, &taken, BPF_ANY);
	if ((__u32)index == on->index)
		return;
	if (bpf_map_update_elem(&srte_steering, key, &entry, BPF_NOEXIST))
		count(SRTE_COUNT_MOVE_FAILED);
	else
		count(SRTE_COUNT_SUBFLOW_PLACED);
}

static __noinline int
on_subflow(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u32 token = token_of(ctx);
	struct srte_flow_key key;
	struct choice on = {};

	if (!token)
		return 0;
	key_of(ctx, &key);
	if (path_choose(&key, flow_hash(&key), now_ns, &on) == CHOSEN &&
	    !on.entry)
		subflow_place(&key, &on, token, cfg, now_ns);
	return 0;
}

/* Such an entry has no controller: it lives as long as its flow is heard of. */
static __always_inline void
subflow_renew(const struct choice *on, const struct srte_config *cfg,
	      __u64 now_ns)
{
	if (on->entry && on->entry->reason == SRTE_REASON_SUBFLOW)
		on->entry->lease_ns = now_ns + cfg->reaction_lease_ns;
}

#endif
