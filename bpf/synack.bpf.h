/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sock_ops is blind for: a SYN-ACK that is sent again, which no socket
 * does yet, and connections that were open before we were attached.
 */
#ifndef SRTE_SYNACK_BPF_H
#define SRTE_SYNACK_BPF_H

#include "react.bpf.h"

#define TCP_LISTEN	10
#define TCP_BPF_SOCK_OPS_CB_FLAGS 1008	/* 6.11: not in Debian 12's headers */

struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr___srte {
	union {
		__u32 u6_addr32[4];
	} in6_u;
} __attribute__((preserve_access_index));

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	__u16 skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr___srte skc_v6_daddr;
	struct in6_addr___srte skc_v6_rcv_saddr;
} __attribute__((preserve_access_index));

struct request_sock {
	struct sock_common __req_common;
	__u8 num_timeout : 7;
} __attribute__((preserve_access_index));

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
} __attribute__((preserve_access_index));

static __always_inline bool
in_our_netns(const struct sock_common *skc, const struct srte_config *cfg)
{
	return !cfg->netns_cookie ||
	       skc->skc_net.net->net_cookie == cfg->netns_cookie;
}

static __always_inline void
request_key(const struct sock_common *skc, struct srte_flow_key *key)
{
	__u32 *src = (__u32 *)key->src, *dst = (__u32 *)key->dst;
	int i;

	__builtin_memset(key, 0, sizeof(*key));
	if (skc->skc_family == AF_INET) {
		src[2] = dst[2] = bpf_htonl(0xffff);
		src[3] = skc->skc_rcv_saddr;
		dst[3] = skc->skc_daddr;
	} else {
		for (i = 0; i < 4; i++) {
			src[i] = skc->skc_v6_rcv_saddr.in6_u.u6_addr32[i];
			dst[i] = skc->skc_v6_daddr.in6_u.u6_addr32[i];
		}
	}
	key->sport = bpf_htons(skc->skc_num);
	key->dport = skc->skc_dport;
	key->proto = IPPROTO_TCP;
}

/* Runs after sending: the one after this takes the other path. */
static __always_inline void
synack_move(const struct request_sock *req, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};

	request_key(&req->__req_common, &ev.key);
	ev.timeouts = BPF_CORE_READ_BITFIELD(req, num_timeout);
	if (path_choose(&ev.key, flow_hash(&ev.key), now_ns, &on) == CHOSEN) {
		ev.path = on.path_id;
		ev.set = on.set_id;
	}
	count(SRTE_COUNT_SYN_TIMEOUT);
	event_send(&ev, SRTE_EVENT_SYN_TIMEOUT);
	if (ev.path && on.set && cfg->rules & SRTE_RULE(R1))
		move_away(&on, &ev, cfg, now_ns, SRTE_R1);
}

/* Ours on top of what others asked for; a listener's children ask when they
 * are established. */
static __always_inline void
enrol(struct sock_common *skc)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(skc);
	int flags;

	if (!tp || skc->skc_state == TCP_LISTEN ||
	    (tp->bpf_sock_ops_cb_flags & CALLBACKS) == CALLBACKS)
		return;
	flags = tp->bpf_sock_ops_cb_flags | CALLBACKS;
	if (bpf_setsockopt(tp, SOL_TCP, TCP_BPF_SOCK_OPS_CB_FLAGS, &flags,
			   sizeof(flags)))
		count(SRTE_COUNT_ENROL_FAILED);
	else
		count(SRTE_COUNT_ENROLLED);
}

#endif
