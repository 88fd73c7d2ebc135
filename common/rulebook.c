/* SPDX-License-Identifier: GPL-2.0-only */
#include "rulebook.h"

#include <inttypes.h>
#include <string.h>

#define DWELL_NS_DEFAULT 1000000000ULL	/* of a follow stream */

static bool is_given(uint64_t n)
{
	return n != RULEBOOK_UNSET;
}

static bool has_marks(const struct rulebook *b)
{
	return is_given(b->enter_bytes) || is_given(b->leave_bps) ||
	       is_given(b->always_bytes) || is_given(b->enter_bps) ||
	       is_given(b->udp_enter_bytes) || is_given(b->udp_leave_bps) ||
	       is_given(b->udp_always_bytes) || is_given(b->udp_enter_bps) ||
	       b->enter_pct >= 0;
}

static int check_policy(const struct rulebook *b, struct fault *f)
{
	bool ranked = b->policy != CLASSIFY_THRESHOLD;

	if (has_marks(b) && ranked)
		return fault_set(f, FAULT_USAGE, "--enter-*, --always-bytes, "
				 "--leave-rate and --udp-* go with --policy "
				 "threshold");
	if (b->share_pct >= 0 && b->policy != CLASSIFY_SHARE &&
	    b->policy != CLASSIFY_HEAT)
		return fault_set(f, FAULT_USAGE,
				 "--share goes with --policy share or heat");
	if (b->top != UINT32_MAX && b->policy != CLASSIFY_TOP)
		return fault_set(f, FAULT_USAGE,
				 "--top goes with --policy top");
	if (b->bonus_pct >= 0 && b->policy != CLASSIFY_TOP)
		return fault_set(f, FAULT_USAGE,
				 "--bonus goes with --policy top");
	if (b->apart && !ranked)
		return fault_set(f, FAULT_USAGE, "--apart goes with --policy "
				 "share, top or heat");
	if (b->policy == CLASSIFY_HEAT && (b->apart || strcmp(b->by, "flow")))
		return fault_set(f, FAULT_USAGE, "--policy heat looks at "
				 "single flows of all protocols: no --by, no "
				 "--apart");
	return 0;
}

int rulebook_check(const struct rulebook *b, struct fault *f)
{
	struct group_by by;
	int err = check_policy(b, f);

	if (err)
		return err;
	if (is_given(b->enter_bps) && b->enter_pct >= 0)
		return fault_set(f, FAULT_USAGE, "--enter-rate and "
				 "--enter-share exclude each other");
	if (!b->enter_bps || !b->udp_enter_bps || !b->top ||
	    b->enter_pct == 0 || b->share_pct == 0 || !b->max_heavy ||
	    !b->max_changes)
		return fault_set(f, FAULT_USAGE, "--enter-rate, --enter-share,"
				 " --share, --top, --max-heavy and "
				 "--max-changes must be more than 0");
	return group_parse(b->by, &by, f);
}

static uint64_t or_else(uint64_t given, uint64_t otherwise)
{
	return is_given(given) ? given : otherwise;
}

static int check_leave(const char *option, const struct classify_marks *m,
		       struct fault *f)
{
	if (!m->enter_bps || m->leave_bps <= m->enter_bps)
		return 0;
	return fault_set(f, FAULT_USAGE, "%s %" PRIu64 " is above the %"
			 PRIu64 " that enters", option, m->leave_bps,
			 m->enter_bps);
}

/* UDP's marks are those of the others where nothing else is said. */
static int make_marks(const struct rulebook *b, uint64_t link_bps,
		      struct classify_marks *ret, struct fault *f)
{
	struct classify_marks *any = &ret[CLASSIFY_ANY];
	struct classify_marks *udp = &ret[CLASSIFY_UDP];
	double enter_pct = b->enter_pct < 0 ? 1 : b->enter_pct;
	int err;

	any->enter_bytes = or_else(b->enter_bytes, 1 << 20);
	any->always_bytes = or_else(b->always_bytes, 10 << 20);
	any->enter_bps = or_else(b->enter_bps,
				 link_bps * (enter_pct / 100) + 0.5);
	any->leave_bps = or_else(b->leave_bps, any->enter_bps / 2);
	udp->enter_bytes = or_else(b->udp_enter_bytes, any->enter_bytes);
	udp->always_bytes = or_else(b->udp_always_bytes, any->always_bytes);
	udp->enter_bps = or_else(b->udp_enter_bps, any->enter_bps);
	udp->leave_bps = or_else(b->udp_leave_bps,
				 is_given(b->udp_enter_bps) ?
				 udp->enter_bps / 2 : any->leave_bps);
	err = check_leave("--leave-rate", any, f);
	return err ? err : check_leave("--udp-leave-rate", udp, f);
}

static uint32_t limit(uint32_t given)
{
	return given == UINT32_MAX ? 0 : given;
}

/* State lives in memory only, so a single round has none. */
static int check_follow(const struct rulebook *b, const struct header *header,
			struct fault *f)
{
	if (header->interval_us)
		return 0;
	if (b->policy == CLASSIFY_HEAT)
		return fault_set(f, FAULT_USAGE, "--policy heat looks back on "
				 "rounds and this stream has one: give it "
				 "'srte-flows watch'");
	if (is_given(b->dwell_ns))
		return fault_set(f, FAULT_USAGE, "--dwell looks back on "
				 "rounds and this stream has one: give it "
				 "'srte-flows watch'");
	return 0;
}

int rulebook_make(const struct rulebook *b, const struct header *header,
		  struct judge_conf *ret, struct fault *f)
{
	uint64_t link = b->link_bps ? b->link_bps : header->link_bps;
	struct judge_conf conf = {
		.rules = {
			.policy = b->policy,
			.idle_us = b->idle_ns / 1000,
			.min_age_us = b->min_age_ns / 1000,
			.share_milli = (b->share_pct < 0 ? 80 : b->share_pct) *
				       1000 + 0.5,
			.bonus_milli = (b->bonus_pct < 0 ? 25 : b->bonus_pct) *
				       1000 + 0.5,
			.top = b->top == UINT32_MAX ? 10 : b->top,
			.apart = b->apart,
		},
		.cap = { limit(b->max_changes), limit(b->max_heavy) },
		.dwell_us = or_else(b->dwell_ns, DWELL_NS_DEFAULT) / 1000,
		.interval_us = header->interval_us,
	};
	int err = check_follow(b, header, f);

	if (!err)
		err = make_marks(b, link, conf.rules.marks, f);
	if (!err)
		err = group_parse(b->by, &conf.by, f);
	if (!err)
		*ret = conf;
	return err;
}
