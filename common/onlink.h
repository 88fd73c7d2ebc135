/* SPDX-License-Identifier: GPL-2.0-only */
/* Destinations on the links of this host, which no segment list may carry
 * away: no router stands between them and us. */
#ifndef SRTE_ONLINK_H
#define SRTE_ONLINK_H

#include "fault.h"
#include "pool.h"

/*
 * Add a route to no set for every connected prefix of this network namespace
 * (a route without gateway) that a shorter prefix of the compiled set covers.
 * What the pools name themselves, or a part of it, is steered as they say.
 */
int onlink_spare(struct poolset *set, struct fault *f);

#endif
