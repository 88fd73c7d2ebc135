// SPDX-License-Identifier: GPL-2.0-only
/*
 * mix WORKLOAD SEED SECONDS stream		a follow stream of flow records
 * mix WORKLOAD SEED SECONDS score <VERDICTS	how good the verdicts were
 *
 * An exact replay of a published workload: flows arrive as a Poisson process
 * at 60 % load of 10 Gbit/s and share the link evenly (processor sharing), a
 * mark every 100 ms. Both forms play the same flows for the same seed, so the
 * second knows the truth. A flow is listed from its first byte until 1 s after
 * its last one, with the class that nobody has given it: srte-classify
 * remembers its own verdicts.
 *
 * Sizes: web search (DCTCP, SIGCOMM 2010), data mining (VL2, SIGCOMM 2009),
 * Hadoop (Facebook, SIGCOMM 2015), storage (Alibaba, HPCC, SIGCOMM 2019), in
 * the points that the traffic generators of HPCC and HKUST publish; linear
 * between two.
 */
#include "trace.h"

#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_BPS	10e9
#define LOAD		0.6
#define ROUND_S		0.1
#define LINGER_S	1.0
#define ELEPHANT	1000000.0	/* bytes */
#define BURST		65536.0		/* that a sender hands down at once */
#define PORTS		60000

struct point {
	double bytes, percent;
};

static const struct {
	const char *name;
	struct point cdf[24];
} workloads[] = {
	{ "websearch", { { 0, 0 }, { 1e4, 15 }, { 2e4, 20 }, { 3e4, 30 },
		{ 5e4, 40 }, { 8e4, 53 }, { 2e5, 60 }, { 1e6, 70 },
		{ 2e6, 80 }, { 5e6, 90 }, { 1e7, 97 }, { 3e7, 100 } } },
	{ "vl2", { { 0, 0 }, { 180, 10 }, { 216, 20 }, { 560, 30 },
		{ 900, 40 }, { 1100, 50 }, { 1870, 60 }, { 3160, 70 },
		{ 1e4, 80 }, { 4e5, 90 }, { 3.16e6, 95 }, { 1e8, 98 },
		{ 1e9, 100 } } },
	{ "hadoop", { { 0, 0 }, { 100, 1 }, { 200, 2 }, { 300, 5 },
		{ 350, 15 }, { 400, 20 }, { 500, 30 }, { 600, 40 },
		{ 700, 50 }, { 1000, 60 }, { 2000, 67 }, { 7000, 70 },
		{ 3e4, 72 }, { 5e4, 82 }, { 8e4, 87 }, { 1.2e5, 90 },
		{ 3e5, 95 }, { 1e6, 97.5 }, { 2e6, 99 }, { 1e7, 100 } } },
	{ "storage", { { 0, 0 }, { 4000, 22.93 }, { 8000, 69.21 },
		{ 16000, 80.61 }, { 32000, 90.47 }, { 64000, 93.53 },
		{ 128000, 96.77 }, { 256000, 97.53 }, { 2e6, 100 } } },
};

struct flow_state {
	double size, sent, begun_s, ended_s;	/* ended 0: not yet */
	double last_sent, rate_bps;		/* of the last round */
	double caught;		/* bytes sent when it was first heavy, -1 */
	bool   heavy;
	int    changes;
};

static struct {
	const struct point *cdf;
	uint64_t seed;
	double now_s, end_s, next_s, gap_s;
	struct flow_state *flow;
	size_t n, first;	/* flows before first are gone */
	size_t *active, n_active;	/* those that send */
} w;

static double size_of(double u)
{
	const struct point *p = w.cdf;

	for (u *= 100; p[1].percent < u; p++)
		;
	return fmax(1, p->bytes + (p[1].bytes - p->bytes) *
		       (u - p->percent) / (p[1].percent - p->percent));
}

static double mean_size(void)
{
	const struct point *p;
	double sum = 0;

	for (p = w.cdf; p->percent < 100; p++)
		sum += (p[1].percent - p->percent) / 100 *
		       (p->bytes + p[1].bytes) / 2;
	return sum;
}

static void set_up(const char *name, uint64_t seed, double seconds)
{
	size_t i;

	for (i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (!strcmp(name, workloads[i].name))
			w.cdf = workloads[i].cdf;
	if (!w.cdf)
		errx(2, "no workload %s", name);
	w.seed = seed;
	w.end_s = seconds;
	w.gap_s = mean_size() / (LINK_BPS / 8 * LOAD);
}

static void arrive(void)
{
	struct flow_state *f;

	if (!(w.n & (w.n - 1))) {
		w.flow = reallocarray(w.flow, w.n ? 2 * w.n : 64, sizeof(*f));
		w.active = reallocarray(w.active, w.n ? 2 * w.n : 64,
					sizeof(*w.active));
		if (!w.flow || !w.active)
			err(1, "flows");
	}
	w.active[w.n_active++] = w.n;
	f = &w.flow[w.n++];
	memset(f, 0, sizeof(*f));
	f->size = size_of(trace_uniform01(&w.seed));
	f->begun_s = w.now_s;
	f->caught = -1;
	w.next_s -= w.gap_s * log(1 - trace_uniform01(&w.seed));
}

static double least_left(void)
{
	double least = INFINITY;
	size_t i;

	for (i = 0; i < w.n_active; i++) {
		struct flow_state *f = &w.flow[w.active[i]];

		least = fmin(least, f->size - f->sent);
	}
	return least;
}

static void send_all(double bytes, double until_s)
{
	size_t i = 0;

	while (i < w.n_active) {
		struct flow_state *f = &w.flow[w.active[i]];

		f->sent += bytes;
		if (f->size - f->sent >= 0.5) {
			i++;
			continue;
		}
		f->sent = f->size;
		f->ended_s = until_s;
		w.active[i] = w.active[--w.n_active];
	}
}

/* All send alike until one ends, one arrives, or the round is over. */
static void step(double until_s)
{
	double each, to_s = fmin(until_s, w.next_s);

	if (w.n_active) {
		each = LINK_BPS / 8 / w.n_active;
		to_s = fmin(to_s, w.now_s + least_left() / each);
		send_all(each * (to_s - w.now_s), to_s);
	}
	w.now_s = to_s;
	if (w.now_s >= w.next_s)
		arrive();
}

static void play_round(double until_s)
{
	size_t i;

	while (w.now_s < until_s)
		step(until_s);
	for (i = w.first; i < w.n; i++) {
		struct flow_state *f = &w.flow[i];

		f->rate_bps = (f->sent - f->last_sent) * 8 / ROUND_S;
		f->last_sent = f->sent;
	}
	while (w.first < w.n && w.flow[w.first].ended_s &&
	       w.flow[w.first].ended_s < w.now_s - LINGER_S)
		w.first++;
}

static bool is_listed(const struct flow_state *f)
{
	return f->sent >= 1 &&
	       (!f->ended_s || f->ended_s >= w.now_s - LINGER_S);
}

static void print_flow(size_t i)
{
	const struct flow_state *f = &w.flow[i];

	printf("{\"type\":\"flow\",\"v\":1,\"proto\":\"tcp\",\"saddr\":"
	       "\"10.1.%zu.%zu\",\"sport\":%zu,\"daddr\":\"10.2.0.1\","
	       "\"dport\":80,\"bytes\":%.0f,\"packets\":%.0f,\"rate_bps\":"
	       "%.0f,\"age_us\":%.0f,\"idle_us\":%.0f,\"class\":\"rest\"}\n",
	       i / PORTS / 256, i / PORTS % 256, 1024 + i % PORTS, f->sent,
	       ceil(f->sent / 1448), f->rate_bps,
	       (w.now_s - f->begun_s) * 1e6,
	       f->ended_s ? (w.now_s - f->ended_s) * 1e6 : 0);
}

static void end_round(const char *type, size_t records)
{
	printf("{\"type\":\"%s\",\"v\":1,\"records\":%zu,\"complete\":true}\n",
	       type, records);
}

static void stream(void)
{
	size_t i, n;
	double t;

	printf("{\"type\":\"header\",\"v\":1,\"tool\":\"mix\",\"link_bps\":"
	       "%.0f,\"interval_us\":%.0f}\n", LINK_BPS, ROUND_S * 1e6);
	for (t = ROUND_S; t <= w.end_s; t += ROUND_S) {
		play_round(t);
		for (i = w.first, n = 0; i < w.n; i++) {
			if (!is_listed(&w.flow[i]))
				continue;
			print_flow(i);
			n++;
		}
		end_round("mark", n);
	}
	end_round("trailer", 0);
}

static void take_verdict(const char *line)
{
	const char *addr = strstr(line, "\"saddr\":\"10.1.");
	const char *port = strstr(line, "\"sport\":");
	unsigned high, low, sport;
	struct flow_state *f;
	bool heavy;

	if (!addr || !port || sscanf(addr + 14, "%u.%u", &high, &low) != 2 ||
	    sscanf(port + 8, "%u", &sport) != 1)
		errx(1, "not a verdict of ours: %s", line);
	f = &w.flow[((size_t)high * 256 + low) * PORTS + sport - 1024];
	heavy = strstr(line, "\"class\":\"heavy\"");
	if (heavy && f->caught < 0)
		f->caught = f->sent;
	/* Falling silent is the end of a flow, not a change of mind. */
	f->changes += heavy != f->heavy && !f->ended_s;
	f->heavy = heavy;
}

static void read_verdicts(void)
{
	char line[4096];
	double t = ROUND_S;

	play_round(t);
	while (fgets(line, sizeof(line), stdin)) {
		if (strstr(line, "\"type\":\"class\""))
			take_verdict(line);
		else if (strstr(line, "\"type\":\"mark\""))
			play_round(t += ROUND_S);
	}
}

/* The kernel's own notice: at the first whole burst beyond the mark. */
static double noticed_at(const struct flow_state *f)
{
	double at = ceil(ELEPHANT / BURST) * BURST;

	return fmin(at, f->sent);
}

static void score(void)
{
	double hit = 0, missed = 0, wrong = 0, bytes = 0, late = 0, early = 0;
	double hit_bytes = 0, wrong_bytes = 0, minutes = 0, bound = 0;
	long changes = 0;
	size_t i;

	read_verdicts();
	for (i = 0; i < w.n; i++) {
		const struct flow_state *f = &w.flow[i];
		bool truth = f->sent >= ELEPHANT, said = f->caught >= 0;

		hit += truth && said;
		missed += truth && !said;
		wrong += !truth && said;
		bytes += truth ? f->sent : 0;
		hit_bytes += truth && said ? f->sent : 0;
		wrong_bytes += !truth && said ? f->sent : 0;
		late += truth && said ? f->sent - f->caught : 0;
		early += truth ? f->sent - noticed_at(f) : 0;
		bound += truth ? f->sent - ELEPHANT : 0;
		changes += f->changes > 1 ? f->changes - 1 : 0;
		minutes += said ? (f->ended_s ? f->ended_s - f->begun_s :
				   w.now_s - f->begun_s) / 60 : 0;
	}
	printf("{\"flows\":%zu,\"elephants\":%.0f,\"precision\":%.5f,"
	       "\"recall\":%.5f,\"f1\":%.5f,\"f1_bytes\":%.5f,"
	       "\"coverage_follow\":%.5f,\"coverage_notice\":%.5f,"
	       "\"coverage_bound\":%.5f,"
	       "\"flaps_per_minute\":%.5f}\n", w.n, hit + missed,
	       hit + wrong > 0 ? hit / (hit + wrong) : 0,
	       hit + missed > 0 ? hit / (hit + missed) : 0,
	       2 * hit / (2 * hit + wrong + missed),
	       2 * hit_bytes / (hit_bytes + wrong_bytes + bytes),
	       late / bytes, early / bytes, bound / bytes,
	       minutes > 0 ? changes / minutes : 0);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		errx(2, "usage: mix WORKLOAD SEED SECONDS stream|score");
	set_up(argv[1], strtoull(argv[2], NULL, 10), atof(argv[3]));
	if (!strcmp(argv[4], "stream"))
		stream();
	else
		score();
	return 0;
}
