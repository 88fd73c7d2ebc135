/* SPDX-License-Identifier: GPL-2.0-only */
/* The slow path of accounting: is this flow let into the table? */
#ifndef SRTE_ADMIT_BPF_H
#define SRTE_ADMIT_BPF_H

#include "filter.bpf.h"
#include "maps.bpf.h"
#include "parse.bpf.h"

#define SECOND		1000000000ULL

/*
 * _AUTO: more new flows a second than a table of flows_max can hold for 30
 * seconds engage the filter, for at least the hold. Half of that prolongs it.
 */
#define TABLE_HOLDS_SECONDS	30
#define ENGAGED_HOLD		(10 * SECOND)
#define FRESH_BATCH		32	/* a power of two */

/* Set before the load where the table is made smaller. */
const volatile __u32 flows_max = SRTE_FLOWS_MAX;

static __always_inline struct srte_admission *admission_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&srte_admission, &zero);
}

/* Accounting is done on one hook only, and on a device by tc alone. */
static __always_inline __u64
account_count(const struct packet *pkt, enum srte_counter cause, __u64 n)
{
	if (pkt->hook == SRTE_HOOK_DEV)
		return count_alone(cause, n);
	return count_add(cause, n);
}

static __always_inline bool filter_engaged(const struct srte_config *cfg)
{
	struct srte_admission *adm;

	if (cfg->admit != SRTE_ADMIT_AUTO)
		return cfg->admit == SRTE_ADMIT_HEAVY;
	adm = admission_get();
	return adm && adm->engaged_ns > bpf_ktime_get_coarse_ns();
}

/* The window is everybody's; two CPUs that begin it at once agree. */
static __always_inline void admission_add(__u64 fresh)
{
	struct srte_admission *adm = admission_get();
	__u64 limit = flows_max / TABLE_HOLDS_SECONDS;
	__u64 now = bpf_ktime_get_coarse_ns();

	if (!adm)
		return;
	if (now - adm->window_ns >= SECOND) {
		adm->window_ns = now;
		adm->fresh = 0;
	}
	fresh += __sync_fetch_and_add(&adm->fresh, fresh);
	if (fresh > (adm->engaged_ns > now ? limit / 2 : limit))
		adm->engaged_ns = now + ENGAGED_HOLD;
}

/* In batches: this may be every packet of a flood, on all CPUs. */
static __always_inline void
flow_is_new(const struct srte_config *cfg, const struct packet *pkt)
{
	__u64 n = account_count(pkt, SRTE_COUNT_FLOW_NEW, 1);

	if (cfg->admit == SRTE_ADMIT_AUTO && !(n % FRESH_BATCH))
		admission_add(FRESH_BATCH);
}

/* False: the packet is counted in the filter, and that is all of it. */
static __always_inline bool
filter_pass(const struct srte_config *cfg, const struct packet *pkt,
	    struct candidate *c)
{
	int verdict;

	if (cfg->filter == SRTE_FILTER_HASHPIPE)
		verdict = filter_hashpipe(c);
	else
		verdict = filter_rap(c);
	if (!c->known)
		flow_is_new(cfg, pkt);
	if (verdict == FILTER_ADMITS) {
		account_count(pkt, SRTE_COUNT_ADMITTED, 1);
		return true;
	}
	account_count(pkt, SRTE_COUNT_FILTERED, c->packets);
	account_count(pkt, SRTE_COUNT_FILTERED_BYTES, c->bytes);
	return false;
}

static __always_inline bool
flow_insert(struct __sk_buff *skb, const struct packet *pkt,
	    const struct candidate *c)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	struct srte_flow fresh = {
		.bytes = c->own_bytes,
		.packets = c->own_packets,
		.window_bytes = c->own_bytes,
		.first_ns = now,
		.window_ns = now,
		.cgroup_id = bpf_skb_cgroup_id(skb),
		.ifindex = skb->ifindex,
		.hook = pkt->hook,
	};
	struct srte_flow_key key = pkt->key;	/* 6.1 wants it on the stack */

	/* Never update an existing key: that may evict a live flow. */
	return !bpf_map_update_elem(&srte_flows, &key, &fresh, BPF_NOEXIST);
}

/*
 * What the filter held moves with its flow: from its counters to the table's.
 * If the table refuses, or another CPU was first with the flow, it stays.
 */
static __always_inline void
flow_admit(struct __sk_buff *skb, const struct packet *pkt,
	   const struct candidate *c)
{
	if (!flow_insert(skb, pkt, c))
		return;
	account_count(pkt, SRTE_COUNT_FLOW_INSERTED, 1);
	if (!c->own_packets)
		return;
	account_count(pkt, SRTE_COUNT_ACCOUNTED, c->own_packets);
	account_count(pkt, SRTE_COUNT_FILTERED, -(__u64)c->own_packets);
	account_count(pkt, SRTE_COUNT_FILTERED_BYTES, -(__u64)c->own_bytes);
}

/*
 * A flow that the table does not know. 0: look again, it was put there or
 * tried to. A global function: the verifier walks it once, by itself.
 */
__noinline int flow_unknown(struct __sk_buff *skb, struct packet *pkt)
{
	struct srte_config *cfg = config_get();
	struct candidate c = {};

	if (!cfg || !pkt)
		return 0;
	if (filter_engaged(cfg)) {
		c.hash = hash_key(&pkt->key, cfg->seed);
		c.admit_bytes = cfg->admit_bytes;
		c.bytes = pkt->bytes;
		c.packets = pkt->segments;
		if (!filter_pass(cfg, pkt, &c))
			return -1;
	} else {
		flow_is_new(cfg, pkt);
	}
	flow_admit(skb, pkt, &c);
	return 0;
}

#endif
