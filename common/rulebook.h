/* SPDX-License-Identifier: GPL-2.0-only */
/* What the options of srte-classify say, with the defaults filled in. */
#ifndef SRTE_RULEBOOK_H
#define SRTE_RULEBOOK_H

#include "fault.h"
#include "judge.h"

#define RULEBOOK_UNSET	UINT64_MAX

struct rulebook {
	int      policy;
	uint64_t enter_bytes, always_bytes, enter_bps, leave_bps;
	uint64_t udp_enter_bytes, udp_always_bytes, udp_enter_bps,
		 udp_leave_bps;
	uint64_t link_bps, idle_ns, min_age_ns, dwell_ns;
	double   enter_pct, share_pct, bonus_pct;	/* below 0: not given */
	uint32_t top, max_heavy, max_changes;		/* UINT32_MAX: not */
	bool     apart;
	const char *by;
};

#define RULEBOOK_DEFAULT {						\
	.enter_bytes = RULEBOOK_UNSET, .always_bytes = RULEBOOK_UNSET,	\
	.enter_bps = RULEBOOK_UNSET, .leave_bps = RULEBOOK_UNSET,	\
	.udp_enter_bytes = RULEBOOK_UNSET,				\
	.udp_always_bytes = RULEBOOK_UNSET,				\
	.udp_enter_bps = RULEBOOK_UNSET,				\
	.udp_leave_bps = RULEBOOK_UNSET,				\
	.idle_ns = 2000000000, .dwell_ns = RULEBOOK_UNSET,		\
	.enter_pct = -1, .share_pct = -1, .bonus_pct = -1,		\
	.top = UINT32_MAX, .max_heavy = UINT32_MAX,			\
	.max_changes = UINT32_MAX, .by = "flow",			\
}

/* An option without effect is a mistake that nobody would notice.
 * FAULT_USAGE */
int rulebook_check(const struct rulebook *book, struct fault *f);

/* The rules for a stream with this header. FAULT_USAGE: options that cannot
 * go with each other, or not with a single round. */
int rulebook_make(const struct rulebook *book, const struct header *header,
		  struct judge_conf *ret, struct fault *f);

#endif
