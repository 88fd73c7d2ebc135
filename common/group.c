/* SPDX-License-Identifier: GPL-2.0-only */
#include "group.h"

#include "addr.h"
#include "num.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define LEN4_DEFAULT 24
#define LEN6_DEFAULT 64

static int bad_word(const char *text, struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "--by: '%s' is not flow, cgroup or "
			 "prefix/LENGTH such as prefix/24 or prefix/24,64",
			 text);
}

/* One length is for the family that it fits: up to 32 for IPv4. */
static int parse_lengths(const char *text, struct group_by *ret)
{
	const char *comma = strchr(text, ',');
	char first[8] = "";
	size_t n = comma ? (size_t)(comma - text) : strlen(text);
	uint32_t a, b = LEN6_DEFAULT;

	if (n >= sizeof(first))
		return -EINVAL;
	memcpy(first, text, n);
	if (num_u32(first, &a) || (comma && num_u32(comma + 1, &b)))
		return -EINVAL;
	if (!comma && a > 32) {
		b = a;
		a = LEN4_DEFAULT;
	}
	if (a > 32 || b > 128)
		return -EINVAL;
	ret->len4 = a;
	ret->len6 = b;
	return 0;
}

int group_parse(const char *text, struct group_by *ret, struct fault *f)
{
	struct group_by by = { .kind = GROUP_FLOW };

	if (!strcmp(text, "cgroup"))
		by.kind = GROUP_CGROUP;
	else if (!strncmp(text, "prefix/", 7))
		by.kind = GROUP_PREFIX;
	else if (strcmp(text, "flow"))
		return bad_word(text, f);
	if (by.kind == GROUP_PREFIX && parse_lengths(text + 7, &by))
		return bad_word(text, f);
	*ret = by;
	return 0;
}

static struct srte_route_key prefix_of(const struct group_by *by,
				       const uint8_t addr[16])
{
	struct srte_route_key key = {};
	unsigned len = addr_is_ipv4(addr) ? 96 + by->len4 : by->len6;

	key.prefixlen = len;
	memcpy(key.addr, addr, len / 8);
	if (len % 8)
		key.addr[len / 8] = addr[len / 8] & 0xff << (8 - len % 8);
	return key;
}

void group_name(const struct group_by *by, const struct flow *flow, char *ret)
{
	struct srte_route_key prefix;

	*ret = '\0';
	if (by->kind == GROUP_CGROUP)
		strcpy(ret, flow->cgroup);
	if (by->kind != GROUP_PREFIX)
		return;
	prefix = prefix_of(by, flow->key.dst);
	prefix_format(&prefix, ret);
}

static uint8_t part_of(const struct group_by *by, uint8_t proto)
{
	if (!by->apart)
		return 0;
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ? proto : 255;
}

static uint64_t group_hash(const struct group_by *by, const struct flow *flow)
{
	struct {
		char    name[SRTE_CGROUP_TEXT];
		uint8_t proto;
	} key = { .proto = part_of(by, flow->key.proto) };
	struct srte_route_key prefix;

	if (by->kind == GROUP_CGROUP) {
		strcpy(key.name, flow->cgroup);
		return keytable_hash(key.name, strlen(key.name)) ^ key.proto;
	}
	prefix = prefix_of(by, flow->key.dst);
	return keytable_hash(&prefix, sizeof(prefix)) ^ key.proto;
}

static int make_room(struct groups *g, uint32_t number)
{
	size_t room = g->room ? 2 * g->room : 64;
	void *p;

	if (g->n == g->room) {
		p = reallocarray(g->sum, room, sizeof(*g->sum));
		if (!p)
			return -ENOMEM;
		g->sum = p;
		g->room = room;
	}
	if (number < g->of_room)
		return 0;
	room = 2 * (size_t)number + 64;
	p = reallocarray(g->of, room, sizeof(*g->of));
	if (!p)
		return -ENOMEM;
	g->of = p;
	g->of_room = room;
	return 0;
}

static void join(struct contender *sum, const struct contender *c)
{
	sum->bytes += c->bytes;
	sum->rate_bps += c->rate_bps;
	if (c->idle_us < sum->idle_us)
		sum->idle_us = c->idle_us;
	if (c->age_us > sum->age_us)
		sum->age_us = c->age_us;
	if (c->class == SRTE_CLASS_HEAVY)
		sum->class = SRTE_CLASS_HEAVY;
	if (sum->proto != c->proto)
		sum->proto = 0;
}

int groups_add(struct groups *g, const struct flow *flow,
	       const struct contender *c)
{
	uint32_t number = g->n;
	int was;

	if (make_room(g, c->number))
		return -ENOMEM;
	was = keytable_add(&g->table, group_hash(&g->by, flow), &number);
	if (was < 0)
		return was;
	if (was) {
		join(&g->sum[number], c);
	} else {
		g->sum[number] = *c;
		g->sum[number].number = number;
		g->n++;
	}
	g->of[c->number] = number;
	return 0;
}

void groups_clear(struct groups *g)
{
	keytable_clear(&g->table);
	g->n = 0;
}

void groups_done(struct groups *g)
{
	keytable_done(&g->table);
	free(g->sum);
	free(g->of);
	memset(g, 0, sizeof(*g));
}
