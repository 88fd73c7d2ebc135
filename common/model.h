/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shapes that the commands hand to each other. record.c turns them into
 * JSON lines and back; flowmap.c, policymap.c and ring.c fill them from the
 * pinned maps. Nothing here owns memory except record.extra.
 */
#ifndef SRTE_MODEL_H
#define SRTE_MODEL_H

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>

#define SRTE_RECORD_VERSION	1
#define SRTE_PATH_TEXT		(2 * SRTE_NAME_MAX)	/* "pool/name" */
#define SRTE_CGROUP_TEXT	256

enum record_type {
	RECORD_OTHER,		/* a type we do not know: passed through */
	RECORD_HEADER,
	RECORD_TRAILER,
	RECORD_MARK,		/* end of a round in a follow stream */
	RECORD_FLOW,
	RECORD_CLASS,
	RECORD_ACTION,
	RECORD_EVENT,
	RECORD_PATH,
	RECORD_STATUS,
	RECORD_RULE,
	RECORD_CHECK,
	RECORD_TYPE_N
};

/* First line of every stream. */
struct header {
	char     tool[32];
	char     version[32];
	char     host[64];
	char     boot_id[40];
	char     time[32];		/* RFC 3339, UTC, microseconds */
	uint64_t link_bps;		/* slowest device speed, 0: unknown */
	uint64_t interval_us;		/* between rounds, 0: one round */
};

/* Last line, and the mark after each round. */
struct trailer {
	uint64_t records;		/* since the header or last mark */
	bool     complete;
	struct flow_totals {		/* srte-flows only */
		uint64_t inserted;	/* flows put into the table */
		uint64_t evicted;	/* of these, made room for others */
		uint64_t insert_failed;
		uint64_t admitted;	/* flows that the filter let through */
		uint64_t filtered_packets;	/* in no flow of the table */
		uint64_t filtered_bytes;
		bool     filter_engaged;
	} flows;
};

/* A flow record; a class record is one with class, reason and score. */
struct flow {
	struct srte_flow_key key;
	uint64_t bytes;
	uint64_t packets;
	uint64_t rate_bps;
	uint64_t age_us;
	uint64_t idle_us;
	uint64_t cgroup_id;		/* 0: unknown */
	char     hook[8];		/* dev, cgroup */
	char     cgroup[SRTE_CGROUP_TEXT];	/* path, "": unknown */
	char     path[SRTE_PATH_TEXT];	/* "pool/name", "": plain routing */
	uint8_t  class;			/* SRTE_CLASS_* */
	char     reason[24];		/* why: class records only */
	uint64_t score;			/* what the policy ranked by */
	uint64_t limit_bytes;		/* what it was held against */
	uint64_t limit_bps;
	uint64_t limit_us;
	uint64_t limit_flows;
	char     group[SRTE_CGROUP_TEXT];	/* judged as part of it */
};

/* What srte-steer did, or with --dry-run would do. */
struct action {
	struct srte_flow_key key;
	char     op[16];		/* add, change, renew, remove, keep,
					 * none, entry */
	uint8_t  class;
	char     reason[24];
	char     path[SRTE_PATH_TEXT];	/* after */
	char     path_was[SRTE_PATH_TEXT];	/* before, "": plain */
	uint64_t lease_us;
	bool     dry_run;
};

struct event {
	char     event[16];		/* a name of SRTE_EVENTS, or lost */
	char     time[32];		/* RFC 3339 */
	struct srte_flow_key key;
	uint64_t cgroup_id;
	char     cgroup[SRTE_CGROUP_TEXT];
	char     path[SRTE_PATH_TEXT];
	char     path_to[SRTE_PATH_TEXT];
	uint64_t rto_us;
	uint64_t srtt_us;
	uint64_t retrans;
	uint64_t timeouts;
	uint64_t bytes;
	char     rule[4];		/* "R1", "": none acted */
	uint64_t ce_permille;
	uint64_t loss_permille;
	uint64_t rounds;
	uint64_t mptcp_token;
	char     state_was[16];		/* "established" */
	char     state[16];
	uint64_t lost;			/* lost: how many, no flow */
};

/* A path as `srte-steer show` prints it. */
struct path {
	uint32_t id;
	char     path[SRTE_PATH_TEXT];	/* "pool/name" */
	char     prefix[56];		/* destination, "10.0.2.0/24" */
	char     mode[16];
	char     source[46];
	char     segments[SRTE_SEGMENTS_MAX][46];	/* in travel order */
	uint8_t  n_segments;
	uint32_t weight;
	uint32_t header_bytes;
	bool     down;
	uint64_t bytes;
	uint64_t packets;
	uint64_t rate_bps;
	uint64_t retrans;
	uint64_t rtos;
	uint64_t moved_away;
	uint64_t ce_permille;
	uint64_t srtt_us;
	char     down_by[16];		/* operator, verdict, "": up */
	uint64_t down_us;		/* for so long from now, 0: no end */
};

/* One line of `srte-attach status`. what: "instance", "device", "program",
 * "map", "counter", ... ; name and value say the rest. */
struct status {
	char     what[16];
	char     name[64];
	uint64_t value;
	char     text[128];
};

/* One rule of srte-classify, as `explain` asks it of one flow. */
struct rule {
	char     rule[16];
	bool     holds;
	uint8_t  says;		/* SRTE_CLASS_* if it holds and wins */
	uint64_t value, limit;	/* the flow's number, and the rule's */
	char     unit[8];	/* of both: bytes, bps, us */
	bool     won;
	char     reason[24];	/* verdict: as in the class record */
};

/* What one check of `srte-attach doctor` found. */
struct check {
	char     name[24];
	char     result[8];	/* ok, warn, fail, skip */
	char     cause[320];
	char     fix[160];	/* warn and fail only */
};

struct record {
	enum record_type type;
	uint64_t has;		/* bit i: field i of the table is there */
	union {
		struct header  header;
		struct trailer trailer;	/* trailer and mark */
		struct flow    flow;	/* flow and class */
		struct action  action;
		struct event   event;
		struct path    path;
		struct status  status;
		struct rule    rule;
		struct check   check;
	};
	/* Fields that the table does not know, ready to append: ,"k":v...
	 * NULL when there are none. For RECORD_OTHER the whole line.
	 * Owned by the reader, valid until its next call. */
	const char *extra;
};

#endif
