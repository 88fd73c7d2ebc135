/* SPDX-License-Identifier: GPL-2.0-only */
/* Records for the ring. A full ring never holds anything up: it is counted. */
#ifndef SRTE_EVENT_BPF_H
#define SRTE_EVENT_BPF_H

#include "maps.bpf.h"

/* Copies *ev, so that the caller may send it again as another type. */
static __always_inline void event_send(struct srte_event *ev, __u32 type)
{
	ev->type = type;
	ev->time_ns = bpf_ktime_get_ns();
	count(SRTE_COUNT_EVENTS);
	if (bpf_ringbuf_output(&srte_events, ev, sizeof(*ev), 0))
		count(SRTE_COUNT_EVENT_LOST);
}

/* In the ring at once: deep in the calls there is no stack left for it. */
static __always_inline void event_path_up(__u32 path)
{
	struct srte_event *ev;

	count(SRTE_COUNT_EVENTS);
	ev = bpf_ringbuf_reserve(&srte_events, sizeof(*ev), 0);
	if (!ev) {
		count(SRTE_COUNT_EVENT_LOST);
		return;
	}
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->type = SRTE_EVENT_PATH_UP;
	ev->time_ns = bpf_ktime_get_ns();
	ev->path = path;
	ev->rule = SRTE_R5 + 1;
	bpf_ringbuf_submit(ev, 0);
}

#endif
