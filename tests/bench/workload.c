// SPDX-License-Identifier: GPL-2.0-only
#include "workload.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	struct workload_point cdf[24];
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
	{ "rpc", { { 0, 0 }, { 146, 38.8155 }, { 512, 78.4921 },
		{ 1271, 88.0957 }, { 3072, 92.6257 }, { 7469, 96.1468 },
		{ 11385, 97.5745 }, { 16384, 98.4694 }, { 24121, 98.8356 },
		{ 35606, 99.0857 }, { 87381, 99.5192 }, { 117965, 99.6699 },
		{ 150160, 99.7466 }, { 210429, 99.8128 },
		{ 320864, 99.8836 }, { 524288, 99.9498 },
		{ 922664, 99.9723 }, { 1284581, 99.9806 },
		{ 1827703, 99.9869 }, { 2565212, 99.9912 },
		{ 3710020, 99.9945 }, { 7143054, 99.998 },
		{ 9710291, 99.999 }, { 15158197, 100 } } },
};

const struct workload_point *workload_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (!strcmp(name, workloads[i].name))
			return workloads[i].cdf;
	return NULL;
}

double workload_size(const struct workload_point *cdf, double u)
{
	const struct workload_point *p = cdf;

	for (u *= 100; p[1].percent < u; p++)
		;
	return fmax(1, p->bytes + (p[1].bytes - p->bytes) *
		       (u - p->percent) / (p[1].percent - p->percent));
}

double workload_mean(const struct workload_point *cdf)
{
	const struct workload_point *p;
	double sum = 0;

	for (p = cdf; p->percent < 100; p++)
		sum += (p[1].percent - p->percent) / 100 *
		       (p->bytes + p[1].bytes) / 2;
	return sum;
}
