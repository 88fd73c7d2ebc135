/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is a heavy hitter. Pure: flows in, verdicts out, no state between
 * runs. Hysteresis comes from the class that the flow record already has.
 */
#ifndef SRTE_CLASSIFY_H
#define SRTE_CLASSIFY_H

#include "model.h"

#include <stddef.h>

enum classify_policy {
	CLASSIFY_THRESHOLD,	/* each flow by itself */
	CLASSIFY_SHARE,		/* smallest set with X % of the traffic */
	CLASSIFY_TOP,		/* the N heaviest */
};

/* X(name, word, meaning): why a flow got its class, in class records. */
#define CLASSIFY_REASONS(X)						\
	X(BYTES_RATE, "bytes_rate", "many bytes, and fast")		\
	X(BYTES, "bytes", "very many bytes")				\
	X(SHARE, "share", "in the smallest set with the share")		\
	X(TOP, "top", "among the heaviest")				\
	X(INCUMBENT, "incumbent", "was heavy, not yet below the leave mark")\
	X(BELOW_RATE, "below_rate", "was heavy, became slow")		\
	X(IDLE, "idle", "was heavy, fell silent")			\
	X(OUTRANKED, "outranked", "was heavy, others are heavier now")	\
	X(SMALL, "small", "was not heavy and is not")

enum classify_reason {
#define X(name, word, meaning) REASON_##name,
	CLASSIFY_REASONS(X)
#undef X
	REASON_N
};

struct classify_rules {
	enum classify_policy policy;
	uint64_t enter_bytes;	/* together with enter_bps */
	uint64_t always_bytes;	/* without it */
	uint64_t enter_bps;	/* 0: not known, always_bytes alone decides */
	uint64_t leave_bps;	/* 0: none, only silence ends it */
	uint64_t idle_us;
	uint32_t share_milli;	/* thousandths of a percent */
	uint32_t top;
};

struct verdict {
	uint8_t  class;			/* SRTE_CLASS_* */
	enum classify_reason reason;
	uint64_t score;			/* what the policy ranked by */
};

const char *classify_reason(enum classify_reason reason);

/* Threshold: one flow, at once. */
void classify_flow(const struct classify_rules *rules,
		   const struct flow *flow, struct verdict *ret);

/* Share and top look at a whole round. Only this much of a flow counts. */
struct contender {
	uint64_t rate_bps;
	uint64_t idle_us;
	uint32_t number;	/* in the round; breaks ties */
	uint8_t  class;		/* it has now */
};

/* Reorders flow[0..n-1]; writes ret[number] for each of them. */
void classify_round(const struct classify_rules *rules,
		    struct contender *flows, size_t n, struct verdict *ret);

#endif
