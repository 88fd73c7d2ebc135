/* SPDX-License-Identifier: GPL-2.0-only */
/* Later fragments have no ports: they are known by the first one's id. */
#ifndef SRTE_FRAGMENT_BPF_H
#define SRTE_FRAGMENT_BPF_H

#include "maps.bpf.h"
#include "parse.bpf.h"

#define FRAGMENTS_MAX 1024	/* datagrams under way */

struct fragment_key {		/* hashed byte for byte */
	__u8  src[16], dst[16];
	__u32 id;
	__u8  proto;		/* RFC 791; with IPv6 it does no harm */
	__u8  pad[3];
};

struct fragment_flow {		/* what the first one says of the flow */
	struct ports ports;
	__u8 proto;		/* behind IPv6 extension headers */
	__u8 pad[3];
};

/* For the programs alone; pinned for those of an upgrade. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENTS_MAX);
	__type(key, struct fragment_key);
	__type(value, struct fragment_flow);
} srte_fragments SEC(".maps");

static __always_inline void
fragment_first(const struct fragment_key *key, const struct packet *pkt)
{
	struct fragment_flow flow = {
		.ports = { pkt->key.sport, pkt->key.dport },
		.proto = pkt->key.proto,
	};

	bpf_map_update_elem(&srte_fragments, key, &flow, BPF_ANY);
}

static __always_inline void
fragment_later(const struct fragment_key *key, struct packet *pkt)
{
	struct fragment_flow *flow;

	flow = bpf_map_lookup_elem(&srte_fragments, key);
	if (!flow) {
		count(SRTE_COUNT_FRAGMENT);
		return;
	}
	pkt->key.sport = flow->ports.src;
	pkt->key.dport = flow->ports.dst;
	pkt->key.proto = flow->proto;
}

/* Give a fragment the key of its flow. */
__noinline int packet_join(struct packet *pkt)
{
	struct fragment_key key = {};

	if (!pkt)
		return 0;
	__builtin_memcpy(key.src, pkt->key.src, sizeof(key.src));
	__builtin_memcpy(key.dst, pkt->key.dst, sizeof(key.dst));
	key.id = pkt->fragment_id;
	key.proto = pkt->fragment_proto;
	if (pkt->flags & PACKET_LATER)
		fragment_later(&key, pkt);
	else
		fragment_first(&key, pkt);
	return 0;
}

#endif
