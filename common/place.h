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
#include "pin.h"

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
int place_lock(enum pin_place at, struct place *ret, struct fault *f);
/* Remove every pin and directory of the locked instance, also beside it, and,
 * when no other is left, the mount that an `up` made; unlock. */
int place_destroy(struct place *place, struct fault *f);
void place_unlock(struct place *place);

/* Group of the place, and the mode of one pin in it. */
int place_share(enum pin_place at, const char *leaf, bool group_writes,
		struct fault *f);

/* ---- for an upgrade (place_next.c); the instance is locked ---- */

/* Make PIN_NEXT, with the group of PIN_HERE or PIN_OLDER; locked. */
int place_next_create(enum pin_place from, int *ret_lock, struct fault *f);
/*
 * What is in PIN_NEXT is the instance from now on. With from PIN_HERE the two
 * change places, in one step; else PIN_NEXT gets the name of the instance.
 */
int place_next_commit(enum pin_place from, struct fault *f);
int place_next_revert(enum pin_place from, struct fault *f);
/* Killed between its two renames, a commit left the lock of the ring's reader
 * beside the instance. */
void place_next_settle(void);
/* Remove a place with all its pins. 0 when there is none. */
int place_wipe(enum pin_place at);

#endif
