/* SPDX-License-Identifier: GPL-2.0-only */
/* Part of abi.h, which includes it: rules of reaction, and events. */
#ifndef SRTE_ABI_REACT_H
#define SRTE_ABI_REACT_H

/*
 * The rules, bits of srte_config.rules in this order from 0x1 on. X(id, text)
 * R2 has no switch: to take an RTO's own retransmission for a second event
 * undoes every move.
 */
#define SRTE_RULES(X)							\
	X(R1, "dead path: move at a retransmission timeout")		\
	X(R2, "a timeout's own retransmission is no event")		\
	X(R3, "congested path: move after rounds of CE marks")		\
	X(R4, "no move for congestion for a while after a timeout")	\
	X(R5, "timeouts of several flows put the path down")		\
	X(R6, "silent loss: move a heavy flow that loses unmarked")	\
	X(R7, "duplicate data: move the path of our ACKs")		\
	X(R8, "no move for congestion before some bytes")		\
	X(R9, "give up when no path of the set works")

enum srte_rule {
#define X(id, text) SRTE_##id,
	SRTE_RULES(X)
#undef X
	SRTE_RULE_N
};
#define SRTE_RULE(id)	(1U << SRTE_##id)
#define SRTE_RULES_ALL	((1U << SRTE_RULE_N) - 1)

/* Part of srte_config. */
struct srte_reaction {
	__u64 pause_ns;		/* R4, R5: times a random 1 to 2 */
	__u64 verdict_ns;	/* R5: window of the timeouts */
	__u64 loss_ns;		/* R6: window of the share */
	__u64 caution_bytes;	/* R8 */
	__u32 verdict_flows;	/* R5: distinct flows */
	__u32 ce_permille;	/* R3: marked share that makes a bad round */
	__u16 ce_rounds;	/* R3: bad rounds in a row, and when nothing */
	__u16 ce_rounds_idle;	/* is in flight: nothing can be reordered */
	__u32 loss_permille;	/* R6: more than this is resent */
	__u32 duplicates;	/* R7: segments without progress */
	__u32 rto_min_us;	/* RTO floor of steered peers, 0: none */
	__u32 delack_max_us;	/* of their delayed ACKs, 0: half of it */
	__u32 syn_timeout_us;	/* first timeout of a SYN, 0: the kernel's */
};
_Static_assert(sizeof(struct srte_reaction) == 64, "abi v1: reaction");

/* srte_events: ring buffer of srte_event. */
#define SRTE_EVENTS(X)							\
	X(RTO, "rto")		/* a retransmission timeout */		\
	X(RETRANS, "retrans")	/* segments were sent again */		\
	X(MOVED, "moved")	/* rule moved the flow */		\
	X(HEAVY, "heavy")	/* crossed heavy_bytes */		\
	X(GAVE_UP, "gave_up")	/* R9: back on plain routing */		\
	X(ECN, "ecn")		/* enough bad rounds of CE marks */	\
	X(SYN_TIMEOUT, "syn_timeout")	/* of a SYN or SYN-ACK */	\
	X(PATH_DOWN, "path_down")	/* R5; key: the last flow */	\
	X(PATH_UP, "path_up")	/* its time is over; no key */		\
	X(STATE, "state")	/* a steered flow opened or closed */

enum srte_event_type {
	SRTE_EVENT_NONE,
#define X(id, name) SRTE_EVENT_##id,
	SRTE_EVENTS(X)
#undef X
	SRTE_EVENT_N
};

struct srte_event {
	__u64 time_ns;
	struct srte_flow_key key;
	__u64 cgroup_id;	/* 0: not known */
	__u32 type;		/* SRTE_EVENT_* */
	__u32 set;		/* of the steering entry, 0: none */
	__u32 path;		/* before; 0: plain routing */
	__u32 path_to;		/* after (moved only) */
	__u32 rto_us;		/* the timeout that fired (rto, moved) */
	__u32 srtt_us;
	__u32 retrans;		/* retransmitted segments so far */
	__u32 timeouts;		/* consecutive RTOs, this one not counted */
	__u64 bytes;		/* acknowledged (TCP) or sent (heavy) */
	__u32 rule;		/* that moved it: 1 for R1; 0: none */
	__u32 permille;		/* share of CE marks (R3), of loss (R6) */
	__u32 rounds;		/* bad rounds in a row (R3), duplicates (R7) */
	__u32 token;		/* of the MPTCP connection, 0: plain TCP */
	__u8  old_state;	/* TCP_* of linux/tcp_states.h (state) */
	__u8  new_state;
	__u8  pad[6];
};
_Static_assert(sizeof(struct srte_event) == 120, "abi v1: event");

#endif
