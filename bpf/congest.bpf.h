/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules R3, R6 and R8: leave a path that marks or loses, with the RTT
 * callback as the clock of rounds. It comes once a window at most.
 */
#ifndef SRTE_CONGEST_BPF_H
#define SRTE_CONGEST_BPF_H

#include "mptcp.bpf.h"
#include "react.bpf.h"

#define SRTT_SHIFT	3	/* a path's mean moves by an eighth */

/* What one round brought. */
struct round {
	__u32 delivered, ce;
	__u64 now_ns;
};

static __always_inline void
round_take(struct sock_state *st, struct bpf_tcp_sock *tp, struct round *ret)
{
	ret->delivered = tp->delivered - st->delivered;
	ret->ce = tp->delivered_ce - st->delivered_ce;
	st->delivered = tp->delivered;
	st->delivered_ce = tp->delivered_ce;
	st->loss_ce += ret->ce;
}

static __always_inline void
path_add_round(__u32 id, const struct round *round, __u32 srtt_us)
{
	struct srte_path_stats *stats;

	stats = bpf_map_lookup_elem(&srte_path_stats, &id);
	if (!stats)
		return;
	stats->delivered += round->delivered;
	stats->delivered_ce += round->ce;
	if (!stats->srtt_us)
		stats->srtt_us = srtt_us;
	else
		stats->srtt_us += ((__s64)srtt_us - (__s64)stats->srtt_us) >>
				  SRTT_SHIFT;
}

/*
 * R8: flows that began together must not move together, so that each waits
 * for its own number of rounds, from half of what is configured up to it.
 */
static __always_inline __u32
rounds_wanted(struct sock_state *st, const struct srte_config *cfg)
{
	__u32 rounds = cfg->reaction.ce_rounds;

	if (!st->jitter)
		st->jitter = bpf_get_prandom_u32() | 1;
	if (cfg->rules & SRTE_RULE(R8))
		rounds -= st->jitter % (rounds / 2 + 1);
	return rounds ? rounds : 1;
}

/* R3 (PLB): a share of marks, for so many rounds in a row; fewer when nothing
 * is in flight, since nothing can then be reordered. */
static __always_inline bool
is_congested(struct bpf_sock_ops *ctx, struct sock_state *st,
	     const struct srte_config *cfg, const struct round *round,
	     struct srte_event *ev)
{
	__u64 marked = (__u64)round->ce * 1000;

	if (!round->delivered)
		return false;		/* no round: nothing was told */
	if (!round->ce || marked < (__u64)round->delivered *
			  cfg->reaction.ce_permille) {
		st->rounds = 0;
		return false;
	}
	st->rounds++;
	ev->rounds = st->rounds;
	ev->permille = marked / round->delivered;
	return st->rounds >= rounds_wanted(st, cfg) ||
	       (st->rounds >= cfg->reaction.ce_rounds_idle &&
		!ctx->packets_out);
}

#define LOSS_SEGMENTS_MIN 2	/* one alone says nothing about a share */

/* R6: more than a share was sent again in a window without a single mark. */
static __always_inline bool
is_lossy(struct sock_state *st, struct bpf_tcp_sock *tp,
	 const struct srte_config *cfg, const struct round *round,
	 struct srte_event *ev)
{
	__u32 sent = tp->data_segs_out - st->loss_sent;
	__u32 resent = tp->total_retrans - st->loss_resent;
	__u32 ce = st->loss_ce;

	if (st->loss_ns && round->now_ns - st->loss_ns < cfg->reaction.loss_ns)
		return false;
	if (!st->loss_ns)
		sent = 0;	/* the first window begins */
	st->loss_ns = round->now_ns;
	st->loss_sent = tp->data_segs_out;
	st->loss_resent = tp->total_retrans;
	st->loss_ce = 0;
	if (!sent || ce || resent < LOSS_SEGMENTS_MIN)
		return false;
	ev->permille = (__u64)resent * 1000 / sent;
	return ev->permille > cfg->reaction.loss_permille;
}

/* R4 and R8. */
static __always_inline bool
may_move(const struct sock_state *st, const struct srte_event *ev,
	 const struct srte_config *cfg, __u64 now_ns)
{
	if (cfg->rules & SRTE_RULE(R4) && now_ns < st->pause_until_ns) {
		count(SRTE_COUNT_MOVE_PAUSED);
		return false;
	}
	if (cfg->rules & SRTE_RULE(R8) &&
	    ev->bytes < cfg->reaction.caution_bytes) {
		count(SRTE_COUNT_MOVE_CAUTIOUS);
		return false;
	}
	return true;
}

/* Once round the whole set is enough: then every path is as bad, and the
 * flow stays where it is for the time of R4. */
static __always_inline void
moved_for_congestion(struct sock_state *st, const struct choice *on,
		     const struct srte_config *cfg, __u64 now_ns)
{
	if (++st->moves + 1 < on->set->n)
		return;
	st->moves = 0;
	st->pause_until_ns = now_ns + pause_random(cfg);
}

static __always_inline void
congestion_move(struct sock_state *st, const struct choice *on,
		struct srte_event *ev, const struct srte_config *cfg,
		__u64 now_ns, enum srte_rule rule)
{
	st->rounds = 0;
	if (!may_move(st, ev, cfg, now_ns) ||
	    !move_away(on, ev, cfg, now_ns, rule))
		return;
	moved_for_congestion(st, on, cfg, now_ns);
}

static __always_inline bool is_heavy(const struct choice *on)
{
	return on->entry && on->entry->class == SRTE_CLASS_HEAVY;
}

/* args: RTT measured, smoothed RTT times eight. */
static __noinline int
on_rtt(struct bpf_sock_ops *ctx, const struct srte_config *cfg)
{
	struct round round = { .now_ns = bpf_ktime_get_ns() };
	struct sock_state *st = sock_state_get(ctx);
	struct bpf_sock *sk = ctx->sk;
	struct bpf_tcp_sock *tp = sk ? bpf_tcp_sock(sk) : NULL;
	struct srte_event ev = {};
	struct choice on = {};

	if (!st || !tp)
		return 0;
	round_take(st, tp, &round);
	if (!event_fill(ctx, &ev, &on, round.now_ns) || !on.set)
		return 0;
	path_add_round(on.path_id, &round, ev.srtt_us);
	path_redeem(on.path_id, ctx->args[0], round.now_ns);
	subflow_renew(&on, cfg, round.now_ns);
	if (cfg->rules & SRTE_RULE(R3) &&
	    is_congested(ctx, st, cfg, &round, &ev)) {
		event_send(&ev, SRTE_EVENT_ECN);
		congestion_move(st, &on, &ev, cfg, round.now_ns, SRTE_R3);
	} else if (cfg->rules & SRTE_RULE(R6) && is_heavy(&on) &&
		   is_lossy(st, tp, cfg, &round, &ev)) {
		congestion_move(st, &on, &ev, cfg, round.now_ns, SRTE_R6);
	}
	return 0;
}

#endif
