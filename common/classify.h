/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is a heavy hitter. Pure: contenders in, verdicts out, no state.
 * Hysteresis comes from the class that each has already. A contender is a
 * flow, or all flows of a cgroup or prefix (group.h).
 */
#ifndef SRTE_CLASSIFY_H
#define SRTE_CLASSIFY_H

#include "model.h"

#include <stddef.h>

enum classify_policy {
	CLASSIFY_THRESHOLD,	/* each by itself */
	CLASSIFY_SHARE,		/* smallest set with X % of the traffic */
	CLASSIFY_TOP,		/* the N heaviest */
	CLASSIFY_HEAT,		/* above the share's limit over many rounds */
};

/* X(name, word, meaning): why a flow got its class, in class records. */
#define CLASSIFY_REASONS(X)						\
	X(BYTES_RATE, "bytes_rate", "many bytes, and fast")		\
	X(BYTES, "bytes", "very many bytes")				\
	X(SHARE, "share", "in the smallest set with the share")		\
	X(TOP, "top", "among the heaviest")				\
	X(HEAT, "heat", "above the limit over the last rounds")		\
	X(NOTICE, "notice", "the kernel saw it cross the mark")		\
	X(INCUMBENT, "incumbent", "was heavy, not yet below the leave mark")\
	X(BELOW_RATE, "below_rate", "was heavy, became slow")		\
	X(IDLE, "idle", "was heavy, fell silent")			\
	X(OUTRANKED, "outranked", "was heavy, others are heavier now")	\
	X(COOLED, "cooled", "was heavy, below the limit for long")	\
	X(SMALL, "small", "was not heavy and is not")			\
	X(YOUNG, "young", "would be heavy, is too young")		\
	X(DWELL, "dwell", "would change, did so a moment ago")		\
	X(CAPPED, "capped", "would be heavy or change, too many are")

enum classify_reason {
#define X(name, word, meaning) REASON_##name,
	CLASSIFY_REASONS(X)
#undef X
	REASON_N
};

/* What the threshold policy asks; UDP may have its own. */
struct classify_marks {
	uint64_t enter_bytes;	/* together with enter_bps */
	uint64_t always_bytes;	/* without it */
	uint64_t enter_bps;	/* 0: not known, always_bytes alone decides */
	uint64_t leave_bps;	/* 0: none, only silence ends it */
};

enum { CLASSIFY_ANY, CLASSIFY_UDP, CLASSIFY_MARKS };

struct classify_rules {
	enum classify_policy policy;
	struct classify_marks marks[CLASSIFY_MARKS];
	uint64_t idle_us;
	uint64_t min_age_us;	/* younger ones do not become heavy */
	uint32_t share_milli;	/* thousandths of a percent */
	uint32_t bonus_milli;	/* what an incumbent's rate counts more */
	uint32_t top;
	bool     apart;		/* TCP, UDP and the rest, ranked each apart */
};

struct contender {
	uint64_t bytes;
	uint64_t rate_bps;
	uint64_t idle_us;
	uint64_t age_us;
	uint64_t heat_bps;	/* heat: mean rate of the last rounds */
	uint64_t heat_limit_bps;	/* and the mean limit of the same */
	uint32_t number;	/* in the round; breaks ties */
	uint8_t  class;		/* it has now */
	uint8_t  proto;
};

struct verdict {
	uint8_t  class;			/* SRTE_CLASS_* */
	enum classify_reason reason;
	uint64_t score;			/* what the policy ranked by */
	/* What it was held against; 0: nothing of the kind. */
	uint64_t limit_bytes, limit_bps, limit_us, limit_flows;
};

const char *classify_reason(enum classify_reason reason);

/* The marks that count for this protocol. */
const struct classify_marks *
classify_marks_of(const struct classify_rules *rules, uint8_t proto);

/* Threshold: one contender, at once. */
void classify_one(const struct classify_rules *rules,
		  const struct contender *c, struct verdict *ret);

/* The other policies look at a whole round. Reorders c[0..n-1] and forgets
 * the rates of the silent; writes ret[number] for each of them. */
void classify_round(const struct classify_rules *rules, struct contender *c,
		    size_t n, struct verdict *ret);

/* Top, for those who keep the ranks themselves: the score, and the verdict
 * of one that is in or is not, where the N-th has the rate last_bps. */
uint64_t classify_score(const struct classify_rules *rules,
			const struct contender *c);
void classify_ranked(const struct classify_rules *rules,
		     const struct contender *c, bool in, uint64_t last_bps,
		     struct verdict *ret);

/* The rate of the last one that the smallest set with the share takes, 0 for
 * no traffic. Reorders c. */
uint64_t classify_share_limit(const struct classify_rules *rules,
			      struct contender *c, size_t n);

/* The rules of the threshold policy in the order they are asked, each by its
 * name, for those who want to argue: 0 when there is no such number. */
struct classify_rule {
	const char *name;
	bool     holds;		/* the first that does wins */
	uint8_t  class;
	uint64_t value, limit;
	const char *unit;	/* us, bps, bytes */
};
size_t classify_explain(const struct classify_rules *rules,
			const struct contender *c, size_t i,
			struct classify_rule *ret);

#endif
