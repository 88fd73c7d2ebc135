/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records as another make, or a member of the group, may have left them in
 * the maps: shown, compared and encoded without a step outside.
 */
#include "fuzz.h"

#include "addr.h"
#include "eventlog.h"
#include "jsonl.h"
#include "pick.h"
#include "pool.h"
#include "publish.h"
#include "record.h"
#include "steer.h"

#include <stdio.h>

/* Zeroes where the input ends. */
static void take(const uint8_t **data, size_t *size, void *ret, size_t len)
{
	size_t n = *size < len ? *size : len;

	memset(ret, 0, len);
	memcpy(ret, *data, n);
	*data += n;
	*size -= n;
}

static void round_trip(struct record *rec)
{
	static char line[JSONL_LINE_MAX];
	struct fault f = { .id = FAULT_NONE };
	struct record back = { 0 };
	long n = record_encode(rec, line, sizeof(line));

	must(n > 0 && line[n - 1] == '\n');
	if (record_decode(line, n - 1, &back, &f)) {
		fprintf(stderr, "%s: %s", f.cause, line);
		abort();
	}
	record_done(&back);
}

static void path(const struct srte_path *p)
{
	__u8 segments[SRTE_SEGMENTS_MAX][16];

	must(srh_segments(p, segments) <= SRTE_SEGMENTS_MAX);
	(void)srh_mode_name(p->mode);
}

static void event(const struct srte_event *ev, int64_t wall_ns)
{
	static const struct flowfilter_words no_words;
	struct policymap none = POLICYMAP_NONE;
	struct record rec = { .type = RECORD_EVENT };
	struct flowfilter any;
	struct fault f;

	if (eventlog_fill(&none, ev, wall_ns, &rec.event))
		return;
	must(!flowfilter_make(&no_words, &any, &f));
	(void)eventlog_match("rto", &any, &rec.event);
	round_trip(&rec);
}

static void flow(const struct srte_flow_key *key, const struct srte_flow *v)
{
	struct record rec = {
		.type = RECORD_FLOW,
		.flow = { .key = *key, .bytes = v->bytes,
			  .packets = v->packets, .rate_bps = v->rate_bps,
			  .cgroup_id = v->cgroup_id, .class = v->class },
	};

	if (!flow_is_mixed(key))	/* as flowmap.c has it */
		round_trip(&rec);
}

/* A load of one path, over a set that says nothing sensible. Its size alone is
 * seen to where it is read. */
static void follow(const struct srte_set *set, const struct srte_steer *entry,
		   const struct srte_route *route,
		   const struct srte_flow_key *key)
{
	struct srte_path one = { .len = 40, .pool = "heavy", .name = "p" };
	struct srte_set with = { .n = 1, .path = { 1 }, .weight = { 1 } };
	const struct poolset load = {
		.paths = &one, .n_paths = 1, .sets = &with, .n_sets = 1,
	};
	struct publish *p = calloc(1, sizeof(*p));
	struct fault f = { .id = FAULT_NONE };
	struct srte_steer moved = *entry;

	must(p);
	p->set = &load;
	p->fault = &f;
	if (set->n <= SRTE_SET_PATHS)
		p->old_set[1] = *set;
	moved.set %= 8;
	if (!publish_assign(p) && publish_is_old(p, moved.set) &&
	    !publish_follow(p, key, route, &moved))
		must(moved.set < SRTE_SETS_MAX && moved.active < 1);
	must(!publish_is_old(p, entry->set | SRTE_SETS_MAX));
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srte_flow_key key;
	struct srte_steer entry;
	struct srte_event ev;
	struct srte_path p;
	struct srte_flow v;
	struct srte_route route;
	struct srte_set set;
	int64_t wall_ns;

	take(&data, &size, &ev, sizeof(ev));
	take(&data, &size, &wall_ns, sizeof(wall_ns));
	take(&data, &size, &p, sizeof(p));
	take(&data, &size, &key, sizeof(key));
	take(&data, &size, &v, sizeof(v));
	take(&data, &size, &entry, sizeof(entry));
	take(&data, &size, &set, sizeof(set));
	take(&data, &size, &route, sizeof(route));
	event(&ev, wall_ns);
	path(&p);
	flow(&key, &v);
	follow(&set, &entry, &route, &key);
	return 0;
}
