/* SPDX-License-Identifier: GPL-2.0-only */
/* What steer_round.c and steer_all.c share: steps on the maps, worked out
 * before the first one is written. */
#ifndef SRTE_STEER_WORK_H
#define SRTE_STEER_WORK_H

#include "match.h"
#include "policymap.h"
#include "steer.h"

struct step {
	enum steer_op op;
	bool had;			/* an entry; it is was */
	bool written;
	struct srte_steer was, entry;
	struct action action;
};

struct work {
	struct policymap pm;
	const struct steer_conf *conf;
	struct fault *fault;
	uint64_t now, lease_ns;		/* when a lease of now ends */
	struct step *steps;
	size_t n, room;
	struct pick *picks[SRTE_SETS_MAX];	/* by set id, as asked for;
						 * rates as planned */
	struct match_table *matches;	/* as read last; NULL: not yet */
};

/* room for n steps; now is read. What it opens work_done() closes, also after
 * a failure. */
int work_open(struct work *w, size_t n);
void work_done(struct work *w);
/* Exclusive, unless nothing will be written: then -1, and no fault. */
int work_lock(const struct steer_conf *conf, struct fault *f);
int work_failed(const struct work *w, const char *what, int err);

/* The paths of a set, read once a round; NULL: no such set. */
const struct pick *work_pick(struct work *w, uint32_t set);
/* The set of the flow's pool by the route, as its matches choose: the one for
 * heavy flows, or of all the one that has a path of that name. 0: none. */
uint32_t work_heavy_set(struct work *w, const struct srte_flow_key *key,
			const struct srte_route *route);
uint32_t work_set_with(struct work *w, const struct srte_route *route,
		       const char *path);
/* NULL when there is no room for another. */
struct step *work_step(struct work *w, const struct srte_flow_key *key,
		       uint8_t class);
/* Fill in the record of a step. */
void work_tell(struct work *w, struct step *step, const char *op,
	       const char *reason);

/* All steps or none. */
int work_write(struct work *w);
/* Their records, in order; stops at the first non-zero of give(). */
int work_give(const struct work *w, steer_give *give, void *arg);

#endif
