/* SPDX-License-Identifier: GPL-2.0-only */
#include "pin.h"

#include "cleanup.h"
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define MAP(name, type, key, value, group)				\
	{ name, BPF_MAP_TYPE_##type, key, value, group }

/* Sizes come from abi.h, as the programs' own do: only a pin of another
 * make can differ. */
const struct pin_map pin_maps[] = {
	MAP("srte_meta", ARRAY, 4, sizeof(struct srte_meta), false),
	MAP("srte_config", ARRAY, 4, sizeof(struct srte_config), true),
	MAP("srte_flows", LRU_HASH, sizeof(struct srte_flow_key),
	    sizeof(struct srte_flow), false),
	MAP("srte_filter", ARRAY, 4, sizeof(struct srte_filter_bucket), false),
	MAP("srte_admission", ARRAY, 4, sizeof(struct srte_admission), false),
	MAP("srte_steering", HASH, sizeof(struct srte_flow_key),
	    sizeof(struct srte_steer), true),
	MAP("srte_paths", ARRAY, 4, sizeof(struct srte_path), true),
	MAP("srte_sets", ARRAY, 4, sizeof(struct srte_set), true),
	MAP("srte_routes", LPM_TRIE, sizeof(struct srte_route_key),
	    sizeof(struct srte_route), true),
	MAP("srte_pools", ARRAY, 4, sizeof(struct srte_pools), true),
	MAP("srte_matches", ARRAY, 4, sizeof(struct srte_matches), true),
	MAP("srte_path_state", ARRAY, 4, sizeof(struct srte_path_state), true),
	MAP("srte_path_stats", PERCPU_ARRAY, 4,
	    sizeof(struct srte_path_stats), true),	/* a load resets */
	MAP("srte_devices", HASH, sizeof(struct srte_device_key),
	    sizeof(struct srte_device), false),
	MAP("srte_counters", PERCPU_ARRAY, 4, sizeof(__u64), false),
	/* The reader of a ring buffer moves its consumer position. */
	MAP("srte_events", RINGBUF, 0, 0, true),
	{ 0 }
};

/* The newest ABI from first to last that has this instance, or 0. */
static unsigned int abi_among(unsigned int first, unsigned int last)
{
	DIR *d = opendir(cli.bpffs);
	char path[PIN_PATH_MAX];
	unsigned int abi = 0, v;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (sscanf(e->d_name, "v%u", &v) != 1 || v < first ||
		    v > last || v < abi)
			continue;
		snprintf(path, sizeof(path), "%s/v%u/%s", cli.bpffs, v,
			 cli.instance);
		if (!access(path, F_OK))
			abi = v;
	}
	if (d)
		closedir(d);
	return abi;
}

unsigned int pin_other_abi(void)
{
	unsigned int newer = abi_among(SRTE_ABI_MAJOR + 1, UINT_MAX);

	return newer ? newer : abi_among(1, SRTE_ABI_MAJOR - 1);
}

/* cli has seen to it that the instance is a plain name, without a "+". */
int pin_path_at(enum pin_place at, const char *leaf, char ret[PIN_PATH_MAX],
		struct fault *f)
{
	unsigned int abi = at == PIN_OLDER ?
			   abi_among(1, SRTE_ABI_MAJOR - 1) : SRTE_ABI_MAJOR;
	int n = snprintf(ret, PIN_PATH_MAX, "%s/v%u/%s%s%s%s", cli.bpffs, abi,
			 cli.instance, at == PIN_NEXT ? "+next" : "",
			 leaf ? "/" : "", leaf ? leaf : "");

	if (n >= PIN_PATH_MAX)
		return fault_set(f, FAULT_USAGE, "--bpffs %s: name too long",
				 cli.bpffs);
	return 0;
}

int pin_path(const char *leaf, char ret[PIN_PATH_MAX], struct fault *f)
{
	return pin_path_at(PIN_HERE, leaf, ret, f);
}

bool pin_exists(enum pin_place at, const char *leaf)
{
	struct fault ignored = {};
	char path[PIN_PATH_MAX];

	return !pin_path_at(at, leaf, path, &ignored) && !access(path, F_OK);
}

static int no_right(const char *path, struct fault *f)
{
	return fault_set(f, FAULT_NO_RIGHT, "%s: %s", path, strerror(EACCES));
}

/* Why path inside the place could not be opened: err is positive. */
static int explain(const char *path, int err, struct fault *f)
{
	char dir[PIN_PATH_MAX];
	struct statfs fs;
	unsigned int abi;

	if (statfs(cli.bpffs, &fs))
		return errno == EACCES ? no_right(cli.bpffs, f) :
		       fault_set(f, FAULT_NO_BPFFS, "%s: %s", cli.bpffs,
				 strerror(errno));
	if (fs.f_type != BPF_FS_MAGIC)
		return fault_set(f, FAULT_NO_BPFFS, "%s: no bpffs is mounted "
				 "here", cli.bpffs);
	if (err == EACCES || err == EPERM)
		return no_right(path, f);
	abi = pin_other_abi();
	if (abi)
		return fault_set(f, FAULT_OTHER_ABI, "instance %s has ABI %u, "
				 "this tool has %u", cli.instance, abi,
				 SRTE_ABI_MAJOR);
	if (pin_path(NULL, dir, f))
		return -EINVAL;
	if (err == ENOENT && access(dir, F_OK))
		return fault_set(f, FAULT_NO_PINS, "instance %s is not up: "
				 "no %s", cli.instance, dir);
	return fault_set(f, FAULT_NO_PINS, "%s: %s", path, strerror(err));
}

static int open_checked(const struct pin_map *map, enum pin_access access,
			struct fault *f)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts,
		    .file_flags = access == PIN_READ ? BPF_F_RDONLY : 0);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	char path[PIN_PATH_MAX];
	int fd, err;

	err = pin_path(map->name, path, f);
	if (err)
		return err;
	fd = bpf_obj_get_opts(path, &opts);
	if (fd < 0)
		return explain(path, -fd, f);
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (!err && info.type == map->type &&
	    info.key_size == map->key_size &&
	    info.value_size == map->value_size)
		return fd;
	close(fd);
	if (err)
		return fault_set(f, FAULT_NO_PINS, "%s: not a map", path);
	return fault_set(f, FAULT_OTHER_ABI, "%s: type %u, key %u, value %u; "
			 "this tool expects %u, %u, %u", path, info.type,
			 info.key_size, info.value_size, map->type,
			 map->key_size, map->value_size);
}

static int meta_get(struct srte_meta *ret, struct fault *f)
{
	auto_close int fd = open_checked(&pin_maps[0], PIN_READ, f);
	__u32 zero = 0;
	int err;

	if (fd < 0)
		return fd;
	err = pin_get(fd, &zero, ret);
	return err ? fault_set(f, FAULT_NO_PINS, "srte_meta: %s",
			       strerror(-err)) : 0;
}

/* Once per process: one process works on one instance. */
static int check_meta(struct fault *f)
{
	static bool checked;
	struct srte_meta meta;
	int err = checked ? 0 : meta_get(&meta, f);

	if (checked || err)
		return err;
	if (meta.magic != SRTE_MAGIC)
		return fault_set(f, FAULT_NO_PINS, "instance %s was never "
				 "finished: srte_meta is empty", cli.instance);
	if (meta.major != SRTE_ABI_MAJOR)
		return fault_set(f, FAULT_OTHER_ABI, "instance %s has ABI "
				 "%u.%u, this tool has %u.%u", cli.instance,
				 meta.major, meta.minor, SRTE_ABI_MAJOR,
				 SRTE_ABI_MINOR);
	checked = true;
	return 0;
}

const struct pin_map *pin_map_find(const char *name)
{
	const struct pin_map *map = pin_maps;

	while (map->name && strcmp(map->name, name))
		map++;
	return map->name ? map : NULL;
}

int pin_open(const char *name, enum pin_access access, struct fault *f)
{
	const struct pin_map *map = pin_map_find(name);
	int err;

	if (!map)
		return fault_set(f, FAULT_FAILED, "no map is called %s", name);
	err = check_meta(f);
	return err ? err : open_checked(map, access, f);
}

int pin_meta(struct srte_meta *ret, struct fault *f)
{
	int err = check_meta(f);

	return err ? err : meta_get(ret, f);
}

/* Does fd still have that name? An upgrade puts another directory there. */
static bool has_name(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !stat(path, &named) &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static int lock_dir(enum pin_place at, const char *leaf, const char *busy,
		    struct fault *f)
{
	char path[PIN_PATH_MAX];
	int fd, err;

	err = pin_path_at(at, leaf, path, f);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return explain(path, errno, f);
	err = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
	if (!err && has_name(fd, path))
		return fd;
	close(fd);
	if (!err || err == EWOULDBLOCK)
		return fault_set(f, FAULT_BUSY, "instance %s: %s",
				 cli.instance, busy);
	return fault_set(f, FAULT_FAILED, "%s: cannot lock: %s", path,
			 strerror(err));
}

int pin_lock(struct fault *f)
{
	return pin_lock_at(PIN_HERE, f);
}

int pin_lock_at(enum pin_place at, struct fault *f)
{
	return lock_dir(at, NULL, "another srte command is writing", f);
}

int pin_lock_ring(struct fault *f)
{
	return lock_dir(PIN_HERE, "reader",
			"another srte-events reads the ring", f);
}

int pin_get(int map_fd, const void *key, void *ret_value)
{
	return bpf_map_lookup_elem(map_fd, key, ret_value);
}

int pin_put(int map_fd, const void *key, const void *value)
{
	return bpf_map_update_elem(map_fd, key, value, BPF_ANY);
}

int pin_del(int map_fd, const void *key)
{
	return bpf_map_delete_elem(map_fd, key);
}

int pin_next(int map_fd, const void *key, void *ret_next)
{
	return bpf_map_get_next_key(map_fd, key, ret_next);
}

int pin_cpus(void)
{
	return libbpf_num_possible_cpus();
}

int pin_room(int map_fd, uint32_t *ret)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(map_fd, &info, &len);

	if (!err)
		*ret = info.max_entries;
	return err;
}

static int object_info(enum pin_place at, const char *leaf, void *info,
		       __u32 len)
{
	struct fault ignored = {};
	char path[PIN_PATH_MAX];
	auto_close int fd = -1;

	if (pin_path_at(at, leaf, path, &ignored))
		return -EINVAL;
	fd = bpf_obj_get(path);
	return fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, info, &len);
}

int pin_prog_id_at(enum pin_place at, const char *leaf, uint32_t *ret_id)
{
	struct bpf_prog_info info = {};
	int err = object_info(at, leaf, &info, sizeof(info));

	if (!err)
		*ret_id = info.id;
	return err;
}

int pin_prog_id(const char *leaf, uint32_t *ret_id)
{
	return pin_prog_id_at(PIN_HERE, leaf, ret_id);
}

int pin_prog_runs(const char *leaf, uint64_t *ret_runs, uint64_t *ret_ns)
{
	struct bpf_prog_info info = {};
	int err = object_info(PIN_HERE, leaf, &info, sizeof(info));

	if (err)
		return err;
	*ret_runs = info.run_cnt;
	*ret_ns = info.run_time_ns;
	return 0;
}

int pin_link_id(const char *leaf, uint32_t *ret_id, uint64_t *ret_cgroup)
{
	struct bpf_link_info info = {};
	int err = object_info(PIN_HERE, leaf, &info, sizeof(info));

	if (err)
		return err;
	*ret_id = info.id;
	*ret_cgroup = info.type == BPF_LINK_TYPE_CGROUP ?
		      info.cgroup.cgroup_id : 0;
	return 0;
}
