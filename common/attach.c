/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-attach up. Everything that can be found out is found out before the
 * first change; what is left to fail is taken back in reverse order. The
 * devices come last: traffic meets a finished instance or none.
 */
#include "attach.h"

#include "addr.h"
#include "cgroup.h"
#include "cleanup.h"
#include "cli.h"
#include "device.h"
#include "host.h"
#include "log.h"
#include "nexthop.h"
#include "pin.h"
#include "place.h"
#include "policymap.h"
#include "pool.h"
#include "qdisc.h"
#include "srte.skel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#define VERIFIER_LOG	(16U << 20)	/* a log cut short fails the load */

struct up {
	const struct attach_plan *plan;
	struct device devs[SRTE_DEVICES_MAX];
	bool     made_qdisc[SRTE_DEVICES_MAX];
	size_t   n_devs, n_attached;
	uint32_t mtu;
	char     cgroup[CGROUP_PATH_MAX];
	struct poolset pools;
	struct place place;
	struct srte_bpf *skel;
};

/* ---- checks: nothing is changed here ---- */

static int check_devices(struct up *up, struct fault *f)
{
	const char *const *name = up->plan->devs;
	int err;

	for (; *name; name++) {
		struct device *dev = &up->devs[up->n_devs];

		if (up->n_devs == SRTE_DEVICES_MAX)
			return fault_set(f, FAULT_TOO_MANY, "more than %d "
					 "devices", SRTE_DEVICES_MAX);
		err = device_read(*name, dev, f);
		if (!err)
			err = attach_tc_vacant(dev->name, dev->ifindex, f);
		if (err)
			return err;
		if (up->plan->link_bps)
			dev->speed_mbps = (up->plan->link_bps + 999999) /
					  1000000;
		if (!up->mtu || dev->mtu < up->mtu)
			up->mtu = dev->mtu;
		up->n_devs++;
	}
	return 0;
}

static int check_pools(struct up *up, struct fault *f)
{
	struct pooldoc doc = {};
	int err;

	if (!up->plan->pools)
		return 0;
	err = poolfile_read(up->plan->pools, &doc, f);
	if (err)
		return err;
	if (addr_is_zero(doc.source) &&
	    device_source(up->devs[0].name, doc.source))
		err = fault_set(f, FAULT_NO_SOURCE, "%s: no \"source\", and "
				"no device has a global IPv6 address",
				up->plan->pools);
	if (!err)
		err = pool_compile(&doc, up->mtu, &up->pools, f);
	if (!err)
		err = nexthop_fill(&up->pools, f);
	pooldoc_done(&doc);
	return err;
}

static int check(struct up *up, struct fault *f)
{
	int err = host_check_rights(f);

	if (!err)
		err = host_check_btf(f);
	if (!err)
		err = check_devices(up, f);
	if (!err)
		err = cgroup_resolve(up->plan->cgroup, up->cgroup, f);
	if (!err)
		err = check_pools(up, f);
	return err;
}

/* ---- load and pin ---- */

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
	err = srte_bpf__load(up->skel);
	if (!err)
		return 0;
	reason = log ? last_words(log) : NULL;
	return fault_set(f, err == -EPERM && !reason ? FAULT_NO_CAPABILITY :
			 FAULT_LOAD, "the kernel refused the programs: %s",
			 reason ? reason : strerror(-err));
}

static int pin_as(int fd, const char *leaf, bool group_writes,
		  struct fault *f)
{
	char path[PIN_PATH_MAX];
	int err = pin_path(leaf, path, f);

	if (err)
		return err;
	err = bpf_obj_pin(fd, path);
	if (err)
		return fault_set(f, FAULT_FAILED, "%s: cannot pin: %s", path,
				 strerror(-err));
	return place_share(leaf, group_writes, f);
}

static int pin_all(struct up *up, struct fault *f)
{
	const struct pin_map *map;
	int err = 0;

	for (map = pin_maps; !err && map->name; map++) {
		int fd = bpf_object__find_map_fd_by_name(up->skel->obj,
							 map->name);

		err = fd < 0 ? fault_set(f, FAULT_LOAD, "no map %s in the "
					 "object", map->name) :
		      pin_as(fd, map->name, map->group_writes, f);
	}
	if (!err)
		err = pin_as(bpf_program__fd(up->skel->progs.srte_egress),
			     "prog/srte_egress", false, f);
	if (!err)
		err = pin_as(bpf_program__fd(up->skel->progs.srte_sockops),
			     "prog/srte_sockops", false, f);
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
	const struct srte_config config = {
		.flags = SRTE_CONFIG_ACCOUNT_DEV,
		.rules = up->plan->rules,
		.window_ns = up->plan->window_ns,
		.reaction_lease_ns = 60 * 1000000000ULL,
		.jiffy_ns = tick_ns(),
		.heavy_bytes = up->plan->heavy_bytes,
		.mtu = up->mtu,
		.netns_cookie = device_netns_cookie(),
	};
	struct srte_meta meta = {
		.magic = SRTE_MAGIC,
		.major = SRTE_ABI_MAJOR,
		.minor = SRTE_ABI_MINOR,
		.writer = SRTE_VERSION,
	};
	struct timespec now;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	meta.created_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	host_boot_id(meta.boot_id);
	err = put_first(up->skel->maps.srte_config, &config, f);
	/* The magic says that the rest is there: last. */
	return err ? err : put_first(up->skel->maps.srte_meta, &meta, f);
}

static int publish(struct up *up, struct fault *f)
{
	struct policymap pm;
	int err;

	if (!up->plan->pools)
		return 0;
	err = policymap_open(PIN_WRITE, &pm, f);
	if (err)
		return err;
	err = policymap_publish(&pm, &up->pools, f);
	policymap_close(&pm);
	return err;
}

/* ---- hooks ---- */

static int attach_cgroup(struct up *up, struct fault *f)
{
	auto_close int fd = open(up->cgroup, O_RDONLY | O_DIRECTORY |
				 O_CLOEXEC);
	struct bpf_link *link;

	if (fd < 0)
		return fault_set(f, FAULT_NO_CGROUP2, "%s: %s", up->cgroup,
				 strerror(errno));
	link = bpf_program__attach_cgroup(up->skel->progs.srte_sockops, fd);
	if (!link)
		return fault_set(f, FAULT_ATTACH, "%s: cannot attach "
				 "srte_sockops: %s", up->cgroup,
				 strerror(errno));
	up->skel->links.srte_sockops = link;	/* destroyed with it */
	return pin_as(bpf_link__fd(link), "link/srte_sockops", false, f);
}

static int note_device(struct up *up, size_t i, struct fault *f)
{
	const struct device *dev = &up->devs[i];
	struct srte_device_key key = {
		.netns = device_netns(), .ifindex = dev->ifindex,
	};
	struct srte_device value = {
		.mtu = dev->mtu, .hook = SRTE_HOOK_CLSACT,
		.made_qdisc = up->made_qdisc[i],
		.speed_mbps = dev->speed_mbps,
	};
	int err;

	strcpy(value.name, dev->name);
	err = pin_put(bpf_map__fd(up->skel->maps.srte_devices), &key, &value);
	return err ? fault_set(f, FAULT_FAILED, "srte_devices: %s",
			       strerror(-err)) : 0;
}

/*
 * Noted before it is done: a `down` after a kill -9 finds all of it. If
 * somebody was quicker with clsact, it is theirs after all.
 */
static int attach_device(struct up *up, size_t i, struct fault *f)
{
	const struct device *dev = &up->devs[i];
	int present = qdisc_present(dev->ifindex);
	int err;

	if (present < 0)
		return fault_set(f, FAULT_ATTACH, "%s: cannot list qdiscs: %s",
				 dev->name, strerror(-present));
	up->made_qdisc[i] = !present;
	err = note_device(up, i, f);
	if (!err && !present) {
		up->n_attached = i + 1;
		err = attach_tc_qdisc(dev->name, dev->ifindex,
				      &up->made_qdisc[i], f);
		if (!err && !up->made_qdisc[i])
			err = note_device(up, i, f);
	}
	if (err)
		return err;
	up->n_attached = i + 1;
	return attach_tc_add(dev->name, dev->ifindex,
			     bpf_program__fd(up->skel->progs.srte_egress), f);
}

static void detach_devices(struct up *up)
{
	uint32_t prog_id = 0;
	struct fault ignored;

	(void)pin_prog_id("prog/srte_egress", &prog_id);
	while (up->n_attached--) {
		const struct device *dev = &up->devs[up->n_attached];

		ignored = (struct fault){};
		if (attach_tc_del(dev->name, dev->ifindex, prog_id,
				  up->made_qdisc[up->n_attached], &ignored))
			log_warn("taking it back: %s", ignored.cause);
	}
}

static int attach_devices(struct up *up, struct fault *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < up->n_devs; i++)
		err = attach_device(up, i, f);
	return err;
}

static int build(struct up *up, struct fault *f)
{
	int err;

	err = place_create(up->plan->group, &up->place, f);
	if (err)
		return err;
	err = load(up, f);
	if (!err)
		err = pin_all(up, f);
	if (!err)
		err = write_config(up, f);
	if (!err)
		err = publish(up, f);
	if (!err)
		err = attach_cgroup(up, f);
	if (err)
		goto undo_place;
	err = attach_devices(up, f);
	if (err)
		goto undo_devices;
	place_unlock(&up->place);
	return 0;

undo_devices:
	detach_devices(up);
undo_place:
	/* The pinned link holds on to the cgroup until both are gone. */
	place_undo(&up->place);
	return err;
}

int attach_up(const struct attach_plan *plan, struct fault *f)
{
	struct up up = { .plan = plan };
	sigset_t all, before;
	int err;

	err = check(&up, f);
	if (!err) {
		/* An interrupt must not leave a half of it behind. */
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		err = build(&up, f);
		srte_bpf__destroy(up.skel);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	poolset_done(&up.pools);
	return err;
}
