// SPDX-License-Identifier: GPL-2.0-only
#include "feed.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define WINDOW_NS 250000000	/* as srte-attach has it */
#define LEASE_NS 60000000000ULL
#define NOTICES_BYTES (64U << 20)

struct feed_trace feed_trace_put(const struct trace *trace)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct feed_trace ft = {
		.chunks = (trace->n + REPLAY_CHUNK_STEPS - 1) /
			  REPLAY_CHUNK_STEPS,
		.flows = trace->flows, .packets = trace->n,
	};
	size_t size = (size_t)ft.chunks * sizeof(struct replay_chunk);
	void *p;

	ft.fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "replay_trace",
			       sizeof(uint32_t), sizeof(struct replay_chunk),
			       ft.chunks, &opts);
	if (ft.fd < 0)
		err(1, "a trace of %zu packets", trace->n);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ft.fd, 0);
	if (p == MAP_FAILED)
		err(1, "a trace of %zu packets", trace->n);
	memcpy(p, trace->step, trace->n * sizeof(*trace->step));
	munmap(p, size);
	return ft;
}

void feed_trace_close(struct feed_trace *ft)
{
	close(ft->fd);
	ft->fd = -1;
}

static void config_put(struct feed *f, const struct feed_plan *plan)
{
	uint64_t seed = plan->seed;
	struct srte_config config = {
		.flags = SRTE_CONFIG_ACCOUNT_DEV | SRTE_CONFIG_INSTANT,
		.window_ns = WINDOW_NS,
		.reaction_lease_ns = LEASE_NS,
		.heavy_bytes = plan->heavy_bytes,
		.admit = plan->admit,
		.filter = plan->filter,
		.admit_bytes = plan->admit_bytes ? plan->admit_bytes :
			       SRTE_ADMIT_BYTES,
	};
	uint32_t zero = 0;

	for (int i = 0; i < SRTE_SEED_WORDS; i++)
		config.seed[i] = trace_random(&seed) | 1;
	if (bpf_map__update_elem(f->skel->maps.srte_config, &zero,
				 sizeof(zero), &config, sizeof(config), 0))
		err(1, "srte_config");
}

/* A feed needs no steering tables, but for instant mode's entries and where
 * the plan says so; notices are read when it is over. */
static void resize(struct replay_bpf *skel, const struct feed_plan *plan)
{
	bpf_map__set_max_entries(skel->maps.srte_paths, plan->paths + 1);
	bpf_map__set_max_entries(skel->maps.srte_path_stats, 1);
	if (plan->heavy_bytes)
		bpf_map__set_max_entries(skel->maps.srte_events, NOTICES_BYTES);
	else
		bpf_map__set_max_entries(skel->maps.srte_steering,
					 plan->steering + 1);
}

static int quiet(enum libbpf_print_level level, const char *format,
		 va_list ap)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, ap) : 0;
}

struct feed feed_open(const struct feed_plan *plan,
		      const struct feed_trace *trace)
{
	struct feed f = { .trace = trace };
	int cpus = libbpf_num_possible_cpus();

	libbpf_set_print(quiet);
	f.skel = replay_bpf__open();
	if (!f.skel)
		err(1, "replay.bpf.o");
	f.buckets = plan->buckets ? plan->buckets : SRTE_FILTER_BUCKETS;
	f.skel->rodata->filter_buckets = f.buckets;
	if (plan->table)
		f.skel->rodata->flows_max = plan->table;
	f.skel->bss->replay_found_bytes = plan->found_bytes;
	resize(f.skel, plan);
	bpf_map__set_max_entries(f.skel->maps.srte_filter, f.buckets * cpus);
	bpf_map__set_max_entries(f.skel->maps.replay_seen,
				 trace ? trace->flows : 1);
	if (plan->table)
		bpf_map__set_max_entries(f.skel->maps.srte_flows, plan->table);
	if (trace && bpf_map__reuse_fd(f.skel->maps.replay_trace, trace->fd))
		err(1, "the trace");
	if (replay_bpf__load(f.skel))
		err(1, "replay.bpf.o");
	config_put(&f, plan);
	return f;
}

void feed_close(struct feed *f)
{
	replay_bpf__destroy(f->skel);
	f->skel = NULL;
}

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Time on the CPU: the kernel's own figure counts what others take of it. */
double feed_repeat(int prog_fd, const void *frame, uint32_t len, uint32_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		.data_size_in = len, .repeat = (int)n);
	double began = cpu_ns();

	if (bpf_prog_test_run_opts(prog_fd, &opts))
		err(1, "BPF_PROG_TEST_RUN");
	return (cpu_ns() - began) / n;
}

double feed_run(struct feed *f, const struct bpf_program *prog)
{
	uint8_t frame[64] = { [12] = 0x86, [13] = 0xdd, [14] = 0x60 };
	double ns;

	f->skel->bss->replay_next = 0;
	ns = feed_repeat(bpf_program__fd(prog), frame, sizeof(frame),
			 f->trace->chunks);
	if (f->skel->bss->replay_next != f->trace->chunks)
		errx(1, "the trace was played %u times, not %u",
		     f->skel->bss->replay_next, f->trace->chunks);
	return ns * f->trace->chunks / (double)f->trace->packets;
}

void feed_route_put(struct feed *f, const uint8_t addr[16], uint32_t len)
{
	const struct srte_set set = { .n = 1, .path = { 1 }, .weight = { 1 } };
	const struct srte_route route = { .set = { 1, 1 } };
	struct srte_route_key key = { .prefixlen = len };
	uint32_t id = 1;

	memcpy(key.addr, addr, sizeof(key.addr));
	if (bpf_map_update_elem(bpf_map__fd(f->skel->maps.srte_sets), &id,
				&set, BPF_ANY) ||
	    bpf_map_update_elem(bpf_map__fd(f->skel->maps.srte_routes), &key,
				&route, BPF_ANY))
		err(1, "a route");
}

uint64_t feed_counter(struct feed *f, enum srte_counter cause)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t *value = calloc(cpus, sizeof(*value)), sum = 0;
	uint32_t slot = cause;

	if (!value || bpf_map__lookup_elem(f->skel->maps.srte_counters, &slot,
					   sizeof(slot), value,
					   cpus * sizeof(*value), 0))
		err(1, "srte_counters");
	for (int i = 0; i < cpus; i++)
		sum += value[i];
	free(value);
	return sum;
}

/* "memlock:\t<bytes>" in /proc/self/fdinfo. */
uint64_t feed_memory(const struct bpf_map *map)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d",
		 bpf_map__fd(map));
	in = fopen(path, "re");
	if (!in)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	fclose(in);
	return bytes;
}
