/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowmap.h"

#include "cgroup.h"
#include "cleanup.h"
#include "pin.h"
#include "policymap.h"
#include "wall.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>

#define BATCH		4096U
#define BATCH_MAX	(1U << 20)	/* no bucket is that full */

/* ---- the walk ---- */

struct batch {
	uint32_t cap, n;
	char    *keys, *values;
};

static int batch_resize(struct batch *b, const struct flowmap_walk *w,
			uint32_t cap)
{
	free(b->keys);
	free(b->values);
	b->cap = cap;
	b->keys = calloc(cap, w->key_size);
	b->values = calloc(cap, w->value_size);
	return b->keys && b->values ? 0 : -ENOMEM;
}

/*
 * One batch from *pos on; 1 when it was the last. ENOSPC says that the next
 * bucket alone is more than cap: nothing was lost, ask again with more room.
 */
static int batch_next(struct batch *b, const struct flowmap_walk *w,
		      uint32_t *pos, bool first)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint32_t next;
	int err;

	for (;;) {
		b->n = b->cap;
		err = bpf_map_lookup_batch(w->fd, first ? NULL : pos, &next,
					   b->keys, b->values, &b->n, &opts);
		if (err != -ENOSPC || b->cap >= BATCH_MAX)
			break;
		err = batch_resize(b, w, 2 * b->cap);
		if (err)
			return err;
	}
	if (err && err != -ENOENT)
		return err;
	*pos = next;
	return err ? 1 : 0;
}

static int batch_give(const struct batch *b, const struct flowmap_walk *w)
{
	int stop = 0;

	for (uint32_t i = 0; i < b->n && !stop; i++)
		stop = w->each(b->keys + (size_t)i * w->key_size,
			       b->values + (size_t)i * w->value_size, w->arg);
	return stop;
}

static int walk_batches(const struct flowmap_walk *w, bool *ret_started)
{
	struct batch b = {};
	uint32_t pos = 0;
	int last = 0, stop = 0, err;

	err = batch_resize(&b, w, w->batch ? w->batch : BATCH);
	while (!err && !last && !stop) {
		last = batch_next(&b, w, &pos, !*ret_started);
		err = last < 0 ? last : 0;
		if (!err) {
			*ret_started = true;
			stop = batch_give(&b, w);
		}
	}
	free(b.keys);
	free(b.values);
	return err ? err : stop;
}

/* A key that vanished sends next_key back to the start: stop at as many
 * keys as the map can hold, so that this ends whatever others do. */
static int walk_keys(const struct flowmap_walk *w)
{
	auto_free char *key = calloc(1, w->key_size);
	auto_free char *value = calloc(1, w->value_size);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int err, stop = 0;

	if (!key || !value)
		return -ENOMEM;
	err = bpf_obj_get_info_by_fd(w->fd, &info, &len);
	if (!err)
		err = bpf_map_get_next_key(w->fd, NULL, key);
	for (uint32_t n = 0; !err && !stop && n < info.max_entries; n++) {
		if (!bpf_map_lookup_elem(w->fd, key, value))
			stop = w->each(key, value, w->arg);
		err = bpf_map_get_next_key(w->fd, key, key);
	}
	return err && err != -ENOENT ? err : stop;
}

int flowmap_walk(const struct flowmap_walk *walk)
{
	bool started = false;
	int err = walk_batches(walk, &started);

	if (err < 0 && !started && err != -ENOMEM)
		return walk_keys(walk);
	return err;
}

/* ---- flows ---- */

struct reading {
	uint64_t now_ns, window_ns;
	struct policymap pm;
	struct flow flow;
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

static int give_flow(const void *key, const void *value, void *arg)
{
	const struct srte_flow *v = value;
	struct reading *r = arg;
	struct flow *flow = &r->flow;
	uint64_t idle_ns = since(r->now_ns, v->last_ns);

	memcpy(&flow->key, key, sizeof(flow->key));
	flow->bytes = v->bytes;
	flow->packets = v->packets;
	flow->rate_bps = flowmap_decay(v->rate_bps, idle_ns, r->window_ns);
	flow->age_us = since(r->now_ns, v->first_ns) / 1000;
	flow->idle_us = idle_ns / 1000;
	flow->cgroup_id = v->cgroup_id;
	flow->class = v->class;
	cgroup_path(v->cgroup_id, flow->cgroup);
	policymap_path_name(&r->pm, v->path, flow->path);
	return r->each(flow, r->arg);
}

static int walk_flows(int (*each)(const void *, const void *, void *),
		      void *arg, struct fault *f)
{
	auto_close int fd = pin_open("srte_flows", PIN_READ, f);
	const struct flowmap_walk walk = {
		.fd = fd, .key_size = sizeof(struct srte_flow_key),
		.value_size = sizeof(struct srte_flow),
		.each = each, .arg = arg,
	};
	int err;

	if (fd < 0)
		return fd;
	err = flowmap_walk(&walk);
	if (err < 0)
		return fault_set(f, FAULT_FAILED, "srte_flows: cannot read: "
				 "%s", strerror(-err));
	return err;
}

int flowmap_each(int (*each)(const struct flow *flow, void *arg), void *arg,
		 struct fault *f)
{
	struct reading r = { .each = each, .arg = arg };
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
	return err;
}

static int count_one(const void *key, const void *value, void *arg)
{
	(void)key;
	(void)value;
	++*(uint32_t *)arg;
	return 0;
}

int flowmap_count(uint32_t *ret_entries, struct fault *f)
{
	uint32_t n = 0;
	int err = walk_flows(count_one, &n, f);

	if (!err)
		*ret_entries = n;
	return err;
}
