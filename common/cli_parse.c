/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_internal.h"
#include "num.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct cli_opt *opt_in(const struct cli_opt *opts, char letter,
				    const char *name, size_t len)
{
	for (; opts && opts->kind != CLI_KIND_END; opts++) {
		if (letter && opts->letter == letter)
			return opts;
		if (name && strlen(opts->name) == len &&
		    !strncmp(opts->name, name, len))
			return opts;
	}
	return NULL;
}

/* Before the verb is known any verb's option will do: all that matters then
 * is whether the next word is its value. */
static const struct cli_opt *opt_find(const struct cli_parse *p, char letter,
				      const char *name, size_t len)
{
	const struct cli_opt *o = opt_in(cli_common_opts, letter, name, len);
	const struct cli_verb *v = p->verb;

	if (!o && v)
		return opt_in(v->opts, letter, name, len);
	for (v = p->tool->verbs; !o && v->name; v++)
		o = opt_in(v->opts, letter, name, len);
	return o;
}

const struct cli_opt *cli_option(const struct cli_parse *p, const char *name,
				 size_t len)
{
	return opt_find(p, 0, name, len);
}

static bool opt_common(const struct cli_opt *o)
{
	const struct cli_opt *c = cli_common_opts;

	while (c->kind != CLI_KIND_END && c != o)
		c++;
	return c == o;
}

static int choice(const struct cli_opt *o, const char *value)
{
	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], value)) {
			*(int *)o->dest = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int list_add(struct cli_strs *list, const char *value)
{
	if (list->n == CLI_STRS_MAX)
		return -E2BIG;
	list->v[list->n++] = value;
	return 0;
}

static int opt_store(const struct cli_opt *o, const char *value)
{
	switch (o->kind) {
	case CLI_KIND_FLAG:
		*(bool *)o->dest = true;
		return 0;
	case CLI_KIND_STR:
		*(const char **)o->dest = value;
		return 0;
	case CLI_KIND_STRS:
		return list_add(o->dest, value);
	case CLI_KIND_U32:
		return num_u32(value, o->dest);
	case CLI_KIND_U64:
		return num_u64(value, o->dest);
	case CLI_KIND_MASK:
		return num_mask(value, o->dest);
	case CLI_KIND_SIZE:
		return num_size(value, o->dest);
	case CLI_KIND_TIME:
		return num_time(value, o->dest);
	case CLI_KIND_RATE:
		return num_rate(value, o->dest);
	case CLI_KIND_PCT:
		return num_pct(value, o->dest);
	case CLI_KIND_CHOICE:
		return choice(o, value);
	case CLI_KIND_END:
		break;
	}
	return -EINVAL;
}

/* What a value should have looked like. */
static const char *opt_form(enum cli_kind kind)
{
	switch (kind) {
	case CLI_KIND_MASK:
		return "a mask such as 0xff00";
	case CLI_KIND_SIZE:
		return "a size such as 1500, 64K or 1M";
	case CLI_KIND_TIME:
		return "a time such as 100ms, 3s or 1m";
	case CLI_KIND_RATE:
		return "a rate such as 10M or 1G";
	case CLI_KIND_PCT:
		return "a percentage from 0 to 100";
	default:
		return "a whole number";
	}
}

static int choice_unknown(struct cli_parse *p, const struct cli_opt *o,
			  const char *value)
{
	char text[160] = "";
	size_t n = 0;

	for (int i = 0; o->choices[i] && n < sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s",
			      i ? ", " : "", o->choices[i]);
	return fault_set(&p->fault, FAULT_USAGE, "--%s: '%s' is not one of %s",
			 o->name, value, text);
}

static int opt_set(struct cli_parse *p, const struct cli_opt *o,
		   const char *value)
{
	int err;

	if (opt_common(o) == (p->verb != NULL))
		return 0;	/* the other reading takes it */
	err = opt_store(o, value);
	if (err == -E2BIG)
		return fault_set(&p->fault, FAULT_USAGE,
				 "--%s is given more than %d times", o->name,
				 CLI_STRS_MAX);
	if (err == -ERANGE)
		return fault_set(&p->fault, FAULT_USAGE,
				 "--%s: '%s' is out of range", o->name, value);
	if (err && o->kind == CLI_KIND_CHOICE)
		return choice_unknown(p, o, value);
	if (err)
		return fault_set(&p->fault, FAULT_USAGE, "--%s: '%s' is not %s",
				 o->name, value, opt_form(o->kind));
	p->verbosity += o->dest == &cli.verbose;
	if (o->seen)
		*o->seen = true;
	return 0;
}

static int opt_unknown(struct cli_parse *p, const char *name, size_t len)
{
	char text[32];
	const char *near;

	if (p->verb)
		return fault_set(&p->fault, FAULT_USAGE,
				 "--%.*s is not an option of '%s'", (int)len,
				 name, p->verb->name);
	snprintf(text, sizeof(text), "%.*s", (int)len, name);
	near = cli_near_option(p->tool, text);
	if (near)
		return fault_set(&p->fault, FAULT_USAGE,
				 "unknown option --%.*s, the nearest is --%s",
				 (int)len, name, near);
	return fault_set(&p->fault, FAULT_USAGE, "unknown option --%.*s",
			 (int)len, name);
}

/* The value behind the option at argv[*i]; moves *i onto it. */
static int opt_next(struct cli_parse *p, const struct cli_opt *o, int *i,
		    const char **ret)
{
	if (*i + 1 >= p->argc) {
		p->pending = o;
		return fault_set(&p->fault, FAULT_USAGE,
				 "--%s needs a value, %s", o->name, o->arg);
	}
	*ret = p->argv[++*i];
	return 0;
}

static int parse_long(struct cli_parse *p, int *i)
{
	const char *name = p->argv[*i] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct cli_opt *o = opt_find(p, 0, name, len);
	int err = 0;

	if (!o)
		return opt_unknown(p, name, len);
	if (value && o->kind == CLI_KIND_FLAG)
		return fault_set(&p->fault, FAULT_USAGE, "--%s takes no value",
				 o->name);
	if (value)
		value++;
	else if (o->kind != CLI_KIND_FLAG)
		err = opt_next(p, o, i, &value);
	return err ? err : opt_set(p, o, value);
}

static int letter_unknown(struct cli_parse *p, char letter)
{
	if (p->verb)
		return fault_set(&p->fault, FAULT_USAGE,
				 "-%c is not an option of '%s'", letter,
				 p->verb->name);
	return fault_set(&p->fault, FAULT_USAGE, "unknown option -%c", letter);
}

/* "-vj", "-n5", "-n 5", "-vn5" */
static int parse_short(struct cli_parse *p, int *i)
{
	const char *c = p->argv[*i] + 1, *value;
	const struct cli_opt *o;
	int err = 0;

	for (; *c && !err; c++) {
		o = opt_find(p, *c, NULL, 0);
		if (!o)
			return letter_unknown(p, *c);
		if (o->kind != CLI_KIND_FLAG) {
			value = c + 1;
			if (!*value)
				err = opt_next(p, o, i, &value);
			return err ? err : opt_set(p, o, value);
		}
		err = opt_set(p, o, NULL);
	}
	return err;
}

static int parse_option(struct cli_parse *p, int *i)
{
	return p->argv[*i][1] == '-' ? parse_long(p, i) : parse_short(p, i);
}

/* The first mistake is the one that is told; what comes behind it may still
 * be the -j that says how. */
int cli_parse(struct cli_parse *p)
{
	int err = 0, again, i;

	p->n_words = 0;
	for (i = 1; i < p->argc && strcmp(p->argv[i], "--"); i++) {
		if (p->argv[i][0] != '-' || !p->argv[i][1]) {
			p->words[p->n_words++] = p->argv[i];
			continue;
		}
		again = parse_option(p, &i);
		if (!err)
			err = again;
	}
	p->n_before = p->n_words;
	p->ended = i < p->argc;
	for (i++; i < p->argc; i++)
		p->words[p->n_words++] = p->argv[i];
	return err;
}
