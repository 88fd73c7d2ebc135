/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SIDs that this host may send to: an allow-list that root keeps, one
 * prefix a line, '#' before a remark. It binds whoever loads pools, so also
 * the members of the group that may write the maps. No file: any SID.
 */
#ifndef SRTE_SIDALLOW_H
#define SRTE_SIDALLOW_H

#include "pool.h"

#include <sys/types.h>

#define SIDALLOW_FILE	"/etc/srte/sid-allow"
#define SIDALLOW_OWNER	0	/* root */

/* Every segment and every endpoint's SID. FAULT_NOT_ALLOWED: one that no
 * prefix holds; FAULT_ALLOW_LIST: the file says something else, or is not the
 * owner's alone to write. */
int sidallow_check(const struct pooldoc *doc, const char *file, uid_t owner,
		   struct fault *f);

#endif
