/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rule R7: data that we have already comes again, so our ACKs do not arrive:
 * the path of our own direction is dead, and no timer of ours tells it.
 */
#ifndef SRTE_REVERSE_BPF_H
#define SRTE_REVERSE_BPF_H

#include "react.bpf.h"

/* Has all of this segment been received before? */
static __always_inline bool is_duplicate(struct bpf_sock_ops *ctx)
{
	struct tcphdr *tcp = ctx->skb_data;
	__u32 len;

	if ((void *)(tcp + 1) > ctx->skb_data_end)
		return false;
	len = tcp->doff * 4;
	if (ctx->skb_len <= len)
		return false;		/* no data */
	len = ctx->skb_len - len;
	return (__s32)(bpf_ntohl(tcp->seq) + len - ctx->rcv_nxt) <= 0;
}

/* So many without any progress between them. */
static __always_inline bool
duplicates_enough(struct sock_state *st, __u32 rcv_nxt,
		  const struct srte_config *cfg)
{
	if (st->rcv_nxt != rcv_nxt) {
		st->rcv_nxt = rcv_nxt;
		st->duplicates = 0;
	}
	return ++st->duplicates >= cfg->reaction.duplicates;
}

/* Of every segment that takes TCP's slow path, as duplicates do. */
static __noinline int
on_segment(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};
	struct sock_state *st;

	if (!(cfg->rules & SRTE_RULE(R7)) || !is_duplicate(ctx))
		return 0;
	st = sock_state_get(ctx);
	if (!st || !duplicates_enough(st, ctx->rcv_nxt, cfg))
		return 0;
	if (!event_fill(ctx, &ev, &on, now_ns) || !on.set)
		return 0;
	ev.rounds = st->duplicates;
	st->duplicates = 0;
	move_away(&on, &ev, cfg, now_ns, SRTE_R7);
	return 0;
}

#endif
