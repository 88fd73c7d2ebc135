/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowfilter.h"

#include "addr.h"
#include "num.h"
#include "record.h"

#include <arpa/inet.h>
#include <string.h>

const char *const flowfilter_protos[] = {
	"tcp", "udp", "icmp", "icmpv6", "sctp", NULL
};
const char *const flowfilter_classes[] = { "heavy", "rest", NULL };

static int refuse(const char *flag, const char *word, const char *wanted,
		  struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "--%s: '%s' is not %s", flag, word,
			 wanted);
}

static int make_protos(const struct flowfilter_words *w,
		       struct flowfilter *ret, struct fault *f)
{
	for (int i = 0; i < w->proto.n; i++)
		if (proto_parse(w->proto.v[i], &ret->proto[i]))
			return refuse("proto", w->proto.v[i],
				      "tcp, udp, icmp, icmpv6, sctp or a "
				      "number up to 255", f);
	ret->n_proto = w->proto.n;
	return 0;
}

static int make_prefixes(const char *flag, const struct cli_strs *words,
			 struct srte_route_key *ret, int *ret_n,
			 struct fault *f)
{
	for (int i = 0; i < words->n; i++)
		if (prefix_parse(words->v[i], &ret[i]))
			return refuse(flag, words->v[i], "an address or a "
				      "prefix such as 10.0.2.0/24", f);
	*ret_n = words->n;
	return 0;
}

static int parse_ports(const char *text, struct flowfilter_ports *ret)
{
	char from[8] = "";
	const char *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	uint32_t a, b;

	if (len >= sizeof(from))
		return -1;
	memcpy(from, text, len);
	if (num_u32(from, &a) || num_u32(dash ? dash + 1 : from, &b) ||
	    a > b || b > UINT16_MAX)
		return -1;
	*ret = (struct flowfilter_ports){ a, b };
	return 0;
}

static int make_ports(const char *flag, const struct cli_strs *words,
		      struct flowfilter_ports *ret, int *ret_n, struct fault *f)
{
	for (int i = 0; i < words->n; i++)
		if (parse_ports(words->v[i], &ret[i]))
			return refuse(flag, words->v[i],
				      "a port or a range such as 8000-8099",
				      f);
	*ret_n = words->n;
	return 0;
}

static int make_classes(const struct flowfilter_words *w,
			struct flowfilter *ret, struct fault *f)
{
	uint8_t class;

	for (int i = 0; i < w->class.n; i++) {
		if (class_parse(w->class.v[i], &class))
			return refuse("class", w->class.v[i],
				      "heavy or rest", f);
		ret->classes |= 1U << class;
	}
	return 0;
}

static int make_ends(const struct flowfilter_words *w,
		     struct flowfilter *ret, struct fault *f)
{
	int err = make_prefixes("src", &w->src, ret->src, &ret->n_src, f);

	if (!err)
		err = make_prefixes("dst", &w->dst, ret->dst, &ret->n_dst, f);
	if (!err)
		err = make_ports("sport", &w->sport, ret->sport,
				 &ret->n_sport, f);
	if (!err)
		err = make_ports("dport", &w->dport, ret->dport,
				 &ret->n_dport, f);
	return err;
}

int flowfilter_make(const struct flowfilter_words *words,
		    struct flowfilter *ret, struct fault *f)
{
	struct flowfilter filter = {
		.cgroup = &words->cgroup, .path = &words->path,
		.min_bps = words->min_bps, .min_bytes = words->min_bytes,
		.idle_us = words->idle_given ? words->idle_ns / 1000 :
			   UINT64_MAX,
	};
	int err = make_protos(words, &filter, f);

	if (!err)
		err = make_ends(words, &filter, f);
	if (!err)
		err = make_classes(words, &filter, f);
	if (!err)
		*ret = filter;
	return err;
}

static bool has_proto(const struct flowfilter *filter, uint8_t proto)
{
	return !filter->n_proto ||
	       memchr(filter->proto, proto, filter->n_proto);
}

static bool has_addr(const struct srte_route_key *prefixes, int n,
		     const uint8_t addr[16])
{
	int i;

	for (i = 0; i < n; i++)
		if (prefix_has(&prefixes[i], addr))
			return true;
	return !n;
}

static bool has_port(const struct flowfilter_ports *ports, int n,
		     __be16 port)
{
	uint16_t p = ntohs(port);
	int i;

	for (i = 0; i < n; i++)
		if (p >= ports[i].from && p <= ports[i].to)
			return true;
	return !n;
}

bool flowfilter_key(const struct flowfilter *filter,
		    const struct srte_flow_key *key)
{
	return has_proto(filter, key->proto) &&
	       has_addr(filter->src, filter->n_src, key->src) &&
	       has_addr(filter->dst, filter->n_dst, key->dst) &&
	       has_port(filter->sport, filter->n_sport, key->sport) &&
	       has_port(filter->dport, filter->n_dport, key->dport);
}

bool flowfilter_numbers(const struct flowfilter *filter,
			const struct flow *flow)
{
	if (flow->rate_bps < filter->min_bps ||
	    flow->bytes < filter->min_bytes ||
	    flow->idle_us > filter->idle_us)
		return false;
	if (filter->classes && !(filter->classes >> flow->class & 1))
		return false;
	return flowfilter_key(filter, &flow->key);
}

static bool is_below(const char *cgroup, const char *top)
{
	size_t n = strlen(top);

	while (n && top[n - 1] == '/')
		n--;
	return !strncmp(cgroup, top, n) && (!cgroup[n] || cgroup[n] == '/');
}

bool flowfilter_names(const struct flowfilter *filter, const char *cgroup,
		      const char *path)
{
	bool ok = !filter->cgroup->n;
	int i;

	for (i = 0; i < filter->cgroup->n; i++)
		ok |= is_below(cgroup, filter->cgroup->v[i]);
	if (!ok || !filter->path->n)
		return ok;
	for (i = 0; i < filter->path->n; i++)
		if (!strcmp(path, filter->path->v[i]))
			return true;
	return false;
}
