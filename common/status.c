/* SPDX-License-Identifier: GPL-2.0-only */
#include "status.h"

#include "attach.h"
#include "cgroup.h"
#include "cleanup.h"
#include "cli.h"
#include "device.h"
#include "flowmap.h"
#include "num.h"
#include "pin.h"
#include "reaction.h"
#include "policymap.h"
#include "tally.h"
#include "walk.h"
#include "wall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where the facts go; the first non-zero answer ends it. */
struct say {
	int (*each)(const struct status *status, void *arg);
	void *arg;
	int   stop;
	struct policymap pm;
	uint64_t netns;
};

static void say(struct say *to, const char *what, const char *name,
		uint64_t value, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void say(struct say *to, const char *what, const char *name,
		uint64_t value, const char *fmt, ...)
{
	struct status st = { .value = value };
	va_list ap;

	if (to->stop)
		return;
	snprintf(st.what, sizeof(st.what), "%s", what);
	snprintf(st.name, sizeof(st.name), "%s", name);
	va_start(ap, fmt);
	vsnprintf(st.text, sizeof(st.text), fmt, ap);
	va_end(ap);
	to->stop = to->each(&st, to->arg);
}

static int say_instance(struct say *to, struct fault *f)
{
	char created[WALL_TEXT];
	struct srte_meta meta;
	int err = pin_meta(&meta, f);

	if (err)
		return err;
	wall_format(meta.created_ns, created);
	say(to, "instance", cli.instance, meta.major, "ABI %u.%u, attached "
	    "by srte %.*s at %s", meta.major, meta.minor,
	    (int)sizeof(meta.writer), meta.writer, created);
	return 0;
}

/* ---- hooks ---- */

static void hook_text(const struct say *to, const struct srte_device_key *key,
		      char *ret, size_t size)
{
	uint32_t id, in;

	if (key->netns != to->netns)
		snprintf(ret, size, "in net:[%" PRIu64 "], not this "
			 "namespace", (uint64_t)key->netns);
	else if (attach_tc_query(key->ifindex, ATTACH_EGRESS, &id))
		snprintf(ret, size, "filter is missing");
	else if (attach_tc_query(key->ifindex, ATTACH_INGRESS, &in))
		snprintf(ret, size, "egress filter runs program %u, ingress "
			 "filter is missing", id);
	else
		snprintf(ret, size, "egress filter runs program %u, ingress "
			 "program %u", id, in);
}

static int say_device(const struct srte_device_key *key,
		      const struct srte_device *dev, void *arg)
{
	struct say *to = arg;
	char hook[96], speed[NUM_TEXT] = "unknown";

	hook_text(to, key, hook, sizeof(hook));
	if (dev->speed_mbps)
		num_human(dev->speed_mbps * 1000000ULL, 1000, speed);
	say(to, "device", dev->name, key->ifindex, "clsact%s, %s, MTU %u, "
	    "speed %s", dev->made_qdisc ? " (ours)" : "", hook, dev->mtu,
	    speed);
	return to->stop;
}

#define PROGS 8
static const char *const progs[PROGS] = {
	"srte_egress", "srte_egress_l3", "srte_ingress", "srte_ingress_l3",
	"srte_account", "srte_sockops", "srte_synack", "srte_enrol"
};

/* Of the packets that came while the kernel kept statistics. */
static void say_runs(struct say *to)
{
	uint64_t runs, ns;
	char leaf[64];

	for (size_t i = 0; i < PROGS; i++) {
		snprintf(leaf, sizeof(leaf), "prog/%s", progs[i]);
		if (!pin_prog_runs(leaf, &runs, &ns) && runs)
			say(to, "runtime", progs[i], ns / runs, "ns a run, "
			    "over %" PRIu64 " runs", runs);
	}
}

static void say_programs(struct say *to)
{
	char leaf[64], cgroup[SRTE_CGROUP_TEXT];
	uint64_t cgroup_id;
	uint32_t id;

	for (size_t i = 0; i < PROGS; i++) {
		snprintf(leaf, sizeof(leaf), "prog/%s", progs[i]);
		if (!pin_prog_id(leaf, &id))
			say(to, "program", progs[i], id, "loaded and pinned");
	}
	say_runs(to);
	for (size_t i = 0; i < PROGS; i++) {
		snprintf(leaf, sizeof(leaf), "link/%s", progs[i]);
		if (pin_link_id(leaf, &id, &cgroup_id))
			continue;
		if (!cgroup_id) {
			say(to, "link", progs[i], id, "the whole host");
			continue;
		}
		cgroup_path(cgroup_id, cgroup);
		say(to, "link", progs[i], id, "cgroup %.100s", *cgroup ?
		    cgroup : "unknown or removed");
	}
}

/* ---- settings ---- */

static void say_config(struct say *to, const struct srte_config *c)
{
	static const char *const admits[] = { "auto", "all", "heavy" };
	bool in_cgroup = c->flags & SRTE_CONFIG_ACCOUNT_CGROUP;
	char rules[REACTION_TEXT];

	say(to, "config", "account", c->flags, "flows are counted by %s",
	    in_cgroup ? "srte_account, on the cgroup" :
	    "srte_egress, on the devices");
	say(to, "config", "admit", c->admit, "flows in the table: %s",
	    c->admit < 3 ? admits[c->admit] : "unknown");
	say(to, "config", "admit_bytes", c->admit_bytes,
	    "bytes that let a flow through the filter");
	say(to, "config", "filter", c->filter, "filter: %s", c->filter ==
	    SRTE_FILTER_HASHPIPE ? "hashpipe" : "rap");
	say(to, "config", "mark_mask", c->mark_mask,
	    "bits of the packet mark that tell the cgroup: %#x", c->mark_mask);
	say(to, "config", "window_us", c->window_ns / 1000, "rate window");
	say(to, "config", "heavy_bytes", c->heavy_bytes,
	    "bytes at which a heavy event is sent, 0: none");
	say(to, "config", "rules", c->rules, "reaction rules: %s",
	    reaction_text(c->rules, rules));
	say(to, "config", "reaction_lease_us", c->reaction_lease_ns / 1000,
	    "lease of an entry made by reaction");
	say(to, "config", "mtu", c->mtu, "smallest MTU of the devices");
	say(to, "config", "push_max", c->push_max,
	    "longest header of any path, bytes");
	say(to, "config", "generation", c->generation, "pool loads so far");
}

/* ---- tables ---- */

struct leases {
	uint64_t now_ns;
	uint32_t live, expired, endless, moved;
};

static int count_lease(const void *key, const void *value, void *arg)
{
	const struct srte_steer *entry = value;
	struct leases *n = arg;

	(void)key;
	if (entry->lease_ns <= n->now_ns) {
		n->expired++;
		return 0;
	}
	n->live++;
	n->endless += entry->lease_ns == UINT64_MAX;
	n->moved += entry->moves > 0;
	return 0;
}

static int say_leases(struct say *to, struct fault *f)
{
	struct leases n = { .now_ns = wall_mono_ns() };
	const struct walk walk = {
		.fd = to->pm.steering,
		.key_size = sizeof(struct srte_flow_key),
		.value_size = sizeof(struct srte_steer),
		.each = count_lease, .arg = &n,
	};
	int err = walk_map(&walk);

	if (err < 0)
		return fault_set(f, FAULT_FAILED, "srte_steering: %s",
				 strerror(-err));
	say(to, "map", "srte_steering", n.live, "live entries, of %d at most",
	    SRTE_STEERING_MAX);
	say(to, "lease", "expired", n.expired, "entries whose lease is over, "
	    "for the next srte-steer to remove");
	say(to, "lease", "endless", n.endless, "live entries without an end");
	say(to, "lease", "moved", n.moved, "live entries that a rule moved");
	return 0;
}

static int say_flows(struct say *to, struct fault *f)
{
	uint32_t live, room;
	struct flow_totals t;
	int err = flowmap_totals(&t, f);

	if (!err)
		err = flowmap_count(&live, &room, f);
	if (err)
		return err;
	say(to, "map", "srte_flows", live, "flows, of %u at most", room);
	say(to, "table", "evicted", t.inserted > live ? t.inserted - live : 0,
	    "flows that made room for others");
	say(to, "table", "filter_engaged", t.filter_engaged, "%s",
	    t.filter_engaged ? "the filter is at work" :
	    "the filter is not in use now");
	return 0;
}

static int say_maps(struct say *to, struct fault *f)
{
	int err = say_flows(to, f);

	return err ? err : say_leases(to, f);
}

/* "up", or who put it down and for how long. */
static void path_verdict(struct say *to, uint32_t id, char ret[48])
{
	struct srte_path_state state = {};
	uint64_t now_ns = wall_mono_ns();
	char left[NUM_TEXT];

	strcpy(ret, "up");
	if (policymap_path_state(&to->pm, id, &state) ||
	    state.down_until_ns <= now_ns)
		return;
	if (state.down_until_ns == UINT64_MAX)
		strcpy(left, "good");
	else
		num_human_time((state.down_until_ns - now_ns) / 1000, left);
	snprintf(ret, 48, "down by %s for %s", state.verdict ? "rule R5" :
		 "an operator", left);
}

static int say_path(uint32_t id, const struct srte_path *path, void *arg)
{
	struct srte_path_stats stats = {};
	struct say *to = arg;
	char name[SRTE_PATH_TEXT], verdict[48];

	(void)policymap_stats(&to->pm, id, &stats);
	path_verdict(to, id, verdict);
	snprintf(name, sizeof(name), "%s/%s", path->pool, path->name);
	say(to, "path", name, stats.packets, "packets, %" PRIu64 " bytes, "
	    "header of %u bytes, %s", (uint64_t)stats.bytes, path->len,
	    verdict);
	return to->stop;
}

static int say_counters(struct say *to, struct fault *f)
{
	static const struct { const char *name, *text; } counters[] = {
#define X(id, name, text) { name, text },
		SRTE_COUNTERS(X)
#undef X
	};
	uint64_t count[SRTE_COUNT_N];
	uint32_t n;
	int err = tally_read(count, &n, f);

	for (uint32_t i = 0; !err && i < n; i++)
		say(to, "counter", counters[i].name, count[i], "%s",
		    counters[i].text);
	return err;
}

static int say_all(struct say *to, struct fault *f)
{
	struct srte_config config;
	int err;

	err = say_instance(to, f);
	if (!err)
		err = device_each(say_device, to, f);
	if (err)
		return err;
	say_programs(to);
	if (!policymap_config(&to->pm, &config))
		say_config(to, &config);
	err = say_maps(to, f);
	if (!err)
		err = policymap_each_path(&to->pm, say_path, to);
	return err ? err : say_counters(to, f);
}

int status_each(int (*each)(const struct status *status, void *arg),
		void *arg, struct fault *f)
{
	struct say to = {
		.each = each, .arg = arg, .netns = device_netns(),
	};
	int err;

	err = policymap_open(PIN_READ, &to.pm, f);
	if (err)
		return err;
	err = say_all(&to, f);
	policymap_close(&to.pm);
	return err < 0 ? err : to.stop;
}
