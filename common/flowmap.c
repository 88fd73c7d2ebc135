/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowmap.h"

#include "addr.h"
#include "cgroup.h"
#include "cleanup.h"
#include "pin.h"
#include "policymap.h"
#include "tally.h"
#include "walk.h"
#include "wall.h"

#include <errno.h>
#include <string.h>

/* A name takes a system call, and a dump has few of them many times. */
#define NAMES 64

struct reading {
	uint64_t now_ns, window_ns, seen;
	struct policymap pm;
	struct { uint32_t id; char name[SRTE_PATH_TEXT]; } names[NAMES];
	struct flow flow;
	const struct flowfilter *filter;	/* NULL: all of them */
	int   (*each)(const struct flow *flow, void *arg);
	void   *arg;
};

uint64_t flowmap_decay(uint64_t rate_bps, uint64_t idle_ns,
		       uint64_t window_ns)
{
	uint64_t windows = window_ns ? idle_ns / window_ns : 0;

	if (windows <= 1)
		return rate_bps;
	return windows > 64 ? 0 : rate_bps >> (windows - 1);
}

/* The programs' clock is coarse: it can be a tick ahead of what we read. */
static uint64_t since(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

static const char *path_name(struct reading *r, uint32_t id)
{
	size_t i = id % NAMES;

	if (r->names[i].id != id) {
		policymap_path_name(&r->pm, id, r->names[i].name);
		r->names[i].id = id;
	}
	return r->names[i].name;
}

static int give_flow(const void *key, const void *value, void *arg)
{
	const struct srte_flow *v = value;
	struct reading *r = arg;
	struct flow *flow = &r->flow;
	uint64_t idle_ns = since(r->now_ns, v->last_ns);

	r->seen++;
	memcpy(&flow->key, key, sizeof(flow->key));
	if (flow_is_mixed(&flow->key))
		return 0;
	flow->bytes = v->bytes;
	flow->packets = v->packets;
	flow->rate_bps = flowmap_decay(v->rate_bps, idle_ns, r->window_ns);
	flow->age_us = since(r->now_ns, v->first_ns) / 1000;
	flow->idle_us = idle_ns / 1000;
	flow->cgroup_id = v->cgroup_id;
	flow->class = v->class;
	strcpy(flow->hook, v->hook == SRTE_HOOK_CGROUP ? "cgroup" :
	       v->hook == SRTE_HOOK_DEV ? "dev" : "");
	/* Before the names, which are what takes long. */
	if (r->filter && !flowfilter_numbers(r->filter, flow))
		return 0;
	cgroup_path(v->cgroup_id, flow->cgroup);
	strcpy(flow->path, path_name(r, v->path));
	if (r->filter && !flowfilter_names(r->filter, flow->cgroup, flow->path))
		return 0;
	return r->each(flow, r->arg);
}

static int walk_flows(int (*each)(const void *, const void *, void *),
		      void *arg, struct fault *f)
{
	auto_close int fd = pin_open("srte_flows", PIN_READ, f);
	const struct walk walk = {
		.fd = fd, .key_size = sizeof(struct srte_flow_key),
		.value_size = sizeof(struct srte_flow),
		.each = each, .arg = arg,
	};
	int err;

	if (fd < 0)
		return fd;
	err = walk_map(&walk);
	if (err < 0)
		return fault_set(f, FAULT_FAILED, "srte_flows: cannot read: "
				 "%s", strerror(-err));
	return err;
}

int flowmap_each(const struct flowfilter *filter,
		 int (*each)(const struct flow *flow, void *arg), void *arg,
		 uint64_t *ret_seen, struct fault *f)
{
	struct reading r = { .filter = filter, .each = each, .arg = arg };
	struct srte_config config;
	__u32 zero = 0;
	int err;

	err = policymap_open(PIN_READ, &r.pm, f);
	if (err)
		return err;
	if (!pin_get(r.pm.config, &zero, &config))
		r.window_ns = config.window_ns;
	r.now_ns = wall_mono_ns();
	err = walk_flows(give_flow, &r, f);
	policymap_close(&r.pm);
	if (ret_seen)
		*ret_seen = r.seen;
	return err;
}

static int count_one(const void *key, const void *value, void *arg)
{
	(void)key;
	(void)value;
	++*(uint32_t *)arg;
	return 0;
}

int flowmap_count(uint32_t *ret_entries, uint32_t *ret_room, struct fault *f)
{
	auto_close int fd = pin_open("srte_flows", PIN_READ, f);
	uint32_t n = 0;
	int err;

	if (fd < 0)
		return fd;
	err = walk_flows(count_one, &n, f);

	if (!err)
		*ret_entries = n;
	if (!err)
		err = pin_room(fd, ret_room);
	return err;
}

int flowmap_totals(struct flow_totals *ret, struct fault *f)
{
	auto_close int fd = pin_open("srte_config", PIN_READ, f);
	uint64_t count[SRTE_COUNT_N];
	struct srte_config config;
	__u32 zero = 0, n;
	int engaged, err;

	if (fd < 0)
		return fd;
	err = tally_read(count, &n, f);
	if (err)
		return err;
	if (pin_get(fd, &zero, &config))
		return fault_set(f, FAULT_FAILED, "srte_config: cannot read");
	engaged = tally_filter(&config, f);
	if (engaged < 0)
		return engaged;
	*ret = (struct flow_totals){
		.inserted = count[SRTE_COUNT_FLOW_INSERTED],
		.insert_failed = count[SRTE_COUNT_FLOW_INSERT_FAILED],
		.admitted = count[SRTE_COUNT_ADMITTED],
		.filtered_packets = count[SRTE_COUNT_FILTERED],
		.filtered_bytes = count[SRTE_COUNT_FILTERED_BYTES],
		.filter_engaged = engaged,
	};
	return 0;
}
