/* SPDX-License-Identifier: GPL-2.0-only */
#include "pool.h"

#include "addr.h"
#include "risk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPV6_MIN_MTU	1280	/* RFC 8200 5 */
#define IPV4_PREFIX	96	/* length of ::ffff:0:0/96 */

static const struct srte_route_key all_ipv4 = {
	.prefixlen = IPV4_PREFIX,
	.addr = { [10] = 0xff, [11] = 0xff },
};

struct build {
	const struct pooldoc *doc;
	__u32 mtu;
	struct poolset *set;
	struct fault *fault;
};

/* An IPv6 prefix that IPv4 falls under too, as "::/0" does. */
static bool covers_ipv4(const struct srte_route_key *prefix)
{
	return prefix->prefixlen < IPV4_PREFIX &&
	       prefix_has(prefix, all_ipv4.addr);
}

static __u8 inner_of(const struct srte_route_key *prefix)
{
	if (prefix->prefixlen >= IPV4_PREFIX && addr_is_ipv4(prefix->addr))
		return SRTE_INNER_IPV4;
	return SRTE_INNER_IPV6;
}

int pool_index(const struct pooldoc *doc, const char *name)
{
	int index = SRTE_POOLS;
	size_t i;

	if (!strcmp(name, POOL_DEFAULT))
		return SRTE_POOL_DEFAULT;
	if (!strcmp(name, POOL_HEAVY))
		return SRTE_POOL_HEAVY;
	for (i = 0; i < doc->n_pools; i++) {
		const char *other = doc->pools[i].name;

		if (!strcmp(other, name))
			return index < SRTE_POOLS_MAX ? index : -1;
		index += strcmp(other, POOL_DEFAULT) &&
			 strcmp(other, POOL_HEAVY);
	}
	return -1;
}

static size_t count_entries(const struct pooldoc *doc)
{
	size_t i, n = 0;

	for (i = 0; i < doc->n_pools; i++)
		n += doc->pools[i].n_entries;
	return n;
}

/* Ids start at 1, so a map of N holds N - 1 of them. */
static int check_limits(const struct build *b, size_t paths, size_t sets)
{
	if (paths > SRTE_PATHS_MAX - 1)
		return fault_set(b->fault, FAULT_TOO_MANY,
				 "pools x endpoints make %zu paths, %d fit",
				 paths, SRTE_PATHS_MAX - 1);
	if (sets > SRTE_SETS_MAX - 1)
		return fault_set(b->fault, FAULT_TOO_MANY,
				 "pools x endpoints make %zu sets, %d fit",
				 sets, SRTE_SETS_MAX - 1);
	return 0;
}

static int allocate(const struct build *b)
{
	size_t n = b->doc->n_endpoints;
	size_t paths = n * count_entries(b->doc);
	size_t sets = n * b->doc->n_pools;
	int err = check_limits(b, paths, sets);

	if (err)
		return err;
	b->set->paths = calloc(paths + 1, sizeof(*b->set->paths));
	b->set->sets = calloc(sets + 1, sizeof(*b->set->sets));
	b->set->routes = calloc(n + 1, sizeof(*b->set->routes));
	b->set->route_keys = calloc(n + 1, sizeof(*b->set->route_keys));
	b->set->pools = calloc(n + 1, sizeof(*b->set->pools));
	if (!b->set->paths || !b->set->sets || !b->set->routes ||
	    !b->set->route_keys || !b->set->pools)
		return fault_set(b->fault, FAULT_NO_MEMORY,
				 "no memory for %zu paths", paths);
	return 0;
}

/* What a path is, for messages: "heavy/spine2 to 10.0.2.0/24". */
struct place {
	const struct pool *pool;
	const struct pool_entry *entry;
	const struct pool_endpoint *endpoint;
};

#define PLACE_TEXT (2 * SRTE_NAME_MAX + PREFIX_TEXT + 8)

static const char *place_text(const struct place *at, char text[PLACE_TEXT])
{
	char prefix[PREFIX_TEXT];

	prefix_format(&at->endpoint->prefix, prefix);
	snprintf(text, PLACE_TEXT, "%s/%s to %s", at->pool->name,
		 at->entry->name, prefix);
	return text;
}

/* An inserted SRH ends at the packet's own destination. */
static int check_mode(const struct build *b, const struct place *at)
{
	const struct pool_endpoint *endpoint = at->endpoint;
	char text[PLACE_TEXT];

	if (at->entry->mode != SRTE_MODE_INLINE)
		return 0;
	if (inner_of(&endpoint->prefix) == SRTE_INNER_IPV4)
		return fault_set(b->fault, FAULT_POOLS_FILE,
				 "%s: mode inline is for IPv6 only",
				 place_text(at, text));
	if (!addr_is_zero(endpoint->sid))
		return fault_set(b->fault, FAULT_POOLS_FILE,
				 "%s: mode inline ends at the packet's own "
				 "destination; the endpoint must have no sid",
				 place_text(at, text));
	return 0;
}

/* Waypoints, then the endpoint. Returns their number, or the error. */
static int join_segments(const struct build *b, const struct place *at,
			 __u8 list[SRTE_SEGMENTS_MAX][16])
{
	int n = at->entry->n_segments;
	bool own = at->entry->mode == SRTE_MODE_INLINE;
	char text[PLACE_TEXT];

	memcpy(list, at->entry->segments, (size_t)n * 16);
	if (addr_is_zero(at->endpoint->sid) && !own)
		return n;
	if (n == SRTE_SEGMENTS_MAX)
		return fault_set(b->fault, FAULT_TOO_LONG,
				 "%s: %d waypoints and the %s make %d "
				 "segments, %d fit", place_text(at, text), n,
				 own ? "destination" : "endpoint", n + 1,
				 SRTE_SEGMENTS_MAX);
	if (own)
		return n;
	memcpy(list[n], at->endpoint->sid, 16);
	return n + 1;
}

/* Every link must carry 1280 bytes of the inner packet (RFC 8200 5). */
static int check_mtu(const struct build *b, const struct place *at, __u32 push)
{
	__u32 need = push + IPV6_MIN_MTU;
	char text[PLACE_TEXT];

	if (!b->mtu || b->mtu >= need)
		return 0;
	return fault_set(b->fault, FAULT_TOO_LONG,
			 "%s: a header of %u bytes is %u too long for MTU %u "
			 "(%d must stay for the packet)", place_text(at, text),
			 push, need - b->mtu, b->mtu, IPV6_MIN_MTU);
}

static int build_path(const struct build *b, const struct place *at)
{
	struct srte_path *path = &b->set->paths[b->set->n_paths];
	__u8 list[SRTE_SEGMENTS_MAX][16];
	struct srh_spec spec = {
		.mode = at->entry->mode,
		.inner = inner_of(&at->endpoint->prefix),
		.hop_limit = b->doc->hop_limit,
		.source = b->doc->source,
		.segments = (const __u8 (*)[16])list,
	};
	int n, err = check_mode(b, at);

	if (err)
		return err;
	n = join_segments(b, at, list);
	if (n < 0)
		return n;
	spec.n = n;
	path->mode = spec.mode;
	path->inner = spec.inner;
	memcpy(path->first, list[0], sizeof(path->first));
	path->len = srh_build(&spec, path->header);
	err = check_mtu(b, at, path->len);
	if (err)
		return err;
	path->pool_index = pool_index(b->doc, at->pool->name);
	snprintf(path->pool, sizeof(path->pool), "%s", at->pool->name);
	snprintf(path->name, sizeof(path->name), "%s", at->entry->name);
	if (path->len > b->set->push_max)
		b->set->push_max = path->len;
	b->set->n_paths++;
	return 0;
}

/* The paths of one pool to one endpoint. Ids are 1-based. */
static int build_set(const struct build *b, const struct pool *pool,
		     const struct pool_endpoint *endpoint)
{
	struct srte_set *set = &b->set->sets[b->set->n_sets++];
	__u8 order[SRTE_SET_PATHS];
	size_t i;
	int err;

	(void)risk_order(pool, order);
	for (i = 0; i < pool->n_entries; i++) {
		struct place at = { pool, &pool->entries[order[i]], endpoint };

		err = build_path(b, &at);
		if (err)
			return err;
		set->path[i] = b->set->n_paths;
		set->weight[i] = at.entry->weight;
	}
	set->n = pool->n_entries;
	return 0;
}

static int build_route(const struct build *b,
		       const struct pool_endpoint *endpoint)
{
	struct srte_route *route = &b->set->routes[b->set->n_routes];
	struct srte_pools *pools = &b->set->pools[b->set->n_routes];
	const struct pool *pool = b->doc->pools;
	const struct pool *end = pool + b->doc->n_pools;
	int err;

	b->set->route_keys[b->set->n_routes++] = endpoint->prefix;
	for (; pool < end; pool++) {
		err = build_set(b, pool, endpoint);
		if (err)
			return err;
		pools->set[pool_index(b->doc, pool->name)] = b->set->n_sets;
	}
	memcpy(route->set, pools->set, sizeof(route->set));
	if (b->doc->n_matches)
		route->pools = b->set->n_routes;
	return 0;
}

/*
 * IPv4 lies inside "::/0" in the trie, but an endpoint for IPv6 cannot take
 * it: a route without sets keeps it on plain routing. Not needed where the
 * document has its own word for all of IPv4.
 */
static void keep_ipv4_out(const struct build *b)
{
	bool covered = false;
	size_t i;

	for (i = 0; i < b->set->n_routes; i++) {
		const struct srte_route_key *key = &b->set->route_keys[i];

		if (!memcmp(key, &all_ipv4, sizeof(*key)))
			return;
		covered |= covers_ipv4(key);
	}
	if (covered)
		b->set->route_keys[b->set->n_routes++] = all_ipv4;
}

static void build_matches(const struct build *b)
{
	struct srte_matches *matches = &b->set->matches;

	while (matches->n < b->doc->n_matches) {
		matches->match[matches->n] = b->doc->matches[matches->n].match;
		matches->n++;
	}
}

static int build_all(const struct build *b)
{
	size_t i;
	int err = allocate(b);

	for (i = 0; !err && i < b->doc->n_endpoints; i++)
		err = build_route(b, &b->doc->endpoints[i]);
	if (err)
		return err;
	build_matches(b);
	keep_ipv4_out(b);
	return 0;
}

int pool_compile(const struct pooldoc *doc, __u32 mtu, struct poolset *ret,
		 struct fault *f)
{
	struct poolset set = { 0 };
	struct build b = { doc, mtu, &set, f };
	int err;

	if (addr_is_zero(doc->source))
		return fault_set(f, FAULT_NO_SOURCE,
				 "the outer header has no source address");
	memcpy(set.source, doc->source, sizeof(set.source));
	err = build_all(&b);
	if (err)
		poolset_done(&set);
	else
		*ret = set;
	return err;
}

void poolset_done(struct poolset *set)
{
	free(set->paths);
	free(set->sets);
	free(set->routes);
	free(set->route_keys);
	free(set->pools);
	memset(set, 0, sizeof(*set));
}
