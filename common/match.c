/* SPDX-License-Identifier: GPL-2.0-only */
#include "match.h"

#include <string.h>

#include <arpa/inet.h>

bool match_cgroup_covers(const char *above, const char *cgroup)
{
	size_t n = strlen(above);

	if (!n)
		return false;
	if (!strcmp(above, "/"))
		return cgroup[0];
	return !strncmp(above, cgroup, n) &&
	       (cgroup[n] == '/' || !cgroup[n]);
}

static bool key_fits(const struct srte_match *m,
		     const struct srte_flow_key *key)
{
	const __u8 *byte = (const __u8 *)key;
	const __u8 *value = (const __u8 *)&m->value;
	const __u8 *mask = (const __u8 *)&m->mask;
	__u16 sport = ntohs(key->sport), dport = ntohs(key->dport);
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		if ((byte[i] ^ value[i]) & mask[i])
			return false;
	return sport >= m->sport_first && sport <= m->sport_last &&
	       dport >= m->dport_first && dport <= m->dport_last;
}

/* A cgroup that is gone by now has no name, and no flow is in it. */
static bool fits(const struct match_table *table, size_t i,
		 const struct match_flow *flow)
{
	const struct srte_match *m = &table->raw.match[i];

	if (!key_fits(m, &flow->key))
		return false;
	if (m->cgroup_id && !match_cgroup_covers(table->cgroup[i],
						 flow->cgroup))
		return false;
	return !m->mark_mask || (flow->pool >= SRTE_POOLS &&
				 (flow->pool == m->pool ||
				  flow->pool == m->heavy));
}

struct srte_match match_find(const struct match_table *table,
			     const struct match_flow *flow)
{
	size_t i;

	for (i = 0; i < table->raw.n; i++)
		if (fits(table, i, flow))
			return table->raw.match[i];
	return (struct srte_match){ .pool = SRTE_POOL_DEFAULT,
				    .heavy = SRTE_POOL_HEAVY };
}
