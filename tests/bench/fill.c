// SPDX-License-Identifier: GPL-2.0-only
/* replay fill PIN FLOWS: put so many flows into a pinned srte_flows. */
#include "replay.h"
#include "replay_key.h"
#include "trace.h"

#include <err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

static struct srte_flow flow_make(uint32_t i, uint64_t now_ns)
{
	uint64_t seed = i, dice = trace_random(&seed);
	uint64_t packets = 1 + dice % 10000;

	return (struct srte_flow){
		.bytes = packets * 1000,
		.packets = packets,
		.first_ns = now_ns - 20000000000ULL,
		.last_ns = now_ns - dice % 1000000000,
		.window_ns = now_ns,
		.rate_bps = packets * 400,
		.ifindex = 1,
		.hook = SRTE_HOOK_DEV,
	};
}

void fill(const char *pin, const char *count)
{
	uint32_t flows = (uint32_t)strtoul(count, NULL, 10);
	int fd = bpf_obj_get(pin);
	struct timespec ts;
	uint64_t now_ns;

	if (fd < 0)
		err(1, "%s", pin);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now_ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	for (uint32_t i = 0; i < flows; i++) {
		struct srte_flow flow = flow_make(i, now_ns);
		struct srte_flow_key key = { 0 };

		replay_key(i, &key);
		if (bpf_map_update_elem(fd, &key, &flow, BPF_NOEXIST))
			err(1, "%s: flow %u", pin, i);
	}
	close(fd);
}
