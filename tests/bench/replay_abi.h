/* SPDX-License-Identifier: GPL-2.0-only */
/* What replay.bpf.c and those who load it agree on. */
#ifndef BENCH_REPLAY_ABI_H
#define BENCH_REPLAY_ABI_H

#include <linux/types.h>

struct replay_step {
	__u32 flow;		/* its key is made from this number */
	__u32 bytes;		/* 0: no packet, the trace is over */
};

/* A page: one run of a program walks one of them. */
#define REPLAY_CHUNK_STEPS 512

struct replay_chunk {
	struct replay_step step[REPLAY_CHUNK_STEPS];
};

/* What replay_watch and replay_instant found out about a flow. */
struct replay_seen {
	__u32 packets;		/* so far */
	__u32 found_at;		/* its packets when it was found, 0: not yet */
	__u32 noticed_at;	/* and when a notice was sent */
	__u32 pad;
};

#endif
