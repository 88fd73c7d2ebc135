/* SPDX-License-Identifier: GPL-2.0-only */
/* Part of abi.h, which includes it: what a pool load writes. */
#ifndef SRTE_ABI_POOLS_H
#define SRTE_ABI_POOLS_H

/* Modes of encapsulation: srte_path.mode. */
#define SRTE_MODE_ENCAP		1	/* H.Encaps, full SRH (RFC 8986 5.1) */
/* H.Encaps.Red (5.2): the SRH leaves out the first segment, and is not there
 * at all when that is the only one. */
#define SRTE_MODE_ENCAP_RED	2
/* header is an SRH alone, which goes behind the packet's own IPv6 header; the
 * program puts the packet's destination into segment list [0]. */
#define SRTE_MODE_INLINE	3

/* Inner packets that a path takes: srte_path.inner. */
#define SRTE_INNER_IPV4		0x1	/* an endpoint for an IPv4 prefix */
#define SRTE_INNER_IPV6		0x2

/*
 * srte_paths: array, path id -> srte_path. Written by srte-steer only and
 * immutable while any set names it. header is ready to push; the program
 * fills in what depends on the packet: traffic class, flow label, payload
 * length, next header.
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
	__u8  pool_index;	/* of its pool, in srte_pools.set */
	__u32 ifindex;		/* of the device that it is behind */
	__u8  gateway[16];	/* its address there: always IPv6, as the route
				 * of a SID can have no other */
	__u8  first[16];	/* first segment: destination that it leaves
				 * with */
	__u8  header[SRTE_HDR_MAX];
};
_Static_assert(sizeof(struct srte_path) == 372, "abi v1: path");

/* srte_sets: array, set id -> srte_set. Alternatives follow in order. */
struct srte_set {
	__u32 n;		/* paths in use; 0: free slot */
	__u32 generation;
	__u32 path[SRTE_SET_PATHS];
	__u16 weight[SRTE_SET_PATHS];	/* 1..65535 */
};
_Static_assert(sizeof(struct srte_set) == 104, "abi v1: set");

/* srte_routes: LPM trie, destination -> sets. IPv4 at ::ffff:0:0/96. */
struct srte_route_key {
	__u32 prefixlen;	/* 0..128, an IPv4 /n is n + 96 */
	__u8  addr[16];
};
_Static_assert(sizeof(struct srte_route_key) == 20, "abi v1: route key");

#define SRTE_POOL_DEFAULT	0	/* index of the pool "default" */
#define SRTE_POOL_HEAVY		1	/* and of "heavy" */
#define SRTE_POOLS		2	/* that every document has */
#define SRTE_POOLS_MAX		16	/* with those that matches name */

struct srte_route {
	__u32 set[SRTE_POOLS];	/* of each pool; 0: plain routing */
	__u32 generation;	/* of the load; its matches have the same */
	__u32 pools;		/* id in srte_pools; 0: no matches to ask */
};
_Static_assert(sizeof(struct srte_route) == 16, "abi v1: route");

/* srte_pools: array, id -> srte_pools: the sets of one destination. */
struct srte_pools {
	__u32 set[SRTE_POOLS_MAX];	/* by index of the pool; 0: plain */
};
_Static_assert(sizeof(struct srte_pools) == 64, "abi v1: pools");

/*
 * srte_matches: array, generation % SRTE_MATCH_TABLES -> srte_matches. A
 * packet asks the table of its route's own generation: while a load replaces
 * one route after the other, both tables are there. In the document's order;
 * the first that fits names the pools, and where none does it is default and
 * heavy.
 */
#define SRTE_MATCH_TABLES	4
#define SRTE_MATCHES_MAX	32

struct srte_match {		/* what is all zero asks for nothing */
	struct srte_flow_key value, mask;	/* (key ^ value) & mask is 0 */
	__u16 sport_first, sport_last;	/* host order, both included */
	__u16 dport_first, dport_last;	/* any port: 0 and 65535 */
	__u32 mark, mark_mask;
	__u64 cgroup_id;	/* that cgroup or one below it; 0: any */
	__u32 cgroup_level;	/* its depth, the root has 0 */
	__u8  pool;		/* index of what takes the rest, */
	__u8  heavy;		/* and of what takes heavy flows */
	__u8  pad[2];
};
_Static_assert(sizeof(struct srte_match) == 112, "abi v1: match");

struct srte_matches {
	__u32 generation;
	__u32 n;
	struct srte_match match[SRTE_MATCHES_MAX];
};
_Static_assert(sizeof(struct srte_matches) == 3592, "abi v1: matches");

/* srte_path_state: array, path id -> srte_path_state. Written by srte_sockops
 * (R5) and `srte-steer path up|down`. */
struct srte_path_state {
	__u64 down_until_ns;	/* 0: up; ~0: down until told otherwise */
	__u64 suspect_ns;	/* of the first timeout that R5 counts; under a
				 * verdict: since when data goes there again */
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
