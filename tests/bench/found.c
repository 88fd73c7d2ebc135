// SPDX-License-Identifier: GPL-2.0-only
/*
 * How soon the table knows a large flow. Found is a flow once its record has
 * as many bytes as the filter admits at, whoever put it there.
 */
#include "feed.h"
#include "replay.h"
#include "row.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct found {
	uint32_t large, found;
	double   lag_p50, lag_p99;	/* packets sent when it was found */
	double   coverage;		/* part of their packets sent after */
	uint64_t inserted;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void lags(struct found *ret, double *lag)
{
	if (!ret->found)
		return;
	qsort(lag, ret->found, sizeof(*lag), by_value);
	ret->lag_p50 = lag[(ret->found - 1) / 2];
	ret->lag_p99 = lag[(ret->found - 1) * 99 / 100];
}

static const struct replay_seen *seen_map(struct feed *f, size_t *ret_size)
{
	const struct bpf_map *map = f->skel->maps.replay_seen;
	size_t page = sysconf(_SC_PAGESIZE);
	void *p;

	*ret_size = bpf_map__max_entries(map) * sizeof(struct replay_seen);
	*ret_size = (*ret_size + page - 1) / page * page;
	p = mmap(NULL, *ret_size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (p == MAP_FAILED)
		err(1, "replay_seen");
	return p;
}

static struct found found_read(struct feed *f, const struct trace *t,
			       uint64_t large_bytes)
{
	double *lag = calloc(t->flows, sizeof(*lag));
	uint64_t all = 0, after = 0;
	struct found ret = { 0 };
	size_t size;
	const struct replay_seen *seen = seen_map(f, &size);

	if (!lag)
		err(1, "%u flows", t->flows);
	for (uint32_t i = 0; i < t->flows; i++) {
		if (t->bytes[i] < large_bytes)
			continue;
		ret.large++;
		all += t->packets[i];
		if (!seen[i].found_at)
			continue;
		lag[ret.found++] = seen[i].found_at;
		after += t->packets[i] - seen[i].found_at;
	}
	lags(&ret, lag);
	ret.coverage = all ? (double)after / all : 0;
	ret.inserted = feed_counter(f, SRTE_COUNT_FLOW_INSERTED);
	munmap((void *)seen, size);
	free(lag);
	return ret;
}

static struct found watch(const struct feed_plan *plan, const struct trace *t,
			  const struct feed_trace *ft, uint64_t large_bytes)
{
	struct feed f = feed_open(plan, ft);
	struct found ret;

	feed_run(&f, f.skel->progs.replay_watch);
	ret = found_read(&f, t, large_bytes);
	feed_close(&f);
	return ret;
}

/* ---- rows: ours, HashPipe in its place, the table alone ---- */

enum { RAP, PIPE, LRU, WAYS };

struct contest {
	struct feed_plan plan[WAYS];
	uint64_t large_bytes;
	double share[WAYS][ROW_SAMPLES], p50[WAYS][ROW_SAMPLES];
	double p99[WAYS][ROW_SAMPLES], coverage[WAYS][ROW_SAMPLES];
	double inserted[WAYS][ROW_SAMPLES];
	uint32_t large;
	unsigned n;
};

static void contest_setup(struct contest *c, uint32_t table, uint32_t slots,
			  uint64_t admit_bytes, uint64_t large_bytes)
{
	for (int w = 0; w < WAYS; w++)
		c->plan[w] = (struct feed_plan){
			.table = table, .buckets = slots / SRTE_FILTER_WAYS,
			.admit_bytes = admit_bytes, .found_bytes = admit_bytes,
			.admit = w == LRU ? SRTE_ADMIT_ALL : SRTE_ADMIT_HEAVY,
			.filter = w == PIPE ? SRTE_FILTER_HASHPIPE :
				  SRTE_FILTER_RAP,
		};
	c->large_bytes = large_bytes;
}

static void contest_run(struct contest *c, const struct trace *t,
			uint64_t seed)
{
	struct feed_trace ft = feed_trace_put(t);
	unsigned i = c->n++;

	for (int w = 0; w < WAYS; w++) {
		struct found f;

		c->plan[w].seed = seed;
		f = watch(&c->plan[w], t, &ft, c->large_bytes);
		c->large = f.large;
		c->share[w][i] = f.large ? 100.0 * f.found / f.large : 0;
		c->p50[w][i] = f.lag_p50;
		c->p99[w][i] = f.lag_p99;
		c->coverage[w][i] = 100 * f.coverage;
		c->inserted[w][i] = f.inserted;
	}
	feed_trace_close(&ft);
}

static void contest_detail(struct contest *c, struct row *r, int w,
			   const char *name)
{
	double *const figures[] = { c->share[w], c->p50[w], c->p99[w],
				    c->coverage[w], c->inserted[w] };
	static const char *const what[] = { "found_pct", "lag_p50", "lag_p99",
					    "after_pct", "inserted" };
	char key[64];

	for (int i = 0; i < 5; i++) {
		snprintf(key, sizeof(key), "%s_%s", name, what[i]);
		row_detail(r, key, row_median(figures[i], c->n));
	}
}

static void contest_row(struct contest *c, struct row *r, double *samples)
{
	static const char *const names[] = { "filter", "hashpipe", "lru" };

	for (unsigned i = 0; i < c->n; i++)
		row_add(r, samples[i]);
	for (int w = 0; w < WAYS; w++)
		contest_detail(c, r, w, names[w]);
	row_detail(r, "large_flows", c->large);
	row_detail(r, "large_bytes", (double)c->large_bytes);
	row_detail(r, "admit_bytes", (double)c->plan[RAP].admit_bytes);
	row_detail(r, "table_entries", c->plan[RAP].table);
	row_detail(r, "filter_entries",
		   (double)c->plan[RAP].buckets * SRTE_FILTER_WAYS);
	row_print(r);
}

/* 64 packets admit, 1,000 make an elephant. */
void detect_elephants(void)
{
	static struct contest c;
	static struct row found = { .name = "detect.elephants", .unit = "%",
		.goal = ">=100", .peer = "LRU alone" };
	static struct row lag = { .name = "detect.lag", .unit = "thresholds",
		.goal = "<=3", .peer = "LRU alone" };
	unsigned runs = row_pairs();

	contest_setup(&c, 4096, 8192, 64 * FEED_BYTES, 1000 * FEED_BYTES);
	for (unsigned i = 0; i < runs; i++) {
		struct trace *t = trace_isp(REPLAY_SEED + i, FEED_BYTES,
					    TRACE_SPAN);

		contest_run(&c, t, REPLAY_SEED + i);
		row_add(&lag, c.p99[RAP][i] / 64);
		trace_free(t);
	}
	contest_row(&c, &found, c.share[RAP]);
	row_note(&lag, "note", "p99 of what a flow had sent when it was "
		 "found; the others under detect.elephants");
	row_print(&lag);
}

/*
 * Phases: flows that the last phase did not have. Those of captures, and of
 * sizes that were published beside them, for the captures have next to no
 * large flow; by themselves they are played until they have one.
 */
#define PHASES		50
#define PHASE_FLOWS	40	/* some 20 of them large */
#define PHASE_TIMES_MAX	16
#define PHASE_LARGE	(64 * 1024)

static uint32_t large_flows(const struct trace *t, uint64_t bytes)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->flows; i++)
		n += t->bytes[i] >= bytes;
	return n;
}

static struct trace *phases_read(const char *dir, uint32_t *ret_times)
{
	struct trace *t = NULL;

	for (*ret_times = 1; *ret_times <= PHASE_TIMES_MAX; *ret_times *= 2) {
		t = trace_captures(dir, PHASES, *ret_times);
		if (!t)
			return NULL;
		if (large_flows(t, PHASE_LARGE))
			return t;
		trace_free(t);
	}
	errx(1, "no flow of the captures in %s is large", dir);
}

static void phases_alone(struct row *r, const char *dir)
{
	static struct contest c;
	uint32_t times;
	struct trace *t = phases_read(dir, &times);

	if (!t)
		return row_note(r, "captures", "none");
	contest_setup(&c, 64, 128, PHASE_LARGE / 4, PHASE_LARGE);
	contest_run(&c, t, REPLAY_SEED);
	row_detail(r, "captures_times", times);
	row_detail(r, "captures_large_flows", c.large);
	row_detail(r, "captures_filter_found_pct", c.share[RAP][0]);
	row_detail(r, "captures_hashpipe_found_pct", c.share[PIPE][0]);
	row_detail(r, "captures_lru_found_pct", c.share[LRU][0]);
	trace_free(t);
}

void detect_phase(void)
{
	static struct contest c;
	static struct row r = { .name = "detect.phase", .unit = "%",
		.goal = ">=100", .peer = "HashPipe, LRU alone" };
	const char *data = getenv("SRTE_DATA");
	struct trace *captures, *t;
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/pcap", data ? data : "../shared/data");
	captures = trace_captures(dir, 1, 1);
	contest_setup(&c, 64, 128, PHASE_LARGE / 4, PHASE_LARGE);
	for (unsigned i = 0; i < row_pairs(); i++) {
		t = trace_phases(captures, PHASES, PHASE_FLOWS,
				 REPLAY_SEED + i);
		contest_run(&c, t, REPLAY_SEED + i);
		trace_free(t);
	}
	row_detail(&r, "phases", PHASES);
	phases_alone(&r, dir);
	contest_row(&c, &r, c.share[RAP]);
	trace_free(captures);
}
