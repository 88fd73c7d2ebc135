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
#define MSS_MIN		536	/* RFC 9293 3.7.1: no plan goes below */
#define MSS_MAX		32767	/* what TCP_MAXSEG takes */

#define CALLBACKS	(BPF_SOCK_OPS_RTO_CB_FLAG |			\
			 BPF_SOCK_OPS_RETRANS_CB_FLAG |			\
			 BPF_SOCK_OPS_STATE_CB_FLAG)

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

/* The cgroup sees sockets of every namespace, the devices are in one. */
static __always_inline bool
is_our_netns(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	return !cfg->netns_cookie ||
	       bpf_get_netns_cookie(ctx) == cfg->netns_cookie;
}

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
	return cfg->mtu - used < MSS_MAX ? cfg->mtu - used : MSS_MAX;
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

static __always_inline bool is_loopback(struct bpf_sock_ops *ctx)
{
	if (ctx->family == AF_INET)
		return (ctx->local_ip4 & bpf_htonl(0xff000000)) ==
		       bpf_htonl(0x7f000000);
	return !ctx->local_ip6[0] && !ctx->local_ip6[1] &&
	       !ctx->local_ip6[2] && ctx->local_ip6[3] == bpf_htonl(1);
}

/* Who will connect is not known yet, so any listener that others can reach
 * gets the plan: what it accepts over loopback too. */
static __always_inline void
on_listen(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	if (!is_loopback(ctx))
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
 * twice. */
static __always_inline bool
too_soon(const struct choice *now_on, const struct srte_event *ev, __u64 now_ns)
{
	__u64 pause = (__u64)ev->srtt_us * 2;

	if (pause < ev->rto_us)
		pause = ev->rto_us;
	return now_on->entry && now_on->entry->moved_ns &&
	       now_ns - now_on->entry->moved_ns < pause * 1000;
}

/* Write what reaction decided. A flow on its destination's default pool has
 * no entry yet: it gets one. set_id 0: plain routing. */
static __always_inline bool
entry_write(const struct choice *from, const struct srte_event *ev,
	    const struct srte_steer *to)
{
	struct srte_steer *entry = from->entry;

	if (!entry) {
		/* BPF_ANY: one past its lease may still be in the way */
		return !bpf_map_update_elem(&srte_steering, &ev->key, to,
					    BPF_ANY);
	}
	if (!to->set)
		entry->lease_ns = to->lease_ns;
	entry->set = to->set;
	entry->active = to->active;
	entry->moved_ns = to->moved_ns;
	entry->moves++;
	entry->reason = to->reason;
	return true;
}

static __always_inline bool
react_to(const struct choice *from, struct srte_event *ev,
	 const struct srte_config *cfg, __u32 set_id, __u16 index,
	 __u64 now_ns)
{
	struct srte_steer to = {
		.lease_ns = now_ns + cfg->reaction_lease_ns,
		.moved_ns = now_ns,
		.set = set_id,
		.active = index,
		.moves = 1,
		.class = SRTE_CLASS_REST,
		.reason = set_id ? SRTE_REASON_RTO : SRTE_REASON_GAVE_UP,
	};

	if (!entry_write(from, ev, &to)) {
		count(SRTE_COUNT_MOVE_FAILED);
		return false;
	}
	count(set_id ? SRTE_COUNT_MOVED : SRTE_COUNT_GAVE_UP);
	event_send(ev, set_id ? SRTE_EVENT_MOVED : SRTE_EVENT_GAVE_UP);
	return true;
}

/*
 * Rule R9: as many timeouts in a row as the set has paths, and not one byte
 * acknowledged between them. Then the fault is not in the path alone (an MTU
 * behind the first hop, a dead endpoint), and plain routing is what the flow
 * would have had without us.
 */
static __always_inline bool
has_tried_all(const struct choice *from, const struct srte_event *ev)
{
	return ev->timeouts >= from->set->n;
}

/* Rule R1: the path that timed out is left for the next one of the set. */
static __always_inline bool
move_away(const struct choice *from, struct srte_event *ev,
	  const struct srte_config *cfg, __u64 now_ns)
{
	int index;

	if (has_tried_all(from, ev))
		return react_to(from, ev, cfg, 0, 0, now_ns);
	if (too_soon(from, ev, now_ns)) {
		count(SRTE_COUNT_MOVE_DAMPED);
		return false;
	}
	index = set_next_up(from->set_id, from->index + 1, from->path_id,
			    now_ns);
	if (index < 0) {
		count(SRTE_COUNT_MOVE_NO_PATH);
		return false;
	}
	ev->path_to = from->set->path[index & SET_MASK];
	return react_to(from, ev, cfg, from->set_id, index, now_ns);
}

/*
 * Where the flow's last packet really went: what the maps say now may be
 * another path, or the packets may have been left alone. A flow that the
 * filter keeps out of the table is taken to be where the maps send it. 0:
 * plain routing.
 */
static __always_inline __u32
path_taken(const struct srte_flow *flow, const struct choice *on)
{
	return !flow || flow->path == on->path_id ? on->path_id : 0;
}

/* True when the flow is on the path that the maps give it. */
static __always_inline bool
event_fill(struct bpf_sock_ops *ctx, struct srte_event *ev, struct choice *on,
	   __u64 now_ns)
{
	struct srte_flow *flow;

	key_of(ctx, &ev->key);
	path_choose(&ev->key, flow_hash(&ev->key), now_ns, on);
	flow = bpf_map_lookup_elem(&srte_flows, &ev->key);
	if (flow)
		ev->cgroup_id = flow->cgroup_id;
	ev->path = path_taken(flow, on);
	if (ev->path)
		ev->set = on->set_id;
	ev->srtt_us = ctx->srtt_us >> 3;	/* kept times eight */
	ev->retrans = ctx->total_retrans;
	ev->bytes = ctx->bytes_acked;
	return ev->path;
}

/* Runs before TCP retransmits, in the same softirq: a move made here takes
 * the first retransmission with it. args: RTOs so far, RTO in ticks. */
static __always_inline void
on_rto(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};
	bool moved = false, steered;

	count(SRTE_COUNT_RTO);
	steered = event_fill(ctx, &ev, &on, now_ns);
	ev.timeouts = ctx->args[0];
	ev.rto_us = ctx->args[1] * (cfg->jiffy_ns / 1000);
	event_send(&ev, SRTE_EVENT_RTO);
	if (!steered || !on.set)
		return;
	if (cfg->rules & SRTE_RULE(R1))
		moved = move_away(&on, &ev, cfg, now_ns);
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
	struct srte_event ev = {};
	struct choice on = {};

	if (is_own_retransmission(ctx)) {
		count(SRTE_COUNT_RETRANS_OWN);
		return;
	}
	count(SRTE_COUNT_RETRANS);
	if (event_fill(ctx, &ev, &on, bpf_ktime_get_ns()))
		path_add_retrans(ev.path, ctx->args[1]);
	event_send(&ev, SRTE_EVENT_RETRANS);
}

/* A closed connection leaves no entry to fill the table; whatever made it,
 * nothing is sent under this key any more. args: old state, new state. */
static __always_inline void on_state(struct bpf_sock_ops *ctx)
{
	struct srte_flow_key key;

	if (ctx->args[1] != BPF_TCP_CLOSE)
		return;
	key_of(ctx, &key);
	bpf_map_delete_elem(&srte_steering, &key);
}

#endif
