// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accounting core of srte_egress, fed from an array instead of a device:
 * one system call then makes a million packets, where one packet a call
 * would measure the call. It is the same code, by inclusion; only parsing is
 * left out, since a key is made from the flow's number. Never attached.
 */
#include "account.bpf.h"
#include "instant.bpf.h"
#include "srh.bpf.h"
#include "steer.bpf.h"
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
	instant_judge(walk->skb, &pkt.key, flow, walk->cfg,
		      bpf_ktime_get_coarse_ns());
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

/* Which path does the flow of this number take? */
static int step_choose(__u32 i, struct walk *walk)
{
	struct choice choice = {};
	struct packet pkt = {};

	if (!walk_packet(walk, i, &pkt))
		return 1;
	path_choose(&pkt.key, flow_hash(&pkt.key), bpf_ktime_get_coarse_ns(),
		    &choice);
	asm volatile("" : : "r"(&choice) : "memory");
	return 0;
}

/* What is read of the path with this number before its header is pushed. */
static int step_path(__u32 i, struct walk *walk)
{
	struct srte_path *path;
	struct packet pkt = {};
	__u32 id;

	if (!walk_packet(walk, i, &pkt))
		return 1;
	id = walk->chunk->step[i & (REPLAY_CHUNK_STEPS - 1)].flow;
	path = bpf_map_lookup_elem(&srte_paths, &id);
	if (path && path_usable(path, &pkt))
		__builtin_memcpy(pkt.key.src, path->header, 16);
	asm volatile("" : : "r"(&pkt) : "memory");
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
int replay_choose(struct __sk_buff *skb)
{
	return run(skb, step_choose);
}

SEC("tc")
int replay_path(struct __sk_buff *skb)
{
	return run(skb, step_path);
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

/* ---- the parts of a packet's way, each with all that comes before it ---- */

SEC("tc")
int stage_parse(struct __sk_buff *skb)
{
	struct packet pkt;

	packet_parse(skb, &pkt, ETH_HLEN);
	asm volatile("" : : "r"(&pkt) : "memory");
	return TC_ACT_UNSPEC;
}

SEC("tc")
int stage_account(struct __sk_buff *skb)
{
	struct srte_config *cfg = config_get();
	struct packet pkt;

	if (cfg && packet_parse(skb, &pkt, ETH_HLEN) == PARSE_OK)
		account(skb, &pkt, cfg);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int stage_choose(struct __sk_buff *skb)
{
	struct choice choice = {};
	struct packet pkt;

	if (packet_parse(skb, &pkt, ETH_HLEN) != PARSE_OK)
		return TC_ACT_UNSPEC;
	path_choose(&pkt.key, flow_hash(&pkt.key), bpf_ktime_get_coarse_ns(),
		    &choice);
	asm volatile("" : : "r"(&choice) : "memory");
	return TC_ACT_UNSPEC;
}

/* Path 1, whatever the destination. */
static __always_inline int push(struct __sk_buff *skb, bool store)
{
	struct srte_config *cfg = config_get();
	__u32 one = 1;
	struct srte_path *path = bpf_map_lookup_elem(&srte_paths, &one);
	struct packet pkt;

	if (!cfg || !path || packet_parse(skb, &pkt, ETH_HLEN) != PARSE_OK)
		return TC_ACT_UNSPEC;
	if (push_check(skb, &pkt, path, false) != SRTE_COUNT_STEERED)
		return TC_ACT_SHOT;	/* a measurement of nothing */
	if (store)
		return srh_push(skb, &pkt, path, flow_hash(&pkt.key)) ==
		       SRTE_COUNT_STEERED ? TC_ACT_UNSPEC : TC_ACT_SHOT;
	return bpf_skb_adjust_room(skb, path->len, BPF_ADJ_ROOM_MAC,
				   BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 |
				   BPF_F_ADJ_ROOM_FIXED_GSO) ?
	       TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/* The room for the header alone, and with the header in it. */
SEC("tc")
int stage_room(struct __sk_buff *skb)
{
	return push(skb, false);
}

SEC("tc")
int stage_push(struct __sk_buff *skb)
{
	return push(skb, true);
}
