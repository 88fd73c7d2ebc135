// SPDX-License-Identifier: GPL-2.0-only
/* Packets a second on one CPU and on all: flows of their own, and one flow
 * that all of them count. */
#include "feed.h"
#include "replay.h"
#include "row.h"

#include "packet.h"

#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RUNS 1000000

struct worker {
	pthread_t thread;
	pthread_barrier_t *begin;
	struct frame frame;
	int cpu, fd;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		err(1, "CPU %d", w->cpu);
	pthread_barrier_wait(w->begin);
	feed_repeat(w->fd, w->frame.data, w->frame.len, RUNS);
	return NULL;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Packets a second of so many CPUs together. */
static double rate(int fd, int cpus, bool own_flows)
{
	struct worker *w = calloc(cpus, sizeof(*w));
	pthread_barrier_t begin;
	double began;

	if (!w || pthread_barrier_init(&begin, NULL, cpus + 1))
		err(1, "%d threads", cpus);
	for (int i = 0; i < cpus; i++) {
		w[i].begin = &begin;
		w[i].cpu = i;
		w[i].fd = fd;
		frame_tcp6(&w[i].frame, 0, 64);
		/* the last byte of the source address */
		w[i].frame.data[ETH_HLEN + 23] += own_flows ? i : 0;
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			err(1, "a thread");
	}
	pthread_barrier_wait(&begin);
	began = now_s();
	for (int i = 0; i < cpus; i++)
		pthread_join(w[i].thread, NULL);
	pthread_barrier_destroy(&begin);
	free(w);
	return (double)cpus * RUNS / (now_s() - began);
}

static double series_run(FILE *out, const char *name, int fd, int cpus,
			 bool own_flows)
{
	double all = 0;

	fprintf(out, "{\"name\":\"%s\",\"points\":[", name);
	for (int n = 1; n <= cpus; n++) {
		double r[3];

		for (int i = 0; i < 3; i++)
			r[i] = rate(fd, n, own_flows);
		all = row_median(r, 3);
		fprintf(out, "%s[%d,%.4g]", n > 1 ? "," : "", n, all / 1e6);
	}
	fputs("]}", out);
	return all;
}

void grow_cpus(void)
{
	struct row r = { .name = "grow.cpus", .unit = "ratio",
			 .peer = "one CPU" };
	struct feed f = feed_open(&(struct feed_plan){ 0 }, NULL);
	int fd = bpf_program__fd(f.skel->progs.stage_account);
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);

	if (!out)
		err(1, "a curve");
	for (unsigned i = 0; i < row_pairs(); i++)
		row_add(&r, rate(fd, cpus, true) / rate(fd, 1, true));
	fputs("{\"x\":\"CPUs\",\"y\":\"million packets/s\",\"series\":[", out);
	series_run(out, "flows of their own", fd, cpus, true);
	fputc(',', out);
	series_run(out, "one flow", fd, cpus, false);
	fputs("]}", out);
	fclose(out);
	row_json(&r, "curve", json);
	row_detail(&r, "cpus", cpus);
	row_note(&r, "note", "parse and account; one flow on all CPUs is one "
		 "cache line for all, which a flow on one queue never is");
	row_print(&r);
	free(json);
	feed_close(&f);
}
