/* SPDX-License-Identifier: GPL-2.0-only */
/* An upgrade goes on with the maps that are there: nothing is copied, so
 * nothing is lost, and whoever has them open goes on as well. */
#include "attach_internal.h"

#include "cleanup.h"
#include "log.h"
#include "pin.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

/* What this version would make itself. */
static bool same_shape(const struct bpf_map *map,
		       const struct bpf_map_info *info)
{
	return info->type == bpf_map__type(map) &&
	       info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map) &&
	       info->max_entries == bpf_map__max_entries(map);
}

static int keep(struct up *up, struct bpf_map *map, struct fault *f)
{
	const char *name = bpf_map__name(map);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	char path[PIN_PATH_MAX];
	auto_close int fd = -1;
	int err;

	if (!pin_exists(up->from, name))
		return 0;	/* this version has it first */
	err = pin_path_at(up->from, name, path, f);
	if (err)
		return err;
	fd = bpf_obj_get(path);
	err = fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, &info, &len);
	if (!err && !same_shape(map, &info))
		return fault_set(f, FAULT_OTHER_ABI, "%s: key %u, value %u, "
				 "%u entries; this tool makes %u, %u, %u",
				 path, info.key_size, info.value_size,
				 info.max_entries, bpf_map__key_size(map),
				 bpf_map__value_size(map),
				 bpf_map__max_entries(map));
	if (!err)
		err = bpf_map__reuse_fd(map, fd);
	return err ? fault_set(f, FAULT_LOAD, "%s: cannot go on with it: %s",
			       path, strerror(-err)) : 0;
}

int attach_keep_maps(struct up *up, struct fault *f)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, up->skel->obj) {
		/* The time of the upgrade is in srte_meta. */
		if (err || bpf_map__is_internal(map) ||
		    map == up->skel->maps.srte_meta)
			continue;
		err = keep(up, map, f);
	}
	return err;
}
