/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pin directory <bpffs>/v1/<instance>/: our own bpffs mount, because the
 * standard one vanishes inside `ip netns exec` and is read-only under systemd
 * hardening. Directory 0750 and maps 0640 or 0660 for group srte if it
 * exists, so that only srte-attach needs a capability. place.h makes it.
 *
 * All functions take the place from cli.bpffs and cli.instance.
 */
#ifndef SRTE_PIN_H
#define SRTE_PIN_H

#include "abi.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIN_PATH_MAX 256

enum pin_access { PIN_READ, PIN_WRITE };

/* What a pinned map must look like, and who may write it. */
struct pin_map {
	const char *name;
	uint32_t type;			/* BPF_MAP_TYPE_* */
	uint32_t key_size, value_size;
	bool     group_writes;
};
extern const struct pin_map pin_maps[];	/* ended by a NULL name */

/* Where pins of one instance may be: an upgrade works with two at a time. */
enum pin_place {
	PIN_HERE,	/* v1/<instance> */
	PIN_NEXT,	/* v1/<instance>+next: what an upgrade builds, and then
			 * what it replaced */
	PIN_OLDER,	/* v0/<instance>, where an older ABI has it */
	PIN_PLACES
};

/* "<bpffs>/v1/<instance>" and, with a leaf, "/<leaf>" after it. */
int pin_path(const char *leaf, char ret[PIN_PATH_MAX], struct fault *f);
int pin_path_at(enum pin_place at, const char *leaf, char ret[PIN_PATH_MAX],
		struct fault *f);
bool pin_exists(enum pin_place at, const char *leaf);
/* The ABI that an instance of this name has elsewhere, or 0. */
unsigned int pin_other_abi(void);
/* What a pinned map must look like; NULL: none that others may open. */
const struct pin_map *pin_map_find(const char *name);

/*
 * Open a pinned map. Checks once per process that srte_meta has our magic
 * and major (FAULT_OTHER_ABI names both versions), and each map's type, key
 * and value size. FAULT_NO_BPFFS, NO_PINS, NO_RIGHT say what is missing.
 * Returns a descriptor that the caller closes, or a negative errno.
 */
int pin_open(const char *map, enum pin_access access, struct fault *f);
/* What srte_meta says of the instance, which this tool can read. */
int pin_meta(struct srte_meta *ret, struct fault *f);

/*
 * flock on the pin directory; the kernel drops it when we die. Writers take
 * it exclusive and do not wait: FAULT_BUSY. Returns a descriptor to close.
 */
int pin_lock(struct fault *f);
int pin_lock_at(enum pin_place at, struct fault *f);
/* The same for the one reader of the event ring. */
int pin_lock_ring(struct fault *f);

/* One entry of a map, for those who do not see libbpf. Negative errno. A
 * per-CPU value is pin_cpus() slots, each rounded up to 8 bytes. */
int pin_get(int map_fd, const void *key, void *ret_value);
int pin_put(int map_fd, const void *key, const void *value);
int pin_del(int map_fd, const void *key);
int pin_next(int map_fd, const void *key, void *ret_next);
int pin_cpus(void);
/* How many entries a map has room for. */
int pin_room(int map_fd, uint32_t *ret);

/* Ids behind a pinned program or link; only root may ask (BPF_OBJ_GET on
 * these wants to write). The cgroup is the one a link is attached to, 0
 * for a link to something else. */
int pin_prog_id(const char *leaf, uint32_t *ret_id);
int pin_prog_id_at(enum pin_place at, const char *leaf, uint32_t *ret_id);
/* How often it ran and for how long: only what kernel.bpf_stats_enabled saw. */
int pin_prog_runs(const char *leaf, uint64_t *ret_runs, uint64_t *ret_ns);
int pin_link_id(const char *leaf, uint32_t *ret_id, uint64_t *ret_cgroup);

#endif
