// SPDX-License-Identifier: GPL-2.0-only
/*
 * mix TRAFFIC SEED stream		a follow stream of flow records
 * mix TRAFFIC SEED score <VERDICTS	how good the verdicts were
 *
 * An exact replay of the traffic that source.h knows, a mark every 100 ms.
 * Both forms play the same flows for the same seed, so the second knows the
 * truth. As by `srte-flows watch --min-bytes`, a flow is listed from a quarter
 * of an elephant on, until 2 s after its last byte; with the class that nobody
 * has given it: srte-classify remembers its own verdicts.
 */
#include "score.h"
#include "source.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_S		0.1
#define LINGER_S	2.0
#define PORTS		60000

struct flow_state {
	uint64_t sent, packets;
	uint64_t round_sent;		/* before its last round, */
	unsigned round;			/* which was this one */
	double begin_s, last_s;
	bool listed;
};

static struct {
	const struct source *source;
	struct trace *t;
	size_t next;		/* step */
	unsigned round;
	struct flow_state *flow;
	uint32_t *list, n;	/* those that are listed */
} w;

static double now_s(void)
{
	return w.round * ROUND_S;
}

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(1, "%zu flows", n);
	return p;
}

static void set_up(const char *name, uint64_t seed)
{
	w.source = source_find(name);
	w.t = source_trace(w.source, seed);
	if (!w.t)
		err(1, "%s", name);
	w.flow = must_calloc(w.t->flows, sizeof(*w.flow));
	w.list = must_calloc(w.t->flows, sizeof(*w.list));
}

static void send_step(const struct replay_step *step, double at_s)
{
	struct flow_state *f = &w.flow[step->flow];

	if (!f->sent)
		f->begin_s = at_s;
	if (f->round != w.round)
		f->round_sent = f->sent;
	f->round = w.round;
	f->sent += step->bytes;
	f->packets++;
	f->last_s = at_s;
	if (!f->listed && f->sent >= w.source->elephant / 4) {
		f->listed = true;
		w.list[w.n++] = step->flow;
	}
}

static void unlist_silent(void)
{
	uint32_t i, kept = 0;

	for (i = 0; i < w.n; i++) {
		struct flow_state *f = &w.flow[w.list[i]];

		f->listed = now_s() - f->last_s < LINGER_S;
		if (f->listed)
			w.list[kept++] = w.list[i];
	}
	w.n = kept;
}

/* False when the traffic is over. */
static bool play_round(void)
{
	if (w.next == w.t->n)
		return false;
	unlist_silent();
	w.round++;
	for (; w.next < w.t->n && w.t->at_s[w.next] <= now_s(); w.next++)
		send_step(&w.t->step[w.next], w.t->at_s[w.next]);
	return true;
}

static double rate_bps(const struct flow_state *f)
{
	return f->round == w.round ? (f->sent - f->round_sent) * 8 / ROUND_S :
	       0;
}

static void print_flow(uint32_t i)
{
	const struct flow_state *f = &w.flow[i];

	printf("{\"type\":\"flow\",\"v\":1,\"proto\":\"tcp\",\"saddr\":"
	       "\"10.1.%u.%u\",\"sport\":%u,\"daddr\":\"10.2.0.1\","
	       "\"dport\":80,\"bytes\":%llu,\"packets\":%llu,\"rate_bps\":"
	       "%.0f,\"age_us\":%.0f,\"idle_us\":%.0f,\"class\":\"rest\"}\n",
	       i / PORTS / 256, i / PORTS % 256, 1024 + i % PORTS,
	       (unsigned long long)f->sent, (unsigned long long)f->packets,
	       rate_bps(f),
	       (now_s() - f->begin_s) * 1e6, (now_s() - f->last_s) * 1e6);
}

static void end_round(const char *type, size_t records)
{
	printf("{\"type\":\"%s\",\"v\":1,\"records\":%zu,\"complete\":true}\n",
	       type, records);
}

static void stream(void)
{
	printf("{\"type\":\"header\",\"v\":1,\"tool\":\"mix\",\"link_bps\":"
	       "%.0f,\"interval_us\":%.0f}\n", TRACE_LINK_BPS, ROUND_S * 1e6);
	while (play_round()) {
		for (uint32_t i = 0; i < w.n; i++)
			print_flow(w.list[i]);
		end_round("mark", w.n);
	}
	end_round("trailer", 0);
}

static uint32_t flow_of(const char *line)
{
	const char *addr = strstr(line, "\"saddr\":\"10.1.");
	const char *port = strstr(line, "\"sport\":");
	unsigned high, low, sport;

	if (!addr || !port || sscanf(addr + 14, "%u.%u", &high, &low) != 2 ||
	    sscanf(port + 8, "%u", &sport) != 1)
		errx(1, "not a verdict of ours: %s", line);
	return (high * 256 + low) * PORTS + sport - 1024;
}

static void take_verdict(struct verdict *all, const char *line)
{
	uint32_t i = flow_of(line);
	struct verdict *v = &all[i];
	bool heavy = strstr(line, "\"class\":\"heavy\"");

	if (heavy && !v->heavy) {
		v->heavy = true;
		v->sent = w.flow[i].sent;
		v->at_s = now_s();
	}
	/* Falling silent is the end of a flow, not a change of mind. */
	v->changes += heavy != v->is_heavy && w.flow[i].sent < w.t->bytes[i];
	v->is_heavy = heavy;
}

static void score(void)
{
	struct verdict *v = must_calloc(w.t->flows, sizeof(*v));
	char line[4096];

	play_round();
	while (fgets(line, sizeof(line), stdin)) {
		if (strstr(line, "\"type\":\"class\""))
			take_verdict(v, line);
		else if (strstr(line, "\"type\":\"mark\""))
			play_round();
	}
	score_print(w.t, v, w.source->elephant, w.source->elephant);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: mix TRAFFIC SEED stream|score");
	set_up(argv[1], strtoull(argv[2], NULL, 10));
	if (!strcmp(argv[3], "stream"))
		stream();
	else
		score();
	return 0;
}
