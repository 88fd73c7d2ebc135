/* SPDX-License-Identifier: GPL-2.0-only */
/* The measurements that replay.c offers; each prints its rows. */
#ifndef BENCH_REPLAY_H
#define BENCH_REPLAY_H

/* Chance has one seed a run, and it is known. */
#define REPLAY_SEED 20161117ULL

void cost_hit(void);
void cost_trace(void);
void cost_uniform(void);
void cost_memory(void);
void detect_missed(void);
void detect_elephants(void);
void detect_phase(void);
void detect_figure(void);
void cost_stages(void);
void grow(void);
void grow_cpus(void);
void fill(const char *pin, const char *count);
void early(const char *traffic, const char *seed);

#endif
