/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts on a stream of flows, round by round. One code path for a single
 * round, a follow stream and what the kernel notices: see classify.h for the
 * rules, group.h for aggregates, cap.h for limits, held.h for memory.
 */
#ifndef SRTE_JUDGE_H
#define SRTE_JUDGE_H

#include "cap.h"
#include "group.h"
#include "held.h"
#include "spool.h"
#include "topk.h"

struct judge_conf {
	struct classify_rules rules;
	struct group_by by;
	struct cap cap;
	uint64_t dwell_us;	/* a class lasts so long; follow streams only */
	uint64_t interval_us;	/* between rounds, 0: a single round */
};

/* A record with its verdict, a class record now. A negative errno ends it. */
typedef int judge_give(struct record *rec, void *arg);

struct judge {
	struct judge_conf conf;
	judge_give *give;
	void       *arg;
	struct keytable seen;		/* the flows of this round */
	struct topk     topk;		/* policy top by itself */
	struct spool    spool;		/* what has to wait for the others */
	struct groups   groups;
	struct held     held;
	/* One flow to explain: key NULL: none. */
	const struct srte_flow_key *spied;
	struct contender spy;		/* as it, or its group, was judged */
	bool        spy_found;
};

void judge_init(struct judge *j, const struct judge_conf *conf,
		judge_give *give, void *arg);
/* A flow: at once, or at the end of its round. -EEXIST: it was there in this
 * round already, and changed nothing. -ENOMEM, or what give() returned. */
int  judge_flow(struct judge *j, struct record *rec);
/* What the kernel saw cross the mark is heavy, at once. */
int  judge_notice(struct judge *j, const struct event *event);
int  judge_end_round(struct judge *j);
void judge_done(struct judge *j);

#endif
