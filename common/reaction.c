/* SPDX-License-Identifier: GPL-2.0-only */
#include "reaction.h"

#include "cleanup.h"
#include "num.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS	1000000ULL
#define SECOND	(1000 * MS)
#define NEVER	0	/* least value of what can be switched off */

enum kind { KIND_TIME_NS, KIND_TIME_US, KIND_SIZE, KIND_PERMILLE, KIND_COUNT };

/* X(field, kind, name in JSON, default, eager, least, most, meaning). The
 * name that is written has no unit: times and sizes bring their own. */
#define NUMBERS(X)							    \
	X(ce_permille, PERMILLE, "ce_permille", 500, 50, 1, 1000,	    \
	  "R3: marked share of a round that makes it a bad one")	    \
	X(ce_rounds, COUNT, "ce_rounds", 12, 2, 1, 1000,		    \
	  "R3: bad rounds in a row that move a flow")			    \
	X(ce_rounds_idle, COUNT, "ce_rounds_idle", 3, 1, 1, 1000,	    \
	  "R3: as many are enough when nothing is in flight")		    \
	X(pause_ns, TIME_NS, "pause_us", 60 * SECOND, 60 * SECOND, MS,	    \
	  3600 * SECOND, "R4, R5: pause, times a random 1 to 2")	    \
	X(verdict_flows, COUNT, "verdict_flows", 2, 2, 1, 1000,		    \
	  "R5: flows with a timeout that put a path down")		    \
	X(verdict_ns, TIME_NS, "verdict_us", SECOND, SECOND, MS,	    \
	  3600 * SECOND, "R5: within this time")			    \
	X(loss_permille, PERMILLE, "loss_permille", 10, 10, 1, 1000,	    \
	  "R6: share that is sent again, above which a flow moves")	    \
	X(loss_ns, TIME_NS, "loss_us", 100 * MS, 100 * MS, MS,		    \
	  3600 * SECOND, "R6: window of that share")			    \
	X(duplicates, COUNT, "duplicates", 2, 2, 1, 1000,		    \
	  "R7: segments received twice, without progress between")	    \
	X(caution_bytes, SIZE, "caution_bytes", 100 * 1024, 100 * 1024, 0,  \
	  1ULL << 40, "R8: no move for congestion before so many bytes")    \
	X(rto_min_us, TIME_US, "rto_min_us", 0, 0, NEVER, 200000,	    \
	  "floor under the RTO of steered peers, 0: the kernel's")	    \
	X(delack_max_us, TIME_US, "delack_max_us", 0, 0, NEVER, 200000,	    \
	  "longest delay of an ACK to them, 0: half of the floor")	    \
	X(syn_timeout_us, TIME_US, "syn_timeout_us", 0, 0, NEVER, 10000000, \
	  "first timeout of a SYN to them, 0: the kernel's")

static const struct number {
	const char *name, *text;
	enum kind kind;
	size_t offset, size;
	__u64 standard, eager, least, most;
} numbers[] = {
#define X(field, kind, name, standard, eager, least, most, text)	  \
	{ name, text, KIND_##kind, offsetof(struct srte_reaction, field),  \
	  sizeof(((struct srte_reaction *)0)->field), standard, eager,	  \
	  least, most },
	NUMBERS(X)
#undef X
};
#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static const struct rule {
	const char *name, *text;
} rules[] = {
#define X(id, text) { #id, text },
	SRTE_RULES(X)
#undef X
};

static __u64 number_get(const struct srte_reaction *from,
			const struct number *n)
{
	__u64 value = 0;	/* little-endian or not: by size */

	switch (n->size) {
	case sizeof(__u16):
		value = *(const __u16 *)((const char *)from + n->offset);
		break;
	case sizeof(__u32):
		value = *(const __u32 *)((const char *)from + n->offset);
		break;
	case sizeof(__u64):
		value = *(const __u64 *)((const char *)from + n->offset);
		break;
	}
	return value;
}

static void number_put(struct srte_reaction *to, const struct number *n,
		       __u64 value)
{
	void *at = (char *)to + n->offset;

	if (n->size == sizeof(__u16))
		*(__u16 *)at = value;
	else if (n->size == sizeof(__u32))
		*(__u32 *)at = value;
	else
		*(__u64 *)at = value;
}

static void preset(struct srte_reaction *ret, bool eager)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < N_NUMBERS; i++)
		number_put(ret, &numbers[i], eager ? numbers[i].eager :
			   numbers[i].standard);
}

void reaction_default(struct reaction *ret)
{
	ret->rules = SRTE_RULES_ALL;
	preset(&ret->numbers, false);
}

static int rule_find(const char *name, size_t len)
{
	for (int i = 0; i < SRTE_RULE_N; i++)
		if (strlen(rules[i].name) == len &&
		    !strncmp(rules[i].name, name, len))
			return i;
	return -ENOENT;
}

int reaction_rules(const char *text, __u32 *ret, struct fault *f)
{
	const char *at = text;
	__u32 set = SRTE_RULE(R2);

	if (!strcmp(text, "all") || !strcmp(text, "none")) {
		*ret = *text == 'a' ? SRTE_RULES_ALL : 0;
		return 0;
	}
	for (;; at++) {
		size_t len = strcspn(at, ",");
		int rule = rule_find(at, len);

		if (rule < 0)
			return fault_set(f, FAULT_USAGE, "'%s' is not all, "
					 "none or a list such as R1,R3", text);
		set |= 1U << rule;
		at += len;
		if (!*at)
			break;
	}
	*ret = set;
	return 0;
}

/* The name without the unit that JSON has in it. */
static size_t word_len(const struct number *n)
{
	size_t len = strlen(n->name);

	if (n->kind == KIND_TIME_NS || n->kind == KIND_TIME_US)
		return len - strlen("_us");
	return len;
}

/* The value as the field has it. */
static int number_read(const struct number *n, const char *text, __u64 *ret)
{
	uint64_t value = 0;
	double pct = 0;
	int err;

	switch (n->kind) {
	case KIND_TIME_NS:
	case KIND_TIME_US:
		err = num_time(text, &value);
		if (!err && n->kind == KIND_TIME_US)
			value /= 1000;
		break;
	case KIND_SIZE:
		err = num_size(text, &value);
		break;
	case KIND_PERMILLE:
		err = strchr(text, '%') ? num_pct(text, &pct) :
		      num_u64(text, &value);
		if (!err && strchr(text, '%'))
			value = pct * 10 + 0.5;
		break;
	default:
		err = num_u64(text, &value);
	}
	if (err)
		return err;
	if (value < n->least || value > n->most)
		return -ERANGE;
	*ret = value;
	return 0;
}

static int set_rule(int rule, const char *value, struct reaction *ret,
		    struct fault *f)
{
	bool on = !strcmp(value, "on");

	if (!on && strcmp(value, "off"))
		return fault_set(f, FAULT_USAGE, "%s=%s: on or off",
				 rules[rule].name, value);
	if (!on && rule == SRTE_R2)
		return fault_set(f, FAULT_USAGE, "R2 cannot be switched off: "
				 "without it a move undoes itself");
	if (on)
		ret->rules |= 1U << rule;
	else
		ret->rules &= ~(1U << rule);
	return 0;
}

static int set_preset(const char *value, struct reaction *ret,
		      struct fault *f)
{
	bool eager = !strcmp(value, "eager");

	if (!eager && strcmp(value, "default"))
		return fault_set(f, FAULT_USAGE, "preset=%s: default or eager",
				 value);
	preset(&ret->numbers, eager);
	return 0;
}

static int set_number(const char *word, size_t len, struct reaction *ret,
		      struct fault *f)
{
	const struct number *n = numbers;
	__u64 value;
	int err;

	for (; n < numbers + N_NUMBERS; n++)
		if (word_len(n) == len && !strncmp(n->name, word, len))
			break;
	if (n == numbers + N_NUMBERS)
		return fault_set(f, FAULT_USAGE, "'%.*s' is neither a rule "
				 "nor one of their numbers", (int)len, word);
	err = number_read(n, word + len + 1, &value);
	if (err)
		return fault_set(f, FAULT_USAGE, "%s: %s", word, err == -ERANGE
				 ? "out of range" : "not understood");
	number_put(&ret->numbers, n, value);
	return 0;
}

int reaction_set(const char *word, struct reaction *ret, struct fault *f)
{
	size_t len = strcspn(word, "=");
	int rule;

	if (!word[len])
		return fault_set(f, FAULT_USAGE, "'%s' is not NAME=VALUE",
				 word);
	rule = rule_find(word, len);
	if (rule >= 0)
		return set_rule(rule, word + len + 1, ret, f);
	if (len == strlen("preset") && !strncmp(word, "preset", len))
		return set_preset(word + len + 1, ret, f);
	return set_number(word, len, ret, f);
}

/* Those words of a list that set something, or those that name, each after a
 * comma. */
static char *words_of(const char *list, bool set)
{
	char *ret = calloc(1, strlen(list) + sizeof(","));
	size_t len;

	for (; ret; list++) {
		len = strcspn(list, ",");
		if (set == !!memchr(list, '=', len))
			strncat(strcat(ret, ","), list, len);
		list += len;
		if (!*list)
			break;
	}
	return ret;
}

/* The rules first: "all,R4=off" says what it looks like. */
int reaction_read(const char *text, struct reaction *ret, struct fault *f)
{
	auto_free char *names = words_of(text, false);
	auto_free char *words = words_of(text, true);
	struct reaction reaction = *ret;
	char *word, *save = words;
	int err = 0;

	if (!names || !words)
		return fault_set(f, FAULT_NO_MEMORY, "the rules");
	if (*names)
		err = reaction_rules(names + 1, &reaction.rules, f);
	while (!err && (word = strtok_r(NULL, ",", &save)))
		err = reaction_set(word, &reaction, f);
	if (!err)
		*ret = reaction;
	return err;
}

const char *reaction_text(__u32 set, char ret[REACTION_TEXT])
{
	size_t len = 0;

	snprintf(ret, REACTION_TEXT, "none");
	for (int i = 0; i < SRTE_RULE_N; i++)
		if (set & 1U << i)
			len += snprintf(ret + len, REACTION_TEXT - len, "%s%s",
					len ? "," : "", rules[i].name);
	return ret;
}

int reaction_each(const struct reaction *reaction,
		  int (*each)(const char *what, const char *name, __u64 value,
			      const char *text, void *arg), void *arg)
{
	int i, end = 0;

	for (i = 0; !end && i < SRTE_RULE_N; i++)
		end = each("rule", rules[i].name, reaction->rules >> i & 1,
			   rules[i].text, arg);
	for (i = 0; !end && i < (int)N_NUMBERS; i++) {
		__u64 value = number_get(&reaction->numbers, &numbers[i]);

		if (numbers[i].kind == KIND_TIME_NS)
			value /= 1000;
		end = each("number", numbers[i].name, value, numbers[i].text,
			   arg);
	}
	return end;
}
