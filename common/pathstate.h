/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths taken out of use and put back, by an operator. */
#ifndef SRTE_PATHSTATE_H
#define SRTE_PATHSTATE_H

#include "fault.h"

#include <stdint.h>

/* name is "pool/name": its paths to all destinations. Flows on them move at
 * their next packet; with no other path up they travel on plain routing.
 * for_ns 0: until it is put up again. FAULT_NO_PATH */
int pathstate_down(const char *name, uint64_t for_ns, struct fault *f);
int pathstate_up(const char *name, struct fault *f);

#endif
