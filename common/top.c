/* SPDX-License-Identifier: GPL-2.0-only */
#include "top.h"

#include "addr.h"
#include "num.h"
#include "wall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MAX	512
#define LINE_BYTES	(4 * WIDTH_MAX)
#define SUMS_FIRST	64

/* ---- a refresh ---- */

static bool has_text(const struct top *top, const struct flow *flow)
{
	char text[FLOW_TEXT];

	if (!*top->find)
		return true;
	flow_format(&flow->key, text);
	return strstr(text, top->find) || strstr(flow->cgroup, top->find) ||
	       strstr(flow->path, top->find);
}

static int more_sums(struct top *top)
{
	size_t room = top->room_sums ? 2 * top->room_sums : SUMS_FIRST;
	struct top_sum *sums = realloc(top->sums, room * sizeof(*sums));

	if (!sums)
		return -ENOMEM;
	top->sums = sums;
	top->room_sums = room;
	return 0;
}

/* Flows come by the bucket, but most are of few names: the last one first. */
static struct top_sum *find_sum(struct top *top, const char *name)
{
	uint32_t number = (uint32_t)top->n_sums;
	int had;

	if (top->last_sum < top->n_sums &&
	    !strcmp(top->sums[top->last_sum].name, name))
		return &top->sums[top->last_sum];
	if (top->n_sums == top->room_sums && more_sums(top))
		return NULL;
	had = keytable_add(&top->names, keytable_hash(name, strlen(name)),
			   &number);
	if (had < 0)
		return NULL;
	if (!had) {
		top->sums[number] = (struct top_sum){};
		strcpy(top->sums[number].name, name);
		top->n_sums++;
	}
	top->last_sum = number;
	return &top->sums[number];
}

static int add_sum(struct top *top, const struct flow *flow)
{
	const char *name = top->by == TOP_CGROUPS ? flow->cgroup : flow->path;
	struct top_sum *sum;

	if (!*name)
		name = top->by == TOP_CGROUPS ? "(unknown)" : "(plain)";
	sum = find_sum(top, name);
	if (!sum)
		return -ENOMEM;
	sum->flows++;
	sum->bytes += flow->bytes;
	sum->rate_bps += flow->rate_bps;
	return 0;
}

static int take(const struct flow *flow, void *arg)
{
	struct top *top = arg;
	int err;

	if (!has_text(top, flow))
		return 0;
	top->shown++;
	top->rate_bps += flow->rate_bps;
	err = top->by == TOP_FLOWS ? topn_add(&top->flows, flow) :
	      add_sum(top, flow);
	return err ? 1 : 0;
}

static int by_bytes(const void *a, const void *b)
{
	const struct top_sum *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_rate(const void *a, const void *b)
{
	const struct top_sum *x = a, *y = b;

	if (x->rate_bps != y->rate_bps)
		return x->rate_bps > y->rate_bps ? -1 : 1;
	return by_bytes(a, b);
}

static void remember(struct top *top)
{
	if (top->n_history == TOP_HISTORY) {
		memmove(top->history, top->history + 1,
			sizeof(top->history) - sizeof(top->history[0]));
		top->n_history--;
	}
	top->history[top->n_history++] = top->rate_bps;
}

int top_read(struct top *top, size_t rows, struct fault *f)
{
	int err;

	top->flows.n = 0;
	top->flows.cap = rows;
	top->flows.by = top->sort;
	top->n_sums = top->last_sum = 0;
	keytable_clear(&top->names);
	top->seen = top->shown = top->rate_bps = 0;
	err = flowmap_each(&top->filter, take, top, &top->seen, f);
	if (err < 0)
		return err;
	if (err)
		return fault_set(f, FAULT_NO_MEMORY, "the busiest flows");
	topn_sort(&top->flows);
	qsort(top->sums, top->n_sums, sizeof(*top->sums),
	      top->sort == TOPN_RATE ? by_rate : by_bytes);
	remember(top);
	return 0;
}

void top_done(struct top *top)
{
	topn_done(&top->flows);
	keytable_done(&top->names);
	free(top->sums);
	top->sums = NULL;
}

/* ---- lines ---- */

/* A line under way: columns so far, each character taken for one wide. */
struct line {
	char text[LINE_BYTES];
	size_t used;
	int  at, width;
};

static void put_char(struct line *l, const char *c, size_t n)
{
	if (l->at >= l->width || l->used + n >= sizeof(l->text))
		return;
	memcpy(l->text + l->used, c, n);
	l->used += n;
	l->text[l->used] = '\0';
	l->at++;
}

static size_t char_bytes(const char *c)
{
	size_t n = 1;

	while ((c[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* One cell: width > 0 to the left, < 0 to the right; what is longer ends in
 * '~'. A name may hold what would steer the terminal. */
static void put_cell(struct line *l, const char *text, int width)
{
	int room = abs(width), n = columns(text), i;
	const char *c = text;

	for (i = n; width < 0 && i < room; i++)
		put_char(l, " ", 1);
	for (i = 0; *c && i < room; i++, c += char_bytes(c)) {
		if (i == room - 1 && n > room)
			put_char(l, "~", 1);
		else if ((unsigned char)*c < ' ' || *c == 0x7f)
			put_char(l, "?", 1);
		else
			put_char(l, c, char_bytes(c));
	}
	for (; width > 0 && i < room; i++)
		put_char(l, " ", 1);
	put_char(l, " ", 1);
}

static void put_number(struct line *l, uint64_t n, uint32_t base)
{
	char text[NUM_TEXT];

	num_human(n, base, text);
	put_cell(l, text, -7);
}

static void put_end(const struct flow *flow, bool source, char *ret,
		    size_t size)
{
	const struct srte_flow_key *k = &flow->key;
	unsigned int port = __builtin_bswap16(source ? k->sport : k->dport);
	const uint8_t *addr = source ? k->src : k->dst;
	char text[ADDR_TEXT];

	addr_format(addr, text);
	if (!port)
		snprintf(ret, size, "%s", text);
	else if (addr_is_ipv4(addr))
		snprintf(ret, size, "%s:%u", text, port);
	else
		snprintf(ret, size, "[%s]:%u", text, port);
}

/* The addresses take what the others leave, and no more than they need. */
struct layout {
	int addr, path, cgroup;
};

static struct layout lay_out(int width)
{
	struct layout w = { .path = width < 120 ? 10 : 24 };
	int left = width - (6 + 8 + 8 + 6) - (w.path + 1);

	w.addr = left / 2 - 1;
	if (w.addr > ADDR_TEXT + 8)
		w.addr = ADDR_TEXT + 8;
	w.cgroup = left - 2 * (w.addr + 1);
	if (w.cgroup < 8)
		w.cgroup = 0;
	return w;
}

static void flow_line(const struct flow *flow, struct line *l)
{
	struct layout w = lay_out(l->width);
	char text[ADDR_TEXT + 16];

	proto_format(flow->key.proto, text);
	put_cell(l, text, 5);
	put_end(flow, true, text, sizeof(text));
	put_cell(l, text, w.addr);
	put_end(flow, false, text, sizeof(text));
	put_cell(l, text, w.addr);
	put_number(l, flow->rate_bps, 1000);
	put_number(l, flow->bytes, 1024);
	put_cell(l, flow->class == SRTE_CLASS_HEAVY ? "heavy" : "rest", 5);
	put_cell(l, *flow->path ? flow->path : "-", w.path);
	if (w.cgroup)
		put_cell(l, flow->cgroup, w.cgroup);
}

static void sum_line(const struct top_sum *sum, struct line *l)
{
	put_number(l, sum->flows, 1000);
	put_number(l, sum->rate_bps, 1000);
	put_number(l, sum->bytes, 1024);
	put_cell(l, sum->name, l->width - 25);
}

static void heading(const struct top *top, struct line *l)
{
	struct layout w = lay_out(l->width);

	if (top->by != TOP_FLOWS) {
		put_cell(l, "FLOWS", -7);
		put_cell(l, "RATE", -7);
		put_cell(l, "BYTES", -7);
		put_cell(l, top->by == TOP_CGROUPS ? "CGROUP" : "PATH", 8);
		return;
	}
	put_cell(l, "PROTO", 5);
	put_cell(l, "SOURCE", w.addr);
	put_cell(l, "DESTINATION", w.addr);
	put_cell(l, "RATE", -7);
	put_cell(l, "BYTES", -7);
	put_cell(l, "CLASS", 5);
	put_cell(l, "PATH", w.path);
	if (w.cgroup)
		put_cell(l, "CGROUP", w.cgroup);
}

static void first_line(const struct top *top, struct line *l)
{
	static const char *const views[] = { "flows", "cgroups", "paths" };
	char now[WALL_TEXT], rate[NUM_TEXT], text[160];

	wall_now(now);
	num_human(top->rate_bps, 1000, rate);
	snprintf(text, sizeof(text), "%.8s  %" PRIu64 " of %" PRIu64
		 " flows  %sbit/s  %s by %s%s", now + 11, top->shown,
		 top->seen, rate, views[top->by], top->sort == TOPN_RATE ?
		 "rate" : "bytes", top->paused ? "  PAUSED" : "");
	put_cell(l, text, l->width);
}

/* Higher bars for higher rates, the highest of those shown is full. */
static void sparkline(const struct top *top, struct line *l)
{
	static const char *const fine[] = { " ", "▁", "▂", "▃", "▄",
					    "▅", "▆", "▇", "█" };
	static const char *const plain[] = { " ", ".", ":", "-", "=", "+", "*",
					     "%", "#" };
	size_t room = (size_t)l->width - 5, from = 0, i;
	uint64_t most = 1;

	put_cell(l, "rate", 4);
	if (top->n_history > room)
		from = top->n_history - room;
	for (i = from; i < top->n_history; i++)
		if (top->history[i] > most)
			most = top->history[i];
	for (i = from; i < top->n_history; i++) {
		uint64_t level = (top->history[i] * 8 + most - 1) / most;
		const char *bar = (top->utf8 ? fine : plain)[level];

		put_char(l, bar, strlen(bar));
	}
}

static void find_line(const struct top *top, struct line *l)
{
	char text[TOP_FIND + 16];

	if (!*top->find && !top->typing)
		return;
	snprintf(text, sizeof(text), "only: %s%s", top->find,
		 top->typing ? "_" : "");
	put_cell(l, text, l->width);
}

static void make_line(const struct top *top, int y, struct line *l)
{
	size_t row = (size_t)y - TOP_HEAD;

	if (y == 0)
		first_line(top, l);
	else if (y == 1)
		sparkline(top, l);
	else if (y == 2)
		find_line(top, l);
	else if (y == 3)
		heading(top, l);
	else if (top->by == TOP_FLOWS && row < top->flows.n)
		flow_line(&top->flows.flows[row], l);
	else if (top->by != TOP_FLOWS && row < top->n_sums)
		sum_line(&top->sums[row], l);
}

void top_draw(const struct top *top, int width, int height,
	      void (*line)(int y, const char *text, bool strong, void *arg),
	      void *arg)
{
	struct line l;

	for (int y = 0; y < height; y++) {
		l.used = 0;
		l.at = 0;
		*l.text = '\0';
		l.width = width > WIDTH_MAX ? WIDTH_MAX :
			  width < 60 ? 60 : width;
		make_line(top, y, &l);
		while (l.used && l.text[l.used - 1] == ' ')
			l.text[--l.used] = '\0';
		line(y, l.text, y == TOP_HEAD - 1, arg);
	}
}
