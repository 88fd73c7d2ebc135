/* SPDX-License-Identifier: GPL-2.0-only */
/* What srte_sockops does at TCP's callbacks: MSS, events, rules R1 and R2. */
#ifndef SRTE_REACT_BPF_H
#define SRTE_REACT_BPF_H

#include "event.bpf.h"
#include "maps.bpf.h"
#include "steer.bpf.h"

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/tcp.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET		2	/* sys/socket.h does not build for bpf */
#define AF_INET6	10
#define SOL_TCP		6

#define IPV4_TCP_LEN	40	/* without options: TCP_MAXSEG counts so */
#define IPV6_TCP_LEN	60
#define MSS_MIN		536	/* RFC 9293 3.7.1; less is not worth a plan */

#define CALLBACKS	(BPF_SOCK_OPS_RTO_CB_FLAG |			\
			 BPF_SOCK_OPS_RETRANS_CB_FLAG)

/* The few kernel fields that the context does not show; relocated by CO-RE
 * to wherever the running kernel keeps them. */
struct tcp_options_received {
	__u16 user_mss;
} __attribute__((preserve_access_index));

struct inet_connection_sock {
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits;
} __attribute__((preserve_access_index));

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	struct tcp_options_received rx_opt;
} __attribute__((preserve_access_index));

#define TCP_CA_LOSS 4		/* enum tcp_ca_state of linux/tcp.h */

static __always_inline struct tcp_sock *tcp_of(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	return sk ? bpf_skc_to_tcp_sock(sk) : NULL;
}

/* remote_port holds 16 bits of wire order in its upper half. */
static __always_inline void
key_of(struct bpf_sock_ops *ctx, struct srte_flow_key *key)
{
	__u32 *src = (__u32 *)key->src, *dst = (__u32 *)key->dst;

	__builtin_memset(key, 0, sizeof(*key));
	if (ctx->family == AF_INET) {
		src[2] = dst[2] = bpf_htonl(0xffff);
		src[3] = ctx->local_ip4;
		dst[3] = ctx->remote_ip4;
		/* Else clang makes one load, at a computed offset, of this
		 * and the IPv6 one: the verifier refuses that for ctx. */
		asm volatile("" ::: "memory");
	} else {
		src[0] = ctx->local_ip6[0];
		src[1] = ctx->local_ip6[1];
		src[2] = ctx->local_ip6[2];
		src[3] = ctx->local_ip6[3];
		dst[0] = ctx->remote_ip6[0];
		dst[1] = ctx->remote_ip6[1];
		dst[2] = ctx->remote_ip6[2];
		dst[3] = ctx->remote_ip6[3];
	}
	key->sport = bpf_htons(ctx->local_port);
	key->dport = bpf_htons(bpf_ntohl(ctx->remote_port));
	key->proto = IPPROTO_TCP;
}

/* MSS that leaves room for the longest header of any path; 0: no plan. */
static __always_inline int
mss_plan(const struct srte_config *cfg, __u32 family)
{
	__u32 used = cfg->push_max +
		     (family == AF_INET ? IPV4_TCP_LEN : IPV6_TCP_LEN);

	if (!cfg->push_max || cfg->mtu < used + MSS_MIN)
		return 0;
	return cfg->mtu - used;
}

/* Set before the SYN or SYN-ACK is made: it bounds both directions. An
 * application that asked for less keeps what it asked for. */
static __always_inline void
mss_set(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	int mss = mss_plan(cfg, ctx->family);
	struct tcp_sock *tp = tcp_of(ctx);

	if (!mss || (tp && tp->rx_opt.user_mss && tp->rx_opt.user_mss <= mss))
		return;
	if (bpf_setsockopt(ctx, SOL_TCP, TCP_MAXSEG, &mss, sizeof(mss)))
		count(SRTE_COUNT_MSS_FAILED);
	else
		count(SRTE_COUNT_MSS_SET);
}

/* Ours on top of what other programs of the cgroup asked for. */
static __always_inline void callbacks_on(struct bpf_sock_ops *ctx)
{
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | CALLBACKS);
}

static __always_inline void
on_connect(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	struct srte_flow_key key;

	callbacks_on(ctx);	/* now: an RTO may come in SYN_SENT */
	key_of(ctx, &key);
	if (route_get(key.dst))
		mss_set(ctx, cfg);
}

static __always_inline void
path_add_rto(__u32 id, bool moved)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (!stats)
		return;
	stats->rtos++;
	stats->moved_away += moved;
}

static __always_inline void path_add_retrans(__u32 id, __u32 segments)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (stats)
		stats->retrans += segments;
}

/* At most one move per max(RTO, 2 srtt), so that no event is reacted to
 * twice. srtt_us is kept times eight. */
static __always_inline bool
too_soon(const struct choice *now_on, const struct srte_event *ev, __u64 now)
{
	__u64 pause = (__u64)ev->srtt_us * 2;

	if (pause < ev->rto_us)
		pause = ev->rto_us;
	return now_on->entry && now_on->entry->moved_ns &&
	       now - now_on->entry->moved_ns < pause * 1000;
}

/* A flow on its destination's default pool has no entry yet: make one. */
static __always_inline bool
entry_make(const struct srte_event *ev, const struct srte_config *cfg,
	   __u16 index, __u64 now)
{
	struct srte_steer entry = {
		.lease_ns = now + cfg->reaction_lease_ns,
		.moved_ns = now,
		.set = ev->set,
		.active = index,
		.moves = 1,
		.class = SRTE_CLASS_REST,
		.reason = SRTE_REASON_RTO,
	};

	/* BPF_ANY: an entry past its lease may still be in the way */
	return !bpf_map_update_elem(&srte_steering, &ev->key, &entry, BPF_ANY);
}

static __always_inline bool
entry_move(const struct choice *from, const struct srte_event *ev,
	   const struct srte_config *cfg, __u16 index, __u64 now)
{
	struct srte_steer *entry = from->entry;

	if (!entry)
		return entry_make(ev, cfg, index, now);
	entry->active = index;
	entry->moved_ns = now;
	entry->moves++;
	entry->reason = SRTE_REASON_RTO;
	return true;
}

/* Rule R1: the path that timed out is left for the next one of the set. */
static __always_inline bool
move_away(const struct choice *from, struct srte_event *ev,
	  const struct srte_config *cfg, __u64 now)
{
	int index;

	if (too_soon(from, ev, now)) {
		count(SRTE_COUNT_MOVE_DAMPED);
		return false;
	}
	index = set_next_up(from->set_id, from->index + 1, from->path_id,
			    now);
	if (index < 0) {
		count(SRTE_COUNT_MOVE_NO_PATH);
		return false;
	}
	if (!entry_move(from, ev, cfg, index, now)) {
		count(SRTE_COUNT_MOVE_FAILED);
		return false;
	}
	ev->path_to = from->set->path[index & SET_MASK];
	count(SRTE_COUNT_MOVED);
	event_send(ev, SRTE_EVENT_MOVED);
	return true;
}

static __always_inline void
event_fill(struct bpf_sock_ops *ctx, const struct choice *on,
	   struct srte_event *ev)
{
	struct srte_flow *flow = bpf_map_lookup_elem(&srte_flows, &ev->key);

	if (flow)
		ev->cgroup_id = flow->cgroup_id;
	ev->set = on->set_id;
	ev->path = on->path_id;
	ev->srtt_us = ctx->srtt_us >> 3;
	ev->retrans = ctx->total_retrans;
	ev->bytes = ctx->bytes_acked;
}

/* Runs before TCP retransmits, in the same softirq: a move made here takes
 * the first retransmission with it. args: RTOs so far, RTO in ticks. */
static __always_inline void
on_rto(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 now = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};
	bool moved = false, steered;

	count(SRTE_COUNT_RTO);
	key_of(ctx, &ev.key);
	steered = path_choose(&ev.key, flow_hash(&ev.key), now, &on);
	event_fill(ctx, &on, &ev);
	ev.timeouts = ctx->args[0];
	ev.rto_us = ctx->args[1] * (cfg->jiffy_ns / 1000);
	event_send(&ev, SRTE_EVENT_RTO);
	if (!steered)
		return;
	if (cfg->rules & SRTE_RULE_R1)
		moved = move_away(&on, &ev, cfg, now);
	path_add_rto(on.path_id, moved);
}

/* Rule R2: the RTO's own retransmission is no second event. */
static __always_inline bool is_own_retransmission(struct bpf_sock_ops *ctx)
{
	struct tcp_sock *tp = tcp_of(ctx);

	if (!tp)
		return false;
	return tp->inet_conn.icsk_retransmits > 0 ||
	       BPF_CORE_READ_BITFIELD(&tp->inet_conn, icsk_ca_state) ==
		       TCP_CA_LOSS;
}

/* After sending. args: sequence number, segments, error. */
static __always_inline void on_retrans(struct bpf_sock_ops *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};

	if (is_own_retransmission(ctx)) {
		count(SRTE_COUNT_RETRANS_OWN);
		return;
	}
	count(SRTE_COUNT_RETRANS);
	key_of(ctx, &ev.key);
	path_choose(&ev.key, flow_hash(&ev.key), now, &on);
	event_fill(ctx, &on, &ev);
	if (on.path_id)
		path_add_retrans(on.path_id, ctx->args[1]);
	event_send(&ev, SRTE_EVENT_RETRANS);
}

#endif
