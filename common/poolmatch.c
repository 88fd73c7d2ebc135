/* SPDX-License-Identifier: GPL-2.0-only */
/* "matches" of a pools document: which traffic takes which pools. */
#include "poolnode.h"

#include "addr.h"
#include "num.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[] = { "cgroup", "src", "dst", "proto", "sport",
				    "dport", "mark", "pool", "heavy", NULL };

/* The value's text, when it is a string; else it is refused. */
static int read_text(const struct poolnode *at, const char **ret)
{
	if (!json_is_string(at->value))
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "is not a string");
	*ret = json_string_value(at->value);
	return 0;
}

static int refuse_text(const struct poolnode *at, const char *text,
		       const char *wanted)
{
	char words[SHOWN_MAX];

	return poolnode_refuse(at, FAULT_POOLS_FILE, "\"%s\" is not %s",
			       poolnode_shown(text, words), wanted);
}

/* As srte-flows shows it: from the cgroup2 root, no slash at the end. */
static int read_cgroup(const struct poolnode *at, struct pool_match *ret)
{
	const char *text = "";
	int err = read_text(at, &text);
	size_t n = err ? 0 : strlen(text);

	if (err)
		return err;
	if (text[0] != '/' || n >= sizeof(ret->cgroup) ||
	    (n > 1 && text[n - 1] == '/') || strstr(text, "//") ||
	    strstr(text, "/."))
		return refuse_text(at, text, "the path of a cgroup: \"/\", "
				   "\"/db\", \"/tenants/a\"");
	memcpy(ret->cgroup, text, n + 1);
	return 0;
}

/* Only the first prefixlen bits of an address count. */
static int read_prefix(const struct poolnode *at, __u8 value[16],
		       __u8 mask[16])
{
	struct srte_route_key prefix;
	int err = poolnode_prefix(at, &prefix);
	__u32 i;

	if (err)
		return err;
	memcpy(value, prefix.addr, 16);
	for (i = 0; i < prefix.prefixlen; i++)
		mask[i / 8] |= 0x80 >> i % 8;
	return 0;
}

static int read_proto(const struct poolnode *at, struct srte_match *ret)
{
	const char *text = "";
	int err = read_text(at, &text);

	if (!err && proto_parse(text, &ret->value.proto))
		err = refuse_text(at, text, "tcp, udp, icmp, icmpv6, sctp or "
				  "a number to 255");
	ret->mask.proto = UINT8_MAX;
	return err;
}

static bool port_parse(const char *text, size_t len, __u16 *ret)
{
	char digits[8] = "";
	uint32_t n;

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	if (num_u32(digits, &n) || !n || n > UINT16_MAX)
		return false;
	*ret = n;
	return true;
}

/* 5201, "5201" or "5201-5299" */
static int read_ports(const struct poolnode *at, __u16 *first, __u16 *last)
{
	const char *text = "";
	size_t len;
	int err;

	if (json_is_integer(at->value)) {
		err = poolnode_u16(at, first);
		*last = *first;
		return err;
	}
	err = read_text(at, &text);
	if (err)
		return err;
	len = strcspn(text, "-");
	if (!port_parse(text, len, first))
		return refuse_text(at, text, "a port or a range of ports");
	*last = *first;
	if (text[len] && !port_parse(text + len + 1, strlen(text + len + 1),
				     last))
		return refuse_text(at, text, "a port or a range of ports");
	if (*last < *first)
		return refuse_text(at, text, "a range: it ends before it "
				   "begins");
	return 0;
}

/* One number of a mark, decimal or 0x: the whole text. */
static bool mark_parse(const char *text, size_t len, __u32 *ret)
{
	char digits[16] = "", *end;
	unsigned long n;

	if (!len || len >= sizeof(digits) || text[0] < '0' || text[0] > '9')
		return false;
	memcpy(digits, text, len);
	n = strtoul(digits, &end, digits[1] == 'x' ? 16 : 10);
	if (*end || n > UINT32_MAX)
		return false;
	*ret = n;
	return true;
}

/* 16, "0x10" or "0x10/0xf0", as iptables has it */
static int read_mark(const struct poolnode *at, struct srte_match *ret)
{
	const char *text = "";
	size_t len;
	int err;

	ret->mark_mask = UINT32_MAX;
	if (json_is_integer(at->value))
		return poolnode_u32(at, &ret->mark);
	err = read_text(at, &text);
	if (err)
		return err;
	len = strcspn(text, "/");
	if (!mark_parse(text, len, &ret->mark) ||
	    (text[len] && !mark_parse(text + len + 1, strlen(text + len + 1),
				      &ret->mark_mask)))
		return refuse_text(at, text, "a mark, or mark/mask");
	if (!ret->mark_mask || ret->mark & ~ret->mark_mask)
		return refuse_text(at, text, "a mark within its mask");
	return 0;
}

static int read_pool_name(const struct poolnode *at, const struct pooldoc *doc,
			  __u8 *ret)
{
	char name[SRTE_NAME_MAX];
	int index, err = poolnode_name(at, name);

	if (err)
		return err;
	index = pool_index(doc, name);
	if (index < 0)
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "there is no pool \"%s\"", name);
	*ret = index;
	return 0;
}

/* pool and heavy: who has pools of his own keeps to them when heavy. */
static int read_pools(const struct poolnode *object, const struct pooldoc *doc,
		      struct srte_match *ret)
{
	struct poolnode pool = poolnode_member(object, "pool");
	struct poolnode heavy = poolnode_member(object, "heavy");
	int err = 0;

	if (!pool.value && !heavy.value)
		return poolnode_refuse(object, FAULT_POOLS_FILE,
				       "\"pool\" is missing");
	if (pool.value)
		err = read_pool_name(&pool, doc, &ret->pool);
	ret->heavy = ret->pool;
	if (!err && heavy.value)
		err = read_pool_name(&heavy, doc, &ret->heavy);
	return err;
}

static int read_asks(const struct poolnode *object, struct pool_match *ret)
{
	struct srte_match *m = &ret->match;
	struct poolnode at = poolnode_member(object, "cgroup");
	int err = at.value ? read_cgroup(&at, ret) : 0;

	at = poolnode_member(object, "src");
	if (!err && at.value)
		err = read_prefix(&at, m->value.src, m->mask.src);
	at = poolnode_member(object, "dst");
	if (!err && at.value)
		err = read_prefix(&at, m->value.dst, m->mask.dst);
	at = poolnode_member(object, "proto");
	if (!err && at.value)
		err = read_proto(&at, m);
	at = poolnode_member(object, "sport");
	if (!err && at.value)
		err = read_ports(&at, &m->sport_first, &m->sport_last);
	at = poolnode_member(object, "dport");
	if (!err && at.value)
		err = read_ports(&at, &m->dport_first, &m->dport_last);
	at = poolnode_member(object, "mark");
	if (!err && at.value)
		err = read_mark(&at, m);
	return err;
}

static int read_match(const struct poolnode *object, const struct pooldoc *doc,
		      struct pool_match *ret)
{
	int err = poolnode_object(object, keys);

	ret->match.sport_last = ret->match.dport_last = UINT16_MAX;
	if (!err)
		err = read_asks(object, ret);
	return err ? err : read_pools(object, doc, &ret->match);
}

int poolmatch_read(const struct poolnode *list, struct pooldoc *ret)
{
	int err = poolnode_array(list, SRTE_MATCHES_MAX, FAULT_TOO_MANY);
	size_t i;

	if (err)
		return err;
	ret->n_matches = json_array_size(list->value);
	ret->matches = calloc(ret->n_matches, sizeof(*ret->matches));
	if (!ret->matches)
		return poolnode_refuse(list, FAULT_NO_MEMORY, "no memory");
	for (i = 0; !err && i < ret->n_matches; i++) {
		struct poolnode match = poolnode_at(list, i);

		err = read_match(&match, ret, &ret->matches[i]);
	}
	return err;
}
