// SPDX-License-Identifier: GPL-2.0-only
#include "estimate.h"
#include "replay_key.h"

#include "../../bpf/hash.bpf.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

static uint64_t *estimate_new(const struct trace *t)
{
	uint64_t *estimate = calloc(t->flows, sizeof(*estimate));

	if (!estimate)
		err(1, "%u flows", t->flows);
	return estimate;
}

struct print {
	uint64_t print;
	uint32_t flow;
};

static int by_print(const void *a, const void *b)
{
	const struct print *x = a, *y = b;

	return (x->print > y->print) - (x->print < y->print);
}

/* What the filter calls each flow, sorted. */
static struct print *prints_of(struct feed *f, const struct trace *t)
{
	struct print *p = calloc(t->flows, sizeof(*p));
	struct srte_config config;
	uint32_t zero = 0;

	if (!p || bpf_map__lookup_elem(f->skel->maps.srte_config, &zero,
				       sizeof(zero), &config,
				       sizeof(config), 0))
		err(1, "srte_config");
	for (uint32_t i = 0; i < t->flows; i++) {
		struct srte_flow_key key = { 0 };

		replay_key(i, &key);
		p[i].print = hash_print(hash_key(&key, config.seed));
		p[i].flow = i;
	}
	qsort(p, t->flows, sizeof(*p), by_print);
	return p;
}

/* Sums what the slots hold of each flow; a flow may have several. */
static uint64_t *filter_read(struct feed *f, const struct trace *t)
{
	const struct bpf_map *map = f->skel->maps.srte_filter;
	size_t n = bpf_map__max_entries(map) * SRTE_FILTER_WAYS;
	size_t size = (n * sizeof(struct srte_filter_slot) + 4095) & ~4095UL;
	uint64_t *estimate = estimate_new(t);
	struct print *prints = prints_of(f, t), *hit;
	struct srte_filter_slot *slot;

	slot = mmap(NULL, size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (slot == MAP_FAILED)
		err(1, "srte_filter");
	for (size_t i = 0; i < n; i++) {
		struct print want = { .print = slot[i].print };

		hit = slot[i].print ? bsearch(&want, prints, t->flows,
					      sizeof(want), by_print) : NULL;
		if (hit)
			estimate[hit->flow] += slot[i].weight;
	}
	munmap(slot, size);
	free(prints);
	return estimate;
}

static uint64_t *table_read(struct feed *f, const struct trace *t)
{
	int fd = bpf_map__fd(f->skel->maps.srte_flows);
	uint64_t *estimate = estimate_new(t);
	struct srte_flow_key key, *last = NULL;
	struct srte_flow flow;

	while (!bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (!bpf_map_lookup_elem(fd, &key, &flow))
			estimate[replay_flow(&key)] = flow.packets;
	}
	return estimate;
}

/* One byte a packet: weights are packets. Nothing leaves the filter. */
uint64_t *estimate_filter(const struct trace *t, const struct feed_trace *ft,
			  uint32_t filter, uint32_t entries, uint64_t seed)
{
	const struct feed_plan plan = {
		.admit = SRTE_ADMIT_HEAVY, .filter = filter,
		.admit_bytes = SRTE_ADMIT_BYTES_MAX, .seed = seed,
		.buckets = entries / SRTE_FILTER_WAYS,
	};
	struct feed f = feed_open(&plan, ft);
	uint64_t *estimate;

	feed_run(&f, f.skel->progs.replay_account);
	estimate = filter_read(&f, t);
	feed_close(&f);
	return estimate;
}

uint64_t *estimate_lru(const struct trace *t, const struct feed_trace *ft,
		       uint32_t entries)
{
	const struct feed_plan plan = { .admit = SRTE_ADMIT_ALL,
					.table = entries };
	struct feed f = feed_open(&plan, ft);
	uint64_t *estimate;

	feed_run(&f, f.skel->progs.replay_account);
	estimate = table_read(&f, t);
	feed_close(&f);
	return estimate;
}
