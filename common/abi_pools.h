/* SPDX-License-Identifier: GPL-2.0-only */
/* Part of abi.h, which includes it: what a pool load writes. */
#ifndef SRTE_ABI_POOLS_H
#define SRTE_ABI_POOLS_H

/* Modes of encapsulation: srte_path.mode. */
#define SRTE_MODE_ENCAP		1	/* H.Encaps, full SRH (RFC 8986 5.1) */
#define SRTE_MODE_ENCAP_RED	2	/* H.Encaps.Red (5.2); one segment: no
					 * SRH, header is the IPv6 header */
#define SRTE_MODE_INLINE	3	/* header is an SRH alone, behind the
					 * packet's own IPv6 header, which takes
					 * the first segment as destination;
					 * the program puts the packet's own
					 * destination into segment list [0]
					 * (RFC 8754 4.1). IPv6 only */

/* Inner packets that a path takes: srte_path.inner. */
#define SRTE_INNER_IPV4		0x1	/* an endpoint for an IPv4 prefix */
#define SRTE_INNER_IPV6		0x2

/*
 * srte_paths: array, path id -> srte_path. Written by srte-steer only and
 * immutable while any set names it. header is the outer header ready to
 * push; the program fills in traffic class, flow label, payload length and
 * the SRH's next header, which depend on the packet.
 */
struct srte_path {
	__u16 len;		/* bytes of header; 0: free slot */
	__u8  mode;		/* SRTE_MODE_* */
	__u8  inner;		/* SRTE_INNER_* */
	__u32 generation;	/* of the pool load that wrote it */
	char  pool[SRTE_NAME_MAX];
	char  name[SRTE_NAME_MAX];
	__u8  next_hop[6];	/* MAC of the first segment's next hop */
	__u8  next_hop_known;	/* 0: not resolved, the path is not used */
	__u8  pad[1];
	__u32 hop;		/* id in srte_next_hops */
	__u8  first[16];	/* first segment: where the path goes to */
	__u8  pad2[4];
	__u8  header[SRTE_HDR_MAX];
};
_Static_assert(sizeof(struct srte_path) == 360, "abi v1: path");

/*
 * srte_next_hops: array, id -> srte_next_hop, shared by the paths that begin
 * with the same segment. Written by srte-steer: at a load, and while it
 * follows whenever routes or neighbours change. Not immutable: known goes to
 * 0 first and to 1 last, and packets in between stay plain.
 */
struct srte_next_hop {
	__u8  mac[6];		/* all zero: let the kernel find it */
	__u8  family;		/* AF_INET6 (10); AF_INET (2) for RFC 5549 */
	__u8  known;		/* 0: no route to the segment */
	__u32 ifindex;		/* device the segment is reached through */
	__u8  addr[16];		/* of the neighbour; the segment if on link */
	__u8  pad[4];
};
_Static_assert(sizeof(struct srte_next_hop) == 32, "abi v1: next hop");

/* srte_sets: array, set id -> srte_set. Alternatives follow in order. */
struct srte_set {
	__u32 n;		/* paths in use; 0: free slot */
	__u32 generation;
	__u32 path[SRTE_SET_PATHS];
	__u16 weight[SRTE_SET_PATHS];	/* 1..65535 */
	/* Which path a flow without an entry takes: index by the low bits of
	 * its hash. Filled by weighted rendezvous hashing, a slot at a time. */
	__u8  slot[SRTE_SET_SLOTS];
};
_Static_assert(sizeof(struct srte_set) == 360, "abi v1: set");

/* srte_routes: LPM trie, destination -> sets. IPv4 at ::ffff:0:0/96. */
struct srte_route_key {
	__u32 prefixlen;	/* 0..128, an IPv4 /n is n + 96 */
	__u8  addr[16];
};
_Static_assert(sizeof(struct srte_route_key) == 20, "abi v1: route key");

#define SRTE_POOL_DEFAULT	0	/* index of the pool "default" */
#define SRTE_POOL_HEAVY		1	/* and of "heavy"; others follow */
#define SRTE_POOL_NONE		0xff	/* plain routing */

struct srte_route {
	__u32 set[SRTE_POOLS_MAX];	/* of each pool; 0: plain routing */
	__u32 generation;
	__u8  pad[4];
};
_Static_assert(sizeof(struct srte_route) == 72, "abi v1: route");

/*
 * srte_matches: array, in order of the document; the first one that fits a
 * packet names its two pools, config.n_matches of them are in use. What a
 * match does not ask for is not looked at. Where none fits: default, heavy.
 */
#define SRTE_MATCH_CGROUP	0x01	/* that cgroup or one below it */
#define SRTE_MATCH_SRC		0x02
#define SRTE_MATCH_DST		0x04
#define SRTE_MATCH_PROTO	0x08
#define SRTE_MATCH_SPORT	0x10
#define SRTE_MATCH_DPORT	0x20
#define SRTE_MATCH_MARK		0x40

struct srte_match {
	__u32 asks;		/* SRTE_MATCH_* */
	__u32 cgroup_level;	/* depth of cgroup_id, the root is 0 */
	__u64 cgroup_id;
	__u32 src_len, dst_len;	/* prefixes in bits, IPv4 /n is n + 96 */
	__u8  src[16], dst[16];	/* bits behind the prefix are zero */
	__u32 mark, mark_mask;
	__u16 sport_first, sport_last;	/* host order, both included */
	__u16 dport_first, dport_last;
	__u8  proto;
	__u8  default_pool;	/* index of srte_route.set, or _NONE */
	__u8  heavy_pool;
	__u8  pad[5];
};
_Static_assert(sizeof(struct srte_match) == 80, "abi v1: match");

/*
 * srte_pools: hash, srte_pools_key -> SRTE_POOLS_CHUNK bytes of the document
 * that was loaded, as text, for `srte-steer pool show`. Chunks of another
 * generation than config's are of a load under way.
 */
#define SRTE_POOLS_CHUNK	4096
#define SRTE_POOLS_CHUNKS	1024	/* both documents of a load */

struct srte_pools_key {
	__u32 generation;
	__u32 chunk;		/* from 0; the last one ends with a NUL */
};
_Static_assert(sizeof(struct srte_pools_key) == 8, "abi v1: pools key");

/* srte_path_state: array, path id -> srte_path_state. Written by srte_sockops
 * (R5) and `srte-steer path up|down`. */
struct srte_path_state {
	__u64 down_until_ns;	/* 0: up; ~0: down until told otherwise */
	__u64 suspect_ns;	/* of the first timeout that R5 counts */
	__u32 suspect;		/* hash of the last flow counted */
	__u16 suspects;		/* flows counted since */
	__u8  verdict;		/* 1: R5 put it down. When nothing else is up
				 * it is used all the same */
	__u8  pad;
};
_Static_assert(sizeof(struct srte_path_state) == 24, "abi v1: path state");

/* srte_path_stats: per-CPU array, path id -> srte_path_stats. */
struct srte_path_stats {
	__u64 bytes;		/* inner bytes, as the flows count them */
	__u64 packets;
	__u64 retrans;
	__u64 rtos;
	__u64 moved_away;
	__u64 window_ns;	/* as in srte_flow, for the bytes of this CPU */
	__u64 window_bytes;
	__u64 rate_bps;
	__u64 delivered;	/* segments, as its senders were told */
	__u64 delivered_ce;	/* of these, marked */
	__u64 srtt_us;		/* smoothed over this CPU's flows, 0: none */
};
_Static_assert(sizeof(struct srte_path_stats) == 88, "abi v1: path stats");

#endif
