// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs. Each entry point is a table of contents; the chapters are in
 * the headers. Nothing here drops a packet: whatever is wrong, it leaves
 * untouched and a counter named after the cause goes up.
 */
#include "account.bpf.h"
#include "congest.bpf.h"
#include "egress.bpf.h"
#include "ingress.bpf.h"
#include "maps.bpf.h"
#include "mptcp.bpf.h"
#include "parse.bpf.h"
#include "react.bpf.h"
#include "sockops.bpf.h"
#include "synack.bpf.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* TC_ACT_UNSPEC: the next filter of the chain decides. TC_ACT_REDIRECT for
 * what leaves by another device: there its chain begins anew. */
static __always_inline int egress(struct __sk_buff *skb, __u32 link_len)
{
	struct srte_config *cfg = config_get();
	struct srte_flow *flow = NULL;
	struct packet pkt;

	if (!cfg || packet_redirected(skb) ||
	    !packet_known(&pkt, packet_parse(skb, &pkt, link_len),
			  SRTE_HOOK_DEV))
		return TC_ACT_UNSPEC;
	if (cfg->flags & SRTE_CONFIG_ACCOUNT_DEV)
		flow = account(skb, &pkt, cfg);
	if (cfg->generation)		/* pools were loaded */
		return packet_steer(skb, &pkt, flow, cfg);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int srte_egress(struct __sk_buff *skb)
{
	return egress(skb, ETH_HLEN);
}

/* For a device without Ethernet, such as tun. */
SEC("tc")
int srte_egress_l3(struct __sk_buff *skb)
{
	return egress(skb, 0);
}

static __always_inline int ingress(struct __sk_buff *skb, __u32 link_len)
{
	struct srte_config *cfg = config_get();

	if (cfg)
		packet_arrives(skb, link_len, cfg);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int srte_ingress(struct __sk_buff *skb)
{
	return ingress(skb, ETH_HLEN);
}

SEC("tc")
int srte_ingress_l3(struct __sk_buff *skb)
{
	return ingress(skb, 0);
}

/* 1, always: the packet passes. */
SEC("cgroup_skb/egress")
int srte_account(struct __sk_buff *skb)
{
	struct srte_config *cfg = config_get();
	struct packet pkt;

	if (!cfg)
		return 1;
	if (cfg->mark_mask)
		mark_cgroup(skb, cfg->mark_mask);
	/* No pulling here: the host made the packet, its headers are in one
	 * piece. */
	if (cfg->flags & SRTE_CONFIG_ACCOUNT_CGROUP &&
	    packet_known(&pkt, parse_linear(skb, &pkt, 0), SRTE_HOOK_CGROUP))
		account(skb, &pkt, cfg);
	return 1;
}

SEC("sockops")
int srte_sockops(struct bpf_sock_ops *ctx)
{
	struct srte_config *cfg = config_get();

	if (!cfg || !is_our_netns(ctx, cfg))
		return 1;
	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		on_connect(ctx, cfg);
		break;
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		on_listen(ctx, cfg);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		callbacks_on(ctx);
		rto_floor_set(ctx, cfg);
		on_subflow(ctx, cfg);
		break;
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		on_timeout_init(ctx, cfg);
		break;
	case BPF_SOCK_OPS_RTO_CB:
		on_rto(ctx, cfg);
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		on_retrans(ctx);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		on_state(ctx);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		on_rtt(ctx, cfg);
		break;
	}
	return 1;
}

SEC("tp_btf/tcp_retransmit_synack")
int srte_synack(__u64 *args)	/* the listener, the request */
{
	const struct request_sock *req = (void *)args[1];
	struct srte_config *cfg = config_get();

	if (cfg && in_our_netns(&req->__req_common, cfg))
		synack_move(req, cfg);
	return 0;
}

/* Reading the pinned link runs it, once for each TCP socket of the reader's
 * namespace. */
SEC("iter/tcp")
int srte_enrol(struct bpf_iter__tcp *ctx)
{
	struct srte_config *cfg = config_get();
	struct sock_common *skc = ctx->sk_common;

	if (cfg && skc && in_our_netns(skc, cfg))
		enrol(skc);
	return 0;
}
