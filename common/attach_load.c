/* SPDX-License-Identifier: GPL-2.0-only */
/* The first half of an `up`: from the object in our text segment to pinned
 * maps with their first contents. */
#include "attach_internal.h"

#include "cleanup.h"
#include "host.h"
#include "log.h"
#include "pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>

#define VERIFIER_LOG	(16U << 20)	/* a log cut short fails the load */

/* ---- load ---- */

/* The verifier's reason is the last line before its statistics. */
static const char *last_words(char *log)
{
	const char *reason = NULL;
	char *save, *line = strtok_r(log, "\n", &save);

	for (; line; line = strtok_r(NULL, "\n", &save)) {
		log_debug("%s", line);
		if (strncmp(line, "processed ", 10))
			reason = line;
	}
	return reason;
}

static bool in_cgroup(const struct up *up)
{
	return up->plan->flags & SRTE_CONFIG_ACCOUNT_CGROUP;
}

struct bpf_program *attach_prog(const struct up *up, const struct device *dev,
				enum attach_dir dir)
{
	struct srte_bpf *skel = up->skel;

	if (dir == ATTACH_EGRESS)
		return dev->layer3 ? skel->progs.srte_egress_l3 :
		       skel->progs.srte_egress;
	return dev->layer3 ? skel->progs.srte_ingress_l3 :
	       skel->progs.srte_ingress;
}

/* An upgrade replaces what is there. */
static void choose_pinned(struct up *up)
{
	struct bpf_program *prog;
	char leaf[64];

	bpf_object__for_each_program(prog, up->skel->obj) {
		snprintf(leaf, sizeof(leaf), "prog/%s",
			 bpf_program__name(prog));
		bpf_program__set_autoload(prog, pin_exists(up->from, leaf));
	}
}

/* No verifier's time for what nobody asked for. */
static void choose(struct up *up)
{
	if (up->at == PIN_NEXT) {
		choose_pinned(up);
		return;
	}
	bpf_program__set_autoload(up->skel->progs.srte_egress,
				  up->any_ethernet);
	bpf_program__set_autoload(up->skel->progs.srte_egress_l3,
				  up->any_layer3);
	bpf_program__set_autoload(up->skel->progs.srte_ingress,
				  up->any_ethernet);
	bpf_program__set_autoload(up->skel->progs.srte_ingress_l3,
				  up->any_layer3);
	bpf_program__set_autoload(up->skel->progs.srte_account,
				  in_cgroup(up));
}

static int resize(struct up *up, struct fault *f)
{
	int cpus = libbpf_num_possible_cpus(), err;

	if (cpus < 0)
		return fault_set(f, FAULT_LOAD, "cannot count the CPUs: %s",
				 strerror(-cpus));
	up->skel->rodata->flows_max = up->plan->flows;
	err = bpf_map__set_max_entries(up->skel->maps.srte_flows,
				       up->plan->flows);
	if (!err)
		err = bpf_map__set_max_entries(up->skel->maps.srte_filter,
					       SRTE_FILTER_BUCKETS * cpus);
	if (!err)
		err = bpf_map__set_max_entries(up->skel->maps.srte_events,
					       up->plan->ring_bytes);
	return err ? fault_set(f, FAULT_LOAD, "cannot size the tables: %s",
			       strerror(-err)) : 0;
}

static int load(struct up *up, struct fault *f)
{
	auto_free char *log = calloc(1, VERIFIER_LOG);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		    .kernel_log_size = log ? VERIFIER_LOG : 0);
	const char *reason;
	int err;

	up->skel = srte_bpf__open_opts(&opts);
	if (!up->skel)
		return fault_set(f, FAULT_LOAD, "cannot open the programs: %s",
				 strerror(errno));
	choose(up);
	err = resize(up, f);
	if (!err && up->at == PIN_NEXT)
		err = attach_keep_maps(up, f);
	if (err)
		return err;
	err = srte_bpf__load(up->skel);
	if (!err)
		return 0;
	reason = log ? last_words(log) : NULL;
	return fault_set(f, err == -EPERM && !reason ? FAULT_NO_CAPABILITY :
			 FAULT_LOAD, "the kernel refused the programs: %s",
			 reason ? reason : strerror(-err));
}

/* ---- pin: also the maps that the programs alone look into, so that the
 * programs of an upgrade find them ---- */

int attach_pin(const struct up *up, int fd, const char *leaf,
	       bool group_writes, struct fault *f)
{
	char path[PIN_PATH_MAX];
	int err = pin_path_at(up->at, leaf, path, f);

	if (err)
		return err;
	err = bpf_obj_pin(fd, path);
	if (err)
		return fault_set(f, FAULT_FAILED, "%s: cannot pin: %s", path,
				 strerror(-err));
	return place_share(up->at, leaf, group_writes, f);
}

static int pin_all_maps(struct up *up, struct fault *f)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, up->skel->obj) {
		const char *name = bpf_map__name(map);
		const struct pin_map *pin = pin_map_find(name);

		if (err || bpf_map__is_internal(map))
			continue;
		err = attach_pin(up, bpf_map__fd(map), name,
				 pin && pin->group_writes, f);
	}
	return err;
}

static int pin_all_programs(struct up *up, struct fault *f)
{
	struct bpf_program *prog;
	char leaf[64];
	int err = 0;

	bpf_object__for_each_program(prog, up->skel->obj) {
		if (err || !bpf_program__autoload(prog))
			continue;
		snprintf(leaf, sizeof(leaf), "prog/%s",
			 bpf_program__name(prog));
		err = attach_pin(up, bpf_program__fd(prog), leaf, false, f);
	}
	return err;
}

/* ---- first contents ---- */

static uint64_t tick_ns(void)
{
	struct timespec ts;

	clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int put_first(struct bpf_map *map, const void *value, struct fault *f)
{
	__u32 zero = 0;
	int err = pin_put(bpf_map__fd(map), &zero, value);

	return err ? fault_set(f, FAULT_FAILED, "%s: cannot write: %s",
			       bpf_map__name(map), strerror(-err)) : 0;
}

static int write_config(struct up *up, struct fault *f)
{
	const struct attach_plan *plan = up->plan;
	struct srte_config config = {
		.flags = plan->flags,
		.rules = plan->reaction.rules,
		.reaction = plan->reaction.numbers,
		.window_ns = plan->window_ns,
		.reaction_lease_ns = 60 * 1000000000ULL,
		.jiffy_ns = tick_ns(),
		.heavy_bytes = plan->heavy_bytes,
		.mtu = up->mtu,
		.admit = plan->admit,
		.admit_bytes = plan->admit_bytes,
		.filter = plan->filter,
		.mark_mask = plan->mark_mask,
		.netns_cookie = device_netns_cookie(),
	};

	/* Who knows the hash can aim at a bucket. */
	if (getrandom(config.seed, sizeof(config.seed), 0) !=
	    sizeof(config.seed))
		return fault_set(f, FAULT_FAILED, "getrandom: %s",
				 strerror(errno));
	return put_first(up->skel->maps.srte_config, &config, f);
}

static int write_meta(struct up *up, struct fault *f)
{
	struct srte_meta meta = {
		.magic = SRTE_MAGIC,
		.major = SRTE_ABI_MAJOR,
		.minor = SRTE_ABI_MINOR,
		.writer = SRTE_VERSION,
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	meta.created_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	if (meta.created_ns <= up->after_ns)	/* the clock went back */
		meta.created_ns = up->after_ns + 1;
	host_boot_id(meta.boot_id);
	return put_first(up->skel->maps.srte_meta, &meta, f);
}

int attach_load(struct up *up, struct fault *f)
{
	int err = load(up, f);

	if (!err)
		err = pin_all_maps(up, f);
	if (!err)
		err = pin_all_programs(up, f);
	if (!err && up->at == PIN_HERE)
		err = write_config(up, f);
	/* The magic says that the rest is there: last. */
	return err ? err : write_meta(up, f);
}
