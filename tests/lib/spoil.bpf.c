// SPDX-License-Identifier: GPL-2.0-only
/* What a bad path does, for `tc filter ... bpf obj spoil.bpf.o sec NAME`. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 first_mark_ns;	/* CLOCK_TAI: wall time but for whole seconds */

/* A queue that is long: CE on every packet that can hold it. */
SEC("mark")
int spoil_mark(struct __sk_buff *skb)
{
	if (bpf_skb_ecn_set_ce(skb) && !first_mark_ns)
		first_mark_ns = bpf_ktime_get_tai_ns();
	return TC_ACT_UNSPEC;
}

/* A dirty fibre: every 32nd or so of the packets longer than an ACK. */
SEC("lose")
int spoil_lose(struct __sk_buff *skb)
{
	return skb->len > 400 && !(bpf_get_prandom_u32() & 31) ? TC_ACT_SHOT :
	       TC_ACT_UNSPEC;
}
