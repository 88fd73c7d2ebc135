/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact accounting: look up or insert, add, rotate the rate window. */
#ifndef SRTE_ACCOUNT_BPF_H
#define SRTE_ACCOUNT_BPF_H

#include "admit.bpf.h"
#include "event.bpf.h"
#include "maps.bpf.h"
#include "parse.bpf.h"

/* After this many windows without a packet the old rate says nothing. */
#define RATE_FORGET_WINDOWS 4

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

/* Once a flow; by itself for the sake of the caller's stack. */
__noinline int heavy_notice(struct packet *pkt, struct srte_flow *flow,
			    __u64 bytes)
{
	struct srte_event ev = { .bytes = bytes };

	if (!pkt || !flow)
		return 0;
	ev.key = pkt->key;
	ev.cgroup_id = flow->cgroup_id;
	ev.path = flow->path;
	event_send(&ev, SRTE_EVENT_HEAVY);
	return 0;
}

static __always_inline bool
crosses(__u64 threshold, __u64 bytes, __u32 more)
{
	return threshold && bytes >= threshold && bytes - more < threshold;
}

/*
 * The clock costs more than all the rest of a hit but the look-up, and the
 * coarse one moves once a tick: it is read when the flow has not seen this
 * tick yet. Reading the tick is one load.
 */
static __always_inline void
flow_tick(struct srte_flow *flow, __u64 bytes, const struct srte_config *cfg)
{
	__u32 tick = bpf_jiffies64();
	__u64 now;

	if (flow->tick == tick)
		return;
	now = bpf_ktime_get_coarse_ns();
	flow->tick = tick;
	flow->last_ns = now;
	rate_rotate(flow, bytes, now, cfg->window_ns);
}

/* NULL when the flow is not in the table; the packet travels all the same. */
static __always_inline struct srte_flow *
account(struct __sk_buff *skb, struct packet *pkt,
	const struct srte_config *cfg)
{
	struct srte_flow *flow = bpf_map_lookup_elem(&srte_flows, &pkt->key);
	__u64 bytes;

	if (!flow) {
		if (flow_unknown(skb, pkt))
			return NULL;
		flow = bpf_map_lookup_elem(&srte_flows, &pkt->key);
	}
	if (!flow) {
		count(SRTE_COUNT_FLOW_INSERT_FAILED);
		return NULL;
	}
	bytes = __sync_fetch_and_add(&flow->bytes, pkt->bytes) + pkt->bytes;
	__sync_fetch_and_add(&flow->packets, pkt->segments);
	flow_tick(flow, bytes, cfg);
	if (crosses(cfg->heavy_bytes, bytes, pkt->bytes))
		heavy_notice(pkt, flow, bytes);
	account_count(pkt, SRTE_COUNT_ACCOUNTED, pkt->segments);
	return flow;
}

#endif
