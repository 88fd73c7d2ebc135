/* SPDX-License-Identifier: GPL-2.0-only */
/* What an instance is doing, one line a fact. Needs read access only; what
 * only root may ask (ids of programs and links) is left out otherwise. */
#ifndef SRTE_STATUS_H
#define SRTE_STATUS_H

#include "fault.h"
#include "model.h"

/* Call each() for every fact; stops at its first non-zero. */
int status_each(int (*each)(const struct status *status, void *arg),
		void *arg, struct fault *f);

#endif
