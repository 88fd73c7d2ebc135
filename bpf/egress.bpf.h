/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of srte_egress and srte_account around the accounting. */
#ifndef SRTE_EGRESS_BPF_H
#define SRTE_EGRESS_BPF_H

#include "account.bpf.h"
#include "fragment.bpf.h"
#include "instant.bpf.h"
#include "srh.bpf.h"
#include "steer.bpf.h"

#include <linux/pkt_cls.h>

#define SRTE_AF_INET6	10	/* <sys/socket.h> is not for programs */

/* Words of skb->cb: they stay with the packet up to the queue of the device,
 * where a program that runs before us must leave them alone. */
#define NOTE_MAGIC	3
#define NOTE_DEVICE	4
#define REDIRECT_MAGIC	0x73727465U

static __always_inline void count_parse(enum parse why)
{
	if (why == PARSE_NOT_IP)
		count(SRTE_COUNT_NOT_IP);
	else if (why == PARSE_SHORT)
		count(SRTE_COUNT_TRUNCATED);
	else
		count(SRTE_COUNT_UNKNOWN_HEADER);
}

/* False: this one can be given to no flow, and the cause is counted. */
static __always_inline bool
packet_known(struct packet *pkt, enum parse parsed, __u8 hook)
{
	if (parsed != PARSE_OK) {
		count_parse(parsed);
		return false;
	}
	pkt->hook = hook;
	if (pkt->flags & PACKET_FRAGMENT)
		packet_join(pkt);
	return true;
}

/* The low bits of the cgroup's id, where the mask has its ones. */
static __always_inline void mark_cgroup(struct __sk_buff *skb, __u32 mask)
{
	__u32 id = bpf_skb_cgroup_id(skb);

	skb->mark = (skb->mark & ~mask) | (id * (mask & -mask) & mask);
}

/* As a flow's rate: one division a window, by the CPU's own figures. */
static __always_inline void
path_rate(struct srte_path_stats *stats, __u64 now_ns, __u64 window_ns)
{
	__u64 elapsed_ns = now_ns - stats->window_ns, rate;

	if (elapsed_ns < window_ns || elapsed_ns < 1000)
		return;
	rate = (stats->bytes - stats->window_bytes) * 8000000 /
	       (elapsed_ns / 1000);
	if (stats->rate_bps && elapsed_ns < RATE_FORGET_WINDOWS * window_ns)
		rate = (stats->rate_bps + rate) / 2;
	if (stats->window_ns)	/* not of the time before the first packet */
		stats->rate_bps = rate;
	stats->window_ns = now_ns;
	stats->window_bytes = stats->bytes;
}

static __always_inline void
path_account(__u32 id, const struct packet *pkt, __u64 now_ns, __u64 window_ns)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (!stats)
		return;
	stats->bytes += pkt->bytes;	/* per CPU */
	stats->packets += pkt->segments;
	path_rate(stats, now_ns, window_ns);
}

/* Path and class at this packet, for srte-flows. */
static __always_inline void
flow_note(struct srte_flow *flow, __u32 path_id, __u8 class)
{
	if (!flow)
		return;
	if (flow->path != path_id)
		flow->path = path_id;
	if (flow->class != class)
		flow->class = class;
}

/*
 * Let it out by the path's own device. The neighbour is told, so the kernel
 * looks up no route; it finds the MAC, or waits for it, as for any packet. On
 * that device the program sees it again, and knows it by the note.
 */
static __always_inline int
path_redirect(struct __sk_buff *skb, const struct srte_path *path)
{
	struct bpf_redir_neigh hop = { .nh_family = SRTE_AF_INET6 };

	__builtin_memcpy(hop.ipv6_nh, path->gateway, sizeof(hop.ipv6_nh));
	/* The kernel's other answer is a drop, for a parameter that a later
	 * one does not know; by its own route the packet still has a chance. */
	if (bpf_redirect_neigh(path->ifindex, &hop, sizeof(hop), 0) !=
	    TC_ACT_REDIRECT)
		return TC_ACT_UNSPEC;
	skb->cb[NOTE_MAGIC] = REDIRECT_MAGIC;
	skb->cb[NOTE_DEVICE] = path->ifindex;
	count(SRTE_COUNT_REDIRECTED);
	return TC_ACT_REDIRECT;
}

/* SRTE_COUNT_STEERED when the packet left with a header, and *ret_act then. */
static __always_inline enum srte_counter
path_push(struct __sk_buff *skb, const struct packet *pkt, __u32 path_id,
	  __u32 hash, __u64 now_ns, const struct srte_config *cfg, int *ret_act)
{
	struct srte_path *path = bpf_map_lookup_elem(&srte_paths, &path_id);
	enum srte_counter why = SRTE_COUNT_PATH_BAD;
	bool away = false;

	if (path) {
		away = !same_next_hop(skb, path);
		why = push_check(skb, pkt, path, away);
	}
	if (why == SRTE_COUNT_STEERED)
		why = srh_push(skb, pkt, path, hash);
	if (why != SRTE_COUNT_STEERED)
		return why;
	path_account(path_id, pkt, now_ns, cfg->window_ns);
	if (away)
		*ret_act = path_redirect(skb, path);
	return why;
}

/* Redirected to this device a moment ago, counted and steered on another. The
 * note is good for one look. */
static __always_inline bool packet_redirected(struct __sk_buff *skb)
{
	if (skb->cb[NOTE_MAGIC] != REDIRECT_MAGIC ||
	    skb->cb[NOTE_DEVICE] != skb->ifindex)
		return false;
	skb->cb[NOTE_MAGIC] = 0;
	return true;
}

/* A header of ours without an SRH (H.Encaps.Red) that comes by once more, on
 * the device below the one that it was pushed on. */
static __always_inline bool
is_our_header(const struct packet *pkt, const struct srte_config *cfg)
{
	const __u64 *src = (const void *)pkt->key.src;
	const __u64 *ours = (const void *)cfg->source;

	return (pkt->key.proto == IPPROTO_IPIP ||
		pkt->key.proto == IPPROTO_IPV6) && pkt->version == 6 &&
	       src[0] == ours[0] && src[1] == ours[1];
}

/* Packets that no segment list may carry; SRTE_COUNT_STEERED: it may. */
static __always_inline enum srte_counter
steer_check(const struct packet *pkt, const struct srte_config *cfg)
{
	if (pkt->flags & PACKET_LINK)
		return SRTE_COUNT_LINK_SCOPE;
	if (pkt->flags & PACKET_SRV6 || is_our_header(pkt, cfg))
		return SRTE_COUNT_ALREADY_SRV6;
	/* All of them: the later ones have no ports to find an entry by. */
	if (pkt->flags & PACKET_FRAGMENT)
		return SRTE_COUNT_FRAGMENT_PLAIN;
	if (!pkt->l3_off)
		return SRTE_COUNT_LAYER3;
	return SRTE_COUNT_STEERED;
}

/* Find the path, check, push. Returns the program's verdict. */
static __always_inline int
packet_steer(struct __sk_buff *skb, struct packet *pkt,
	     struct srte_flow *flow, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_coarse_ns();
	__u32 hash = flow_hash(&pkt->key);
	enum srte_counter why = steer_check(pkt, cfg);
	struct choice choice = {};
	int act = TC_ACT_UNSPEC;

	if (!flow)		/* counted on the cgroup hook, or not at all */
		flow = bpf_map_lookup_elem(&srte_flows, &pkt->key);
	if (why == SRTE_COUNT_STEERED && cfg->flags & SRTE_CONFIG_INSTANT)
		instant_judge(skb, &pkt->key, flow, cfg, now_ns);
	if (why == SRTE_COUNT_STEERED)
		why = path_choose_packet(skb, &pkt->key, hash, now_ns,
					 &choice);
	if (cfg->flags & SRTE_CONFIG_INSTANT)
		instant_renew(&choice, cfg, now_ns);
	if (why == SRTE_COUNT_STEERED)
		why = path_push(skb, pkt, choice.path_id, hash, now_ns, cfg,
				&act);
	if (why != PLAIN)
		count(why);
	flow_note(flow, why == SRTE_COUNT_STEERED ? choice.path_id : 0,
		  choice.entry ? choice.entry->class : SRTE_CLASS_REST);
	return act;
}

#endif
