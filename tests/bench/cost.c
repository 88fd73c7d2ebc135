// SPDX-License-Identifier: GPL-2.0-only
/*
 * What accounting costs a packet. Each figure is a difference: a program
 * that does all but the accounting is measured next to it and taken off.
 */
#include "feed.h"
#include "replay.h"
#include "row.h"
#include "srte.skel.h"

#include "packet.h"

#include <err.h>

#define HIT_RUNS	1000000
#define UNIFORM_FLOWS	10000000
#define UNIFORM_PACKETS	4200000
#define MIB		(1024.0 * 1024)

/* ---- one flow, all of it in the table ---- */

static struct srte_bpf *egress_load(void)
{
	struct srte_bpf *skel = srte_bpf__open_and_load();
	const struct srte_config config = {
		.flags = SRTE_CONFIG_ACCOUNT_DEV,
		.window_ns = 250000000,
		.admit_bytes = SRTE_ADMIT_BYTES,
	};
	uint32_t zero = 0;

	if (!skel || bpf_map__update_elem(skel->maps.srte_config, &zero,
					  sizeof(zero), &config,
					  sizeof(config), 0))
		err(1, "srte.bpf.o");
	return skel;
}

struct hit {
	struct frame frame;
	int empty_fd, egress_fd, socket_fd;
};

static double hit_ns(const struct hit *h, int fd)
{
	return feed_repeat(fd, h->frame.data, h->frame.len, HIT_RUNS);
}

static void hit_pairs(const struct hit *h, struct row *r)
{
	double egress[ROW_SAMPLES], socket[ROW_SAMPLES];
	double none[ROW_SAMPLES];
	unsigned n = row_pairs();

	hit_ns(h, h->empty_fd);		/* warm */
	hit_ns(h, h->egress_fd);
	hit_ns(h, h->socket_fd);
	for (unsigned i = 0; i < n; i++) {
		none[i] = hit_ns(h, h->empty_fd);
		egress[i] = hit_ns(h, h->egress_fd);
		socket[i] = hit_ns(h, h->socket_fd) - none[i];
		row_add(r, egress[i] - none[i]);
	}
	row_median_detail(r, "egress_ns", egress, n);
	row_median_detail(r, "empty_ns", none, n);
	row_median_detail(r, "socket_storage_ns", socket, n);
	row_note(r, "note", "socket_storage_ns: two sums and a time in "
		 "socket-local storage, net of the empty program; only local "
		 "sockets have one");
}

void cost_hit(void)
{
	struct row r = { .name = "account.hit", .unit = "ns", .goal = "<=45",
			 .peer = "empty program" };
	struct srte_bpf *egress = egress_load();
	struct feed f = feed_open(&(struct feed_plan){ 0 }, NULL);
	struct hit h = {
		.empty_fd = bpf_program__fd(f.skel->progs.replay_empty),
		.socket_fd = bpf_program__fd(f.skel->progs.replay_socket),
		.egress_fd = bpf_program__fd(egress->progs.srte_egress),
	};

	frame_tcp6(&h.frame, 0, 64);
	hit_pairs(&h, &r);
	row_print(&r);
	feed_close(&f);
	srte_bpf__destroy(egress);
}

/* ---- more flows than fit ---- */

/* Tables begin empty; loading them is not measured. */
static double pass_ns(const struct feed_plan *plan,
		      const struct feed_trace *trace)
{
	struct feed f = feed_open(plan, trace);
	double ns = feed_run(&f, f.skel->progs.replay_account);

	feed_close(&f);
	return ns;
}

static double control_ns(const struct feed_trace *trace)
{
	struct feed f = feed_open(&(struct feed_plan){ 0 }, trace);
	double ns = feed_run(&f, f.skel->progs.replay_control);

	feed_close(&f);
	return ns;
}

static void ratio_row(struct row *r, const struct feed_trace *trace)
{
	const struct feed_plan rap = { .admit = SRTE_ADMIT_HEAVY };
	const struct feed_plan pipe = { .admit = SRTE_ADMIT_HEAVY,
					.filter = SRTE_FILTER_HASHPIPE };
	const struct feed_plan lru = { .admit = SRTE_ADMIT_ALL };
	double with[ROW_SAMPLES], alone[ROW_SAMPLES], none[ROW_SAMPLES];
	double piped[ROW_SAMPLES];
	unsigned n = row_pairs();

	control_ns(trace);		/* warm */
	pass_ns(&rap, trace);
	for (unsigned i = 0; i < n; i++) {
		none[i] = control_ns(trace);
		with[i] = pass_ns(&rap, trace) - none[i];
		alone[i] = pass_ns(&lru, trace) - none[i];
		piped[i] = pass_ns(&pipe, trace) - none[i];
		row_add(r, with[i] / alone[i]);
	}
	row_median_detail(r, "filter_ns", with, n);
	row_median_detail(r, "lru_ns", alone, n);
	row_median_detail(r, "hashpipe_ns", piped, n);
	row_median_detail(r, "loop_ns", none, n);
	row_detail(r, "packets", (double)trace->packets);
	row_detail(r, "flows", trace->flows);
	row_detail(r, "table_entries", SRTE_FLOWS_MAX);
	row_print(r);
}

void cost_trace(void)
{
	struct row r = { .name = "account.trace", .unit = "ratio",
			 .goal = "<=0.6", .peer = "LRU alone" };
	struct trace *t = trace_isp(REPLAY_SEED, FEED_BYTES, TRACE_SPAN);
	struct feed_trace ft = feed_trace_put(t);

	trace_free(t);
	ratio_row(&r, &ft);
	feed_trace_close(&ft);
}

static struct feed_trace uniform_put(void)
{
	struct trace *t = trace_uniform(REPLAY_SEED, UNIFORM_FLOWS,
					UNIFORM_PACKETS, FEED_BYTES);
	struct feed_trace ft = feed_trace_put(t);

	trace_free(t);
	return ft;
}

void cost_uniform(void)
{
	struct row r = { .name = "account.10m", .unit = "ratio",
			 .goal = "<=0.15", .peer = "LRU alone" };
	struct feed_trace ft = uniform_put();

	ratio_row(&r, &ft);
	feed_trace_close(&ft);
}

/* ---- memory ---- */

static double flows_mib(const struct feed *f)
{
	return feed_memory(f->skel->maps.srte_flows) / MIB;
}

static double filter_mib(const struct feed *f)
{
	return feed_memory(f->skel->maps.srte_filter) / MIB;
}

void cost_memory(void)
{
	static char goal[16];
	struct row r = { .name = "account.memory", .unit = "MiB", .goal = goal,
			 .peer = "an LRU table of all flows" };
	const struct feed_plan plan = { .admit = SRTE_ADMIT_AUTO };
	const struct feed_plan all = { .admit = SRTE_ADMIT_ALL,
				       .table = UNIFORM_FLOWS };
	int cpus = libbpf_num_possible_cpus();
	struct feed_trace ft = uniform_put();
	struct feed f = feed_open(&plan, &ft), peer;
	double before = flows_mib(&f) + filter_mib(&f);

	snprintf(goal, sizeof(goal), "<=%.1f", 12 + 0.5 * cpus);
	feed_run(&f, f.skel->progs.replay_account);
	row_add(&r, flows_mib(&f) + filter_mib(&f));
	row_detail(&r, "before_mib", before);
	row_detail(&r, "flows_mib", flows_mib(&f));
	row_detail(&r, "filter_mib", filter_mib(&f));
	row_detail(&r, "cpus", cpus);
	row_detail(&r, "entries", SRTE_FLOWS_MAX);
	feed_close(&f);
	peer = feed_open(&all, &ft);
	row_detail(&r, "all_flows_mib", flows_mib(&peer));
	feed_close(&peer);
	feed_trace_close(&ft);
	row_print(&r);
}
