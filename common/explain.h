/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a flow got its class: rule by rule, for those who want to argue. */
#ifndef SRTE_EXPLAIN_H
#define SRTE_EXPLAIN_H

#include "jsonl.h"
#include "judge.h"

/* "tcp", "10.0.1.1:40000", "[fd00::1]:443"; no port: 0. FAULT_USAGE */
int explain_key(const char *proto, const char *src, const char *dst,
		struct srte_flow_key *ret, struct fault *f);

/* Rule records of the flow that judge spied on, then its verdict. Negative
 * errno when the output failed. */
int explain_each(const struct judge *judge, const struct flow *verdict,
		 struct out *out);

#endif
