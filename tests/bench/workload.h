/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Published distributions of flow sizes, in the points that the traffic
 * generators of HPCC and HKUST publish; linear between two.
 *
 *	websearch	DCTCP, SIGCOMM 2010
 *	vl2		data mining, SIGCOMM 2009
 *	hadoop		Facebook, SIGCOMM 2015
 *	storage		Alibaba, HPCC, SIGCOMM 2019
 *	rpc		Google, 2008; 24 of its points, mean 3.0 for 2.9 KB
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

struct workload_point {
	double bytes, percent;	/* so many flows are not larger */
};

/* Its points, from 0 to 100 %; NULL when there is none of that name. */
const struct workload_point *workload_find(const char *name);

/* Size of the flow below which lies a share u of all, 0 <= u < 1; 1 byte at
 * least. */
double workload_size(const struct workload_point *cdf, double u);

double workload_mean(const struct workload_point *cdf);

#endif
