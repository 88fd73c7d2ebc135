/* SPDX-License-Identifier: GPL-2.0-only */
/* Part of abi.h, which includes it: the causes that the programs count. */
#ifndef SRTE_ABI_COUNTERS_H
#define SRTE_ABI_COUNTERS_H

/*
 * srte_counters: per-CPU array, one slot a cause. The name is the JSON key;
 * the text is what `srte-attach status` and srte-maps(5) say.
 */
#define SRTE_COUNTERS(X)						\
	X(ACCOUNTED, "accounted", "packets counted to a flow")		\
	X(FILTERED, "filtered", "packets counted in the filter only")	\
	X(FILTERED_BYTES, "filtered_bytes", "bytes of these packets")	\
	X(FLOW_NEW, "flow_new", "flows that were not known before")	\
	X(ADMITTED, "admitted", "flows that the filter let through")	\
	X(FLOW_INSERTED, "flow_inserted", "flows put into the table")	\
	X(NOT_IP, "not_ip", "frames that are neither IPv4 nor IPv6")	\
	X(TRUNCATED, "truncated", "packets cut short in a header")	\
	X(UNKNOWN_HEADER, "unknown_header", "headers not understood")	\
	X(FRAGMENT, "fragment", "later fragments of unknown ports")	\
	X(FLOW_INSERT_FAILED, "flow_insert_failed",			\
	  "flows the table refused")					\
	X(STEERED, "steered", "packets sent with an SRv6 header")	\
	X(REDIRECTED, "redirected", "of these, sent to another next hop")\
	X(UDP_GSO, "udp_gso", "left alone: a UDP train may not survive")\
	X(NEXT_HOP, "next_hop", "left alone: next hop is not known")\
	X(FRAGMENT_PLAIN, "fragment_plain", "left alone: a fragment")	\
	X(HOP_BY_HOP, "hop_by_hop", "left alone: options, no room inline")\
	X(LINK_SCOPE, "link_scope", "left alone: for this link only")	\
	X(ALREADY_SRV6, "already_srv6", "left alone: has an SRH already")\
	X(LEASE_OVER, "lease_over", "left alone: lease is over")	\
	X(NO_SET, "no_set", "left alone: set is empty or unknown")	\
	X(PATH_BAD, "path_bad", "left alone: path record is not usable")\
	X(PATH_DOWN, "path_down", "left alone: every path is down")	\
	X(OVER_MTU, "over_mtu", "left alone: header would not fit")	\
	X(OVER_64K, "over_64k", "left alone: IPv6 length would overflow")\
	X(TAGGED, "vlan_in_band", "left alone: VLAN tag in the frame")	\
	X(LAYER3, "no_ethernet", "left alone: device without Ethernet")	\
	X(PUSH_FAILED, "push_failed", "left alone: kernel refused room")\
	X(INSTANT, "instant", "flows called heavy at once")		\
	X(RTO, "rto", "retransmission timeouts seen")			\
	X(RETRANS, "retrans", "retransmissions seen")			\
	X(RETRANS_OWN, "retrans_of_rto", "ignored by R2: the RTO's own")\
	X(MOVED, "moved", "flows moved by R1")				\
	X(MOVED_CE, "moved_ce", "flows moved by R3")			\
	X(MOVED_LOSS, "moved_loss", "flows moved by R6")		\
	X(MOVED_DUPLICATES, "moved_duplicates", "flows moved by R7")	\
	X(MOVE_PAUSED, "move_paused", "moves held back by R4")		\
	X(MOVE_CAUTIOUS, "move_cautious", "moves held back by R8")	\
	X(PATH_VERDICT, "path_verdict", "paths put down by R5")		\
	X(SYN_TIMEOUT, "syn_timeout", "SYNs and SYN-ACKs sent again")	\
	X(ENROLLED, "enrolled", "connections older than us, now seen")	\
	X(ENROL_FAILED, "enrol_failed", "of these, refused by the kernel")\
	X(RTO_FLOOR, "rto_floor", "sockets given the RTO floor")	\
	X(SUBFLOW_PLACED, "subflow_placed", "MPTCP subflows placed")	\
	X(MOVE_DAMPED, "move_damped", "moves held back: too soon")	\
	X(MOVE_NO_PATH, "move_no_path", "no other path to move to")	\
	X(GAVE_UP, "gave_up", "flows back on plain routing by R9")	\
	X(MOVE_FAILED, "move_failed", "steering table refused the move")\
	X(MSS_SET, "mss_set", "sockets given a smaller MSS")		\
	X(MSS_FAILED, "mss_failed", "sockets that refused it")		\
	X(CE_COPIED, "ce_copied", "outer CE marks copied inward")	\
	X(CE_NOT_ECT, "ce_not_ect", "outer CE marks the packet cannot hold")\
	X(MSS_CLAMPED, "mss_clamped", "SYNs of others given a smaller MSS")\
	X(EVENTS, "events", "events made, for srte-events")		\
	X(EVENT_LOST, "event_lost", "of these, the ring had no room for")

enum srte_counter {
#define X(id, name, text) SRTE_COUNT_##id,
	SRTE_COUNTERS(X)
#undef X
	SRTE_COUNT_N
};

#endif
