// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the parts of a packet's way cost, each by the difference to a program
 * that does all but this. A push changes its packet, so the pushing ones get a
 * new packet for each run, and the kernel's own clock: colder, and that is
 * why they have an empty program of their own beside them.
 */
#include "feed.h"
#include "replay.h"
#include "row.h"

#include "packet.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#define WARM_RUNS	400000
#define SINGLE_RUNS	4000
#define SEGMENTS	2

enum { EMPTY, PARSE, ACCOUNT, CHOOSE, ROOM, PUSH, STAGES };

struct stages {
	struct feed f;
	struct frame frame;
	int fd[STAGES];
	double warm[STAGES][ROW_SAMPLES];	/* ROOM and PUSH: not */
	double single[STAGES][ROW_SAMPLES];
	unsigned n;
};

/* H.Encaps with two segments, as srte-steer writes it; nobody reads it. */
static void path_put(struct feed *f)
{
	struct srte_path path = {
		.len = 40 + 8 + 16 * SEGMENTS, .mode = SRTE_MODE_ENCAP,
		.inner = SRTE_INNER_IPV4 | SRTE_INNER_IPV6,
		.next_hop_known = 1,
		.ifindex = 1,		/* lo, where test runs are */
		.next_hop = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b },
	};
	uint32_t id = 1;

	if (bpf_map_update_elem(bpf_map__fd(f->skel->maps.srte_paths), &id,
				&path, BPF_ANY))
		err(1, "a path");
}

static void stages_open(struct stages *s)
{
	const struct feed_plan plan = { .paths = 1 };

	s->f = feed_open(&plan, NULL);
	s->fd[EMPTY] = bpf_program__fd(s->f.skel->progs.replay_empty);
	s->fd[PARSE] = bpf_program__fd(s->f.skel->progs.stage_parse);
	s->fd[ACCOUNT] = bpf_program__fd(s->f.skel->progs.stage_account);
	s->fd[CHOOSE] = bpf_program__fd(s->f.skel->progs.stage_choose);
	s->fd[ROOM] = bpf_program__fd(s->f.skel->progs.stage_room);
	s->fd[PUSH] = bpf_program__fd(s->f.skel->progs.stage_push);
	frame_tcp6(&s->frame, 0, 64);
	path_put(&s->f);
	feed_route_put(&s->f, s->frame.data + ETH_HLEN + 24, 128);
}

static double single_ns(const struct stages *s, int fd)
{
	double ns[SINGLE_RUNS];

	for (unsigned i = 0; i < SINGLE_RUNS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = 1,
			    .data_in = s->frame.data,
			    .data_size_in = s->frame.len);

		if (bpf_prog_test_run_opts(fd, &opts))
			err(1, "BPF_PROG_TEST_RUN");
		if ((int)opts.retval == 2)	/* TC_ACT_SHOT */
			errx(1, "a push was refused");
		ns[i] = opts.duration;
	}
	return row_median(ns, SINGLE_RUNS);
}

static void stages_run(struct stages *s)
{
	for (int p = EMPTY; p <= CHOOSE; p++)
		s->warm[p][s->n] = feed_repeat(s->fd[p], s->frame.data,
					       s->frame.len, WARM_RUNS);
	for (int p = EMPTY; p < STAGES; p++)
		s->single[p][s->n] = single_ns(s, s->fd[p]);
	s->n++;
}

static void row_of(struct stages *s, const char *name, const char *peer,
		   const double *with, const double *without)
{
	struct row r = { .name = name, .unit = "ns", .peer = peer };
	double a[ROW_SAMPLES], b[ROW_SAMPLES];

	for (unsigned i = 0; i < s->n; i++)
		row_add(&r, with[i] - without[i]);
	memcpy(a, with, s->n * sizeof(*a));
	memcpy(b, without, s->n * sizeof(*b));
	row_median_detail(&r, "with_ns", a, s->n);
	row_median_detail(&r, "without_ns", b, s->n);
	row_print(&r);
}

/* What of a push is the copy of the header, and of the fields it fills in. */
static void copy_row(const struct stages *s)
{
	struct row r = { .name = "cost.memcpy", .unit = "% of push",
			 .peer = "bpf_skb_adjust_room" };

	for (unsigned i = 0; i < s->n; i++)
		row_add(&r, 100 * (s->single[PUSH][i] - s->single[ROOM][i]) /
			    (s->single[PUSH][i] - s->single[PARSE][i]));
	row_detail(&r, "header_bytes", 40 + 8 + 16 * SEGMENTS);
	row_note(&r, "note", "the header's bytes, its fields and the hash; the "
		 "rest is the check and the kernel making room");
	row_print(&r);
}

void cost_stages(void)
{
	static struct stages s;
	unsigned runs = row_pairs();

	stages_open(&s);
	stages_run(&s);		/* warm */
	s.n = 0;
	for (unsigned i = 0; i < runs; i++)
		stages_run(&s);
	row_of(&s, "cost.parse", "empty program", s.warm[PARSE],
	       s.warm[EMPTY]);
	row_of(&s, "cost.account", "parse alone", s.warm[ACCOUNT],
	       s.warm[PARSE]);
	row_of(&s, "cost.lookup", "parse alone", s.warm[CHOOSE],
	       s.warm[PARSE]);
	row_of(&s, "cost.push", "parse alone, new packets", s.single[PUSH],
	       s.single[PARSE]);
	copy_row(&s);
	feed_close(&s.f);
}
