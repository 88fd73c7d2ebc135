/* SPDX-License-Identifier: GPL-2.0-only */
/* srte_counters, summed over the CPUs, and what they say of the flow table. */
#ifndef SRTE_TALLY_H
#define SRTE_TALLY_H

#include "abi.h"
#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

/* All counters as of now; those that an older writer lacks are 0, and *ret_n
 * says how many there are. */
int tally_read(uint64_t ret[SRTE_COUNT_N], uint32_t *ret_n, struct fault *f);

/* Is the admission filter at work now? 1 or 0, or a negative errno. */
int tally_filter(const struct srte_config *config, struct fault *f);

#endif
