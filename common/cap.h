/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits over a whole round of flows, by their verdicts: so many may change
 * class (the leaving first, then the heaviest; falling silent is free), and
 * so many may be heavy. Pure.
 */
#ifndef SRTE_CAP_H
#define SRTE_CAP_H

#include "classify.h"

struct cap {
	uint32_t changes, heavy;	/* 0: no limit */
};

/* was[i] is the class that flow i has now. -ENOMEM, nothing changed */
int cap_round(const struct cap *cap, const uint8_t *was, struct verdict *v,
	      size_t n);

#endif
