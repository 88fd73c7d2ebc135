/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact accounting: look up or insert, add, rotate the rate window. */
#ifndef SRTE_ACCOUNT_BPF_H
#define SRTE_ACCOUNT_BPF_H

#include "event.bpf.h"
#include "maps.bpf.h"
#include "parse.bpf.h"

/* After this many windows without a packet the old rate says nothing. */
#define RATE_FORGET_WINDOWS 4

static __always_inline struct srte_flow *
flow_insert(struct __sk_buff *skb, const struct packet *pkt, __u64 now_ns)
{
	struct srte_flow fresh = {
		.first_ns = now_ns,
		.window_ns = now_ns,
		.cgroup_id = bpf_skb_cgroup_id(skb),
		.ifindex = skb->ifindex,
	};

	/* Another CPU may insert first: whichever it was, look it up. Never
	 * update an existing key, an LRU update may evict a live flow. */
	bpf_map_update_elem(&srte_flows, &pkt->key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&srte_flows, &pkt->key);
}

/* One division per window and flow; the CPU that moves the window does it. */
static __always_inline void
rate_rotate(struct srte_flow *flow, __u64 bytes, __u64 now_ns, __u64 window_ns)
{
	__u64 start = flow->window_ns, elapsed_ns = now_ns - start, rate;

	if (now_ns < start || elapsed_ns < window_ns ||
	    elapsed_ns < 1000)
		return;
	if (__sync_val_compare_and_swap(&flow->window_ns, start, now_ns) !=
	    start)
		return;
	/* in us: bytes * 8e9 would overflow after 2 GB in a window */
	rate = (bytes - flow->window_bytes) * 8000000 / (elapsed_ns / 1000);
	if (flow->rate_bps && elapsed_ns < RATE_FORGET_WINDOWS * window_ns)
		rate = (flow->rate_bps + rate) / 2;
	flow->rate_bps = rate;
	flow->window_bytes = bytes;
}

static __always_inline void
heavy_notice(const struct packet *pkt, const struct srte_flow *flow,
	     __u64 bytes, __u64 threshold)
{
	struct srte_event ev = {
		.key = pkt->key,
		.cgroup_id = flow->cgroup_id,
		.path = flow->path,
		.bytes = bytes,
	};

	if (threshold && bytes >= threshold && bytes - pkt->bytes < threshold)
		event_send(&ev, SRTE_EVENT_HEAVY);
}

/* NULL when the table refused the flow; the packet travels all the same. */
static __always_inline struct srte_flow *
account(struct __sk_buff *skb, const struct packet *pkt,
	const struct srte_config *cfg, __u64 now_ns)
{
	struct srte_flow *flow = bpf_map_lookup_elem(&srte_flows, &pkt->key);
	__u64 bytes;

	if (!flow)
		flow = flow_insert(skb, pkt, now_ns);
	if (!flow) {
		count(SRTE_COUNT_FLOW_INSERT);
		return NULL;
	}
	bytes = __sync_fetch_and_add(&flow->bytes, pkt->bytes) + pkt->bytes;
	__sync_fetch_and_add(&flow->packets, pkt->segments);
	flow->last_ns = now_ns;
	rate_rotate(flow, bytes, now_ns, cfg->window_ns);
	heavy_notice(pkt, flow, bytes, cfg->heavy_bytes);
	count(SRTE_COUNT_ACCOUNTED);
	return flow;
}

#endif
