/* SPDX-License-Identifier: GPL-2.0-only */
/* Rule R5: timeouts of several flows are the path's fault, not theirs. */
#ifndef SRTE_VERDICT_BPF_H
#define SRTE_VERDICT_BPF_H

#include "event.bpf.h"
#include "maps.bpf.h"
#include "steer.bpf.h"

#include <bpf/bpf_helpers.h>

/* The configured pause times a random number from 1 to 2 (PLB): what went
 * down together must not come back together. */
static __always_inline __u64 pause_random(const struct srte_config *cfg)
{
	__u64 pause_ns = cfg->reaction.pause_ns;

	return pause_ns + ((pause_ns >> 10) *
			   (bpf_get_prandom_u32() >> 10) >> 12);
}

/* Does this timeout complete the number? CPUs may race for the count: the
 * verdict then comes a flow later. */
static __always_inline bool
suspect_count(struct srte_path_state *state, __u32 hash,
	      const struct srte_config *cfg, __u64 now_ns)
{
	if (now_ns - state->suspect_ns > cfg->reaction.verdict_ns) {
		state->suspect_ns = now_ns;
		state->suspects = 0;
	}
	if (state->suspects && state->suspect == hash)
		return false;
	state->suspect = hash;
	return ++state->suspects >= cfg->reaction.verdict_flows;
}

/*
 * Only the first of a flow's timeouts counts, and only once it was
 * established: a peer that died takes its flows from path to path, and must
 * not take the paths down with it. The last path that is up stays.
 */
static __always_inline void
path_suspect(const struct choice *on, struct srte_event *ev,
	     const struct srte_config *cfg, __u64 now_ns)
{
	struct srte_path_state *state;
	__u32 id = on->path_id;

	state = bpf_map_lookup_elem(&srte_path_state, &id);
	if (!state || ev->timeouts || state->down_until_ns > now_ns)
		return;
	if (!suspect_count(state, flow_hash(&ev->key), cfg, now_ns))
		return;
	if (set_next_up(on->set_id, on->index + 1, id, now_ns) < 0)
		return;
	state->suspects = 0;
	state->verdict = 1;
	state->down_until_ns = now_ns + pause_random(cfg);
	count(SRTE_COUNT_PATH_VERDICT);
	ev->rule = SRTE_R5 + 1;
	event_send(ev, SRTE_EVENT_PATH_DOWN);
}

/*
 * A path that R5 put down is used all the same where nothing else is left.
 * When data that was sent over it is acknowledged, it works again: no need to
 * wait for the end of the verdict. The first ACK of a flow that is there may
 * still be for data that took another path; it says since when none does. The
 * round trip is the age of what is acknowledged.
 */
static __always_inline void
path_redeem(__u32 id, __u32 rtt_us, __u64 now_ns)
{
	struct srte_path_state *state;

	state = bpf_map_lookup_elem(&srte_path_state, &id);
	if (!state || !state->verdict || state->down_until_ns <= now_ns)
		return;
	if (!state->suspects) {
		state->suspects = 1;
		state->suspect_ns = now_ns;
	} else if (now_ns - (__u64)rtt_us * 1000 > state->suspect_ns) {
		state->suspects = 0;
		path_returns(id);
	}
}

#endif
