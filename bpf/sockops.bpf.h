/* SPDX-License-Identifier: GPL-2.0-only */
/* The context of srte_sockops: whose socket, which flow, and its MSS. */
#ifndef SRTE_SOCKOPS_BPF_H
#define SRTE_SOCKOPS_BPF_H

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

/* All of them, whatever rules are in force: these change under connections
 * that are open already. */
#define CALLBACKS	(BPF_SOCK_OPS_RTO_CB_FLAG |			\
			 BPF_SOCK_OPS_RETRANS_CB_FLAG |			\
			 BPF_SOCK_OPS_STATE_CB_FLAG |			\
			 BPF_SOCK_OPS_RTT_CB_FLAG)

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
	__u8 bpf_sock_ops_cb_flags;
	struct tcp_options_received rx_opt;
} __attribute__((preserve_access_index));

struct mptcp_sock {
	__u32 token;
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

/* What reaction remembers of a socket; goes with it. */
struct sock_state {
	__u64 pause_until_ns;	/* R4 */
	__u64 loss_ns;		/* R6: start of the window, and then: */
	__u32 loss_sent, loss_resent, loss_ce;
	__u32 delivered, delivered_ce;	/* R3: at the last round */
	__u32 rcv_nxt;		/* R7: when the duplicates began */
	__u32 duplicate_tick;	/* R7: of the last one */
	__u16 rounds;		/* R3: bad ones in a row */
	__u16 duplicates;	/* R7 */
	__u16 moves;		/* R3, R6: since the last pause */
	__u16 jitter;		/* R8: 0: not drawn yet */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);	/* the kernel insists */
	__type(key, int);
	__type(value, struct sock_state);
} srte_socks SEC(".maps");

static __always_inline struct sock_state *
sock_state_get(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	return sk ? bpf_sk_storage_get(&srte_socks, sk, NULL,
				       BPF_SK_STORAGE_GET_F_CREATE) : NULL;
}

/* Of the MPTCP connection that the socket is a subflow of; 0: plain TCP. */
static __always_inline __u32 token_of(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct mptcp_sock *msk = sk ? bpf_skc_to_mptcp_sock(sk) : NULL;

	return msk ? msk->token : 0;
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

/* Less than two ticks the kernel refuses. */
static __always_inline int
timer_us(__u32 us, const struct srte_config *cfg)
{
	__u32 least_us = 2 * (cfg->jiffy_ns / 1000);

	return us > least_us ? us : least_us;
}

/*
 * A floor under the RTO of steered peers, together with a bound on how long
 * they wait with an ACK: a timeout below the other side's delayed ACK fires
 * for nothing. Both ends run srte where this is asked for.
 */
static __always_inline void
rto_floor_set(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	struct srte_flow_key key;
	int rto_min_us, delack_us;

	if (!cfg->reaction.rto_min_us)
		return;
	key_of(ctx, &key);
	if (!route_get(key.dst))
		return;
	rto_min_us = timer_us(cfg->reaction.rto_min_us, cfg);
	delack_us = timer_us(cfg->reaction.delack_max_us ?:
			     cfg->reaction.rto_min_us / 2, cfg);
	bpf_setsockopt(ctx, SOL_TCP, TCP_BPF_DELACK_MAX, &delack_us,
		       sizeof(delack_us));
	if (!bpf_setsockopt(ctx, SOL_TCP, TCP_BPF_RTO_MIN, &rto_min_us,
			    sizeof(rto_min_us)))
		count(SRTE_COUNT_RTO_FLOOR);
}

/* The reply is the first timeout of a SYN in ticks; -1: the kernel's own. */
static __always_inline void
on_timeout_init(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 tick_us = cfg->jiffy_ns / 1000;
	__u32 us = cfg->reaction.syn_timeout_us;
	struct srte_flow_key key;

	if (!us || !tick_us)
		return;
	key_of(ctx, &key);
	if (route_get(key.dst))
		ctx->reply = (us + tick_us - 1) / tick_us;
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

#endif
