/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests and the benchmark hang on devices of their own namespaces,
 * with tc, see tests/lib/hooks.bash. Each counts what it saw under its name in
 * the map of that name.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define ROUTING		43
#define UDP		17
#define SRH_TYPE	4
#define WAYPOINTS	2	/* in the lists of drop_checked, below */

/* Names are the keys that `bpftool map dump` shows. */
struct seen {
	__u64 packets, bytes;
	__u64 marked;		/* mark_ce: now carry CE */
	__u64 whole, broken;	/* drop_checked: segment lists; others are */
	__u64 plain;		/* packets without one */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

static __always_inline struct seen *note(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct seen *s = bpf_map_lookup_elem(&seen, &zero);

	if (s) {
		s->packets++;
		s->bytes += skb->len;
	}
	return s;
}

/* The end of the road, for nothing behind it to be measured as well. */
SEC("tc")
int drop(struct __sk_buff *skb)
{
	note(skb);
	return TC_ACT_SHOT;
}

/* A congested router: marks what can be marked, in the outermost header. */
SEC("tc")
int mark_ce(struct __sk_buff *skb)
{
	struct seen *s = note(skb);

	if (s && bpf_skb_ecn_set_ce(skb) == 1)
		s->marked++;
	return TC_ACT_UNSPEC;
}

/* As a VLAN device does it: the tag is beside the frame, not in it. */
SEC("tc")
int tag(struct __sk_buff *skb)
{
	note(skb);
	bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 10);
	return TC_ACT_UNSPEC;
}

struct srh {
	__u8 next, len, type, left, last, flags;
	__be16 tag;
	struct in6_addr segment[WAYPOINTS + 1];
};

/*
 * Lists are made so that a torn one shows: the second 16 bits of each segment
 * name the document, the third the path. Segment 0, the endpoint, belongs to
 * all paths of its document.
 */
static __always_inline int
is_whole(const struct ipv6hdr *ip6, const struct srh *srh)
{
	const struct in6_addr *at = srh->segment;
	int i;

	if (srh->type != SRH_TYPE || srh->len != 2 * (WAYPOINTS + 1) ||
	    srh->left != WAYPOINTS || srh->last != WAYPOINTS)
		return 0;
	for (i = 0; i < 4; i++)
		if (ip6->daddr.in6_u.u6_addr32[i] !=
		    at[WAYPOINTS].in6_u.u6_addr32[i])
			return 0;
	return at[0].in6_u.u6_addr16[1] == at[1].in6_u.u6_addr16[1] &&
	       at[1].in6_u.u6_addr16[1] == at[2].in6_u.u6_addr16[1] &&
	       at[1].in6_u.u6_addr16[2] == at[2].in6_u.u6_addr16[2] &&
	       at[0].in6_u.u6_addr16[7] == bpf_htons(0xe) &&
	       at[1].in6_u.u6_addr16[7] == bpf_htons(2) &&
	       at[2].in6_u.u6_addr16[7] == bpf_htons(1);
}

SEC("tc")
int drop_checked(struct __sk_buff *skb)
{
	struct seen *s = note(skb);
	struct ipv6hdr *ip6;
	struct srh *srh;

	bpf_skb_pull_data(skb, ETH_HLEN + sizeof(*ip6) + sizeof(*srh));
	ip6 = (void *)(long)skb->data + ETH_HLEN;
	srh = (void *)(ip6 + 1);
	if (!s || skb->protocol != bpf_htons(ETH_P_IPV6) ||
	    (void *)(srh + 1) > (void *)(long)skb->data_end)
		return TC_ACT_SHOT;	/* too short for either, not ours */
	if (ip6->nexthdr == UDP)
		s->plain++;
	else if (ip6->nexthdr != ROUTING)
		return TC_ACT_SHOT;
	else if (is_whole(ip6, srh))
		s->whole++;
	else
		s->broken++;
	return TC_ACT_SHOT;
}

struct outer {
	__u32 ifindex;		/* where it goes then */
	__u8  header[80];
};

/* What encap_fib pushes; written by whoever hangs it up. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct outer);
} outer SEC(".maps");

/*
 * The peer of a cached next hop: push a header, and let the kernel look up
 * where that one goes.
 */
SEC("tc")
int encap_fib(struct __sk_buff *skb)
{
	__u32 zero = 0, len = skb->len - ETH_HLEN;
	struct outer *o = bpf_map_lookup_elem(&outer, &zero);
	__be16 payload = bpf_htons(len + 40);
	__be16 proto = bpf_htons(ETH_P_IPV6);

	if (!o)
		return TC_ACT_UNSPEC;
	if (bpf_skb_adjust_room(skb, 80, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 |
				BPF_F_ADJ_ROOM_FIXED_GSO) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN, o->header, 80, 0) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN + 4, &payload, 2, 0) ||
	    bpf_skb_store_bytes(skb, 12, &proto, 2, 0))
		return TC_ACT_UNSPEC;
	return bpf_redirect_neigh(o->ifindex, NULL, 0, 0);
}
