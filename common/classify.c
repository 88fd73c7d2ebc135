/* SPDX-License-Identifier: GPL-2.0-only */
#include "classify.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[REASON_N] = {
#define X(name, word, meaning) [REASON_##name] = (word),
	CLASSIFY_REASONS(X)
#undef X
};

const char *classify_reason(enum classify_reason reason)
{
	return words[reason];
}

const struct classify_marks *
classify_marks_of(const struct classify_rules *rules, uint8_t proto)
{
	return &rules->marks[proto == IPPROTO_UDP ? CLASSIFY_UDP :
						    CLASSIFY_ANY];
}

static bool was_heavy(const struct contender *c)
{
	return c->class == SRTE_CLASS_HEAVY;
}

/* ---- threshold: rules, the first that holds wins ---- */

/*
 * Leaving is asked first: what would have to leave may not enter either, or
 * a flow with many bytes that has become slow would go in and out in every
 * other round.
 */
enum threshold_rule { RULE_IDLE, RULE_SLOW, RULE_YOUNG, RULE_BYTES,
		      RULE_BYTES_RATE, RULE_INCUMBENT, RULE_SMALL, RULE_N };

static const struct {
	const char *name;
	uint8_t class;
	enum classify_reason was, was_not;
} rule_defs[RULE_N] = {
	[RULE_IDLE] = { "idle", SRTE_CLASS_REST, REASON_IDLE, REASON_SMALL },
	[RULE_SLOW] = { "below_rate", SRTE_CLASS_REST, REASON_BELOW_RATE,
			REASON_SMALL },
	[RULE_YOUNG] = { "young", SRTE_CLASS_REST, REASON_YOUNG,
			 REASON_YOUNG },
	[RULE_BYTES] = { "bytes", SRTE_CLASS_HEAVY, REASON_BYTES,
			 REASON_BYTES },
	[RULE_BYTES_RATE] = { "bytes_rate", SRTE_CLASS_HEAVY,
			      REASON_BYTES_RATE, REASON_BYTES_RATE },
	[RULE_INCUMBENT] = { "incumbent", SRTE_CLASS_HEAVY, REASON_INCUMBENT,
			     REASON_INCUMBENT },
	[RULE_SMALL] = { "small", SRTE_CLASS_REST, REASON_SMALL,
			 REASON_SMALL },
};

static bool enters(const struct classify_marks *m, const struct contender *c)
{
	return c->bytes >= m->always_bytes ||
	       (m->enter_bps && c->rate_bps >= m->enter_bps &&
		c->bytes >= m->enter_bytes);
}

static bool holds(enum threshold_rule rule, const struct classify_rules *rules,
		  const struct classify_marks *m, const struct contender *c)
{
	switch (rule) {
	case RULE_IDLE:
		return c->idle_us > rules->idle_us;
	case RULE_SLOW:
		return c->rate_bps < m->leave_bps;
	case RULE_YOUNG:
		return !was_heavy(c) && c->age_us < rules->min_age_us &&
		       enters(m, c);
	case RULE_BYTES:
		return c->bytes >= m->always_bytes;
	case RULE_BYTES_RATE:
		return enters(m, c);
	case RULE_INCUMBENT:
		return was_heavy(c);
	default:
		return true;
	}
}

static void set_limits(const struct classify_rules *rules,
		       const struct classify_marks *m, struct verdict *v)
{
	switch (v->reason) {
	case REASON_IDLE:
		v->limit_us = rules->idle_us;
		break;
	case REASON_YOUNG:
		v->limit_us = rules->min_age_us;
		break;
	case REASON_BELOW_RATE:
	case REASON_INCUMBENT:
		v->limit_bps = m->leave_bps;
		break;
	case REASON_BYTES:
		v->limit_bytes = m->always_bytes;
		break;
	default:	/* bytes_rate, and small: what it did not reach */
		v->limit_bytes = m->enter_bps ? m->enter_bytes :
						m->always_bytes;
		v->limit_bps = m->enter_bps;
	}
}

void classify_one(const struct classify_rules *rules,
		  const struct contender *c, struct verdict *ret)
{
	const struct classify_marks *m = classify_marks_of(rules, c->proto);
	enum threshold_rule rule = 0;

	while (!holds(rule, rules, m, c))
		rule++;
	*ret = (struct verdict){
		.class = rule_defs[rule].class,
		.reason = was_heavy(c) ? rule_defs[rule].was :
					 rule_defs[rule].was_not,
		.score = c->rate_bps,
	};
	set_limits(rules, m, ret);
}

/* The numbers of a rule: what the flow has, and what the rule wants. */
static void rule_numbers(enum threshold_rule rule,
			 const struct classify_rules *rules,
			 const struct contender *c, struct classify_rule *ret)
{
	const struct classify_marks *m = classify_marks_of(rules, c->proto);

	ret->unit = "bps";
	ret->value = c->rate_bps;
	ret->limit = rule == RULE_BYTES_RATE ? m->enter_bps : m->leave_bps;
	if (rule == RULE_IDLE || rule == RULE_YOUNG) {
		ret->unit = "us";
		ret->value = rule == RULE_IDLE ? c->idle_us : c->age_us;
		ret->limit = rule == RULE_IDLE ? rules->idle_us :
						 rules->min_age_us;
	} else if (rule == RULE_BYTES || rule == RULE_SMALL) {
		ret->unit = "bytes";
		ret->value = c->bytes;
		ret->limit = rule == RULE_BYTES ? m->always_bytes :
						  m->enter_bytes;
	}
}

size_t classify_explain(const struct classify_rules *rules,
			const struct contender *c, size_t i,
			struct classify_rule *ret)
{
	if (i < RULE_N) {
		ret->name = rule_defs[i].name;
		ret->class = rule_defs[i].class;
		ret->holds = holds(i, rules,
				   classify_marks_of(rules, c->proto), c);
		rule_numbers(i, rules, c, ret);
	}
	return RULE_N;
}

/* ---- ranks ---- */

/* A challenger must be so much heavier than one that is steered. */
static uint64_t score_of(const struct contender *c, uint32_t bonus_milli)
{
	if (!was_heavy(c))
		return c->rate_bps;
	return c->rate_bps +
	       (uint64_t)((unsigned __int128)c->rate_bps * bonus_milli /
			  100000);
}

static int by_number(const struct contender *a, const struct contender *b)
{
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Heaviest first, then in the order of the round. */
static int by_rate(const void *x, const void *y)
{
	const struct contender *a = x, *b = y;

	if (a->rate_bps != b->rate_bps)
		return a->rate_bps < b->rate_bps ? 1 : -1;
	return by_number(a, b);
}

static int by_score(const void *x, const void *y, void *bonus_milli)
{
	const struct contender *a = x, *b = y;
	uint64_t s = score_of(a, *(uint32_t *)bonus_milli);
	uint64_t t = score_of(b, *(uint32_t *)bonus_milli);

	if (s != t)
		return s < t ? 1 : -1;
	return by_number(a, b);
}

/* Heavy by a rule of its own, unless it is too young; the others are told
 * why not. */
static void set_verdict(const struct classify_rules *rules,
			const struct contender *c, bool in,
			enum classify_reason why, enum classify_reason out,
			struct verdict *ret)
{
	bool was = was_heavy(c), young = c->age_us < rules->min_age_us;

	ret->class = in ? SRTE_CLASS_HEAVY : SRTE_CLASS_REST;
	if (in && young && !was) {
		ret->class = SRTE_CLASS_REST;
		ret->reason = REASON_YOUNG;
		ret->limit_us = rules->min_age_us;
	} else if (in) {
		ret->reason = why;
	} else if (!was) {
		ret->reason = REASON_SMALL;
	} else if (c->idle_us > rules->idle_us || !c->rate_bps) {
		ret->reason = REASON_IDLE;
		ret->limit_us = rules->idle_us;
	} else {
		ret->reason = out;
	}
}

/* How many of c, sorted by rate, it takes to carry the share. */
static size_t share_count(const struct classify_rules *rules,
			  const struct contender *c, size_t n)
{
	unsigned __int128 total = 0, sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += c[i].rate_bps;
	for (i = 0; i < n && c[i].rate_bps; i++) {
		if (sum * 100000 >= total * rules->share_milli)
			break;
		sum += c[i].rate_bps;
	}
	return i;
}

uint64_t classify_share_limit(const struct classify_rules *rules,
			      struct contender *c, size_t n)
{
	size_t in;

	qsort(c, n, sizeof(*c), by_rate);
	in = share_count(rules, c, n);
	return in ? c[in - 1].rate_bps : 0;
}

static void round_share(const struct classify_rules *rules,
			struct contender *c, size_t n, struct verdict *ret)
{
	uint64_t limit = classify_share_limit(rules, c, n);
	size_t i, in = share_count(rules, c, n);

	for (i = 0; i < n; i++) {
		struct verdict *v = &ret[c[i].number];

		*v = (struct verdict){ .score = c[i].rate_bps,
				       .limit_bps = limit };
		set_verdict(rules, &c[i], i < in, REASON_SHARE,
			    REASON_OUTRANKED, v);
	}
}

uint64_t classify_score(const struct classify_rules *rules,
			const struct contender *c)
{
	return score_of(c, rules->bonus_milli);
}

void classify_ranked(const struct classify_rules *rules,
		     const struct contender *c, bool in, uint64_t last_bps,
		     struct verdict *ret)
{
	*ret = (struct verdict){ .score = classify_score(rules, c),
				 .limit_bps = last_bps,
				 .limit_flows = rules->top };
	set_verdict(rules, c, in && c->rate_bps, c->rate_bps < last_bps ?
		    REASON_INCUMBENT : REASON_TOP, REASON_OUTRANKED, ret);
}

static void round_top(const struct classify_rules *rules, struct contender *c,
		      size_t n, struct verdict *ret)
{
	uint32_t bonus = rules->bonus_milli;
	uint64_t last = 0;	/* rate of the N-th without any bonus */
	size_t i;

	qsort(c, n, sizeof(*c), by_rate);
	if (rules->top && rules->top <= n)
		last = c[rules->top - 1].rate_bps;
	qsort_r(c, n, sizeof(*c), by_score, &bonus);
	for (i = 0; i < n; i++)
		classify_ranked(rules, &c[i], i < rules->top, last,
				&ret[c[i].number]);
}

static void round_heat(const struct classify_rules *rules,
		       struct contender *c, size_t n, struct verdict *ret)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct verdict *v = &ret[c[i].number];

		*v = (struct verdict){ .score = c[i].heat_bps,
				       .limit_bps = c[i].heat_limit_bps };
		set_verdict(rules, &c[i],
			    c[i].heat_bps > c[i].heat_limit_bps, REASON_HEAT,
			    REASON_COOLED, v);
	}
}

static void round_of(const struct classify_rules *rules, struct contender *c,
		     size_t n, struct verdict *ret)
{
	size_t i;

	if (rules->policy == CLASSIFY_SHARE)
		round_share(rules, c, n, ret);
	else if (rules->policy == CLASSIFY_TOP)
		round_top(rules, c, n, ret);
	else if (rules->policy == CLASSIFY_HEAT)
		round_heat(rules, c, n, ret);
	else
		for (i = 0; i < n; i++)
			classify_one(rules, &c[i], &ret[c[i].number]);
}

static int part_of(const struct contender *c)
{
	return c->proto == IPPROTO_TCP ? 0 : c->proto == IPPROTO_UDP ? 1 : 2;
}

static int by_part(const void *x, const void *y)
{
	const struct contender *a = x, *b = y;

	if (part_of(a) != part_of(b))
		return part_of(a) - part_of(b);
	return by_number(a, b);
}

void classify_round(const struct classify_rules *rules, struct contender *c,
		    size_t n, struct verdict *ret)
{
	size_t i, from;

	if (rules->policy != CLASSIFY_THRESHOLD)
		for (i = 0; i < n; i++)	/* the silent carry nothing */
			if (c[i].idle_us > rules->idle_us)
				c[i].rate_bps = 0;
	if (!rules->apart) {
		round_of(rules, c, n, ret);
		return;
	}
	qsort(c, n, sizeof(*c), by_part);
	for (from = i = 0; i < n; from = i) {
		while (i < n && part_of(&c[i]) == part_of(&c[from]))
			i++;
		round_of(rules, c + from, i - from, ret);
	}
}
