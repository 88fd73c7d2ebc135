/* SPDX-License-Identifier: GPL-2.0-only */
#include "doctor_internal.h"

#include "cleanup.h"
#include "pin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In the order in which one would look: what comes later often fails only
 * because of what comes before. */
static const struct {
	const char *name;
	void      (*look)(struct doctor *d);
	const char *fix;
} checks[] = {
	{ "kernel", doctor_kernel, "boot Linux 6.1 or newer" },
	{ "capabilities", doctor_capabilities, "run as root" },
	{ "lockdown", doctor_lockdown, "boot with lockdown=integrity or none" },
	{ "btf", doctor_btf, "boot a kernel built with CONFIG_DEBUG_INFO_BTF" },
	{ "modules", doctor_modules,
	  "install the modules of the running kernel" },
	{ "jit", doctor_jit, "sysctl net.core.bpf_jit_enable=1" },
	{ "clock", doctor_clock,
	  "set the clock, and boot with clocksource=tsc if the CPU has it" },
	{ "view", doctor_view,
	  "enter the namespace with 'nsenter --net=/run/netns/NAME'" },
	{ "cgroup2", doctor_cgroup2,
	  "mount -t cgroup2 none /sys/fs/cgroup, or name one with --cgroup" },
	{ "hybrid", doctor_hybrid,
	  "name the cgroup2 directory with --cgroup, or boot with "
	  "systemd.unified_cgroup_hierarchy=1" },
	{ "bpffs", doctor_bpffs,
	  "run 'srte-attach up', which mounts one, or name one with --bpffs" },
	{ "abi", doctor_abi,
	  "use the tools of one version, or attach again with this one" },
	{ "pins", doctor_pins, "run 'srte-attach down --all', then up" },
	{ "modes", doctor_modes,
	  "chmod as srte-maps(5) has it, or run 'srte-attach down', then up" },
	{ "devices", doctor_devices,
	  "see 'ip link' for the names in this network namespace" },
	{ "ipv6", doctor_ipv6,
	  "sysctl net.ipv6.conf.DEV.disable_ipv6=0, and add an address" },
	{ "mtu", doctor_mtu, "ip link set dev DEV mtu 1500, or larger" },
	{ "seg6", doctor_seg6,
	  "sysctl net.ipv6.conf.all.seg6_enabled=1 and the same for the "
	  "device, if this host is to end paths" },
	{ "queue", doctor_queue, "tc qdisc replace dev DEV root fq" },
	{ "place", doctor_place,
	  "see 'tc filter show dev DEV egress', and remove it first" },
	{ "order", doctor_order,
	  "give that filter a preference above 24160, or see that it returns "
	  "'continue'" },
	{ "hooks", doctor_hooks, "run 'srte-attach down', then up" },
	{ "table", doctor_table, "run up with a larger --flows" },
	{ "steering", doctor_steering,
	  "steer fewer flows, or with shorter leases" },
	{ "events", doctor_events,
	  "keep srte-events running, or run up with a larger --ring" },
};

static void say(struct doctor *d, enum finding finding, const char *fmt,
		va_list ap)
{
	if (finding <= d->finding)
		return;		/* as bad has been said */
	d->finding = finding;
	vsnprintf(d->cause, sizeof(d->cause), fmt, ap);
}

#define SAY(name, finding)						\
	void doctor_##name(struct doctor *d, const char *fmt, ...)	\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		say(d, finding, fmt, ap);				\
		va_end(ap);						\
	}
SAY(skip, FINDING_SKIP)
SAY(ok, FINDING_OK)
SAY(warn, FINDING_WARN)
SAY(fail, FINDING_FAIL)

void doctor_fault(struct doctor *d, const struct fault *f)
{
	if (d->finding == FINDING_FAIL)
		return;
	doctor_fail(d, "%s", f->cause);
	d->fix = fault_fix(f->id);
}

int doctor_line(const char *path, char *ret, size_t size)
{
	auto_fclose FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	if (!fgets(ret, (int)size, file))
		*ret = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

/* ---- what there is to look at ---- */

static int take_device(const struct srte_device_key *key,
		       const struct srte_device *dev, void *arg)
{
	struct doctor *d = arg;
	struct fault ignored = {};

	if (key->netns == d->netns && d->n_devs < SRTE_DEVICES_MAX &&
	    !device_read(dev->name, &d->devs[d->n_devs], &ignored))
		d->n_devs++;
	return 0;
}

static void find_devices(struct doctor *d)
{
	const char *const *name = d->plan->devs;
	struct fault ignored = {};

	if (!*name && d->up)
		(void)device_each(take_device, d, &ignored);
	for (; *name && d->n_devs < SRTE_DEVICES_MAX; name++) {
		ignored.id = FAULT_NONE;	/* told by doctor_devices() */
		if (!device_read(*name, &d->devs[d->n_devs], &ignored))
			d->n_devs++;
	}
}

static void find_instance(struct doctor *d)
{
	auto_close int fd = pin_open("srte_meta", PIN_READ, &d->why);

	d->up = fd >= 0;
}

static void look(struct doctor *d, size_t i, struct check *ret)
{
	static const char *const words[] = { "", "skip", "ok", "warn", "fail" };
	const char *fix;

	d->finding = FINDING_NONE;
	d->fix = NULL;
	*d->cause = '\0';
	checks[i].look(d);
	fix = d->fix ? d->fix : checks[i].fix;
	*ret = (struct check){};
	snprintf(ret->name, sizeof(ret->name), "%s", checks[i].name);
	snprintf(ret->result, sizeof(ret->result), "%s", words[d->finding]);
	snprintf(ret->cause, sizeof(ret->cause), "%s", d->cause);
	if (d->finding > FINDING_OK)
		snprintf(ret->fix, sizeof(ret->fix), "%s", fix);
}

int doctor_each(const struct doctor_plan *plan,
		int (*each)(const struct check *check, void *arg), void *arg,
		uint32_t *ret_failed)
{
	struct doctor d = { .plan = plan, .netns = device_netns() };
	uint32_t failed = 0;
	struct check check;
	int stop = 0;

	find_instance(&d);
	find_devices(&d);
	for (size_t i = 0; !stop && i < sizeof(checks) / sizeof(*checks); i++) {
		look(&d, i, &check);
		failed += d.finding == FINDING_FAIL;
		stop = each(&check, arg);
	}
	*ret_failed = failed;
	return stop;
}
