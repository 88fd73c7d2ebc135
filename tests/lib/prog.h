/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Harness of the program tests: the real object, run packet by packet with
 * BPF_PROG_TEST_RUN, in a network namespace of its own. Nothing is pinned or
 * attached, so that runs side by side do not meet.
 */
#ifndef TEST_PROG_H
#define TEST_PROG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi.h"
#include "packet.h"
#include "srte.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONG_AGO	0ULL
#define FOREVER		(~0ULL)
#define TEST_MTU	1500

/* What came back from one run. */
struct result {
	int      verdict;
	struct frame out;
};

static struct srte_bpf *skel;
static struct srte_config config;
static int nr_cpus;

/* The packets of a test run count as leaving through lo. */
static inline void lo_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = mtu };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFMTU, &ifr), 0);
	close(fd);
}

static inline void config_put(void)
{
	uint32_t zero = 0;

	assert_int_equal(bpf_map__update_elem(skel->maps.srte_config, &zero,
					      sizeof(zero), &config,
					      sizeof(config), 0), 0);
}

/* The filter is private to a CPU: stay on one. */
static inline int one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/*
 * A test that names the programs it runs, with a blank on either side, spares
 * the verifier the others: each test loads anew, which takes seconds where the
 * machine is emulated.
 */
static inline void prog_choose(const char *names)
{
	struct bpf_program *prog;
	char name[64];

	bpf_object__for_each_program(prog, skel->obj) {
		snprintf(name, sizeof(name), " %s ", bpf_program__name(prog));
		bpf_program__set_autoload(prog, strstr(names, name));
	}
}

/* Up to the load, after which sizes are settled. */
static inline int prog_open(void)
{
	nr_cpus = libbpf_num_possible_cpus();
	if (!skel && (unshare(CLONE_NEWNET) || one_cpu()))
		return -1;
	skel = srte_bpf__open();
	if (!skel)
		return -1;
#ifdef TEST_PROGS
	prog_choose(TEST_PROGS);
#endif
	return 0;
}

static inline int prog_load(void)
{
	if (bpf_map__set_max_entries(skel->maps.srte_filter, nr_cpus *
				     skel->rodata->filter_buckets) ||
	    bpf_map__set_max_entries(skel->maps.srte_flows,
				     skel->rodata->flows_max) ||
	    srte_bpf__load(skel))
		return -1;
	lo_mtu(TEST_MTU);
	config = (struct srte_config){
		.flags = SRTE_CONFIG_ACCOUNT_DEV,
		.rules = SRTE_RULE(R1),
		.window_ns = 250000000,
		.jiffy_ns = 4000000,
		.mtu = TEST_MTU,
		.generation = 1,
		.admit = SRTE_ADMIT_ALL,
		.admit_bytes = SRTE_ADMIT_BYTES,
		.seed = { 0x5eed0, 0x123456789abcdef, 3, ~0ULL, 0x7777 },
	};
	config_put();
	return 0;
}

static inline int prog_setup(void **state)
{
	(void)state;
	return prog_open() || prog_load() ? -1 : 0;
}

/* Each test starts with empty maps: the object is loaded anew. */
static inline int prog_teardown(void **state)
{
	(void)state;
	srte_bpf__destroy(skel);
	return 0;
}

static inline struct result
prog_run_on(const struct bpf_program *prog, const struct frame *in,
	    struct __sk_buff *ctx)
{
	static struct result ret;
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.data_in = in->data,
		.data_size_in = in->len,
		.data_out = ret.out.data,
		.data_size_out = sizeof(ret.out.data),
		.ctx_in = ctx,
		.ctx_size_in = ctx ? sizeof(*ctx) : 0,
		.repeat = 1,
	);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(prog), &opts),
			 0);
	ret.verdict = (int)opts.retval;
	ret.out.len = opts.data_size_out;
	ret.out.l3 = in->l3;
	return ret;
}

static inline struct result
prog_run_ctx(const struct frame *in, struct __sk_buff *ctx)
{
	return prog_run_on(skel->progs.srte_egress, in, ctx);
}

static inline struct result prog_run(const struct frame *in)
{
	return prog_run_ctx(in, NULL);
}

static inline uint64_t counter(enum srte_counter cause)
{
	uint64_t sum = 0, *value = calloc(nr_cpus, sizeof(*value));
	uint32_t slot = cause;
	int i;

	assert_non_null(value);
	assert_int_equal(bpf_map__lookup_elem(skel->maps.srte_counters, &slot,
					      sizeof(slot), value,
					      nr_cpus * sizeof(*value), 0), 0);
	for (i = 0; i < nr_cpus; i++)
		sum += value[i];
	free(value);
	return sum;
}

/* The packet left as it came: same verdict, same bytes. */
static inline void
assert_untouched(const struct frame *in, const struct result *ret)
{
	assert_int_equal(ret->verdict, TC_ACT_UNSPEC);
	assert_int_equal(ret->out.len, in->len);
	assert_memory_equal(ret->out.data, in->data, in->len);
}

/* ---- keys, paths, entries ---- */

static inline struct srte_flow_key key_of_frame(const struct frame *f)
{
	const uint8_t *ip = f->data + f->l3;
	struct srte_flow_key key = { 0 };
	const uint8_t *l4;

	if (ip[0] >> 4 == 4) {
		memset(key.src + 10, 0xff, 2);
		memset(key.dst + 10, 0xff, 2);
		memcpy(key.src + 12, ip + 12, 4);
		memcpy(key.dst + 12, ip + 16, 4);
		key.proto = ip[9];
		l4 = ip + (ip[0] & 15) * 4;
	} else {
		memcpy(key.src, ip + 8, 16);
		memcpy(key.dst, ip + 24, 16);
		key.proto = ip[6];
		l4 = ip + 40;
	}
	memcpy(&key.sport, l4, 2);
	memcpy(&key.dport, l4 + 2, 2);
	return key;
}

static inline int flow_get(struct srte_flow_key key, struct srte_flow *ret)
{
	return bpf_map__lookup_elem(skel->maps.srte_flows, &key, sizeof(key),
				    ret, sizeof(*ret), 0);
}

static inline void
put(struct bpf_map *map, const void *key, const void *value)
{
	assert_int_equal(bpf_map__update_elem(map, key, bpf_map__key_size(map),
					      value, bpf_map__value_size(map),
					      0), 0);
}

/* A full-SRH header for n segments fc00:a::<id>, fc00:a::<id+1>, ... */
static inline struct srte_path path_make(uint32_t id, uint32_t n)
{
	struct srte_path p = {
		.len = 40 + 8 + 16 * n,
		.mode = SRTE_MODE_ENCAP,
		.inner = SRTE_INNER_IPV4 | SRTE_INNER_IPV6,
		.generation = 1,
		.next_hop = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b },
		.next_hop_known = 1,	/* where frame_eth() sends to */
		.ifindex = 1,		/* lo */
	};
	uint32_t i;

	snprintf(p.pool, sizeof(p.pool), "heavy");
	snprintf(p.name, sizeof(p.name), "p%u", id);
	p.header[0] = 0x60;
	p.header[6] = 43;
	p.header[7] = 64;
	inet_pton(AF_INET6, "fd00:1::1", p.header + 8);
	p.header[41] = 2 * n;
	p.header[42] = 4;
	p.header[43] = p.header[44] = n - 1;
	for (i = 0; i < n; i++) {
		uint8_t *seg = p.header + 48 + 16 * i;

		inet_pton(AF_INET6, "fc00:a::", seg);
		seg[15] = (uint8_t)(id + n - 1 - i);
	}
	memcpy(p.header + 24, p.header + 48 + 16 * (n - 1), 16);
	memcpy(p.first, p.header + 24, 16);
	return p;
}

static inline void path_put(uint32_t id, const struct srte_path *p)
{
	put(skel->maps.srte_paths, &id, p);
}

/* Paths first .. first + n - 1, each two segments, and set id of them. */
static inline void set_put(uint32_t id, uint32_t first, uint32_t n)
{
	struct srte_set set = { .n = n, .generation = 1 };
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct srte_path p = path_make(first + i, 2);

		path_put(first + i, &p);
		set.path[i] = first + i;
		set.weight[i] = 1;
	}
	put(skel->maps.srte_sets, &id, &set);
}

static inline void
entry_put(struct srte_flow_key key, uint32_t set, uint16_t active,
	  uint64_t lease_ns)
{
	struct srte_steer entry = {
		.lease_ns = lease_ns,
		.set = set,
		.active = active,
		.class = SRTE_CLASS_HEAVY,
		.reason = SRTE_REASON_CLASS,
	};

	put(skel->maps.srte_steering, &key, &entry);
}

static inline void route_put(const char *addr, uint32_t prefixlen,
			     uint32_t default_set, uint32_t heavy_set)
{
	struct srte_route_key key = { .prefixlen = prefixlen };
	struct srte_route route = {
		.set[SRTE_POOL_DEFAULT] = default_set,
		.set[SRTE_POOL_HEAVY] = heavy_set,
	};

	assert_int_equal(inet_pton(AF_INET6, addr, key.addr), 1);
	put(skel->maps.srte_routes, &key, &route);
}

static inline void path_down(uint32_t id, uint64_t until_ns)
{
	struct srte_path_state state = { .down_until_ns = until_ns };

	put(skel->maps.srte_path_state, &id, &state);
}

/* Name of the path by its first segment's last byte; 0: no SRv6 header. */
static inline uint32_t path_of(const struct frame *in,
			       const struct result *ret)
{
	if (ret->out.len == in->len)
		return 0;
	return ret->out.data[in->l3 + 39];
}

#endif
