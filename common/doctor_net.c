/* SPDX-License-Identifier: GPL-2.0-only */
/* The doctor: devices, hooks and how full the tables are. */
#include "doctor_internal.h"

#include "attach.h"
#include "cli.h"
#include "flowmap.h"
#include "policymap.h"
#include "qdisc.h"
#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define IPV6_MTU	1280	/* what IPv6 may count on (RFC 8200) */
#define HEADER_USUAL	88	/* IPv6, SRH and three segments */
#define FULL_PERCENT	90

void doctor_devices(struct doctor *d)
{
	const char *const *name = d->plan->devs;
	struct device dev;

	if (!*name && !d->n_devs)
		doctor_skip(d, "none named with --dev, none attached here");
	for (; *name; name++) {
		struct fault f = {};

		if (device_read(*name, &dev, &f))
			doctor_fault(d, &f);
	}
	for (size_t i = 0; i < d->n_devs; i++)
		if (d->devs[i].layer3)
			doctor_warn(d, "%s has no Ethernet header: its flows "
				    "are counted but not steered",
				    d->devs[i].name);
	if (d->n_devs)
		doctor_ok(d, "%zu, the first is %s", d->n_devs,
			  d->devs[0].name);
}

static bool no_devices(struct doctor *d)
{
	if (d->n_devs)
		return false;
	doctor_skip(d, "no device to look at");
	return true;
}

/* A setting of IPv6 on a device; -1: there is no such. */
static int ipv6_setting(const char *dev, const char *name)
{
	char path[128], line[16];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", dev,
		 name);
	if (doctor_line(path, line, sizeof(line)))
		return -1;
	return *line == '1';
}

void doctor_ipv6(struct doctor *d)
{
	uint8_t source[16];

	if (no_devices(d))
		return;
	for (size_t i = 0; i < d->n_devs; i++) {
		const char *name = d->devs[i].name;

		if (ipv6_setting(name, "disable_ipv6"))
			doctor_fail(d, "%s: IPv6 is off", name);
		else if (device_source(name, source))
			doctor_warn(d, "%s: no global IPv6 address for the "
				    "outer header", name);
	}
	doctor_ok(d, "IPv6 is on, with an address for the outer header");
}

static uint32_t longest_header(const struct doctor *d)
{
	struct srte_config config;
	struct policymap pm;
	struct fault ignored = {};
	uint32_t n = 0;

	if (!d->up || policymap_open(PIN_READ, &pm, &ignored))
		return HEADER_USUAL;
	if (!policymap_config(&pm, &config))
		n = config.push_max;
	policymap_close(&pm);
	return n ? n : HEADER_USUAL;
}

void doctor_mtu(struct doctor *d)
{
	uint32_t header = longest_header(d);

	if (no_devices(d))
		return;
	for (size_t i = 0; i < d->n_devs; i++)
		if (d->devs[i].mtu < IPV6_MTU + header)
			doctor_fail(d, "%s: MTU %u has no room for a header of "
				    "%u bytes before the %d that IPv6 needs",
				    d->devs[i].name, d->devs[i].mtu, header,
				    IPV6_MTU);
	doctor_ok(d, "room for a header of %u bytes", header);
}

/* The kernel wants both. Sending does not need it, ending a path does. */
void doctor_seg6(struct doctor *d)
{
	if (no_devices(d))
		return;
	for (size_t i = 0; i < d->n_devs; i++) {
		const char *name = d->devs[i].name;

		if (ipv6_setting(name, "seg6_enabled") < 0)
			doctor_warn(d, "%s: the kernel has no SRv6", name);
		else if (!ipv6_setting(name, "seg6_enabled") ||
			 !ipv6_setting("all", "seg6_enabled"))
			doctor_warn(d, "%s: SRv6 that arrives is dropped",
				    name);
	}
	doctor_ok(d, "SRv6 that arrives is accepted");
}

void doctor_queue(struct doctor *d)
{
	char kind[QDISC_KIND];

	if (no_devices(d))
		return;
	for (size_t i = 0; i < d->n_devs; i++)
		if (!qdisc_fair(d->devs[i].ifindex, kind))
			doctor_warn(d, "%s: in queue '%s' mice wait behind "
				    "elephants", d->devs[i].name, kind);
	doctor_ok(d, "flows have queues of their own, or there is none");
}

/* ---- hooks ---- */

static bool is_ours(const struct attach_ours *ours, uint32_t prog)
{
	for (size_t i = 0; i < ATTACH_PROGS; i++)
		if (ours->id[i] && ours->id[i] == prog)
			return true;
	return false;
}

void doctor_place(struct doctor *d)
{
	struct attach_ours ours = {};
	uint32_t prog;

	if (no_devices(d))
		return;
	if (d->up && attach_tc_ours(&ours)) {
		doctor_skip(d, "only root may ask for programs");
		return;
	}
	for (size_t i = 0; i < d->n_devs; i++)
		for (int dir = 0; dir < ATTACH_DIRS; dir++)
			if (!attach_tc_query(d->devs[i].ifindex, dir, &prog) &&
			    !is_ours(&ours, prog))
				doctor_fail(d, "%s: program %u, which is not "
					    "this instance's, sits at our "
					    "place", d->devs[i].name, prog);
	doctor_ok(d, "nobody else sits at preference %d", SRTE_TC_PRIORITY);
}

void doctor_order(struct doctor *d)
{
	char kind[QDISC_KIND];
	uint32_t pref;

	if (no_devices(d))
		return;
	for (size_t i = 0; i < d->n_devs; i++)
		if (qdisc_before(d->devs[i].ifindex, SRTE_TC_PRIORITY, &pref,
				 kind) > 0)
			doctor_warn(d, "%s: filter '%s' of preference %u comes "
				    "before ours and may keep packets from it",
				    d->devs[i].name, kind, pref);
	doctor_ok(d, "no filter comes before ours");
}

static int check_hook(const struct srte_device_key *key,
		      const struct srte_device *dev, void *arg)
{
	struct doctor *d = arg;
	uint32_t prog;

	if (key->netns != d->netns)
		return 0;
	for (int dir = 0; dir < ATTACH_DIRS; dir++)
		if (attach_tc_query(key->ifindex, dir, &prog))
			doctor_fail(d, "%s: our %s filter was removed",
				    dev->name, dir == ATTACH_EGRESS ?
				    "egress" : "ingress");
	doctor_ok(d, "the filters are where they were put");
	return 0;
}

void doctor_hooks(struct doctor *d)
{
	struct fault ignored = {};

	if (d->up)
		(void)device_each(check_hook, d, &ignored);
	doctor_skip(d, "nothing is attached in this network namespace");
}

/* ---- tables ---- */

static bool is_down(struct doctor *d)
{
	if (!d->up)
		doctor_skip(d, "instance %s is not up", cli.instance);
	return !d->up;
}

void doctor_table(struct doctor *d)
{
	struct flow_totals t;
	struct fault f = {};
	uint32_t live, room;

	if (is_down(d))
		return;
	if (flowmap_totals(&t, &f) || flowmap_count(&live, &room, &f)) {
		doctor_fault(d, &f);
		return;
	}
	if ((uint64_t)live * 100 >= (uint64_t)room * FULL_PERCENT)
		doctor_warn(d, "%u flows in a table of %u", live, room);
	if (t.inserted > live)
		doctor_warn(d, "%" PRIu64 " flows made room for others in a "
			    "table of %u", t.inserted - live, room);
	doctor_ok(d, "%u flows in a table of %u", live, room);
}

static int count_entry(const struct srte_flow_key *key,
		       const struct srte_steer *entry, void *arg)
{
	(void)key;
	(void)entry;
	++*(uint32_t *)arg;
	return 0;
}

void doctor_steering(struct doctor *d)
{
	struct policymap pm;
	struct fault f = {};
	uint32_t n = 0;

	if (is_down(d))
		return;
	if (policymap_open(PIN_READ, &pm, &f)) {
		doctor_fault(d, &f);
		return;
	}
	(void)policymap_each(&pm, count_entry, &n);
	policymap_close(&pm);
	if (n >= SRTE_STEERING_MAX / 100 * FULL_PERCENT)
		doctor_warn(d, "%u entries in a table of %d", n,
			    SRTE_STEERING_MAX);
	doctor_ok(d, "%u entries in a table of %d", n, SRTE_STEERING_MAX);
}

void doctor_events(struct doctor *d)
{
	uint64_t count[SRTE_COUNT_N];
	struct fault f = {};
	uint32_t n;

	if (is_down(d))
		return;
	if (tally_read(count, &n, &f)) {
		doctor_fault(d, &f);
		return;
	}
	if (count[SRTE_COUNT_EVENT_LOST])
		doctor_warn(d, "%" PRIu64 " events were lost, nobody read "
			    "them in time", count[SRTE_COUNT_EVENT_LOST]);
	doctor_ok(d, "none was lost");
}
