/* SPDX-License-Identifier: GPL-2.0-only */
#include "judge.h"

#include "cleanup.h"
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Without ranks, aggregates and caps nobody has to wait for the others. */
static bool is_immediate(const struct judge *j)
{
	const struct judge_conf *c = &j->conf;

	return c->rules.policy == CLASSIFY_THRESHOLD &&
	       c->by.kind == GROUP_FLOW && !c->cap.heavy && !c->cap.changes;
}

/* The heaviest few are kept, the others have their verdict at once. */
static bool is_topk(const struct judge *j)
{
	const struct judge_conf *c = &j->conf;

	return c->rules.policy == CLASSIFY_TOP && !c->rules.apart &&
	       c->by.kind == GROUP_FLOW && !c->cap.heavy && !c->cap.changes;
}

void judge_init(struct judge *j, const struct judge_conf *conf,
		judge_give *give, void *arg)
{
	uint64_t us = conf->interval_us;

	memset(j, 0, sizeof(*j));
	j->conf = *conf;
	j->give = give;
	j->arg = arg;
	j->seen.is_set = true;
	j->topk.k = conf->rules.top;
	j->groups.by = conf->by;
	j->groups.by.apart = conf->rules.apart;
	j->held.heat = conf->rules.policy == CLASSIFY_HEAT;
	j->held.dwell_rounds = us ? (conf->dwell_us + us - 1) / us : 0;
	held_begin(&j->held);
}

static bool follows(const struct judge *j)
{
	return j->conf.interval_us;
}

static uint64_t hash_of(const struct srte_flow_key *key)
{
	return keytable_hash(key, sizeof(*key));
}

/* ---- one record ---- */

/* In the bits of a record that was read: a score of 0 is one, too. */
static uint64_t score_bit(void)
{
	static uint64_t bits;
	size_t at = 0;

	if (!bits && record_field(record_def(RECORD_CLASS), "score", 5, &at))
		bits = 1ULL << at;
	return bits;
}

static int give(struct judge *j, struct record *rec, const struct verdict *v)
{
	struct flow *flow = &rec->flow;

	rec->type = RECORD_CLASS;
	rec->has |= score_bit();
	flow->class = v->class;
	flow->score = v->score;
	flow->limit_bytes = v->limit_bytes;
	flow->limit_bps = v->limit_bps;
	flow->limit_us = v->limit_us;
	flow->limit_flows = v->limit_flows;
	snprintf(flow->reason, sizeof(flow->reason), "%s",
		 classify_reason(v->reason));
	group_name(&j->conf.by, flow, flow->group);
	return j->give(rec, j->arg);
}

/* In a follow stream the class is what we gave last, whether or not it has
 * reached the kernel yet. */
static uint8_t class_now(struct judge *j, const struct flow *flow,
			 const struct held_flow *held)
{
	return follows(j) && held ? held->class : flow->class;
}

static void fill(struct judge *j, const struct flow *flow, uint32_t number,
		 struct contender *ret)
{
	*ret = (struct contender){
		.bytes = flow->bytes,
		.rate_bps = flow->rate_bps,
		.idle_us = flow->idle_us,
		.age_us = flow->age_us,
		.number = number,
		.class = flow->class,
		.proto = flow->key.proto,
	};
	if (follows(j))
		ret->class = class_now(j, flow,
				       held_find(&j->held,
						 hash_of(&flow->key)));
}

static void dwell(struct judge *j, const struct held_flow *held, uint8_t was,
		  struct verdict *v)
{
	if (v->class == was || held_may_change(&j->held, held))
		return;
	v->class = was;
	v->reason = REASON_DWELL;
	v->limit_us = j->conf.dwell_us;
}

static void spy_on(struct judge *j, const struct srte_flow_key *key,
		   const struct contender *c)
{
	if (!j->spied || memcmp(j->spied, key, sizeof(*key)))
		return;
	j->spy = *c;
	j->spy_found = true;
}

static int conclude(struct judge *j, struct record *rec, uint8_t was,
		    struct verdict *v)
{
	uint64_t hash = hash_of(&rec->flow.key);
	int err = 0;

	if (follows(j)) {
		dwell(j, held_find(&j->held, hash), was, v);
		err = held_keep(&j->held, hash, was, v->class);
	}
	return err ? err : give(j, rec, v);
}

static int judge_now(struct judge *j, struct record *rec)
{
	struct contender c;
	struct verdict v;

	fill(j, &rec->flow, 0, &c);
	spy_on(j, &rec->flow.key, &c);
	classify_one(&j->conf.rules, &c, &v);
	return conclude(j, rec, c.class, &v);
}

static int judge_ranked(struct judge *j, struct topk_entry *e, bool in)
{
	struct verdict v;

	classify_ranked(&j->conf.rules, &e->c, in, topk_limit(&j->topk), &v);
	return conclude(j, &e->rec, e->c.class, &v);
}

static int offer(struct judge *j, const struct record *rec)
{
	struct topk_entry out;
	struct contender c;
	int err;

	fill(j, &rec->flow, 0, &c);
	if (c.idle_us > j->conf.rules.idle_us)	/* the silent carry nothing */
		c.rate_bps = 0;
	spy_on(j, &rec->flow.key, &c);
	err = topk_offer(&j->topk, rec, &c,
			 classify_score(&j->conf.rules, &c), &out);
	if (err <= 0)
		return err;
	err = judge_ranked(j, &out, false);
	topk_free(&out);
	return err;
}

static int judge_topk(struct judge *j)
{
	size_t i;
	int err = 0;

	topk_sort(&j->topk);
	for (i = 0; !err && i < j->topk.n; i++)
		err = judge_ranked(j, &j->topk.entry[i], true);
	topk_clear(&j->topk);
	return err;
}

int judge_flow(struct judge *j, struct record *rec)
{
	int was = keytable_add(&j->seen, hash_of(&rec->flow.key), NULL);

	if (was)
		return was < 0 ? was : -EEXIST;
	if (is_immediate(j))
		return judge_now(j, rec);
	if (is_topk(j))
		return offer(j, rec);
	return spool_add(&j->spool, rec);
}

int judge_notice(struct judge *j, const struct event *event)
{
	struct record rec = { .type = RECORD_CLASS };
	const struct verdict v = {
		.class = SRTE_CLASS_HEAVY, .reason = REASON_NOTICE,
		.score = event->bytes,
	};

	rec.flow.key = event->key;
	rec.flow.bytes = event->bytes;
	rec.flow.cgroup_id = event->cgroup_id;
	strcpy(rec.flow.cgroup, event->cgroup);
	strcpy(rec.flow.path, event->path);
	return give(j, &rec, &v);
}

/* ---- a round ---- */

/* Arrays by flow number, and by group. */
struct round {
	size_t n, n_groups;
	struct contender *flow;
	struct verdict   *v, *by_group;
	uint8_t          *was;
};

static int round_open(struct judge *j, struct round *r)
{
	r->n = j->spool.n;
	r->flow = calloc(r->n + 1, sizeof(*r->flow));
	r->v = calloc(r->n + 1, sizeof(*r->v));
	r->was = calloc(r->n + 1, sizeof(*r->was));
	return r->flow && r->v && r->was ? 0 : -ENOMEM;
}

static int round_fill(struct judge *j, struct round *r)
{
	struct record rec;
	size_t i, at = 0;
	int err = 0;

	for (i = 0; !err && spool_next(&j->spool, &at, &rec); i++) {
		fill(j, &rec.flow, i, &r->flow[i]);
		r->was[i] = r->flow[i].class;
		if (j->conf.by.kind != GROUP_FLOW)
			err = groups_add(&j->groups, &rec.flow, &r->flow[i]);
	}
	return err;
}

/* Latent heat: how far each was above the limit over the last rounds. */
static int heat(struct judge *j, struct contender *c, size_t n,
		const uint64_t *hashes)
{
	auto_free struct contender *sorted = calloc(n + 1, sizeof(*sorted));
	size_t i;
	int err = 0;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, c, n * sizeof(*c));
	held_limit(&j->held, classify_share_limit(&j->conf.rules, sorted, n));
	for (i = 0; !err && i < n; i++)
		err = held_heat(&j->held, hashes[i], c[i].rate_bps,
				c[i].class, &c[i].heat_bps,
				&c[i].heat_limit_bps);
	return err;
}

static int heat_flows(struct judge *j, struct round *r)
{
	auto_free uint64_t *hashes = calloc(r->n + 1, sizeof(*hashes));
	struct record rec;
	size_t i, at = 0;

	if (!hashes)
		return -ENOMEM;
	for (i = 0; spool_next(&j->spool, &at, &rec); i++)
		hashes[i] = hash_of(&rec.flow.key);
	return heat(j, r->flow, r->n, hashes);
}

static void spy_round(struct judge *j, const struct contender *c, bool grouped)
{
	struct record rec;
	size_t i, at = 0;

	for (i = 0; j->spied && spool_next(&j->spool, &at, &rec); i++)
		spy_on(j, &rec.flow.key, &c[grouped ? j->groups.of[i] : i]);
}

static int judge_groups(struct judge *j, struct round *r)
{
	struct groups *g = &j->groups;
	size_t i;

	r->by_group = calloc(g->n + 1, sizeof(*r->by_group));
	if (!r->by_group)
		return -ENOMEM;
	spy_round(j, g->sum, true);
	classify_round(&j->conf.rules, g->sum, g->n, r->by_group);
	for (i = 0; i < r->n; i++)
		r->v[i] = r->by_group[g->of[i]];
	return 0;
}

static int judge_flows(struct judge *j, struct round *r)
{
	int err = j->held.heat ? heat_flows(j, r) : 0;

	if (err)
		return err;
	spy_round(j, r->flow, false);
	classify_round(&j->conf.rules, r->flow, r->n, r->v);
	return 0;
}

static int give_round(struct judge *j, struct round *r)
{
	struct record rec;
	size_t i, at = 0;
	uint64_t hash;
	int err = 0;

	for (i = 0; !err && spool_next(&j->spool, &at, &rec); i++) {
		hash = hash_of(&rec.flow.key);
		if (follows(j))
			err = held_keep(&j->held, hash, r->was[i],
					r->v[i].class);
		if (!err)
			err = give(j, &rec, &r->v[i]);
	}
	return err;
}

static void dwell_round(struct judge *j, struct round *r)
{
	struct record rec;
	size_t i, at = 0;

	for (i = 0; follows(j) && spool_next(&j->spool, &at, &rec); i++)
		dwell(j, held_find(&j->held, hash_of(&rec.flow.key)),
		      r->was[i], &r->v[i]);
}

static int judge_spooled(struct judge *j, struct round *r)
{
	int err = round_open(j, r);

	if (!err)
		err = round_fill(j, r);
	if (!err)
		err = j->conf.by.kind == GROUP_FLOW ? judge_flows(j, r) :
						      judge_groups(j, r);
	if (err)
		return err;
	dwell_round(j, r);
	err = cap_round(&j->conf.cap, r->was, r->v, r->n);
	return err ? err : give_round(j, r);
}

int judge_end_round(struct judge *j)
{
	struct round r = {};
	int err = is_immediate(j) ? 0 :
		  is_topk(j) ? judge_topk(j) : judge_spooled(j, &r);

	free(r.flow);
	free(r.v);
	free(r.by_group);
	free(r.was);
	spool_empty(&j->spool);
	groups_clear(&j->groups);
	keytable_clear(&j->seen);
	if (!err && follows(j))
		err = held_end(&j->held);
	held_begin(&j->held);
	return err;
}

void judge_done(struct judge *j)
{
	keytable_done(&j->seen);
	topk_done(&j->topk);
	spool_done(&j->spool);
	groups_done(&j->groups);
	held_done(&j->held);
}
