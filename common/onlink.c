/* SPDX-License-Identifier: GPL-2.0-only */
#include "onlink.h"

#include "log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#define IPV4_BITS	96	/* of ::ffff:0:0/96, before the address */

/* A route of the dump. */
struct link_route {
	struct srte_route_key key;
	bool has_gateway;	/* or tunnel: nobody on the link */
};

static int read_attr(const struct nlattr *attr, void *arg)
{
	struct link_route *r = arg;
	size_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		if (len <= sizeof(r->key.addr))	/* IPv4: the last four */
			memcpy(r->key.addr + sizeof(r->key.addr) - len,
			       mnl_attr_get_payload(attr), len);
		break;
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_MULTIPATH:
	case RTA_ENCAP:
		r->has_gateway = true;
		break;
	}
	return MNL_CB_OK;
}

/* Is key inside of that prefix, and not the same? */
static bool inside(const struct srte_route_key *key,
		   const struct srte_route_key *of)
{
	__u32 bytes = of->prefixlen / 8, bits = of->prefixlen % 8;

	if (key->prefixlen <= of->prefixlen ||
	    memcmp(key->addr, of->addr, bytes))
		return false;
	return !bits || !((key->addr[bytes] ^ of->addr[bytes]) >> (8 - bits));
}

static int spare(struct poolset *set, const struct srte_route_key *key)
{
	bool covered = false;
	void *routes, *keys;

	for (size_t i = 0; i < set->n_routes; i++) {
		if (!memcmp(&set->route_keys[i], key, sizeof(*key)))
			return 0;
		covered |= inside(key, &set->route_keys[i]);
	}
	if (!covered)
		return 0;
	routes = realloc(set->routes, (set->n_routes + 1) *
			 sizeof(*set->routes));
	set->routes = routes ? routes : set->routes;
	keys = realloc(set->route_keys, (set->n_routes + 1) *
		       sizeof(*set->route_keys));
	set->route_keys = keys ? keys : set->route_keys;
	if (!routes || !keys)
		return -ENOMEM;
	set->routes[set->n_routes] = (struct srte_route){};
	set->route_keys[set->n_routes++] = *key;
	return 0;
}

static int read_route(const struct nlmsghdr *nh, void *arg)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nh);
	struct link_route r = { .key.prefixlen = rt->rtm_dst_len };
	int err;

	if (rt->rtm_type != RTN_UNICAST || !rt->rtm_dst_len ||
	    rt->rtm_table == RT_TABLE_LOCAL || rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	if (rt->rtm_family == AF_INET) {
		memset(r.key.addr + 10, 0xff, 2);
		r.key.prefixlen += IPV4_BITS;
	}
	mnl_attr_parse(nh, sizeof(*rt), read_attr, &r);
	err = r.has_gateway ? 0 : spare(arg, &r.key);
	errno = -err;
	return err ? MNL_CB_ERROR : MNL_CB_OK;
}

static int dump(struct mnl_socket *nl, unsigned char family,
		struct poolset *set)
{
	char buf[32768];	/* a part of a dump, at its largest */
	struct nlmsghdr *nh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt;
	ssize_t n = 1;
	int more = MNL_CB_OK;

	nh->nlmsg_type = RTM_GETROUTE;
	nh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rt = mnl_nlmsg_put_extra_header(nh, sizeof(*rt));
	rt->rtm_family = family;
	if (mnl_socket_sendto(nl, nh, nh->nlmsg_len) < 0)
		return -errno;
	while (n > 0 && more > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n > 0)
			more = mnl_cb_run(buf, n, 0, 0, read_route, set);
	}
	return n < 0 || more < 0 ? -errno : 0;
}

int onlink_spare(struct poolset *set, struct fault *f)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	size_t named = set->n_routes;
	int err = nl ? 0 : -errno;

	if (!err && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err = -errno;
	if (!err)
		err = dump(nl, AF_INET, set);
	if (!err)
		err = dump(nl, AF_INET6, set);
	if (nl)
		mnl_socket_close(nl);
	if (err)
		return fault_set(f, FAULT_FAILED, "cannot read routes: %s",
				 strerror(-err));
	if (set->n_routes > named)
		log_info("%zu prefixes on the link stay on plain routing",
			 set->n_routes - named);
	return 0;
}
