/* SPDX-License-Identifier: GPL-2.0-only */
/* A pools document from a file into the maps of this instance. */
#ifndef SRTE_POOLLOAD_H
#define SRTE_POOLLOAD_H

#include "fault.h"

#include <stdbool.h>

/* All or nothing, under the lock of the maps. With dry_run every check is made
 * and nothing written. */
int poolload(const char *name, bool dry_run, struct fault *f);

/* Documents from standard input until it ends, each in place of the last. One
 * that cannot be had is told to refused(), and the last good one stays;
 * *status is what the last refused() returned. */
typedef int poolload_refused(const struct fault *f);
int poolload_stream(bool dry_run, poolload_refused *refused, int *status,
		    struct fault *f);

#endif
