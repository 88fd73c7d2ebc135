// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer of the rows about gain: a leaf switch that sends flowlets over random
 * paths (LetFlow, NSDI 2017). A burst of a flow keeps the path of the last
 * one unless nothing came for GAP_NS; then a mark is drawn, and rules of the
 * leaf send each mark over its own spine. IPv4 without options; all else
 * stays on plain routing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define GAP_NS	500000		/* as LetFlow has it at 10 Gbit/s */
#define PATHS	3

char LICENSE[] SEC("license") = "GPL";

struct key {
	__be32 saddr, daddr, ports;	/* both ports in one word */
};

struct flowlet {
	__u64 last_ns;
	__u32 mark;		/* 1 to PATHS */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct key);
	__type(value, struct flowlet);
} flowlets SEC(".maps");

static __u32 mark_of(const struct key *key)
{
	struct flowlet new = { .last_ns = bpf_ktime_get_ns() };
	struct flowlet *old = bpf_map_lookup_elem(&flowlets, key);

	if (old && new.last_ns - old->last_ns < GAP_NS) {
		old->last_ns = new.last_ns;
		return old->mark;
	}
	new.mark = 1 + bpf_get_prandom_u32() % PATHS;
	bpf_map_update_elem(&flowlets, key, &new, BPF_ANY);
	return new.mark;
}

SEC("tc")
int flowlet(struct __sk_buff *skb)
{
	struct iphdr *ip = (void *)(long)skb->data + ETH_HLEN;
	void *end = (void *)(long)skb->data_end;
	__be32 *ports = (void *)(ip + 1);
	struct key key;

	if (skb->protocol != bpf_htons(ETH_P_IP) || (void *)(ports + 1) > end ||
	    ip->ihl != 5 || ip->protocol != IPPROTO_TCP)
		return TC_ACT_UNSPEC;
	key.saddr = ip->saddr;
	key.daddr = ip->daddr;
	key.ports = *ports;
	skb->mark = mark_of(&key);
	return TC_ACT_UNSPEC;
}
