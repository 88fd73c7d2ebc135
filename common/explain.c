/* SPDX-License-Identifier: GPL-2.0-only */
#include "explain.h"

#include "addr.h"
#include "num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* ---- which flow ---- */

static int parse_port(const char *text, __be16 *ret)
{
	uint32_t n;

	if (num_u32(text, &n) || n > UINT16_MAX)
		return -EINVAL;
	*ret = htons(n);
	return 0;
}

/* An IPv6 address with a port stands in brackets (RFC 3986 3.2.2). */
static int parse_end(const char *text, uint8_t ret_addr[16], __be16 *ret_port)
{
	const char *from = text + (*text == '['), *end, *port;
	char addr[ADDR_TEXT] = "";

	if (*text == '[') {
		end = strchr(text, ']');
		port = end && end[1] == ':' ? end + 2 : NULL;
		if (!end || (end[1] && !port))
			return -EINVAL;
	} else {
		end = strchr(text, ':');
		if (!end || strchr(end + 1, ':'))	/* bare IPv6 */
			end = text + strlen(text);
		port = *end ? end + 1 : NULL;
	}
	if (end - from >= (long)sizeof(addr))
		return -EINVAL;
	memcpy(addr, from, end - from);
	if (addr_parse(addr, ret_addr))
		return -EINVAL;
	return port ? parse_port(port, ret_port) : 0;
}

int explain_key(const char *proto, const char *src, const char *dst,
		struct srte_flow_key *ret, struct fault *f)
{
	struct srte_flow_key key = {};

	if (proto_parse(proto, &key.proto))
		return fault_set(f, FAULT_USAGE, "'%s' is no protocol (tcp, "
				 "udp, ... or a number)", proto);
	if (parse_end(src, key.src, &key.sport))
		return fault_set(f, FAULT_USAGE, "'%s' is no source, such as "
				 "10.0.1.1:40000 or [fd00::1]:40000", src);
	if (parse_end(dst, key.dst, &key.dport))
		return fault_set(f, FAULT_USAGE, "'%s' is no destination, "
				 "such as 10.0.2.1:443 or [fd00::2]:443", dst);
	*ret = key;
	return 0;
}

/* ---- what the rules say ---- */

static int print(struct out *out, const struct rule *rule)
{
	struct record rec = { .type = RECORD_RULE, .rule = *rule };

	return out_record(out, &rec);
}

static void set(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

/* The limits that stand above the policies have a row when they decided. */
static bool is_overruled(const struct flow *verdict)
{
	return !strcmp(verdict->reason, classify_reason(REASON_CAPPED)) ||
	       !strcmp(verdict->reason, classify_reason(REASON_DWELL));
}

static int explain_threshold(const struct judge *judge, bool overruled,
			     struct out *out)
{
	struct classify_rule r = {};
	bool won = overruled;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < classify_explain(&judge->conf.rules,
						 &judge->spy, i, &r); i++) {
		struct rule rule = {
			.holds = r.holds, .says = r.class, .value = r.value,
			.limit = r.limit, .won = r.holds && !won,
		};

		won |= r.holds;
		set(rule.rule, sizeof(rule.rule), r.name);
		set(rule.unit, sizeof(rule.unit), r.unit);
		err = print(out, &rule);
	}
	return err;
}

static int explain_rank(const struct judge *judge, const struct flow *verdict,
			bool overruled, struct out *out)
{
	static const char *const names[] = { "threshold", "share", "top",
					     "heat" };
	struct rule rule = {
		.holds = verdict->score >= verdict->limit_bps &&
			 verdict->score,
		.says = SRTE_CLASS_HEAVY, .value = verdict->score,
		.limit = verdict->limit_bps, .unit = "bps",
		.won = !overruled && verdict->class == SRTE_CLASS_HEAVY,
	};

	set(rule.rule, sizeof(rule.rule), names[judge->conf.rules.policy]);
	return print(out, &rule);
}

static int explain_verdict(const struct flow *verdict, bool overruled,
			   struct out *out)
{
	struct rule rule = {
		.rule = "verdict", .holds = true, .says = verdict->class,
		.value = verdict->score, .won = overruled,
		.limit = verdict->limit_flows ? verdict->limit_flows :
			 verdict->limit_us ? verdict->limit_us :
			 verdict->limit_bps ? verdict->limit_bps :
			 verdict->limit_bytes,
	};

	set(rule.reason, sizeof(rule.reason), verdict->reason);
	return print(out, &rule);
}

int explain_each(const struct judge *judge, const struct flow *verdict,
		 struct out *out)
{
	bool over = is_overruled(verdict);
	int err;

	if (judge->conf.rules.policy == CLASSIFY_THRESHOLD)
		err = explain_threshold(judge, over, out);
	else
		err = explain_rank(judge, verdict, over, out);
	return err ? err : explain_verdict(verdict, over, out);
}
