/* SPDX-License-Identifier: GPL-2.0-only */
#include "tally.h"

#include "cleanup.h"
#include "pin.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int tally_read(uint64_t ret[SRTE_COUNT_N], uint32_t *ret_n, struct fault *f)
{
	auto_close int fd = pin_open("srte_counters", PIN_READ, f);
	int cpus = pin_cpus();
	auto_free uint64_t *slot = calloc(cpus > 0 ? cpus : 1, sizeof(*slot));
	uint32_t i;

	if (fd < 0)
		return fd;
	if (!slot || cpus < 0)
		return fault_set(f, FAULT_NO_MEMORY, "srte_counters");
	memset(ret, 0, SRTE_COUNT_N * sizeof(*ret));
	for (i = 0; i < SRTE_COUNT_N && !pin_get(fd, &i, slot); i++)
		for (int cpu = 0; cpu < cpus; cpu++)
			ret[i] += slot[cpu];
	*ret_n = i;
	return 0;
}

int tally_filter(const struct srte_config *config, struct fault *f)
{
	struct srte_admission admission = {};
	struct timespec now;
	auto_close int fd = -1;
	__u32 zero = 0;

	if (config->admit != SRTE_ADMIT_AUTO)
		return config->admit == SRTE_ADMIT_HEAVY;
	fd = pin_open("srte_admission", PIN_READ, f);
	if (fd < 0)
		return fd;
	(void)pin_get(fd, &zero, &admission);
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return admission.engaged_ns > now.tv_sec * 1000000000ULL + now.tv_nsec;
}
