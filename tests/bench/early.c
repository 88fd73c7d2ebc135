// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay early TRAFFIC SEED: how much of the elephants' traffic is still to
 * come when the kernel knows them, by its notices and in instant mode, for
 * marks from an elephant's size down to a 16th of it. Tables are as built.
 */
#include "feed.h"
#include "replay.h"
#include "replay_key.h"
#include "score.h"
#include "source.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#define MARKS 5			/* each half of the one before */

static const struct replay_seen *seen_map(struct feed *f, size_t *ret_size)
{
	const struct bpf_map *map = f->skel->maps.replay_seen;
	void *p;

	*ret_size = bpf_map__max_entries(map) * sizeof(struct replay_seen);
	*ret_size = (*ret_size + 4095) & ~4095UL;
	p = mmap(NULL, *ret_size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (p == MAP_FAILED)
		err(1, "replay_seen");
	return p;
}

struct early {
	struct verdict *notice, *instant;
	uint64_t *sent;
	uint32_t *packets;
};

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(1, "%zu flows", n);
	return p;
}

static void verdict_put(struct verdict *v, uint64_t sent, double at_s)
{
	*v = (struct verdict){ .heavy = true, .is_heavy = true, .changes = 1,
			       .sent = sent, .at_s = at_s };
}

/* A notice comes when its packet has left; an entry has its packet already. */
static void verdicts(struct early *e, const struct trace *t,
		     const struct replay_seen *seen)
{
	for (size_t i = 0; i < t->n; i++) {
		uint32_t id = t->step[i].flow, n = ++e->packets[id];

		if (n == seen[id].found_at)
			verdict_put(&e->instant[id], e->sent[id], t->at_s[i]);
		e->sent[id] += t->step[i].bytes;
		if (n == seen[id].noticed_at)
			verdict_put(&e->notice[id], e->sent[id], t->at_s[i]);
	}
}

static void print_way(const char *way, const struct source *s, uint64_t mark,
		      const char *seed, const struct trace *t,
		      const struct verdict *v)
{
	printf("{\"traffic\":\"%s\",\"seed\":%s,\"way\":\"%s\",\"mark\":%llu,"
	       "\"score\":", s->name, seed, way, (unsigned long long)mark);
	score_print(t, v, s->elephant, mark);
	printf("}\n");
}

static void early_free(struct early *e)
{
	free(e->notice);
	free(e->instant);
	free(e->sent);
	free(e->packets);
}

static void mark_run(const struct source *s, const char *seed, uint64_t mark,
		     const struct trace *t, const struct feed_trace *ft)
{
	const struct feed_plan plan = {
		.heavy_bytes = mark, .seed = strtoull(seed, NULL, 10),
	};
	struct feed f = feed_open(&plan, ft);
	struct early e = {
		.notice = must_calloc(t->flows, sizeof(*e.notice)),
		.instant = must_calloc(t->flows, sizeof(*e.instant)),
		.sent = must_calloc(t->flows, sizeof(*e.sent)),
		.packets = must_calloc(t->flows, sizeof(*e.packets)),
	};

	struct srte_flow_key any = { 0 };
	size_t size;
	const struct replay_seen *seen = seen_map(&f, &size);

	replay_key(0, &any);
	feed_route_put(&f, any.dst, 32);
	feed_run(&f, f.skel->progs.replay_instant);
	verdicts(&e, t, seen);
	munmap((void *)seen, size);
	print_way("notice", s, mark, seed, t, e.notice);
	print_way("instant", s, mark, seed, t, e.instant);
	early_free(&e);
	feed_close(&f);
}

void early(const char *traffic, const char *seed)
{
	const struct source *s = source_find(traffic);
	struct trace *t = source_trace(s, strtoull(seed, NULL, 10));
	struct feed_trace ft;

	if (!t)
		err(1, "%s", traffic);
	ft = feed_trace_put(t);
	for (int i = 0; i < MARKS; i++)
		mark_run(s, seed, s->elephant >> i, t, &ft);
	feed_trace_close(&ft);
	trace_free(t);
}
