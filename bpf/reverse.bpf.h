/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rule R7: data that we have already comes again, so our ACKs do not arrive:
 * the path of our own direction is dead, and no timer of ours tells it. Seen
 * on the device: of most duplicates TCP tells no sock_ops program.
 */
#ifndef SRTE_REVERSE_BPF_H
#define SRTE_REVERSE_BPF_H

#include "react.bpf.h"

/* A segment of TCP, in host order. */
struct segment {
	__u32 seq, len;		/* len: of its data */
};

/*
 * So many without any progress between them. What comes within one tick
 * counts once: a burst, or the same packet inside an SRv6 header and again
 * without it, which the kernel may receive anew.
 */
static __always_inline bool
duplicates_enough(struct sock_state *st, __u32 rcv_nxt,
		  const struct srte_config *cfg)
{
	__u32 tick = bpf_jiffies64();

	if (st->rcv_nxt != rcv_nxt) {
		st->rcv_nxt = rcv_nxt;
		st->duplicates = 0;
	} else if (st->duplicate_tick == tick) {
		return false;
	}
	st->duplicate_tick = tick;
	return ++st->duplicates >= cfg->reaction.duplicates;
}

/* The path of what this socket sends is left. */
static __always_inline void
reverse_move(const struct srte_flow_key *key, struct bpf_tcp_sock *tp,
	     struct sock_state *st, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct srte_event ev = { .key = *key };
	struct choice on = {};

	if (!event_path(&ev, &on, now_ns) || !on.set)
		return;
	ev.srtt_us = tp->srtt_us >> 3;
	ev.retrans = tp->total_retrans;
	ev.bytes = tp->bytes_acked;
	ev.rounds = st->duplicates;
	st->duplicates = 0;
	move_away(&on, &ev, cfg, now_ns, SRTE_R7);
}

static __always_inline void
segment_judge(const struct srte_flow_key *key, const struct segment *seg,
	      struct bpf_sock *sk, const struct srte_config *cfg)
{
	struct bpf_tcp_sock *tp = bpf_tcp_sock(sk);
	struct sock_state *st;

	if (sk->state == BPF_TCP_LISTEN)	/* has received nothing */
		return;
	if (!tp || (__s32)(seg->seq + seg->len - tp->rcv_nxt) > 0)
		return;		/* at least a part of it is new */
	st = bpf_sk_storage_get(&srte_socks, sk, NULL,
				BPF_SK_STORAGE_GET_F_CREATE);
	if (st && duplicates_enough(st, tp->rcv_nxt, cfg))
		reverse_move(key, tp, st, cfg);
}

/* key: of the flow back to the sender. */
static __always_inline void
on_segment(struct __sk_buff *skb, const struct srte_flow_key *key,
	   const struct segment *seg, const struct srte_config *cfg)
{
	const __u32 *src = (const __u32 *)key->src;
	const __u32 *dst = (const __u32 *)key->dst;
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	__u32 len;

	if (!seg->len)
		return;
	if (!src[0] && !src[1] && src[2] == bpf_htonl(0xffff)) {
		tuple.ipv4.saddr = dst[3];
		tuple.ipv4.daddr = src[3];
		tuple.ipv4.sport = key->dport;
		tuple.ipv4.dport = key->sport;
		len = sizeof(tuple.ipv4);
		sk = bpf_sk_lookup_tcp(skb, &tuple, len, BPF_F_CURRENT_NETNS,
				       0);
	} else {
		__builtin_memcpy(tuple.ipv6.saddr, key->dst, 16);
		__builtin_memcpy(tuple.ipv6.daddr, key->src, 16);
		tuple.ipv6.sport = key->dport;
		tuple.ipv6.dport = key->sport;
		len = sizeof(tuple.ipv6);
		sk = bpf_sk_lookup_tcp(skb, &tuple, len, BPF_F_CURRENT_NETNS,
				       0);
	}
	if (!sk)
		return;
	segment_judge(key, seg, sk, cfg);
	bpf_sk_release(sk);
}

#endif
