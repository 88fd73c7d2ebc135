/* SPDX-License-Identifier: GPL-2.0-only */
/* What a pools document may say, srte-pools(5), read top down. */
#include "poolnode.h"

#include "addr.h"

#include <stdlib.h>
#include <string.h>

#define HOP_LIMIT 64	/* as for packets of one's own: RFC 1700 */

#define USIDS_MAX 64	/* of one member; more than any header holds */

static int add_segments(const struct poolnode *at, struct pool_entry *ret,
			const __u8 (*segments)[16], size_t n)
{
	if (ret->n_segments + n > SRTE_SEGMENTS_MAX)
		return poolnode_refuse(at->up, FAULT_TOO_LONG,
				       "makes %zu segments, %d fit",
				       ret->n_segments + n,
				       SRTE_SEGMENTS_MAX);
	memcpy(ret->segments[ret->n_segments], segments, 16 * n);
	ret->n_segments += n;
	return 0;
}

/* {"usids": ["0100", "0200"]}: as many carriers as they need. */
static int read_usids(const struct poolnode *object,
		      const struct pooldoc *doc, struct pool_entry *ret)
{
	static const char *const keys[] = { "usids", NULL };
	struct poolnode list = poolnode_member(object, "usids");
	__u8 carriers[USIDS_MAX][16];
	__u16 usids[USIDS_MAX];
	int err = poolnode_object(object, keys);
	size_t i, n = json_array_size(list.value);

	if (!err)
		err = poolnode_array(&list, USIDS_MAX, FAULT_TOO_LONG);
	if (!err && !doc->usid_block.prefixlen)
		err = poolnode_refuse(&list, FAULT_POOLS_FILE,
				      "needs a usid_block to be packed behind");
	for (i = 0; !err && i < n; i++) {
		struct poolnode usid = poolnode_at(&list, i);

		err = poolnode_usid(&usid, &usids[i]);
	}
	if (err)
		return err;
	n = usid_pack(&doc->usid_block, usids, n, carriers);
	return add_segments(object, ret, (const __u8 (*)[16])carriers, n);
}

static int read_segments(const struct poolnode *list,
			 const struct pooldoc *doc, struct pool_entry *ret)
{
	size_t i, n = json_array_size(list->value);
	int err = poolnode_array(list, SRTE_SEGMENTS_MAX, FAULT_TOO_LONG);
	__u8 segment[1][16];

	for (i = 0; !err && i < n; i++) {
		struct poolnode at = poolnode_at(list, i);

		if (json_is_object(at.value)) {
			err = read_usids(&at, doc, ret);
			continue;
		}
		err = poolnode_sid(&at, segment[0]);
		if (!err)
			err = add_segments(&at, ret,
					   (const __u8 (*)[16])segment, 1);
	}
	return err;
}

static int read_risks(const struct poolnode *list, struct pool_entry *ret)
{
	int err = poolnode_array(list, POOL_RISKS_MAX, FAULT_TOO_MANY);
	size_t i;

	if (err)
		return err;
	ret->n_risks = json_array_size(list->value);
	for (i = 0; !err && i < ret->n_risks; i++) {
		struct poolnode name = poolnode_at(list, i);

		err = poolnode_name(&name, ret->risk[i]);
	}
	return err;
}

static int read_entry(const struct poolnode *object,
		      const struct pooldoc *doc, struct pool_entry *ret)
{
	static const char *const keys[] = { "name", "segments", "weight",
					    "mode", "risk", NULL };
	struct poolnode name = poolnode_member(object, "name");
	struct poolnode segments = poolnode_member(object, "segments");
	struct poolnode weight = poolnode_member(object, "weight");
	struct poolnode mode = poolnode_member(object, "mode");
	struct poolnode risk = poolnode_member(object, "risk");
	int err = poolnode_object(object, keys);

	if (!err)
		err = poolnode_name(&name, ret->name);
	if (!err)
		err = read_segments(&segments, doc, ret);
	ret->weight = 1;
	if (!err && weight.value)
		err = poolnode_u16(&weight, &ret->weight);
	ret->mode = SRTE_MODE_ENCAP;
	if (!err && mode.value)
		err = poolnode_mode(&mode, &ret->mode);
	if (!err && risk.value)
		err = read_risks(&risk, ret);
	return err;
}

static int check_new_name(const struct poolnode *at, const struct pool *pool)
{
	const char *name = pool->entries[at->index].name;
	size_t i;

	for (i = 0; i < at->index; i++)
		if (!strcmp(pool->entries[i].name, name))
			return poolnode_refuse(at, FAULT_POOLS_FILE,
					       "name \"%s\" is taken by "
					       "pools.%s[%zu]", name,
					       pool->name, i);
	return 0;
}

static int read_pool(const struct poolnode *list, const struct pooldoc *doc,
		     struct pool *ret)
{
	int err = poolnode_array(list, SRTE_SET_PATHS, FAULT_TOO_MANY);
	size_t i;

	if (err)
		return err;
	ret->n_entries = json_array_size(list->value);
	ret->entries = calloc(ret->n_entries, sizeof(*ret->entries));
	if (!ret->entries)
		return poolnode_refuse(list, FAULT_NO_MEMORY, "no memory");
	for (i = 0; !err && i < ret->n_entries; i++) {
		struct poolnode entry = poolnode_at(list, i);

		err = read_entry(&entry, doc, &ret->entries[i]);
		if (!err)
			err = check_new_name(&entry, ret);
	}
	return err;
}

/* Every match asks each destination for its set of each pool. */
static int check_pool_count(const struct poolnode *at,
			    const struct pooldoc *doc)
{
	if (pool_index(doc, doc->pools[doc->n_pools - 1].name) >= 0)
		return 0;
	return poolnode_refuse(at, FAULT_TOO_MANY, "is one too many: %d beside "
			       "\"%s\" and \"%s\" fit",
			       SRTE_POOLS_MAX - SRTE_POOLS, POOL_DEFAULT,
			       POOL_HEAVY);
}

static bool pool_is_used(const struct pooldoc *doc, int index)
{
	size_t i;

	for (i = 0; i < doc->n_matches; i++)
		if (doc->matches[i].match.pool == index ||
		    doc->matches[i].match.heavy == index)
			return true;
	return index < SRTE_POOLS;
}

/* A slip of the pen in its name is not a pool that silently does nothing. */
static int check_pools_used(const struct poolnode *object,
			    const struct pooldoc *doc)
{
	size_t i;

	for (i = 0; i < doc->n_pools; i++) {
		struct poolnode at = poolnode_member(object,
						     doc->pools[i].name);

		if (!pool_is_used(doc, pool_index(doc, doc->pools[i].name)))
			return poolnode_refuse(&at, FAULT_POOLS_FILE,
					       "nothing uses a pool of this "
					       "name: no match names it, and "
					       "it is not \"%s\" or \"%s\"",
					       POOL_DEFAULT, POOL_HEAVY);
	}
	return 0;
}

static int read_pools(const struct poolnode *object, struct pooldoc *ret)
{
	int err = poolnode_object(object, NULL);
	const char *name;
	json_t *value;

	if (err)
		return err;
	if (!json_object_size(object->value))
		return poolnode_refuse(object, FAULT_POOLS_FILE, "is empty");
	ret->pools = calloc(json_object_size(object->value),
			    sizeof(*ret->pools));
	if (!ret->pools)
		return poolnode_refuse(object, FAULT_NO_MEMORY, "no memory");
	json_object_foreach(object->value, name, value) {
		struct poolnode list = poolnode_member(object, name);
		struct pool *pool = &ret->pools[ret->n_pools];

		err = poolnode_key(&list, pool->name);
		if (err)
			return err;
		ret->n_pools++;
		err = check_pool_count(&list, ret);
		if (!err)
			err = read_pool(&list, ret, pool);
		if (err)
			return err;
	}
	return 0;
}

static int read_endpoint(const struct poolnode *object,
			 struct pool_endpoint *ret)
{
	static const char *const keys[] = { "prefix", "sid", NULL };
	struct poolnode prefix = poolnode_member(object, "prefix");
	struct poolnode sid = poolnode_member(object, "sid");
	int err = poolnode_object(object, keys);

	if (!err)
		err = poolnode_prefix(&prefix, &ret->prefix);
	if (!err && sid.value)
		err = poolnode_sid(&sid, ret->sid);
	return err;
}

static int check_new_prefix(const struct poolnode *at,
			    const struct pool_endpoint *endpoints)
{
	const struct srte_route_key *key = &endpoints[at->index].prefix;
	char text[PREFIX_TEXT];
	size_t i;

	for (i = 0; i < at->index; i++) {
		if (memcmp(&endpoints[i].prefix, key, sizeof(*key)))
			continue;
		prefix_format(key, text);
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "prefix %s is taken by endpoints[%zu]",
				       text, i);
	}
	return 0;
}

static int read_endpoints(const struct poolnode *list, struct pooldoc *ret)
{
	int err = poolnode_array(list, POOL_ENDPOINTS_MAX, FAULT_TOO_MANY);
	size_t i;

	if (err)
		return err;
	ret->n_endpoints = json_array_size(list->value);
	ret->endpoints = calloc(ret->n_endpoints, sizeof(*ret->endpoints));
	if (!ret->endpoints)
		return poolnode_refuse(list, FAULT_NO_MEMORY, "no memory");
	for (i = 0; !err && i < ret->n_endpoints; i++) {
		struct poolnode endpoint = poolnode_at(list, i);

		err = read_endpoint(&endpoint, &ret->endpoints[i]);
		if (!err)
			err = check_new_prefix(&endpoint, ret->endpoints);
	}
	return err;
}

int pooldoc_read(const struct poolnode *root, struct pooldoc *ret)
{
	static const char *const keys[] = { "source", "hop_limit",
					    "usid_block", "endpoints",
					    "pools", "matches", NULL };
	struct poolnode source = poolnode_member(root, "source");
	struct poolnode hops = poolnode_member(root, "hop_limit");
	struct poolnode block = poolnode_member(root, "usid_block");
	struct poolnode endpoints = poolnode_member(root, "endpoints");
	struct poolnode pools = poolnode_member(root, "pools");
	struct poolnode matches = poolnode_member(root, "matches");
	int err = poolnode_object(root, keys);

	if (!err && source.value)
		err = poolnode_sid(&source, ret->source);
	ret->hop_limit = HOP_LIMIT;
	if (!err && hops.value)
		err = poolnode_hops(&hops, &ret->hop_limit);
	if (!err && block.value)
		err = poolnode_block(&block, &ret->usid_block);
	if (!err)
		err = read_endpoints(&endpoints, ret);
	if (!err)
		err = read_pools(&pools, ret);
	if (!err && matches.value)
		err = poolmatch_read(&matches, ret);
	return err ? err : check_pools_used(&pools, ret);
}

void pooldoc_done(struct pooldoc *doc)
{
	size_t i;

	for (i = 0; i < doc->n_pools; i++)
		free(doc->pools[i].entries);
	free(doc->pools);
	free(doc->endpoints);
	free(doc->matches);
	memset(doc, 0, sizeof(*doc));
}
