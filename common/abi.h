/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel/user contract: every record that a pinned map holds.
 *
 * This is the only declaration of these layouts; bpf/ and common/ both
 * include it. A change of layout *or of meaning* bumps SRTE_ABI_MAJOR,
 * which is part of the pin path, so two versions never meet in one map.
 * Giving a reserved, zeroed field a meaning that zero already had bumps
 * SRTE_ABI_MINOR only.
 *
 * Times are CLOCK_MONOTONIC nanoseconds (bpf_ktime_get_ns and its coarse
 * twin) unless a name says otherwise. Bytes are wire bytes at the IP layer:
 * a GSO packet counts the headers of each of its segments, packets count
 * segments.
 */
#ifndef SRTE_ABI_H
#define SRTE_ABI_H

#include <linux/types.h>

#define SRTE_MAGIC		0x73727465U	/* "srte" */
#define SRTE_ABI_MAJOR		1		/* <bpffs>/v1/<instance>/ */
#define SRTE_ABI_MINOR		1

/* Our own place in a device's filter chain; never touch any other. */
#define SRTE_TC_PRIORITY	0x5e60
#define SRTE_TC_HANDLE		0x5e6

/* Limits of the records below. */
#define SRTE_HDR_MAX		256	/* outer header, bytes */
#define SRTE_SEGMENTS_MAX	13	/* 40 + 8 + 16 * 13 = 256 */
#define SRTE_SET_PATHS		16
#define SRTE_NAME_MAX		32	/* with the final NUL */

/* Sizes of the maps (entries). */
#define SRTE_FLOWS_MAX		65536
#define SRTE_STEERING_MAX	65536
#define SRTE_PATHS_MAX		4096	/* id 0 means "no path" */
#define SRTE_SETS_MAX		2048	/* id 0 means "no set" */
#define SRTE_ROUTES_MAX		4096
#define SRTE_POOLS_IDS		8192	/* two loads' routes; 0: no pools */
#define SRTE_DEVICES_MAX	64
#define SRTE_EVENTS_BYTES	(1U << 20)
#define SRTE_FILTER_BUCKETS	8192	/* a CPU: 512 KiB, 32,768 flows */

#include "abi_counters.h"

struct srte_flow_key {		/* hashed byte for byte: zero it first */
	__u8   src[16], dst[16];	/* IPv4 sits at ::ffff:0:0/96 */
	__be16 sport, dport;		/* 0 where the protocol has none */
	__u8   proto;			/* IPPROTO_* */
	__u8   pad[3];
};
_Static_assert(sizeof(struct srte_flow_key) == 40, "abi v1: flow key");

#include "abi_pools.h"
#include "abi_react.h"

/* Classes: what srte_flow.class and srte_steer.class hold. */
#define SRTE_CLASS_REST		0
#define SRTE_CLASS_HEAVY	1

/* What the programs remember of it: srte_flow.flags. */
#define SRTE_FLOW_INSTANT	0x1	/* instant mode has had its say */

/* Which program counted a flow: srte_flow.hook. */
#define SRTE_HOOK_DEV		1	/* srte_egress, on a device */
#define SRTE_HOOK_CGROUP	2	/* srte_account, on a cgroup */

/*
 * srte_flows: LRU hash, srte_flow_key -> srte_flow. Written by the programs.
 * bytes and packets only grow, atomically. The window fields are written by
 * whichever CPU rotates the window; a reader takes rate_bps and lets it
 * decay by itself once the flow has been idle for longer than a window.
 */
struct srte_flow {
	__u64 bytes;
	__u64 packets;
	__u64 first_ns;
	__u64 last_ns;
	__u64 window_ns;	/* start of the window under way */
	__u64 window_bytes;	/* bytes at that moment */
	__u64 rate_bps;		/* bits/s of the full windows, smoothed */
	__u64 cgroup_id;	/* 0: not known */
	__u32 path;		/* path of the last packet, 0: plain routing */
	__u32 ifindex;		/* device that it left through */
	__u8  class;		/* SRTE_CLASS_* at the last packet */
	__u8  hook;		/* SRTE_HOOK_DEV or _CGROUP */
	__u8  flags;		/* SRTE_FLOW_* */
	__u8  pad[1];
	__u32 tick;		/* the kernel's, at the last packet */
};
_Static_assert(sizeof(struct srte_flow) == 80, "abi v1: flow");

/*
 * srte_filter: array of buckets, SRTE_FILTER_BUCKETS for each possible CPU
 * one after the other: who loads sets max_entries. A CPU's part is its own.
 * It stands before srte_flows while it is engaged: a flow that is not in the
 * table is counted here, and moves there at config.admit_bytes. RAP looks
 * into one bucket, one cache line; HashPipe takes the buckets as one row of
 * slots, cut into stages.
 */
#define SRTE_FILTER_WAYS	4
#define SRTE_FILTER_STAGES	6	/* of HashPipe */

struct srte_filter_slot {
	__u64 print : 48;	/* of the flow's hash; 0: free slot */
	__u64 packets : 16;	/* the flow's own, at most 65535 */
	__u32 weight;		/* bytes that admit it: RAP counts those of
				 * the flows whose place it took as well */
	__u32 bytes;		/* the flow's own, which go with it */
};
_Static_assert(sizeof(struct srte_filter_slot) == 16, "abi v1: filter slot");

struct srte_filter_bucket {
	struct srte_filter_slot slot[SRTE_FILTER_WAYS];
};
_Static_assert(sizeof(struct srte_filter_bucket) == 64, "abi v1: filter");

/* srte_admission: array of one. Written by the programs under _AUTO only. */
struct srte_admission {
	__u64 engaged_ns;	/* the filter is engaged until then */
	__u64 window_ns;	/* start of the second under way */
	__u64 fresh;		/* new flows in it */
};
_Static_assert(sizeof(struct srte_admission) == 24, "abi v1: admission");

/* Why a steering entry is what it is: srte_steer.reason. */
#define SRTE_REASON_CLASS	1	/* srte-steer applied a class record */
#define SRTE_REASON_EVENT	2	/* srte-steer applied an event record */
#define SRTE_REASON_RTO		3	/* rule R1 in the kernel */
#define SRTE_REASON_GAVE_UP	4	/* rule R9: no path of the set worked */
#define SRTE_REASON_CE		5	/* rule R3: the path marks */
#define SRTE_REASON_LOSS	6	/* rule R6: the path loses silently */
#define SRTE_REASON_DUPLICATES	7	/* rule R7: our ACKs do not arrive */
#define SRTE_REASON_SUBFLOW	8	/* MPTCP: a path of its own */
#define SRTE_REASON_INSTANT	9	/* instant mode, at heavy_bytes */

/*
 * srte_steering: hash, srte_flow_key -> srte_steer. Written by srte-steer
 * (whole value) and srte_sockops (active, moves, moved_ns, reason in place).
 * The path in use is set.path[active]; set 0 says plain routing. An entry
 * whose lease is over counts as absent.
 */
struct srte_steer {
	__u64 lease_ns;		/* end of the lease; ~0 for none */
	__u64 moved_ns;		/* last move by reaction, 0: never */
	__u32 set;		/* id in srte_sets */
	__u16 active;		/* index into the set's paths */
	__u16 moves;		/* moves by reaction since it was written */
	__u8  class;		/* SRTE_CLASS_* */
	__u8  reason;		/* SRTE_REASON_* */
	__u8  instant;		/* 1: made by instant mode, and kept alive by
				 * the flow's own packets */
	__u8  pad[5];
};
_Static_assert(sizeof(struct srte_steer) == 32, "abi v1: steer");

/* srte_config: array of one. Written by srte-attach and srte-events;
 * push_max, generation and source by a pool load. */
#define SRTE_CONFIG_ACCOUNT_DEV	0x1	/* srte_egress accounts */
#define SRTE_CONFIG_ACCOUNT_CGROUP 0x2	/* srte_account does; never both */
#define SRTE_CONFIG_INSTANT	0x4	/* heavy from heavy_bytes on, at once */

/* Which flows get into srte_flows: srte_config.admit. */
#define SRTE_ADMIT_AUTO		0	/* all, until there are too many new */
#define SRTE_ADMIT_ALL		1	/* all: the filter is off */
#define SRTE_ADMIT_HEAVY	2	/* from admit_bytes on, always */

#define SRTE_ADMIT_BYTES	65536	/* default of admit_bytes */
#define SRTE_ADMIT_BYTES_MAX	(1U << 30)

/* How the filter chooses: srte_config.filter. */
#define SRTE_FILTER_RAP		0	/* 4-way randomised admission */
#define SRTE_FILTER_HASHPIPE	1	/* HashPipe, six stages */

#define SRTE_SEED_WORDS		5	/* one for each 8 bytes of a key */

struct srte_config {
	__u32 flags;		/* SRTE_CONFIG_* */
	__u32 rules;		/* SRTE_RULE_* in force */
	__u64 window_ns;	/* rate window */
	__u64 reaction_lease_ns;	/* lease of an entry that R1 makes */
	__u64 jiffy_ns;		/* length of a kernel tick */
	__u64 heavy_bytes;	/* bytes at which a notice is sent, 0: none */
	__u32 mtu;		/* smallest MTU of the devices, 0: not known */
	__u32 push_max;		/* longest header of any path, bytes */
	__u32 generation;	/* of the last pool load */
	__u32 admit;		/* SRTE_ADMIT_* */
	__u64 admit_bytes;	/* up to SRTE_ADMIT_BYTES_MAX */
	__u32 filter;		/* SRTE_FILTER_* */
	__u32 mark_mask;	/* bits of the mark that tell the cgroup: one
				 * run of ones, 0: none */
	__u64 seed[SRTE_SEED_WORDS];	/* of the filter's hash, random */
	__u64 netns_cookie;	/* of the devices: sockets elsewhere are not
				 * ours; 0: every namespace */
	struct srte_reaction reaction;	/* the numbers of the rules */
	__u8  source[16];	/* of the outer header, all zero: not known */
};
_Static_assert(sizeof(struct srte_config) == 200, "abi v1: config");

/* srte_meta: array of one, written once by srte-attach. */
struct srte_meta {
	__u32 magic;
	__u16 major, minor;
	__u64 created_ns;	/* CLOCK_REALTIME */
	char  writer[SRTE_NAME_MAX];	/* version of the srte-attach */
	char  boot_id[40];
};
_Static_assert(sizeof(struct srte_meta) == 88, "abi v1: meta");

/* srte_devices: hash, srte_device_key -> srte_device; by srte-attach. */
struct srte_device_key {
	__u64 netns;		/* inode of the network namespace */
	__u32 ifindex;
	__u8  pad[4];
};
_Static_assert(sizeof(struct srte_device_key) == 16, "abi v1: device key");

/* How srte_egress is attached: srte_device.hook. */
#define SRTE_HOOK_CLSACT	1
#define SRTE_HOOK_TCX		2

struct srte_device {
	char  name[16];		/* IFNAMSIZ */
	__u32 mtu;
	__u32 hook;		/* SRTE_HOOK_* */
	__u32 made_qdisc;	/* 1: we added the clsact qdisc */
	__u32 speed_mbps;	/* 0: not known */
};
_Static_assert(sizeof(struct srte_device) == 32, "abi v1: device");

#endif
