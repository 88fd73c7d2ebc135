/* SPDX-License-Identifier: GPL-2.0-only */
/* Every pinned map, once. Layouts are in common/abi.h. */
#ifndef SRTE_MAPS_BPF_H
#define SRTE_MAPS_BPF_H

#include "abi.h"

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct srte_meta);
} srte_meta SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct srte_config);
} srte_config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SRTE_FLOWS_MAX);
	__type(key, struct srte_flow_key);
	__type(value, struct srte_flow);
} srte_flows SEC(".maps");

/* As for one CPU: whoever loads makes room for the others. A map that can be
 * mapped starts on a page, so a bucket is one cache line, not parts of two. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_FILTER_BUCKETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct srte_filter_bucket);
} srte_filter SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct srte_admission);
} srte_admission SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SRTE_STEERING_MAX);
	__type(key, struct srte_flow_key);
	__type(value, struct srte_steer);
} srte_steering SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_PATHS_MAX);
	__type(key, __u32);
	__type(value, struct srte_path);
} srte_paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_SETS_MAX);
	__type(key, __u32);
	__type(value, struct srte_set);
} srte_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SRTE_ROUTES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);	/* the kernel insists */
	__type(key, struct srte_route_key);
	__type(value, struct srte_route);
} srte_routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_POOLS_IDS);
	__type(key, __u32);
	__type(value, struct srte_pools);
} srte_pools SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_MATCH_TABLES);
	__type(key, __u32);
	__type(value, struct srte_matches);
} srte_matches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SRTE_PATHS_MAX);
	__type(key, __u32);
	__type(value, struct srte_path_state);
} srte_path_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SRTE_PATHS_MAX);
	__type(key, __u32);
	__type(value, struct srte_path_stats);
} srte_path_stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SRTE_DEVICES_MAX);
	__type(key, struct srte_device_key);
	__type(value, struct srte_device);
} srte_devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SRTE_COUNT_N);
	__type(key, __u32);
	__type(value, __u64);
} srte_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SRTE_EVENTS_BYTES);
} srte_events SEC(".maps");

static __always_inline struct srte_config *config_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&srte_config, &zero);
}

/* The sum on this CPU. Atomic: on the cgroup hook a softirq may come in. */
static __always_inline __u64 count_add(enum srte_counter cause, __u64 n)
{
	__u32 slot = cause;
	__u64 *sum = bpf_map_lookup_elem(&srte_counters, &slot);

	return sum ? __sync_fetch_and_add(sum, n) + n : 0;
}

static __always_inline __u64 count(enum srte_counter cause)
{
	return count_add(cause, 1);
}

/* As far as the kernel's own says that it is a PREEMPT_RT one. */
struct task_struct___rt {
	int softirq_disable_cnt;
} __attribute__((preserve_access_index));

/*
 * For counters that tc programs alone write: bottom halves are off then, so
 * nothing comes in between on this CPU, and an atomic addition would cost
 * many times more. An RT kernel may give way even there.
 */
static __always_inline __u64 count_alone(enum srte_counter cause, __u64 n)
{
	__u32 slot = cause;
	__u64 *sum;

	if (bpf_core_field_exists(struct task_struct___rt,
				  softirq_disable_cnt))
		return count_add(cause, n);
	sum = bpf_map_lookup_elem(&srte_counters, &slot);
	return sum ? *sum += n : 0;
}

#endif
