/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The busiest flows, cgroups or paths, as lines of text of a given width: for
 * a screen (top_screen.h) and for batches alike. A refresh keeps as many flows
 * as there are lines, whatever the table holds.
 */
#ifndef SRTE_TOP_H
#define SRTE_TOP_H

#include "flowmap.h"
#include "keytable.h"
#include "topn.h"

#define TOP_HISTORY	256	/* refreshes that the sparkline remembers */
#define TOP_HEAD	4	/* lines above the rows */
#define TOP_FIND	48

enum top_by { TOP_FLOWS, TOP_CGROUPS, TOP_PATHS, TOP_BY_N };

struct top_sum {			/* a cgroup or a path */
	char     name[SRTE_CGROUP_TEXT];
	uint64_t flows, bytes, rate_bps;
};

struct top {
	struct flowfilter filter;
	enum top_by by;
	enum topn_by sort;
	char     find[TOP_FIND];	/* only what has this text, "": all */
	bool     paused, typing, utf8;	/* for the first line, and the bars */
	/* of the last refresh */
	struct topn flows;
	struct top_sum *sums;
	size_t   n_sums, room_sums, last_sum;
	struct keytable names;
	uint64_t seen, shown, rate_bps;
	uint64_t history[TOP_HISTORY];	/* of rate_bps, oldest first */
	size_t   n_history;
};

/* Read the table; rows: how many of them will be asked for. */
int top_read(struct top *top, size_t rows, struct fault *f);
/* Call line() for each of the first height lines, cut to width. strong: a
 * heading. */
void top_draw(const struct top *top, int width, int height,
	      void (*line)(int y, const char *text, bool strong, void *arg),
	      void *arg);
void top_done(struct top *top);

#endif
