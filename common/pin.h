/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pin directory <bpffs>/v1/<instance>/: our own bpffs mount, because the
 * standard one vanishes inside `ip netns exec` and is read-only under systemd
 * hardening. Directory 0750 and maps 0640 or 0660 for group srte if it
 * exists, so that only srte-attach needs a capability.
 *
 * All functions take the place from cli.bpffs and cli.instance.
 */
#ifndef SRTE_PIN_H
#define SRTE_PIN_H

#include "abi.h"
#include "fault.h"

#include <stdbool.h>

#define PIN_PATH_MAX 256

enum pin_access { PIN_READ, PIN_WRITE };

/* "<bpffs>/v1/<instance>" and, with a leaf, "/<leaf>" after it. */
int pin_path(const char *leaf, char ret[PIN_PATH_MAX], struct fault *f);

/*
 * Open a pinned map. Checks once per process that srte_meta has our magic
 * and major (FAULT_OTHER_ABI names both versions), and each map's type, key
 * and value size. FAULT_NO_BPFFS, NO_PINS, NO_RIGHT say what is missing.
 * Returns a descriptor that the caller closes, or a negative errno.
 */
int pin_open(const char *map, enum pin_access access, struct fault *f);

/*
 * flock on the pin directory; the kernel drops it when we die. Writers take
 * it exclusive and do not wait: FAULT_BUSY. Returns a descriptor to close.
 */
int pin_lock(struct fault *f);

/* For srte-attach alone: make and remove the place. pin_create mounts bpffs
 * if DIR is none and makes the directories; it tells what it made, so that
 * a failed `up` takes back just that. pin_destroy removes the instance and,
 * when no instance is left, the mount that we made. */
struct pin_made { bool dir, mount, major, instance; };
int pin_create(struct pin_made *ret_made, struct fault *f);
void pin_undo(const struct pin_made *made);
int pin_destroy(struct fault *f);
/* Owner group srte and mode for one pin; writable by the group or not. */
int pin_share(const char *path, bool group_writes, struct fault *f);

#endif
