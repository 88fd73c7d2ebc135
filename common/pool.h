/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pools: what an operator writes (srte-pools(5)), and what the programs
 * need. poolfile.c reads the document, pool.c compiles pools x endpoints
 * into paths, sets and routes, policymap.c publishes them. Compiling is
 * pure: no map, no privilege.
 */
#ifndef SRTE_POOL_H
#define SRTE_POOL_H

#include "abi.h"
#include "fault.h"

#include <stddef.h>

#define POOL_DEFAULT	"default"
#define POOL_HEAVY	"heavy"

/* One route for each, one spare for IPv4 (pool.c), and one free: kernels
 * before 6.13 refuse even an update when the trie is full. */
#define POOL_ENDPOINTS_MAX (SRTE_ROUTES_MAX - 2)

#define POOL_RISKS_MAX 8

struct pool_entry {
	char     name[SRTE_NAME_MAX];
	__u8     segments[SRTE_SEGMENTS_MAX][16];	/* travel order */
	__u8     n_segments;
	__u8     mode;				/* SRTE_MODE_* */
	__u16    weight;			/* 1 when not given */
	__u8     n_risks;			/* what it may share */
	char     risk[POOL_RISKS_MAX][SRTE_NAME_MAX];
};

struct pool {
	char     name[SRTE_NAME_MAX];
	struct pool_entry *entries;
	size_t   n_entries;
};

struct pool_endpoint {
	struct srte_route_key prefix;
	__u8     sid[16];	/* all zero: last waypoint decapsulates */
};

#define POOL_CGROUP_MAX 256

struct pool_match {
	char     cgroup[POOL_CGROUP_MAX];	/* "/db"; "": any */
	struct srte_match match;	/* cgroup_id by poolfile_read() */
};

/* A pools document. Owns its arrays; pooldoc_done() frees them. */
struct pooldoc {
	__u8     source[16];		/* all zero: take the device's */
	__u8     hop_limit;		/* of the outer header */
	struct srte_route_key usid_block;	/* prefixlen 0: not given */
	struct pool_endpoint *endpoints;
	size_t   n_endpoints;
	struct pool *pools;
	size_t   n_pools;
	struct pool_match *matches;
	size_t   n_matches;
};

/* Where the pool stands in srte_pools.set, whether or not the document has a
 * default or heavy one. -1: no such pool, or no index left. */
int pool_index(const struct pooldoc *doc, const char *name);

/* Read and validate. Unknown or duplicate keys, wrong types, bad SIDs,
 * duplicate names or prefixes, too many segments: FAULT_POOLS_FILE, BAD_SID,
 * TOO_LONG, TOO_MANY, naming the place ("pools.heavy[1].segments[0]"). */
int poolfile_read(const char *name, struct pooldoc *ret, struct fault *f);
/* The same of bytes that have been read, at most POOLFILE_MAX. */
#define POOLFILE_MAX (16U << 20)
int poolfile_parse(const char *name, char *bytes, size_t len,
		   struct pooldoc *ret, struct fault *f);
void pooldoc_done(struct pooldoc *doc);

/* Compiled: ids are 1-based indexes into these arrays; id 0 is "none". */
struct poolset {
	struct srte_path *paths;
	size_t n_paths;
	struct srte_set *sets;
	size_t n_sets;
	struct srte_route *routes;
	struct srte_route_key *route_keys;
	struct srte_pools *pools;	/* of each route */
	size_t n_routes;
	struct srte_matches matches;
	__u32 push_max;			/* longest header, bytes */
	__u8  source[16];		/* of every outer header */
};

/* mtu: smallest of the devices, 0 when not known. A header that leaves less
 * than 1280 bytes (RFC 8200 5) for the inner packet is FAULT_TOO_LONG and
 * says by how much. */
int pool_compile(const struct pooldoc *doc, __u32 mtu, struct poolset *ret,
		 struct fault *f);
void poolset_done(struct poolset *set);

/* A header to build: in SRTE_MODE_INLINE segments are the waypoints alone. */
struct srh_spec {
	__u8 mode, inner, hop_limit;
	const __u8 *source;			/* 16 bytes */
	const __u8 (*segments)[16];		/* travel order */
	size_t n;
};

/* The header (RFC 8754 2, RFC 8986 5.1 and 5.2) into buf[SRTE_HDR_MAX];
 * returns its length in bytes, 0 when n is out of range. */
size_t srh_build(const struct srh_spec *spec, __u8 *buf);
/* The segments that it was built from, in travel order; their number. */
size_t srh_segments(const struct srte_path *path,
		    __u8 ret[SRTE_SEGMENTS_MAX][16]);
/* "encap", "encap.red", "inline" and SRTE_MODE_*; -EINVAL, NULL */
int srh_mode_parse(const char *text, __u8 *ret);
const char *srh_mode_name(__u8 mode);

/*
 * uSIDs (RFC 9800 4.1, NEXT-C-SID): 16 bits each, packed behind the block
 * into as few 128-bit carriers as hold them. A carrier's free end is zero.
 */
#define USID_BITS	16

/* How many a carrier holds; 0: no such block. */
size_t usid_per_carrier(const struct srte_route_key *block);
/* n >= 1 of them, host order, none 0; room for all in ret[]. Returns the
 * number of carriers. */
size_t usid_pack(const struct srte_route_key *block, const __u16 *usids,
		 size_t n, __u8 (*ret)[16]);

#endif
