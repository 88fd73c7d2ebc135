// SPDX-License-Identifier: GPL-2.0-only
/*
 * A published workload on a link: flows arrive as a Poisson process at 60 %
 * load of 10 Gbit/s and share the link evenly (processor sharing). What a
 * sender hands down are bursts of 64 KB, and the rest of a flow.
 */
#include "trace.h"
#include "workload.h"

#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define LOAD 0.6

struct sender {
	double size, sent, handed;	/* handed down of what was sent */
};

struct mix {
	const struct workload_point *cdf;
	uint64_t seed;
	double now_s, next_s, gap_s;
	struct sender *flow;
	uint32_t *active, n_active, n, room;	/* active: those that send */
	struct replay_step *step;
	float *at_s;
	size_t steps, steps_room;
};

static void *grown(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n, size);
	if (!p)
		err(1, "%zu of a trace", n);
	return p;
}

static void step_put(struct mix *m, uint32_t flow, double bytes)
{
	if (m->steps == m->steps_room) {
		m->steps_room = m->steps_room ? 2 * m->steps_room : 65536;
		m->step = grown(m->step, m->steps_room, sizeof(*m->step));
		m->at_s = grown(m->at_s, m->steps_room, sizeof(*m->at_s));
	}
	m->step[m->steps] = (struct replay_step){ flow, (uint32_t)bytes };
	m->at_s[m->steps++] = (float)m->now_s;
}

static void arrive(struct mix *m)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		m->flow = grown(m->flow, m->room, sizeof(*m->flow));
		m->active = grown(m->active, m->room, sizeof(*m->active));
	}
	m->active[m->n_active++] = m->n;
	m->flow[m->n++] = (struct sender){
		.size = ceil(workload_size(m->cdf, trace_uniform01(&m->seed))),
	};
	m->next_s -= m->gap_s * log(1 - trace_uniform01(&m->seed));
}

/* Whole bursts, and at the end of the flow what is left. */
static void hand_down(struct mix *m, uint32_t id, bool all)
{
	struct sender *f = &m->flow[id];

	for (; f->sent - f->handed >= TRACE_BURST; f->handed += TRACE_BURST)
		step_put(m, id, TRACE_BURST);
	if (all && f->size > f->handed)
		step_put(m, id, f->size - f->handed);
}

static double least_left(const struct mix *m)
{
	double least = INFINITY;

	for (uint32_t i = 0; i < m->n_active; i++) {
		const struct sender *f = &m->flow[m->active[i]];

		least = fmin(least, f->size - f->sent);
	}
	return least;
}

static void send_all(struct mix *m, double bytes)
{
	uint32_t i = 0;

	while (i < m->n_active) {
		struct sender *f = &m->flow[m->active[i]];
		bool ends;

		f->sent += bytes;
		ends = f->size - f->sent < 0.5;
		hand_down(m, m->active[i], ends);
		if (ends)
			m->active[i] = m->active[--m->n_active];
		else
			i++;
	}
}

/* Not longer than the fastest burst takes, so that the bursts of all who send
 * are in the order of time. */
static void advance(struct mix *m)
{
	double to_s = m->next_s, each;

	if (m->n_active) {
		each = TRACE_LINK_BPS / 8 / m->n_active;
		to_s = fmin(to_s, m->now_s +
			    fmin(least_left(m), TRACE_BURST) / each);
		each *= to_s - m->now_s;
		m->now_s = to_s;
		send_all(m, each);
	}
	m->now_s = to_s;
	if (m->now_s >= m->next_s)
		arrive(m);
}

static struct trace *trace_of(struct mix *m)
{
	struct trace *t = trace_new(m->n, m->steps);

	free(t->step);
	t->step = m->step;
	t->at_s = m->at_s;
	trace_count(t);
	free(m->flow);
	free(m->active);
	return t;
}

struct trace *trace_mix(const char *workload, uint64_t seed, double seconds)
{
	struct mix m = { .cdf = workload_find(workload), .seed = seed };

	errno = ENOENT;
	if (!m.cdf)
		return NULL;
	m.gap_s = workload_mean(m.cdf) / (TRACE_LINK_BPS / 8 * LOAD);
	while (m.now_s < seconds)
		advance(&m);
	while (m.steps && m.at_s[m.steps - 1] > seconds)
		m.steps--;
	return trace_of(&m);
}
