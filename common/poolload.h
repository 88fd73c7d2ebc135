/* SPDX-License-Identifier: GPL-2.0-only */
/* A pools document from a file into the maps of this instance. */
#ifndef SRTE_POOLLOAD_H
#define SRTE_POOLLOAD_H

#include "fault.h"

#include <stdbool.h>

/* All or nothing, under the lock of the maps; "-" is standard input. With
 * dry_run every check is made and nothing written. */
int poolload(const char *name, bool dry_run, struct fault *f);

#endif
