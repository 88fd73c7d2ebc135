/* SPDX-License-Identifier: GPL-2.0-only */
/* srte-events: the event ring as a stream of records. */
#include "cli.h"
#include "eventlog.h"
#include "jsonl.h"
#include "offer.h"
#include "pin.h"
#include "policymap.h"
#include "reaction_map.h"
#include "ring.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	uint64_t count, for_ns;
	const char *event;
	struct flowfilter_words words;
	bool new;
} cfg;

static const struct cli_opt stream_opts[] = {
	CLI_U64('n', "count", "N", &cfg.count, "end after N events"),
	CLI_TIME('t', "for", "TIME", &cfg.for_ns, "end after this time"),
	CLI_STR(0, "event", "LIST", &cfg.event, "only these kinds"),
	FLOWFILTER_OPTS(cfg.words),
	CLI_FLAG(0, "new", &cfg.new, "leave out what happened before"),
	CLI_END
};

struct stream {
	struct out *out;
	struct ring *ring;
	struct policymap pm;
	struct flowfilter filter;
	uint64_t start_ns, total, round;
	int64_t  wall_ns;	/* wall time less CLOCK_MONOTONIC */
	int      counters;	/* srte_counters */
	uint64_t lost;		/* told so far */
	int      err;
};

static int print_event(const struct srte_event *ev, void *arg)
{
	struct record rec = { .type = RECORD_EVENT };
	struct stream *s = arg;

	if (cfg.new && ev->time_ns < s->start_ns)
		return 0;
	if (eventlog_fill(&s->pm, ev, s->wall_ns, &rec.event))
		return 0;	/* a later minor's: not for us */
	if (!eventlog_match(cfg.event, &s->filter, &rec.event))
		return 0;
	s->err = out_record(s->out, &rec);
	s->round++;
	s->total++;
	return s->err || s->total == cfg.count;
}

/* In-line, where the gap is: since the last look the ring was full. */
static void tell_lost(struct stream *s)
{
	struct record rec = { .type = RECORD_EVENT };
	uint64_t lost = eventlog_lost(s->counters);

	if (lost <= s->lost)
		return;
	eventlog_fill_lost(lost - s->lost, wall_mono_ns() + s->wall_ns,
			   &rec.event);
	s->lost = lost;
	s->err = out_record(s->out, &rec);
	s->round++;
}

/* The ring is empty: end the round, so that a reader can act on it. The
 * clocks drift apart; a look now and then is enough. */
static int end_round(void *arg)
{
	struct stream *s = arg;

	if (!s->err)
		tell_lost(s);
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
		"timeouts", "bytes", "rule", NULL
	};
	int err = policymap_open(PIN_READ, &s->pm, f);

	if (err)
		return err;
	err = s->counters = pin_open("srte_counters", PIN_READ, f);
	if (err < 0) {
		policymap_close(&s->pm);
		return err;
	}
	/* Of losses before our time, the one before us was told. */
	s->lost = eventlog_lost(s->counters);
	err = ring_open(&s->ring, f);
	if (err) {
		close(s->counters);
		policymap_close(&s->pm);
		return err;
	}
	eventlog_warm();
	s->start_ns = wall_mono_ns();
	s->wall_ns = wall_offset_ns();
	s->err = out_open(cli.format, RECORD_EVENT, columns, NULL, &s->out);
	/* An empty round brings the header out: the ring is ours now. */
	if (!s->err && cli.format == CLI_FORMAT_JSONL)
		s->err = out_mark(s->out);
	return 0;
}

static int finish(struct stream *s, int err, struct fault *f)
{
	ring_close(s->ring);
	close(s->counters);
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
	err = cfg.event ? eventlog_check(cfg.event, &f) : 0;
	if (!err)
		err = flowfilter_make(&cfg.words, &s.filter, &f);
	if (!err)
		err = start(&s, &f);
	if (err)
		return fault_report(&f);
	if (!s.err)
		err = ring_follow(s.ring, cfg.for_ns, print_event, end_round,
				  &s, &f);
	return finish(&s, err, &f);
}

/* ---- rules ---- */

static int print_rule(const char *what, const char *name, __u64 value,
		      const char *text, void *arg)
{
	struct record rec = { .type = RECORD_STATUS };

	snprintf(rec.status.what, sizeof(rec.status.what), "%s", what);
	snprintf(rec.status.name, sizeof(rec.status.name), "%s", name);
	snprintf(rec.status.text, sizeof(rec.status.text), "%s", text);
	rec.status.value = value;
	return out_record(arg, &rec);
}

static int rules_show(const struct cli_args *args)
{
	static const char *const columns[] = {
		"what", "name", "value", "text", NULL
	};
	struct reaction reaction;
	struct fault f = {};
	struct out *out;
	int err;

	(void)args;
	if (reaction_map_get(&reaction, &f))
		return fault_report(&f);
	err = out_open(cli.format, RECORD_STATUS, columns, NULL, &out);
	if (!err)
		err = reaction_each(&reaction, print_rule, out);
	if (!err)
		err = out_close(out, true);
	if (err) {
		fault_set(&f, FAULT_OUTPUT, "%s", strerror(-err));
		return fault_report(&f);
	}
	return EXIT_DONE;
}

static int rules_set(const struct cli_args *args)
{
	struct fault f = {};

	return reaction_map_set((const char *const *)args->arg, args->n, &f) ?
	       fault_report(&f) : EXIT_DONE;
}

static const struct cli_verb verbs[] = {
	{ .name = "stream", .opts = stream_opts, .run = run_stream,
	  .help = "print events as they happen, until interrupted" },
	{ .name = "rules show", .run = rules_show,
	  .help = "print the rules of reaction and their numbers" },
	{ .name = "rules set", .args = "NAME=VALUE ...", .min_args = 1,
	  .max_args = -1, .run = rules_set,
	  .help = "change them: R3=off, ce_rounds=3, preset=eager" },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-events",
	.summary = "follow TCP events and heavy flows, set the rules",
	.example = "srte-events --for 10s",
	.verbs = verbs,
	.values = offer_values,
	.default_verb = "stream",
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
