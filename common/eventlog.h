/* SPDX-License-Identifier: GPL-2.0-only */
/* From what the ring holds to event records. */
#ifndef SRTE_EVENTLOG_H
#define SRTE_EVENTLOG_H

#include "fault.h"
#include "flowfilter.h"
#include "policymap.h"

#include <stdbool.h>

/* Learn the names of the cgroups now, lest the first event waits for that. */
void eventlog_warm(void);

/* wall_ns: wall time less CLOCK_MONOTONIC. -EINVAL: not a type we know, or
 * a flow of no family. */
int eventlog_fill(struct policymap *pm, const struct srte_event *ev,
		  int64_t wall_ns, struct event *ret);

/* Events that the ring had no room for, by srte_counters; 0 if it cannot be
 * read. */
uint64_t eventlog_lost(int counters_fd);
void eventlog_fill_lost(uint64_t lost, uint64_t time_ns, struct event *ret);

/* Is it of one of these kinds (NULL: any), and is its flow one to show?
 * Losses are never left out. */
bool eventlog_match(const char *kinds, const struct flowfilter *filter,
		    const struct event *event);
/* Is every word of the list a kind of event? FAULT_USAGE */
int eventlog_check(const char *list, struct fault *f);

#endif
