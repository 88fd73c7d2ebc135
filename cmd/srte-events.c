/* SPDX-License-Identifier: GPL-2.0-only */
/* srte-events: the event ring as a stream of records. */
#include "cgroup.h"
#include "cli.h"
#include "jsonl.h"
#include "policymap.h"
#include "ring.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct {
	uint64_t count, for_ns;
	bool new;
} cfg;

static const struct cli_opt stream_opts[] = {
	CLI_U64('n', "count", "N", &cfg.count, "end after N events"),
	CLI_TIME('t', "for", "TIME", &cfg.for_ns, "end after this time"),
	CLI_FLAG(0, "new", &cfg.new, "leave out what happened before"),
	CLI_END
};

struct stream {
	struct out *out;
	struct ring *ring;
	struct policymap pm;
	uint64_t start_ns, total, round;
	int64_t  wall_ns;	/* wall time less CLOCK_MONOTONIC */
	int      err;
};

static const char *event_name(uint32_t type)
{
	static const char *const names[] = {
#define X(id, name) [SRTE_EVENT_##id] = name,
		SRTE_EVENTS(X)
#undef X
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static void fill_event(struct stream *s, const struct srte_event *ev,
		       struct event *ret)
{
	snprintf(ret->event, sizeof(ret->event), "%s", event_name(ev->type));
	wall_format(ev->time_ns + s->wall_ns, ret->time);
	ret->key = ev->key;
	ret->cgroup_id = ev->cgroup_id;
	cgroup_path(ev->cgroup_id, ret->cgroup);
	policymap_path_name(&s->pm, ev->path, ret->path);
	if (ev->type == SRTE_EVENT_MOVED)
		policymap_path_name(&s->pm, ev->path_to, ret->path_to);
	ret->rto_us = ev->rto_us;
	ret->srtt_us = ev->srtt_us;
	ret->retrans = ev->retrans;
	ret->timeouts = ev->timeouts;
	ret->bytes = ev->bytes;
}

static int print_event(const struct srte_event *ev, void *arg)
{
	struct record rec = { .type = RECORD_EVENT };
	struct stream *s = arg;

	if (!event_name(ev->type))
		return 0;	/* a later minor's: not for us */
	if (cfg.new && ev->time_ns < s->start_ns)
		return 0;
	fill_event(s, ev, &rec.event);
	s->err = out_record(s->out, &rec);
	s->round++;
	s->total++;
	return s->err || s->total == cfg.count;
}

/* The ring is empty: end the round, so that a reader can act on it. The
 * clocks drift apart; a look now and then is enough. */
static int end_round(void *arg)
{
	struct stream *s = arg;

	if (s->round && !s->err)
		s->err = out_mark(s->out);
	s->round = 0;
	s->wall_ns = wall_offset_ns();
	return s->err != 0;
}

static int start(struct stream *s, struct fault *f)
{
	static const char *const columns[] = {
		"time", "event", "proto", "saddr", "sport", "daddr", "dport",
		"cgroup", "path", "path_to", "rto_us", "srtt_us", "retrans",
		"timeouts", "bytes", NULL
	};
	int err = policymap_open(PIN_READ, &s->pm, f);

	if (err)
		return err;
	err = ring_open(&s->ring, f);
	if (err) {
		policymap_close(&s->pm);
		return err;
	}
	s->start_ns = wall_mono_ns();
	s->wall_ns = wall_offset_ns();
	s->err = out_open(cli.format, RECORD_EVENT, columns, 0, &s->out);
	/* An empty round brings the header out: the ring is ours now. */
	if (!s->err && cli.format == CLI_FORMAT_JSONL)
		s->err = out_mark(s->out);
	return 0;
}

static int finish(struct stream *s, int err, struct fault *f)
{
	ring_close(s->ring);
	policymap_close(&s->pm);
	if (!s->out || err || s->err)
		out_abort(s->out);
	else
		s->err = out_close(s->out, true);
	if (!err && s->err)
		err = fault_set(f, FAULT_OUTPUT, "%s", strerror(-s->err));
	return err ? fault_report(f) : EXIT_DONE;
}

static int run_stream(const struct cli_args *args)
{
	struct stream s = {};
	struct fault f = {};
	int err;

	(void)args;
	err = start(&s, &f);
	if (err)
		return fault_report(&f);
	if (!s.err)
		err = ring_follow(s.ring, cfg.for_ns, print_event, end_round,
				  &s, &f);
	return finish(&s, err, &f);
}

static const struct cli_verb verbs[] = {
	{ .name = "stream", .opts = stream_opts, .run = run_stream,
	  .help = "print events as they happen, until interrupted" },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-events",
	.summary = "follow TCP timeouts, moves and heavy flows",
	.example = "srte-events --for 10s",
	.verbs = verbs,
	.default_verb = "stream",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
