/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From classes to steering entries. steer.c decides one flow and touches no
 * map; steer_round.c carries out a whole round, or nothing of it.
 *
 * Flows that a round does not name are left alone: their leases end by
 * themselves, so a producer that dies takes nothing down with it.
 */
#ifndef SRTE_STEER_H
#define SRTE_STEER_H

#include "fault.h"
#include "model.h"
#include "pick.h"

#include <stddef.h>

#define STEER_NO_LEASE	UINT64_MAX	/* what the ABI calls "none" */

/* A class record, as much of it as deciding takes. */
struct steer_ask {
	struct srte_flow_key key;
	uint64_t line;			/* of the input, for messages */
	uint64_t rate_bps;		/* 0: not told */
	char     reason[24];
	uint8_t  class;			/* unless event */
	bool     event;			/* leave the path ... */
	bool     skip;			/* another one is about the flow too */
	char     path[SRTE_PATH_TEXT];	/* ... of this name */
};

/* What the maps know about the flow and its destination. */
struct steer_facts {
	const struct srte_steer *entry;	/* live, or NULL */
	uint32_t heavy_set;		/* 0: none */
	const struct pick *heavy;	/* its paths; NULL with heavy_set 0 */
	const char *why_none;		/* with heavy_set 0: the reason */
	bool by_load;			/* not by hash */
};

/* The same for an event: the set that the flow is on. */
struct steer_place {
	const struct srte_steer *entry;	/* live, or NULL */
	uint32_t set;			/* 0: none */
	const struct pick *pick;	/* its paths; NULL with set 0 */
};

enum steer_op {
	STEER_NOTHING,		/* rest, and no entry of ours: no record */
	STEER_NONE,		/* heavy, but no pool for it: a record only */
	STEER_KEEP,		/* as it should be: a record only */
	STEER_ADD,
	STEER_CHANGE,
	STEER_RENEW,
	STEER_REMOVE,
};

struct steer_plan {
	enum steer_op op;
	const char *reason;
	struct srte_steer entry;	/* to write: add, change, renew, keep */
};

const char *steer_op_name(enum steer_op op);	/* "" for NOTHING */

/* lease_ns: when an entry written now ends. */
void steer_decide(const struct steer_ask *ask, const struct steer_facts *facts,
		  uint64_t lease_ns, struct steer_plan *ret);

/* An event record moves the flow to the next path of its set that is up, as
 * a rule in the kernel would. On another path already: it stays. */
void steer_decide_event(const struct steer_ask *ask,
			const struct steer_place *on, uint64_t lease_ns,
			struct steer_plan *ret);

/* Kinds of events that may move a flow: a list, or "none". */
#define STEER_EVENTS "rto,syn_timeout,ecn"
int steer_events_check(const char *list, struct fault *f);	/* USAGE */
bool steer_event_asked(const char *list, const char *event);

/*
 * Just before a renewal is written: what a reaction changed in the entry
 * since it was read for planning stays. now is the entry as it is, NULL when
 * it is gone; then, or in another set, the plan holds.
 */
void steer_renew(const struct srte_steer *now, struct srte_steer *entry);

/* ---- a round ---- */

#define STEER_ROUND_MAX (16 * SRTE_FLOWS_MAX)	/* flows; bounds the memory */

struct steer_round {
	struct steer_ask *asks;
	size_t n, room;
};

struct steer_conf {
	uint64_t lease_ns;		/* length; STEER_NO_LEASE: no end */
	bool     dry_run;		/* nothing is written or locked */
	bool     by_load;		/* place where least is sent */
};

/* Takes an action record; non-zero stops, and is returned. */
typedef int steer_give(const struct action *action, void *arg);

/* FAULT_TOO_MANY, NO_MEMORY */
int steer_round_add(struct steer_round *round, const struct steer_ask *ask,
		    struct fault *f);
/* Each flow once: FAULT_BAD_RECORD names both lines. */
int steer_round_check(const struct steer_round *round, struct fault *f);
void steer_round_clear(struct steer_round *round);	/* keeps the memory */
void steer_round_done(struct steer_round *round);

/*
 * Check the round, carry it out under the lock of the maps, then hand each
 * action to give(), with the lock released. A write that fails takes back
 * those before it.
 */
int steer_round_apply(const struct steer_round *round,
		      const struct steer_conf *conf, steer_give *give,
		      void *arg, struct fault *f);

/* Take every entry away, the same way. */
int steer_flush(const struct steer_conf *conf, steer_give *give, void *arg,
		struct fault *f);

/* Every live entry, as an action record with op "entry". */
int steer_show(steer_give *give, void *arg, struct fault *f);

#endif
