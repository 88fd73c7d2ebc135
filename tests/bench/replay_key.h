/* SPDX-License-Identifier: GPL-2.0-only */
/* The key of a trace's flow, in the kernel and in user space. */
#ifndef BENCH_REPLAY_KEY_H
#define BENCH_REPLAY_KEY_H

#include "abi.h"

#include <linux/in.h>

#include <bpf/bpf_endian.h>

typedef __u32 __attribute__((may_alias)) replay_word;

/* Distinct for each number, and as alike as one host's flows are. */
static inline __attribute__((always_inline)) void
replay_key(__u32 flow, struct srte_flow_key *zeroed)
{
	replay_word *src = (void *)zeroed->src, *dst = (void *)zeroed->dst;

	src[0] = bpf_htonl(0xfd000001);
	src[3] = bpf_htonl(1);
	dst[0] = bpf_htonl(0xfd000002);
	dst[3] = bpf_htonl(flow);
	zeroed->sport = flow * 40503;
	zeroed->dport = bpf_htons(443);
	zeroed->proto = IPPROTO_TCP;
}

static inline __u32 replay_flow(const struct srte_flow_key *key)
{
	return bpf_ntohl(((const replay_word *)key->dst)[3]);
}

#endif
