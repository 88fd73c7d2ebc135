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
	if (bpf_ringbuf_output(&srte_events, ev, sizeof(*ev), 0))
		count_shared(SRTE_COUNT_EVENT_LOST);
}

#endif
