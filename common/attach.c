/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * srte-attach up. Everything that can be found out is found out before the
 * first change; what is left to fail is taken back in reverse order. The
 * devices come last: traffic meets a finished instance or none.
 */
#include "attach_internal.h"

#include "addr.h"
#include "cleanup.h"
#include "host.h"
#include "log.h"
#include "nexthop.h"
#include "onlink.h"
#include "pin.h"
#include "policymap.h"
#include "qdisc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

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
		*(dev->layer3 ? &up->any_layer3 : &up->any_ethernet) = true;
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
	if (!err)
		err = onlink_spare(&up->pools, f);
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

/* ---- pools ---- */

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

static int attach_one_cgroup(struct up *up, struct bpf_program *prog,
			     struct bpf_link **ret_link, struct fault *f)
{
	auto_close int fd = open(up->cgroup, O_RDONLY | O_DIRECTORY |
				 O_CLOEXEC);
	const char *name = bpf_program__name(prog);
	char leaf[64];

	if (fd < 0)
		return fault_set(f, FAULT_NO_CGROUP2, "%s: %s", up->cgroup,
				 strerror(errno));
	*ret_link = bpf_program__attach_cgroup(prog, fd);
	if (!*ret_link)
		return fault_set(f, FAULT_ATTACH, "%s: cannot attach %s: %s",
				 up->cgroup, name, strerror(errno));
	snprintf(leaf, sizeof(leaf), "link/%s", name);
	return attach_pin(up, bpf_link__fd(*ret_link), leaf, false, f);
}

/* The links are destroyed with the skeleton; what holds is their pins. */
static int attach_cgroup(struct up *up, struct fault *f)
{
	struct srte_bpf *skel = up->skel;
	int err;

	err = attach_one_cgroup(up, skel->progs.srte_sockops,
				&skel->links.srte_sockops, f);
	if (!err && up->plan->flags & SRTE_CONFIG_ACCOUNT_CGROUP)
		err = attach_one_cgroup(up, skel->progs.srte_account,
					&skel->links.srte_account, f);
	return err;
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
	int err, fds[ATTACH_DIRS];
	enum attach_dir dir;

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
	for (dir = ATTACH_EGRESS; dir < ATTACH_DIRS; dir++)
		fds[dir] = bpf_program__fd(attach_prog(up, dev, dir));
	return attach_tc_add(dev->name, dev->ifindex, fds, f);
}

static void detach_devices(struct up *up)
{
	struct attach_ours ours;
	struct fault ignored;

	(void)attach_tc_ours(&ours);
	while (up->n_attached--) {
		const struct device *dev = &up->devs[up->n_attached];

		ignored = (struct fault){};
		if (attach_tc_del(dev->name, dev->ifindex, &ours,
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
	err = attach_load(up, f);
	if (!err)
		err = publish(up, f);
	if (!err)
		err = attach_cgroup(up, f);
	if (!err)
		err = attach_trace(up, f);
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
