/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flows of one round, packed: what a flow really holds instead of its
 * widest shape, so that a table of 65 536 takes some 10 MB.
 */
#ifndef SRTE_SPOOL_H
#define SRTE_SPOOL_H

#include "model.h"

#include <stddef.h>

struct spool {
	char  *buf;
	size_t used, size;
	size_t n;		/* flows held */
};

/* Keep a flow record, its extra fields too. -ENOMEM */
int spool_add(struct spool *spool, const struct record *rec);

/* Take them back in order: start with *at = 0. False at the end. ret->extra
 * points into the spool. */
bool spool_next(const struct spool *spool, size_t *at, struct record *ret);

void spool_empty(struct spool *spool);	/* keeps the memory for later */
void spool_done(struct spool *spool);

#endif
