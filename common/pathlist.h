/* SPDX-License-Identifier: GPL-2.0-only */
/* The loaded paths as path records: where to, which way, how much. */
#ifndef SRTE_PATHLIST_H
#define SRTE_PATHLIST_H

#include "fault.h"
#include "model.h"

/* In the order of the pools file; stops at the first non-zero of give(). */
int pathlist_each(int (*give)(const struct path *path, void *arg), void *arg,
		  struct fault *f);

#endif
