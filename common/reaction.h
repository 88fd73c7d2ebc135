/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of reaction and their numbers as an operator writes them:
 * "R1,R3", "all", "ce_rounds=3", "preset=eager". Touches no map.
 */
#ifndef SRTE_REACTION_H
#define SRTE_REACTION_H

#include "abi.h"
#include "fault.h"

#include <stddef.h>

/* What srte_config says about reaction. */
struct reaction {
	__u32 rules;			/* SRTE_RULE() of each in force */
	struct srte_reaction numbers;
};

/* All rules, with the numbers of PLB and PRR (srte-events(8)). */
void reaction_default(struct reaction *ret);

/* "all", "none", or some of R1 to R9. R2 is always in force. FAULT_USAGE */
int reaction_rules(const char *text, __u32 *ret, struct fault *f);

/* The same, with words of reaction_set() between them, which need not name any
 * rule: "R1,R3,ce_rounds=3", "preset=eager". FAULT_USAGE, *ret as it was. */
int reaction_read(const char *text, struct reaction *ret, struct fault *f);

/* One word of `srte-events rules set`: "R3=off", "ce_rounds=3",
 * "preset=eager". FAULT_USAGE, with *ret as it was. */
int reaction_set(const char *word, struct reaction *ret, struct fault *f);

/* "R1,R2,R9", "none". */
#define REACTION_TEXT 64
const char *reaction_text(__u32 rules, char ret[REACTION_TEXT]);

/* The rules and numbers one by one: name, value and meaning, the unit in the
 * name; stops at the first non-zero, which is returned. */
int reaction_each(const struct reaction *reaction,
		  int (*each)(const char *what, const char *name, __u64 value,
			      const char *text, void *arg), void *arg);

#endif
