/* SPDX-License-Identifier: GPL-2.0-only */
/* srte-flows: the flow table as records. */
#include "cli.h"
#include "device.h"
#include "flowmap.h"
#include "jsonl.h"
#include "offer.h"
#include "tick.h"
#include "top_screen.h"
#include "topn.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#define INTERVAL_PIPE_NS  100000000ULL	/* for those who act on it */
#define INTERVAL_TABLE_NS 1000000000ULL	/* for those who read it */

enum { SORT_NONE, SORT_BYTES, SORT_RATE };
static const char *const sort_names[] = { "none", "bytes", "rate", NULL };

static struct {
	uint32_t top;
	bool top_given, sort_given;
	int sort;
	struct flowfilter_words words;
	uint64_t limit, count, for_ns, interval_ns;
} cfg;

#define SORT_OPTS							\
	{ .letter = 'n', .name = "top", .arg = "N", .kind = CLI_KIND_U32,\
	  .dest = &cfg.top, .seen = &cfg.top_given,			\
	  .help = "only the N largest flows" },				\
	{ .letter = 's', .name = "sort", .arg = "KEY",			\
	  .kind = CLI_KIND_CHOICE, .dest = &cfg.sort,			\
	  .choices = sort_names, .seen = &cfg.sort_given,		\
	  .help = "largest first; bytes by default for --top and a table" }, \
	CLI_U64(0, "limit", "N", &cfg.limit, "only the first N flows"),	\
	FLOWFILTER_OPTS(cfg.words), FLOWFILTER_FLOW_OPTS(cfg.words)

static const struct cli_opt list_opts[] = { SORT_OPTS, CLI_END };
static const struct cli_opt watch_opts[] = {
	CLI_TIME('i', "interval", "TIME", &cfg.interval_ns,
		 "time between rounds (100ms, 1s for a table)"),
	CLI_U64('c', "count", "N", &cfg.count, "end after N rounds"),
	CLI_TIME('t', "for", "TIME", &cfg.for_ns, "end after this time"),
	SORT_OPTS, CLI_END
};

#define BATCH_WIDTH 200
#define BATCH_LINES 60

static const char *const top_views[] = {	/* enum top_by */
	"flow", "cgroup", "path", NULL
};
static const char *const top_sorts[] = {	/* enum topn_by */
	"bytes", "rate", NULL
};

static struct {
	bool batch;
	int  by, sort;
	uint64_t count, delay_ns;
	uint32_t width, lines;
} topcfg = {
	.sort = TOPN_RATE, .delay_ns = INTERVAL_TABLE_NS,
	.width = BATCH_WIDTH, .lines = BATCH_LINES,
};

static const struct cli_opt top_opts[] = {
	CLI_FLAG('b', "batch", &topcfg.batch,
		 "print the screens one after the other"),
	CLI_U64('n', "count", "N", &topcfg.count,
		"with --batch: end after N screens"),
	CLI_TIME('d', "delay", "TIME", &topcfg.delay_ns,
		 "time between screens (1s)"),
	CLI_CHOICE(0, "by", "WHAT", &topcfg.by, top_views,
		   "what a line is"),
	CLI_CHOICE('s', "sort", "KEY", &topcfg.sort, top_sorts,
		   "largest first (rate)"),
	CLI_U32(0, "width", "N", &topcfg.width,
		"with --batch: columns (200)"),
	CLI_U32(0, "lines", "N", &topcfg.lines,
		"with --batch: lines of a screen (60)"),
	FLOWFILTER_OPTS(cfg.words), FLOWFILTER_FLOW_OPTS(cfg.words),
	CLI_END
};

/* One listing: straight to the output, or through the sorter. */
struct listing {
	struct out *out;
	struct topn top;
	bool sorted;
	int err;
	struct record rec;
	struct flowfilter filter;
	uint64_t given;			/* in this round */
	struct flow_totals totals;
};

static int print_flow(struct listing *l, const struct flow *flow)
{
	l->rec.type = RECORD_FLOW;
	l->rec.flow = *flow;
	if (cfg.limit && l->given++ >= cfg.limit)
		return 0;
	return out_record(l->out, &l->rec);
}

static int take_flow(const struct flow *flow, void *arg)
{
	struct listing *l = arg;

	l->err = l->sorted ? topn_add(&l->top, flow) :
		 print_flow(l, flow);
	return l->err ? 1 : 0;
}

static void choose_order(struct listing *l)
{
	int sort = cfg.sort;

	if (!cfg.sort_given &&
	    (cfg.top_given || cli.format == CLI_FORMAT_TABLE))
		sort = SORT_BYTES;
	l->sorted = sort != SORT_NONE;
	topn_init(&l->top, cfg.top_given ? cfg.top : SIZE_MAX,
		  sort == SORT_RATE ? TOPN_RATE : TOPN_BYTES);
}

static int print_sorted(struct listing *l)
{
	int err = 0;

	topn_sort(&l->top);
	for (size_t i = 0; !err && i < l->top.n; i++)
		err = print_flow(l, &l->top.flows[i]);
	return err;
}

static int list(struct listing *l, struct fault *f)
{
	uint64_t seen;
	int err = flowmap_totals(&l->totals, f);

	if (err)
		return err;
	l->given = 0;
	l->top.n = 0;
	err = flowmap_each(&l->filter, take_flow, l, &seen, f);
	if (err < 0)
		return err;
	/* The table may have grown since the counters were read. */
	if (l->totals.inserted > seen)
		l->totals.evicted = l->totals.inserted - seen;
	out_totals(l->out, &l->totals);
	err = l->err;
	if (err == -ENOMEM)
		return fault_set(f, FAULT_NO_MEMORY, "the sorted flows");
	if (!err && l->sorted)
		err = print_sorted(l);
	return err ? fault_set(f, FAULT_OUTPUT, "%s", strerror(-err)) : 0;
}

static int start(struct listing *l, uint64_t interval_ns, struct fault *f)
{
	static const char *const columns[] = {
		"proto", "saddr", "sport", "daddr", "dport", "cgroup",
		"bytes", "packets", "rate_bps", "age_us", "idle_us", "class",
		"path", NULL
	};
	struct out_about about = { .interval_us = interval_ns / 1000 };
	int err;

	choose_order(l);
	err = flowfilter_make(&cfg.words, &l->filter, f);
	if (!err)
		err = device_link_bps(&about.link_bps, f);
	if (err)
		return err;
	err = out_open(cli.format, RECORD_FLOW, columns, &about, &l->out);
	return err ? fault_set(f, FAULT_OUTPUT, "%s", strerror(-err)) : 0;
}

static int finish(struct listing *l, int err, struct fault *f)
{
	topn_done(&l->top);
	if (err) {
		out_abort(l->out);
		return fault_report(f);
	}
	err = out_close(l->out, true);
	if (!err)
		return EXIT_DONE;
	fault_set(f, FAULT_OUTPUT, "%s", strerror(-err));
	return fault_report(f);
}

static int run_list(const struct cli_args *args)
{
	struct listing l = {};
	struct fault f = {};

	(void)args;
	if (start(&l, 0, &f))
		return fault_report(&f);
	return finish(&l, list(&l, &f), &f);
}

static int watch_round(struct listing *l, struct fault *f)
{
	int err = list(l, f);

	if (err)
		return err;
	err = out_mark(l->out);
	return err ? fault_set(f, FAULT_OUTPUT, "%s", strerror(-err)) : 0;
}

static int run_watch(const struct cli_args *args)
{
	uint64_t interval = cfg.interval_ns, left = cfg.count;
	struct listing l = {};
	struct fault f = {};
	struct tick tick;
	int err;

	(void)args;
	if (!interval)
		interval = cli.format == CLI_FORMAT_TABLE ?
			   INTERVAL_TABLE_NS : INTERVAL_PIPE_NS;
	/* Before the header: whoever has seen it may end us cleanly. */
	tick_start(&tick, interval, cfg.for_ns);
	if (start(&l, interval, &f))
		return fault_report(&f);
	do
		err = watch_round(&l, &f);
	while (!err && --left && tick_wait(&tick));
	return finish(&l, err, &f);
}

static void print_line(int y, const char *text, bool strong, void *arg)
{
	(void)y;
	(void)strong;
	(void)arg;
	puts(text);
}

static int batch(struct top *top, struct fault *f)
{
	uint64_t left = topcfg.count;
	struct tick tick;
	int err;

	tick_start(&tick, topcfg.delay_ns, 0);
	do {
		err = top_read(top, topcfg.lines, f);
		if (err)
			return err;
		top_draw(top, (int)topcfg.width, (int)topcfg.lines,
			 print_line, NULL);
		if (fflush(stdout) || ferror(stdout))
			return fault_set(f, FAULT_OUTPUT, "%s",
					 strerror(errno));
	} while (--left && tick_wait(&tick));
	return 0;
}

static int check_top(struct fault *f)
{
	if (!topcfg.delay_ns)
		return fault_set(f, FAULT_USAGE, "--delay must not be 0");
	if (topcfg.width < 60 || topcfg.width > 512)
		return fault_set(f, FAULT_USAGE, "--width: from 60 to 512");
	if (topcfg.lines <= TOP_HEAD || topcfg.lines > 10000)
		return fault_set(f, FAULT_USAGE, "--lines: from %d to 10000",
				 TOP_HEAD + 1);
	return 0;
}

static int run_top(const struct cli_args *args)
{
	static struct top top;
	struct fault f = {};
	int err;

	(void)args;
	setlocale(LC_CTYPE, "");
	top.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	top.by = topcfg.by;
	top.sort = topcfg.sort;
	err = check_top(&f);
	if (!err)
		err = flowfilter_make(&cfg.words, &top.filter, &f);
	if (!err)
		err = topcfg.batch ? batch(&top, &f) :
		      top_screen(&top, topcfg.delay_ns, &f);
	top_done(&top);
	return err ? fault_report(&f) : EXIT_DONE;
}

static const struct cli_verb verbs[] = {
	{ .name = "list", .opts = list_opts, .run = run_list,
	  .help = "print every flow that the kernel knows, once" },
	{ .name = "watch", .opts = watch_opts, .run = run_watch,
	  .help = "the same again and again, until interrupted" },
	{ .name = "top", .opts = top_opts, .run = run_top,
	  .help = "the busiest flows, cgroups or paths on the whole screen" },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-flows",
	.summary = "print the flows that leave this host",
	.example = "srte-flows | srte-classify | srte-steer",
	.verbs = verbs,
	.values = offer_values,
	.default_verb = "list",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
