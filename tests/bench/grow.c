// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the cost of a packet grows with what is in the tables: flows, steering
 * entries, paths, prefixes. Each figure is net of the loop that makes packets;
 * they are any of the flows at any time, which is the worst order there is.
 */
#include "feed.h"
#include "replay.h"
#include "replay_key.h"
#include "row.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#define PACKETS		400000
#define POINTS_MAX	8

struct way {
	const char *name;
	struct feed_plan plan;
	void (*fill)(struct feed *f, uint32_t n);
	const struct bpf_program *(*prog)(struct feed *f);
};

struct growth {
	const char *row, *x, *note;
	uint32_t n[POINTS_MAX];		/* up to the first 0 */
	struct way way[2];
	double ns[2][POINTS_MAX][ROW_SAMPLES];
};

/* ---- what fills the tables ---- */

static void fill_none(struct feed *f, uint32_t n)
{
	(void)f;
	(void)n;
}

static void must_put(const struct bpf_map *map, const void *key,
		     const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY))
		err(1, "%s", bpf_map__name(map));
}

static void fill_entries(struct feed *f, uint32_t n)
{
	const struct srte_steer entry = {
		.lease_ns = ~0ULL, .set = 1, .class = SRTE_CLASS_HEAVY,
	};
	struct srte_flow_key key = { 0 };

	replay_key(0, &key);
	feed_route_put(f, key.dst, 32);
	for (uint32_t i = 0; i < n; i++) {
		memset(&key, 0, sizeof(key));
		replay_key(i, &key);
		must_put(f->skel->maps.srte_steering, &key, &entry);
	}
}

static void fill_prefixes(struct feed *f, uint32_t n)
{
	struct srte_flow_key key;

	for (uint32_t i = 0; i < n; i++) {
		memset(&key, 0, sizeof(key));
		replay_key(i, &key);
		feed_route_put(f, key.dst, 128);
	}
}

static void fill_paths(struct feed *f, uint32_t n)
{
	const struct srte_path path = {
		.len = 40 + 8 + 32, .mode = SRTE_MODE_ENCAP,
		.inner = SRTE_INNER_IPV4 | SRTE_INNER_IPV6,
		.next_hop_known = 1,
		.ifindex = 1,		/* lo, where test runs are */
	};

	for (uint32_t i = 0; i < n; i++)
		must_put(f->skel->maps.srte_paths, &i, &path);
}

static const struct bpf_program *prog_account(struct feed *f)
{
	return f->skel->progs.replay_account;
}

static const struct bpf_program *prog_choose(struct feed *f)
{
	return f->skel->progs.replay_choose;
}

static const struct bpf_program *prog_path(struct feed *f)
{
	return f->skel->progs.replay_path;
}

/* ---- the curves ---- */

static struct growth growths[] = {
	{ .row = "grow.flows", .x = "flows",
	  .note = "from some 65,536 flows on the table is full: the filter "
		  "keeps the cost down, the table alone evicts at each packet",
	  .n = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 },
	  .way = { { "table and filter", { .admit = SRTE_ADMIT_AUTO },
		     fill_none, prog_account },
		   { "LRU alone", { .admit = SRTE_ADMIT_ALL }, fill_none,
		     prog_account } } },
	{ .row = "grow.entries", .x = "steering entries",
	  .note = "65,536 are the most: one more is refused (srte-steer), or "
		  "counted as move_failed (reaction, instant mode), and its "
		  "flow stays on its default path",
	  .n = { 1, 16, 256, 4096, 16384, 65536 },
	  .way = { { "entry, set, path state", { .steering = 65536 },
		     fill_entries, prog_choose } } },
	{ .row = "grow.paths", .x = "paths",
	  .note = "srte-steer refuses a pool load of more than 4,095 paths "
		  "(TOO_MANY), and nothing is changed; beyond that the array "
		  "alone was measured",
	  .n = { 1, 16, 256, 4096, 16384, 65536 },
	  .way = { { "path, start of its header", { .paths = 65536 },
		     fill_paths, prog_path } } },
	{ .row = "grow.prefixes", .x = "prefixes, /128 side by side",
	  .note = "4,096 are the most: a load of more is refused (TOO_MANY), "
		  "and nothing is changed",
	  .n = { 1, 16, 256, 1024, 4096 },
	  .way = { { "no entry, route, set", { 0 }, fill_prefixes,
		     prog_choose } } },
};

static void point_run(struct growth *g, int w, int at, unsigned runs)
{
	struct way *way = &g->way[w];
	struct trace *t = trace_uniform(REPLAY_SEED, g->n[at], PACKETS,
					FEED_BYTES);
	struct feed_trace ft = feed_trace_put(t);
	struct feed f;

	way->plan.seed = REPLAY_SEED;
	f = feed_open(&way->plan, &ft);
	way->fill(&f, g->n[at]);
	feed_run(&f, way->prog(&f));		/* warm */
	for (unsigned i = 0; i < runs; i++)
		g->ns[w][at][i] = feed_run(&f, way->prog(&f)) -
				  feed_run(&f, f.skel->progs.replay_control);
	feed_close(&f);
	feed_trace_close(&ft);
	trace_free(t);
}

static int points(const struct growth *g)
{
	int n = 0;

	while (n < POINTS_MAX && g->n[n])
		n++;
	return n;
}

static void series_print(FILE *out, struct growth *g, int w, unsigned runs)
{
	fprintf(out, "{\"name\":\"%s\",\"points\":[", g->way[w].name);
	for (int i = 0; i < points(g); i++)
		fprintf(out, "%s[%u,%.5g]", i ? "," : "", g->n[i],
			row_median(g->ns[w][i], runs));
	fprintf(out, "]}");
}

static void curve_put(struct row *r, struct growth *g, unsigned runs)
{
	char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);

	if (!out)
		err(1, "a curve");
	fprintf(out, "{\"x\":\"%s\",\"y\":\"ns a packet\",\"log\":\"x\","
		"\"series\":[", g->x);
	series_print(out, g, 0, runs);
	if (g->way[1].name) {
		fputc(',', out);
		series_print(out, g, 1, runs);
	}
	fputs("]}", out);
	fclose(out);
	row_json(r, "curve", json);
	free(json);
}

static void growth_run(struct growth *g)
{
	struct row r = { .name = g->row, .unit = "ratio",
			 .peer = "one of them" };
	unsigned runs = row_pairs();
	int n = points(g);

	for (int at = 0; at < n; at++)
		for (int w = 0; w < 2 && g->way[w].name; w++)
			point_run(g, w, at, runs);
	for (unsigned i = 0; i < runs; i++)
		row_add(&r, g->ns[0][n - 1][i] / g->ns[0][0][i]);
	curve_put(&r, g, runs);
	row_note(&r, "note", g->note);
	row_print(&r);
}

void grow(void)
{
	for (size_t i = 0; i < sizeof(growths) / sizeof(*growths); i++)
		growth_run(&growths[i]);
}
