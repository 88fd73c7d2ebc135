// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay MEASUREMENT: plays packet traces to the accounting core, inside the
 * kernel but without a network, and prints rows of the benchmark.
 */
#include "replay.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(void);
} measurements[] = {
	{ "hit", cost_hit },
	{ "trace", cost_trace },
	{ "uniform", cost_uniform },
	{ "memory", cost_memory },
	{ "missed", detect_missed },
	{ "elephants", detect_elephants },
	{ "phase", detect_phase },
	{ "figure", detect_figure },
	{ "stages", cost_stages },
	{ "grow", grow },
	{ "cpus", grow_cpus },
};

#define N (sizeof(measurements) / sizeof(*measurements))

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < N; i++) {
		if (strcmp(argv[1], measurements[i].name))
			continue;
		measurements[i].run();
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "fill")) {
		fill(argv[2], argv[3]);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "early")) {
		early(argv[2], argv[3]);
		return 0;
	}
	fprintf(stderr, "usage: replay hit|trace|uniform|memory|missed|"
		"elephants|phase|figure|stages|\n"
		"              grow|cpus\n       replay fill PIN FLOWS\n"
		"       replay early TRAFFIC SEED\n");
	return 2;
}
