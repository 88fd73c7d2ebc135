/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making and removing the place of the pins (pin.h): mount, directories,
 * modes. For srte-attach alone.
 *
 * Two locks guard it: one on the root of the bpffs (or, before there is a
 * mount, on the directory that it will cover) for making and removing
 * instances, one on the instance's directory for writing what is in it.
 */
#ifndef SRTE_PLACE_H
#define SRTE_PLACE_H

#include "fault.h"

#include <stdbool.h>

struct place {
	bool dir, mount, major, instance;	/* made by place_create() */
	int  root_lock, lock;			/* held until closed, or -1 */
};

/* FAULT_EXISTS if the instance is up, or what a killed `up` left of it. */
int place_vacant(struct fault *f);

/*
 * Mount bpffs where --bpffs says if there is none, and make the directories
 * of the instance; group NULL is srte if it exists. FAULT_EXISTS if the
 * instance is up, FAULT_BUSY if somebody else is at work here.
 */
int place_create(const char *group, struct place *ret, struct fault *f);
/* Take back what place_create() made, and unlock. */
void place_undo(struct place *place);

/* Lock an instance that is up, both ways. FAULT_NO_PINS, FAULT_BUSY */
int place_lock(struct place *ret, struct fault *f);
/* Remove every pin and directory of the locked instance and, when no other
 * is left, the mount that an `up` made; unlock. */
int place_destroy(struct place *place, struct fault *f);
void place_unlock(struct place *place);

/* Group of the place, and the mode of one pin in it. */
int place_share(const char *leaf, bool group_writes, struct fault *f);

#endif
