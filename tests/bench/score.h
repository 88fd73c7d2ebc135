/* SPDX-License-Identifier: GPL-2.0-only */
/* How good verdicts about the flows of a trace were. */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "trace.h"

#include <stdbool.h>
#include <stdint.h>

struct verdict {
	bool     heavy;		/* at least once; then, at the first time: */
	uint64_t sent;		/* bytes that had left under no verdict */
	double   at_s;
	bool     is_heavy;	/* now */
	unsigned changes;	/* of mind, while the flow went on */
};

/* One JSON object. Elephants have sent so many bytes in the end; lag counts
 * from when the mark was passed. */
void score_print(const struct trace *t, const struct verdict *v,
		 uint64_t elephant, uint64_t mark);

#endif
