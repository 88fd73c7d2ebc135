/* SPDX-License-Identifier: GPL-2.0-only */
/* What place.c and place_next.c share; nobody else's business. */
#ifndef SRTE_PLACE_INTERNAL_H
#define SRTE_PLACE_INTERNAL_H

#include "place.h"

#include <sys/stat.h>

/* Share with the group of that directory from now on. */
void place_group_of(const struct stat *st);
int place_make_dir(const char *path, bool *ret_made, struct fault *f);
/* The directory of our ABI, if it is missing. */
int place_make_major(bool *ret_made, struct fault *f);
/* The directories in an instance. */
int place_make_leaves(enum pin_place at, struct fault *f);

#endif
