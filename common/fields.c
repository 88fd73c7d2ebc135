/* SPDX-License-Identifier: GPL-2.0-only */
/* The field tables: what each record type holds, in the order written. */
#include "record.h"

#include <errno.h>
#include <string.h>

#define SIZE_OF(S, m)	sizeof(((struct S *)0)->m)
#define NAMED(k)							\
	.key = k, .lead = ",\"" k "\":", .lead_len = sizeof(",\"" k "\":") - 1
#define FIELD(k, kd, S, m, ...)						\
	{ NAMED(k), .kind = FIELD_##kd,					\
	  .offset = offsetof(struct S, m), .size = SIZE_OF(S, m),	\
	  __VA_ARGS__ }
#define REQUIRED	.required = true
#define ZERO_ABSENT	.zero_absent = true
#define FIELDS_END	{ .key = NULL }

/* The five-tuple, in every record that is about one flow; needs says what
 * becomes of one that has none. */
#define KEY_FIELDS(S, needs)						\
	FIELD("family", FAMILY, S, key.src,				\
	      .zero_absent = !(needs),					\
	      .help = "ipv4 or ipv6, as the addresses are"),		\
	FIELD("proto", PROTO, S, key.proto, .required = (needs),	\
	      .zero_absent = !(needs),					\
	      .help = "transport protocol, a name or a number"),	\
	FIELD("saddr", ADDR, S, key.src, .required = (needs),		\
	      .zero_absent = !(needs),					\
	      .help = "source address"),				\
	FIELD("sport", BE16, S, key.sport, ZERO_ABSENT,			\
	      .help = "source port, absent without ports"),		\
	FIELD("daddr", ADDR, S, key.dst, .required = (needs),		\
	      .zero_absent = !(needs),					\
	      .help = "destination address"),				\
	FIELD("dport", BE16, S, key.dport, ZERO_ABSENT,			\
	      .help = "destination port, absent without ports")

/*
 * A class record is a flow record with a verdict. Both types know all of
 * these keys, so that none is ever written twice when one becomes the other;
 * they differ in what a reader insists on.
 */
#define FLOW_FIELDS(flow_needs, class_needs)				\
	KEY_FIELDS(flow, true),						\
	FIELD("cgroup", STR, flow, cgroup,				\
	      .help = "cgroup v2 path of the sender"),			\
	FIELD("cgroup_id", HEX64, flow, cgroup_id, ZERO_ABSENT,		\
	      .help = "its kernel id"),					\
	FIELD("hook", STR, flow, hook,					\
	      .help = "where it was counted, dev or cgroup"),		\
	FIELD("bytes", U64, flow, bytes, .required = (flow_needs),	\
	      .help = "bytes sent, at the IP layer"),			\
	FIELD("packets", U64, flow, packets,				\
	      .help = "packets sent, segments of a burst counted"),	\
	FIELD("rate_bps", U64, flow, rate_bps, .required = (flow_needs),\
	      .help = "bits a second of the last windows, smoothed"),	\
	FIELD("age_us", U64, flow, age_us,				\
	      .help = "microseconds since the first packet"),		\
	FIELD("idle_us", U64, flow, idle_us,				\
	      .help = "microseconds since the last packet"),		\
	FIELD("class", CLASS, flow, class, .required = (class_needs),	\
	      .help = "flow: class it has now; class: class to give it"),\
	FIELD("path", STR, flow, path,					\
	      .help = "pool/name of the last packet's path, absent: plain"),\
	FIELD("reason", STR, flow, reason,				\
	      .help = "why the class was given"),			\
	FIELD("score", U64, flow, score, ZERO_ABSENT,			\
	      .help = "what the policy ranked by"),			\
	FIELD("limit_bytes", U64, flow, limit_bytes, ZERO_ABSENT,	\
	      .help = "bytes that the reason speaks of"),		\
	FIELD("limit_bps", U64, flow, limit_bps, ZERO_ABSENT,		\
	      .help = "rate that the reason speaks of"),		\
	FIELD("limit_us", U64, flow, limit_us, ZERO_ABSENT,		\
	      .help = "time that the reason speaks of"),		\
	FIELD("limit_flows", U64, flow, limit_flows, ZERO_ABSENT,	\
	      .help = "number of flows that the reason speaks of"),	\
	FIELD("group", STR, flow, group,				\
	      .help = "cgroup or prefix that was judged as one"),	\
	FIELDS_END

static const struct field flow_fields[] = { FLOW_FIELDS(true, false) };
static const struct field class_fields[] = { FLOW_FIELDS(false, true) };

static const struct field header_fields[] = {
	FIELD("tool", STR, header, tool, REQUIRED,
	      .help = "command that writes the stream"),
	FIELD("version", STR, header, version, .help = "its version"),
	FIELD("host", STR, header, host, .help = "name of the host"),
	FIELD("boot_id", STR, header, boot_id,
	      .help = "kernel boot id: ages and ids hold within one boot"),
	FIELD("time", STR, header, time, .help = "RFC 3339, UTC"),
	FIELD("link_bps", U64, header, link_bps, ZERO_ABSENT,
	      .help = "bits a second of the slowest device"),
	FIELD("interval_us", U64, header, interval_us, ZERO_ABSENT,
	      .help = "microseconds between the rounds of a follow stream"),
	FIELDS_END
};

static const struct field trailer_fields[] = {
	FIELD("records", U64, trailer, records, REQUIRED,
	      .help = "records since the header or the last mark"),
	FIELD("complete", BOOL, trailer, complete, REQUIRED,
	      .help = "false: the producer knows that some are missing"),
	FIELD("inserted", U64, trailer, flows.inserted, ZERO_ABSENT,
	      .help = "flows put into the table since up"),
	FIELD("evicted", U64, trailer, flows.evicted, ZERO_ABSENT,
	      .help = "flows of these that made room for others"),
	FIELD("insert_failed", U64, trailer, flows.insert_failed, ZERO_ABSENT,
	      .help = "packets of flows that the table refused"),
	FIELD("admitted", U64, trailer, flows.admitted, ZERO_ABSENT,
	      .help = "flows that the filter let into the table"),
	FIELD("filtered_packets", U64, trailer, flows.filtered_packets,
	      ZERO_ABSENT,
	      .help = "packets counted in the filter, in no flow"),
	FIELD("filtered_bytes", U64, trailer, flows.filtered_bytes,
	      ZERO_ABSENT, .help = "bytes of these packets"),
	FIELD("filter_engaged", BOOL, trailer, flows.filter_engaged,
	      ZERO_ABSENT, .help = "true: the filter is at work now"),
	FIELDS_END
};

static const struct field action_fields[] = {
	FIELD("op", STR, action, op, REQUIRED,
	      .help = "add, change, renew, remove, keep, none or entry"),
	KEY_FIELDS(action, true),
	FIELD("class", CLASS, action, class, .help = "class given"),
	FIELD("reason", STR, action, reason, .help = "why"),
	FIELD("path", STR, action, path,
	      .help = "pool/name after, absent: plain"),
	FIELD("path_was", STR, action, path_was,
	      .help = "pool/name before, absent: plain"),
	FIELD("lease_us", U64, action, lease_us, ZERO_ABSENT,
	      .help = "microseconds until the entry ends by itself"),
	FIELD("dry_run", BOOL, action, dry_run, ZERO_ABSENT,
	      .help = "true: nothing was written"),
	FIELDS_END
};

static const struct field event_fields[] = {
	FIELD("event", STR, event, event, REQUIRED,
	      .help = "what happened: a word that srte-events(8) has"),
	FIELD("time", STR, event, time, .help = "RFC 3339, UTC"),
	/* neither a path nor the ring is a flow */
	KEY_FIELDS(event, false),
	FIELD("cgroup", STR, event, cgroup,
	      .help = "cgroup v2 path of the sender"),
	FIELD("cgroup_id", HEX64, event, cgroup_id, ZERO_ABSENT,
	      .help = "its kernel id"),
	FIELD("path", STR, event, path,
	      .help = "pool/name in use, absent: plain"),
	FIELD("path_to", STR, event, path_to,
	      .help = "moved: pool/name from now on"),
	FIELD("rto_us", U64, event, rto_us, ZERO_ABSENT,
	      .help = "timeout that fired"),
	FIELD("srtt_us", U64, event, srtt_us, ZERO_ABSENT,
	      .help = "smoothed round trip time"),
	FIELD("retrans", U64, event, retrans, ZERO_ABSENT,
	      .help = "segments retransmitted so far"),
	FIELD("timeouts", U64, event, timeouts, ZERO_ABSENT,
	      .help = "timeouts in a row before this one"),
	FIELD("bytes", U64, event, bytes, ZERO_ABSENT,
	      .help = "heavy: bytes sent; else bytes acknowledged"),
	FIELD("rule", STR, event, rule,
	      .help = "R1 to R9, the rule that acted"),
	FIELD("ce_permille", U64, event, ce_permille, ZERO_ABSENT,
	      .help = "share of the last round that was marked"),
	FIELD("loss_permille", U64, event, loss_permille, ZERO_ABSENT,
	      .help = "share of the last window that was sent again"),
	FIELD("rounds", U64, event, rounds, ZERO_ABSENT,
	      .help = "bad rounds in a row; R7: segments received twice"),
	FIELD("mptcp_token", HEX64, event, mptcp_token, ZERO_ABSENT,
	      .help = "MPTCP connection that the flow is part of"),
	FIELD("state_was", STR, event, state_was,
	      .help = "state: TCP state before"),
	FIELD("state", STR, event, state,
	      .help = "state: TCP state from now on"),
	FIELD("lost", U64, event, lost, ZERO_ABSENT,
	      .help = "lost: events that the ring had no room for"),
	FIELDS_END
};

static const struct field path_fields[] = {
	FIELD("id", U32, path, id, REQUIRED, .help = "number in the maps"),
	FIELD("path", STR, path, path, REQUIRED, .help = "pool/name"),
	FIELD("prefix", STR, path, prefix, .help = "destinations it serves"),
	FIELD("mode", STR, path, mode, .help = "encapsulation"),
	FIELD("source", STR, path, source, .help = "outer source address"),
	{ NAMED("segments"), .kind = FIELD_STRS,
	  .offset = offsetof(struct path, segments),
	  .size = SIZE_OF(path, segments[0]), .max = SRTE_SEGMENTS_MAX,
	  .count_offset = offsetof(struct path, n_segments),
	  .help = "SIDs in travel order" },
	FIELD("weight", U32, path, weight, .help = "share within its set"),
	FIELD("header_bytes", U32, path, header_bytes,
	      .help = "what it adds to a packet"),
	FIELD("down", BOOL, path, down, .help = "taken out of use"),
	FIELD("bytes", U64, path, bytes, .help = "inner bytes sent"),
	FIELD("packets", U64, path, packets, .help = "packets sent"),
	FIELD("rate_bps", U64, path, rate_bps,
	      .help = "bits a second of the last windows, smoothed"),
	FIELD("retrans", U64, path, retrans,
	      .help = "segments sent again, without a timeout"),
	FIELD("rtos", U64, path, rtos, .help = "timeouts seen on it"),
	FIELD("moved_away", U64, path, moved_away,
	      .help = "flows that a timeout moved off it"),
	FIELD("ce_permille", U64, path, ce_permille,
	      .help = "share of CE marks that senders were told of"),
	FIELD("srtt_us", U64, path, srtt_us, ZERO_ABSENT,
	      .help = "smoothed round trip time of its flows"),
	FIELD("down_by", STR, path, down_by,
	      .help = "operator or verdict (R5), absent: it is up"),
	FIELD("down_us", U64, path, down_us, ZERO_ABSENT,
	      .help = "down for so long from now, absent: no end"),
	FIELDS_END
};

static const struct field status_fields[] = {
	FIELD("what", STR, status, what, REQUIRED,
	      .help = "instance, device, program, map, counter, ..."),
	FIELD("name", STR, status, name, .help = "which one"),
	FIELD("value", U64, status, value,
	      .help = "the value, if it is a number"),
	FIELD("text", STR, status, text, .help = "the same for people"),
	FIELDS_END
};

static const struct field rule_fields[] = {
	FIELD("rule", STR, rule, rule, REQUIRED,
	      .help = "its name; verdict: what came of them all"),
	FIELD("holds", BOOL, rule, holds, .help = "true of this flow"),
	FIELD("says", CLASS, rule, says,
	      .help = "class that it gives if it holds and wins"),
	FIELD("value", U64, rule, value, .help = "number of the flow"),
	FIELD("limit", U64, rule, limit,
	      .help = "number that the rule holds it against"),
	FIELD("unit", STR, rule, unit, .help = "of both: bytes, bps or us"),
	FIELD("won", BOOL, rule, won, .help = "the one that decided"),
	FIELD("reason", STR, rule, reason,
	      .help = "verdict: as the class record has it"),
	FIELDS_END
};

static const struct field check_fields[] = {
	FIELD("name", STR, check, name, REQUIRED,
	      .help = "what was looked at"),
	FIELD("result", STR, check, result, REQUIRED,
	      .help = "ok, warn, fail, or skip: nothing to look at"),
	FIELD("cause", STR, check, cause, .help = "what was found"),
	FIELD("fix", STR, check, fix,
	      .help = "what to do about it: warn and fail only"),
	FIELDS_END
};

#define DEF(word, fds, S, h)						\
	{ .type = (word), .fields = (fds), .size = sizeof(struct S),	\
	  .help = (h) }

static const struct record_def defs[RECORD_TYPE_N] = {
	[RECORD_HEADER] = DEF("header", header_fields, header,
			      "first line of every stream"),
	[RECORD_TRAILER] = DEF("trailer", trailer_fields, trailer,
			       "last line of every stream"),
	[RECORD_MARK] = DEF("mark", trailer_fields, trailer,
			    "end of a round in a follow stream"),
	[RECORD_FLOW] = DEF("flow", flow_fields, flow,
			    "one flow, as the kernel counted it"),
	[RECORD_CLASS] = DEF("class", class_fields, flow,
			     "a flow with the class that it is to have"),
	[RECORD_ACTION] = DEF("action", action_fields, action,
			      "what srte-steer did, or would do"),
	[RECORD_EVENT] = DEF("event", event_fields, event,
			     "something that happened to a flow"),
	[RECORD_PATH] = DEF("path", path_fields, path,
			    "one segment list in use, with its counters"),
	[RECORD_STATUS] = DEF("status", status_fields, status,
			      "one thing that srte-attach looks after"),
	[RECORD_RULE] = DEF("rule", rule_fields, rule,
			    "what one rule of srte-classify says of a flow"),
	[RECORD_CHECK] = DEF("check", check_fields, check,
			     "what one check of srte-attach doctor found"),
};

const struct record_def *record_def(enum record_type type)
{
	if (type <= RECORD_OTHER || type >= RECORD_TYPE_N)
		return NULL;
	return &defs[type];
}

enum record_type record_type_by_name(const char *name)
{
	enum record_type type;

	for (type = RECORD_HEADER; type < RECORD_TYPE_N; type++)
		if (!strcmp(name, defs[type].type))
			return type;
	return RECORD_OTHER;
}

/* lead has the key between a comma, two quotes and a colon. */
static bool is_key(const struct field *f, const char *key, size_t len)
{
	return f->lead_len == len + 4 && !memcmp(f->key, key, len);
}

const struct field *record_field(const struct record_def *def,
				 const char *key, size_t len, size_t *at)
{
	size_t i;

	for (i = *at; def->fields[i].key; i++)
		if (is_key(&def->fields[i], key, len))
			goto found;
	for (i = 0; i < *at; i++)
		if (is_key(&def->fields[i], key, len))
			goto found;
	return NULL;
found:
	*at = i;
	return &def->fields[i];
}

uint64_t field_max(enum field_kind kind)
{
	switch (kind) {
	case FIELD_U64:
		return RECORD_NUMBER_MAX;
	case FIELD_U32:
		return UINT32_MAX;
	case FIELD_U16:
	case FIELD_BE16:
		return UINT16_MAX;
	case FIELD_U8:
		return UINT8_MAX;
	default:
		return 0;
	}
}

static const char *const class_names[] = {
	[SRTE_CLASS_REST] = "rest",
	[SRTE_CLASS_HEAVY] = "heavy",
};

const char *class_name(uint8_t class)
{
	return class_names[class == SRTE_CLASS_HEAVY];
}

int class_parse(const char *text, uint8_t *ret)
{
	uint8_t i;

	for (i = SRTE_CLASS_REST; i <= SRTE_CLASS_HEAVY; i++) {
		if (!strcmp(text, class_names[i])) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}
