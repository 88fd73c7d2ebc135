/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules R1, R2, R4 and R9, and the move that all rules share. What a rule
 * makes of it is in congest.bpf.h (R3, R6, R8), verdict.bpf.h (R5) and
 * reverse.bpf.h (R7).
 */
#ifndef SRTE_REACT_BPF_H
#define SRTE_REACT_BPF_H

#include "event.bpf.h"
#include "maps.bpf.h"
#include "sockops.bpf.h"
#include "steer.bpf.h"
#include "verdict.bpf.h"

static __always_inline void
path_add_rto(__u32 id, bool moved)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (!stats)
		return;
	stats->rtos++;
	stats->moved_away += moved;
}

static __always_inline void path_add_retrans(__u32 id, __u32 segments)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (stats)
		stats->retrans += segments;
}

/* At most one move per max(RTO, 2 srtt), so that no event is reacted to
 * twice. */
static __always_inline bool
too_soon(const struct choice *now_on, const struct srte_event *ev, __u64 now_ns)
{
	__u64 pause = (__u64)ev->srtt_us * 2;

	if (pause < ev->rto_us)
		pause = ev->rto_us;
	return now_on->entry && now_on->entry->moved_ns &&
	       now_ns - now_on->entry->moved_ns < pause * 1000;
}

/* Write what reaction decided. A flow on its destination's default pool has
 * no entry yet: it gets one. set_id 0: plain routing. */
static __always_inline bool
entry_write(const struct choice *from, const struct srte_event *ev,
	    const struct srte_steer *to)
{
	struct srte_steer *entry = from->entry;

	if (!entry) {
		/* BPF_ANY: one past its lease may still be in the way */
		return !bpf_map_update_elem(&srte_steering, &ev->key, to,
					    BPF_ANY);
	}
	if (!to->set)
		entry->lease_ns = to->lease_ns;
	entry->set = to->set;
	entry->active = to->active;
	entry->moved_ns = to->moved_ns;
	entry->moves++;
	entry->reason = to->reason;
	return true;
}

static __always_inline __u8 reason_of(enum srte_rule rule)
{
	switch (rule) {
	case SRTE_R3:
		return SRTE_REASON_CE;
	case SRTE_R6:
		return SRTE_REASON_LOSS;
	case SRTE_R7:
		return SRTE_REASON_DUPLICATES;
	default:
		return SRTE_REASON_RTO;
	}
}

static __always_inline enum srte_counter counter_of(enum srte_rule rule)
{
	switch (rule) {
	case SRTE_R3:
		return SRTE_COUNT_MOVED_CE;
	case SRTE_R6:
		return SRTE_COUNT_MOVED_LOSS;
	case SRTE_R7:
		return SRTE_COUNT_MOVED_DUPLICATES;
	default:
		return SRTE_COUNT_MOVED;
	}
}

static __always_inline bool
react_to(const struct choice *from, struct srte_event *ev,
	 const struct srte_config *cfg, __u32 set_id, __u16 index,
	 __u64 now_ns)
{
	struct srte_steer to = {
		.lease_ns = now_ns + cfg->reaction_lease_ns,
		.moved_ns = now_ns,
		.set = set_id,
		.active = index,
		.moves = 1,
		.class = SRTE_CLASS_REST,
		.reason = set_id ? reason_of(ev->rule - 1) :
			  SRTE_REASON_GAVE_UP,
	};

	if (entry_write(from, ev, &to))
		return true;
	count(SRTE_COUNT_MOVE_FAILED);
	return false;
}

static __always_inline bool
give_up(const struct choice *from, struct srte_event *ev,
	const struct srte_config *cfg, __u64 now_ns)
{
	if (!react_to(from, ev, cfg, 0, 0, now_ns))
		return false;
	ev->rule = SRTE_R9 + 1;
	count(SRTE_COUNT_GAVE_UP);
	event_send(ev, SRTE_EVENT_GAVE_UP);
	return true;
}

/*
 * Rule R9: as many timeouts in a row as the set has paths, and not one byte
 * acknowledged between them. Then the fault is not in the path alone (an MTU
 * behind the first hop, a dead endpoint), and plain routing is what the flow
 * would have had without us.
 */
static __always_inline bool
has_tried_all(const struct choice *from, const struct srte_event *ev)
{
	return ev->timeouts >= from->set->n;
}

/* The path of the flow is left for the next one of the set. */
static __always_inline bool
move_away(const struct choice *from, struct srte_event *ev,
	  const struct srte_config *cfg, __u64 now_ns, enum srte_rule rule)
{
	int index;

	ev->rule = rule + 1;
	if (cfg->rules & SRTE_RULE(R9) && has_tried_all(from, ev))
		return give_up(from, ev, cfg, now_ns);
	if (too_soon(from, ev, now_ns)) {
		count(SRTE_COUNT_MOVE_DAMPED);
		return false;
	}
	index = set_next_up(from->set_id, from->index + 1, from->path_id,
			    now_ns);
	if (index < 0) {
		count(SRTE_COUNT_MOVE_NO_PATH);
		return false;
	}
	ev->path_to = from->set->path[index & SET_MASK];
	if (!react_to(from, ev, cfg, from->set_id, index, now_ns))
		return false;
	count(counter_of(rule));
	event_send(ev, SRTE_EVENT_MOVED);
	return true;
}

/*
 * Where the flow's last packet really went: what the maps say now may be
 * another path, or the packets may have been left alone. A flow that the
 * filter keeps out of the table is taken to be where the maps send it. 0:
 * plain routing.
 */
static __always_inline __u32
path_taken(const struct srte_flow *flow, const struct choice *on)
{
	return !flow || flow->path == on->path_id ? on->path_id : 0;
}

/* The path of ev->key: true when it is on the one that the maps give it. */
static __always_inline bool
event_path(struct srte_event *ev, struct choice *on, __u64 now_ns)
{
	struct srte_flow *flow;

	path_choose(&ev->key, flow_hash(&ev->key), now_ns, on);
	flow = bpf_map_lookup_elem(&srte_flows, &ev->key);
	if (flow)
		ev->cgroup_id = flow->cgroup_id;
	ev->path = path_taken(flow, on);
	if (ev->path)
		ev->set = on->set_id;
	return ev->path;
}

static __always_inline bool
event_fill(struct bpf_sock_ops *ctx, struct srte_event *ev, struct choice *on,
	   __u64 now_ns)
{
	key_of(ctx, &ev->key);
	ev->srtt_us = ctx->srtt_us >> 3;	/* kept times eight */
	ev->retrans = ctx->total_retrans;
	ev->bytes = ctx->bytes_acked;
	ev->token = token_of(ctx);
	return event_path(ev, on, now_ns);
}

/* The timeout of a SYN is no timeout of a path that ever worked. */
static __always_inline void
rto_tell(struct bpf_sock_ops *ctx, struct srte_event *ev)
{
	bool syn = ctx->state == BPF_TCP_SYN_SENT;

	count(syn ? SRTE_COUNT_SYN_TIMEOUT : SRTE_COUNT_RTO);
	event_send(ev, syn ? SRTE_EVENT_SYN_TIMEOUT : SRTE_EVENT_RTO);
}

/* Rule R4: what a timeout moved is not moved by marks for a while. */
static __always_inline void
congestion_pause(struct bpf_sock_ops *ctx, const struct srte_config *cfg,
		 __u64 now_ns)
{
	struct sock_state *st = sock_state_get(ctx);

	if (!st)
		return;
	st->rounds = 0;
	if (cfg->rules & SRTE_RULE(R4))
		st->pause_until_ns = now_ns + pause_random(cfg);
}

/* Runs before TCP retransmits, in the same softirq: a move made here takes
 * the first retransmission with it. args: RTOs so far, RTO in ticks. */
static __noinline int
on_rto(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct srte_event ev = {};
	struct choice on = {};
	bool moved = false, steered;

	steered = event_fill(ctx, &ev, &on, now_ns);
	ev.timeouts = ctx->args[0];
	ev.rto_us = ctx->args[1] * (cfg->jiffy_ns / 1000);
	rto_tell(ctx, &ev);
	if (!steered || !on.set)
		return 0;
	if (cfg->rules & SRTE_RULE(R5) && ctx->state == BPF_TCP_ESTABLISHED)
		path_suspect(&on, &ev, cfg, now_ns);
	if (cfg->rules & SRTE_RULE(R1))
		moved = move_away(&on, &ev, cfg, now_ns, SRTE_R1);
	if (moved)
		congestion_pause(ctx, cfg, now_ns);
	path_add_rto(on.path_id, moved);
	return 0;
}

/* Rule R2: the RTO's own retransmission is no second event. */
static __always_inline bool is_own_retransmission(struct bpf_sock_ops *ctx)
{
	struct tcp_sock *tp = tcp_of(ctx);

	if (!tp)
		return false;
	return tp->inet_conn.icsk_retransmits > 0 ||
	       BPF_CORE_READ_BITFIELD(&tp->inet_conn, icsk_ca_state) ==
		       TCP_CA_LOSS;
}

/* After sending. args: sequence number, segments, error. */
static __noinline int on_retrans(struct bpf_sock_ops *ctx)
{
	struct srte_event ev = {};
	struct choice on = {};

	if (is_own_retransmission(ctx)) {
		count(SRTE_COUNT_RETRANS_OWN);
		return 0;
	}
	count(SRTE_COUNT_RETRANS);
	if (event_fill(ctx, &ev, &on, bpf_ktime_get_ns()))
		path_add_retrans(ev.path, ctx->args[1]);
	event_send(&ev, SRTE_EVENT_RETRANS);
	return 0;
}

static __always_inline void
state_tell(struct bpf_sock_ops *ctx)
{
	struct srte_event ev = {};
	struct choice on = {};

	ev.old_state = ctx->args[0];
	ev.new_state = ctx->args[1];
	if (event_fill(ctx, &ev, &on, bpf_ktime_get_ns()))
		event_send(&ev, SRTE_EVENT_STATE);
}

/* A closed connection leaves no entry to fill the table; whatever made it,
 * nothing is sent under this key any more. args: old state, new state. */
static __noinline int on_state(struct bpf_sock_ops *ctx)
{
	struct srte_flow_key key;

	if (ctx->args[1] == BPF_TCP_ESTABLISHED ||
	    ctx->args[1] == BPF_TCP_CLOSE)
		state_tell(ctx);
	if (ctx->args[1] != BPF_TCP_CLOSE)
		return 0;
	key_of(ctx, &key);
	bpf_map_delete_elem(&srte_steering, &key);
	return 0;
}

#endif
