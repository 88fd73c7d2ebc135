/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules as they are in force, in the pinned srte_config. */
#ifndef SRTE_REACTION_MAP_H
#define SRTE_REACTION_MAP_H

#include "reaction.h"

int reaction_map_get(struct reaction *ret, struct fault *f);

/*
 * Change them: words as reaction_set() takes them, all or none, under the
 * lock of the maps. In force from the next event on, for open connections
 * too; floors and timeouts of sockets for new connections only.
 */
int reaction_map_set(const char *const *words, int n, struct fault *f);

#endif
