/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be wrong with this host, its devices and the instance, one check
 * after the other. Looks only: nothing is loaded, made or written.
 */
#ifndef SRTE_DOCTOR_H
#define SRTE_DOCTOR_H

#include "model.h"

#include <stdint.h>

struct doctor_plan {
	const char *const *devs;	/* NULL-ended; none: those attached */
	const char *cgroup;		/* NULL: cgroup2 root of mountinfo */
};

/* Call each() with what every check found, in the order of the table; stops
 * at its first non-zero, which is returned. *ret_failed: how many failed. */
int doctor_each(const struct doctor_plan *plan,
		int (*each)(const struct check *check, void *arg), void *arg,
		uint32_t *ret_failed);

#endif
