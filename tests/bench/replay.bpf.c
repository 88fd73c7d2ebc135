// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accounting core of srte_egress, fed from an array instead of a device:
 * one system call then makes a million packets, where one packet a call
 * would measure the call. It is the same code, by inclusion; only parsing is
 * left out, since a key is made from the flow's number. Never attached.
 */
#include "account.bpf.h"
#include "instant.bpf.h"
#include "maps.bpf.h"
#include "parse.bpf.h"

#include "replay_abi.h"
#include "replay_key.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct replay_chunk);
} replay_trace SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct replay_seen);
} replay_seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct srte_flow);
} replay_sockets SEC(".maps");

__u32 replay_next;		/* chunk of the next run */
__u64 replay_found_bytes;	/* replay_watch: found at so many bytes */

static __always_inline void
packet_make(const struct replay_step *step, struct packet *pkt)
{
	replay_key(step->flow, &pkt->key);
	pkt->version = 6;
	pkt->bytes = step->bytes;
	pkt->segments = 1;
	pkt->hook = SRTE_HOOK_DEV;
}

struct walk {
	struct __sk_buff *skb;
	struct replay_chunk *chunk;
	struct srte_config *cfg;
};

/* False at the end of the trace. */
static __always_inline bool
walk_packet(struct walk *walk, __u32 i, struct packet *pkt)
{
	struct replay_step *step;

	if (i >= REPLAY_CHUNK_STEPS)
		return false;
	step = &walk->chunk->step[i];
	if (!step->bytes)
		return false;
	packet_make(step, pkt);
	return true;
}

/* The part of it all that is not accounting. */
static int step_control(__u32 i, struct walk *walk)
{
	struct packet pkt = {};

	if (!walk_packet(walk, i, &pkt))
		return 1;
	asm volatile("" : : "r"(&pkt) : "memory");
	return 0;
}

static int step_account(__u32 i, struct walk *walk)
{
	struct packet pkt = {};

	if (!walk_packet(walk, i, &pkt))
		return 1;
	account(walk->skb, &pkt, walk->cfg);
	return 0;
}

/* How far was each flow when the table knew that it is large? */
static int step_watch(__u32 i, struct walk *walk)
{
	struct replay_seen *seen;
	struct packet pkt = {};
	struct srte_flow *flow;
	__u32 id;

	if (!walk_packet(walk, i, &pkt))
		return 1;
	flow = account(walk->skb, &pkt, walk->cfg);
	id = walk->chunk->step[i & (REPLAY_CHUNK_STEPS - 1)].flow;
	seen = bpf_map_lookup_elem(&replay_seen, &id);
	if (!seen)
		return 1;
	seen->packets++;
	if (flow && !seen->found_at && flow->bytes >= replay_found_bytes)
		seen->found_at = seen->packets;
	return 0;
}

static __always_inline __u64 events_sent(void)
{
	__u32 slot = SRTE_COUNT_EVENTS;
	__u64 *sum = bpf_map_lookup_elem(&srte_counters, &slot);

	return sum ? *sum : 0;
}

/* At which of its packets was there a notice, and an entry that says heavy?
 * The packet takes the entry already, but not the notice. */
static int step_instant(__u32 i, struct walk *walk)
{
	struct srte_steer *entry;
	struct replay_seen *seen;
	struct packet pkt = {};
	struct srte_flow *flow;
	__u64 before = events_sent();
	__u32 id;

	if (!walk_packet(walk, i, &pkt))
		return 1;
	flow = account(walk->skb, &pkt, walk->cfg);
	instant_judge(&pkt.key, flow, walk->cfg, bpf_ktime_get_coarse_ns());
	id = walk->chunk->step[i & (REPLAY_CHUNK_STEPS - 1)].flow;
	seen = bpf_map_lookup_elem(&replay_seen, &id);
	if (!seen)
		return 1;
	seen->packets++;
	if (!seen->noticed_at && events_sent() != before)
		seen->noticed_at = seen->packets;
	if (seen->found_at)
		return 0;
	entry = bpf_map_lookup_elem(&srte_steering, &pkt.key);
	if (entry && entry->class == SRTE_CLASS_HEAVY)
		seen->found_at = seen->packets;
	return 0;
}

static __always_inline int
run(struct __sk_buff *skb, int (*step)(__u32 i, struct walk *walk))
{
	__u32 at = __sync_fetch_and_add(&replay_next, 1);
	struct walk walk = { .skb = skb };

	walk.chunk = bpf_map_lookup_elem(&replay_trace, &at);
	walk.cfg = config_get();
	if (walk.chunk && walk.cfg)
		bpf_loop(REPLAY_CHUNK_STEPS, step, &walk, 0);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int replay_control(struct __sk_buff *skb)
{
	return run(skb, step_control);
}

SEC("tc")
int replay_account(struct __sk_buff *skb)
{
	return run(skb, step_account);
}

SEC("tc")
int replay_watch(struct __sk_buff *skb)
{
	return run(skb, step_watch);
}

SEC("tc")
int replay_instant(struct __sk_buff *skb)
{
	return run(skb, step_instant);
}

SEC("tc")
int replay_empty(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

/* What accounting would cost if the flow sat in the socket; only packets
 * that have one can be counted in this way. */
SEC("tc")
int replay_socket(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct srte_flow *flow;

	if (!sk)
		return TC_ACT_UNSPEC;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return TC_ACT_UNSPEC;
	flow = bpf_sk_storage_get(&replay_sockets, sk, NULL,
				  BPF_SK_STORAGE_GET_F_CREATE);
	if (!flow)
		return TC_ACT_UNSPEC;
	__sync_fetch_and_add(&flow->bytes, skb->len);
	__sync_fetch_and_add(&flow->packets, 1);
	flow->last_ns = bpf_ktime_get_coarse_ns();
	return TC_ACT_UNSPEC;
}
