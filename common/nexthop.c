/* SPDX-License-Identifier: GPL-2.0-only */
#include "nexthop.h"

#include "addr.h"
#include "cleanup.h"
#include "log.h"
#include "wall.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#define MAC_LEN		6
#define DISCARD_PORT	9	/* RFC 863 */
#define WAIT_NS		1000000000ULL
#define NUD_USABLE	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | \
			 NUD_STALE | NUD_DELAY | NUD_PROBE)

struct hop {
	uint8_t  sid[16], gateway[16];
	uint8_t  mac[MAC_LEN];
	uint32_t oif;		/* 0: no route */
	bool     known, asked;
};

struct hops {
	struct mnl_socket *nl;
	int         udp;
	struct hop *hop;
	size_t      n;
	char        buf[8192];	/* at least MNL_SOCKET_BUFFER_SIZE's minimum */
};

/* ---- one question, one answer ---- */

static struct nlmsghdr *request(struct hops *h, uint16_t type, void **ret_body,
				size_t body_len)
{
	struct nlmsghdr *nh = mnl_nlmsg_put_header(h->buf);

	nh->nlmsg_type = type;
	nh->nlmsg_flags = NLM_F_REQUEST;
	*ret_body = mnl_nlmsg_put_extra_header(nh, body_len);
	return nh;
}

/* The answer's attributes go to attr(); a refusal is its errno. */
static int ask(struct hops *h, const struct nlmsghdr *nh, size_t body_len,
	       mnl_attr_cb_t attr, struct hop *hop)
{
	ssize_t n;

	if (mnl_socket_sendto(h->nl, nh, nh->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(h->nl, h->buf, sizeof(h->buf));
	if (n < 0)
		return -errno;
	nh = (const struct nlmsghdr *)h->buf;
	if (!mnl_nlmsg_ok(nh, n))
		return -EPROTO;
	if (nh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nh);

		return e->error ? e->error : -EPROTO;
	}
	return mnl_attr_parse(nh, body_len, attr, hop) < 0 ? -EPROTO : 0;
}

static int route_attr(const struct nlattr *attr, void *arg)
{
	struct hop *hop = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type == RTA_OIF)
		hop->oif = mnl_attr_get_u32(attr);
	else if (type == RTA_GATEWAY && mnl_attr_get_payload_len(attr) == 16)
		memcpy(hop->gateway, mnl_attr_get_payload(attr), 16);
	return MNL_CB_OK;
}

/* A destination on the link is its own gateway. */
static int route_ask(struct hops *h, struct hop *hop)
{
	struct rtmsg *rt;
	void *body;
	struct nlmsghdr *nh = request(h, RTM_GETROUTE, &body, sizeof(*rt));

	rt = body;
	rt->rtm_family = AF_INET6;
	rt->rtm_dst_len = 128;
	mnl_attr_put(nh, RTA_DST, 16, hop->sid);
	memcpy(hop->gateway, hop->sid, 16);
	return ask(h, nh, sizeof(*rt), route_attr, hop);
}

static int neigh_attr(const struct nlattr *attr, void *arg)
{
	struct hop *hop = arg;

	if (mnl_attr_get_type(attr) != NDA_LLADDR ||
	    mnl_attr_get_payload_len(attr) != MAC_LEN)
		return MNL_CB_OK;
	memcpy(hop->mac, mnl_attr_get_payload(attr), MAC_LEN);
	hop->known = true;
	return MNL_CB_OK;
}

static void neigh_ask(struct hops *h, struct hop *hop)
{
	const struct ndmsg *answer;
	struct ndmsg *nd;
	void *body;
	struct nlmsghdr *nh = request(h, RTM_GETNEIGH, &body, sizeof(*nd));

	nd = body;
	nd->ndm_family = AF_INET6;
	nd->ndm_ifindex = hop->oif;
	mnl_attr_put(nh, NDA_DST, 16, hop->gateway);
	if (ask(h, nh, sizeof(*nd), neigh_attr, hop))
		return;
	answer = mnl_nlmsg_get_payload((struct nlmsghdr *)h->buf);
	hop->known &= !!(answer->ndm_state & NUD_USABLE);
}

/* One byte that nobody reads makes the kernel look for the neighbour. */
static void neigh_provoke(struct hops *h, struct hop *hop)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(DISCARD_PORT),
		.sin6_scope_id = hop->oif,
	};

	memcpy(&to.sin6_addr, hop->gateway, 16);
	(void)sendto(h->udp, "", 1, MSG_DONTWAIT, (void *)&to, sizeof(to));
	hop->asked = true;
}

/* ---- all of them ---- */

static size_t pending(struct hops *h)
{
	size_t n = 0;

	for (struct hop *hop = h->hop; hop < h->hop + h->n; hop++) {
		if (hop->known || !hop->oif)
			continue;
		neigh_ask(h, hop);
		if (!hop->known && !hop->asked)
			neigh_provoke(h, hop);
		n += !hop->known;
	}
	return n;
}

static void resolve(struct hops *h)
{
	uint64_t end_ns = wall_mono_ns() + WAIT_NS;

	for (struct hop *hop = h->hop; hop < h->hop + h->n; hop++)
		if (route_ask(h, hop))
			hop->oif = 0;
	while (pending(h) && wall_mono_ns() < end_ns)
		poll(NULL, 0, 10);
}

static struct hop *hop_find(struct hops *h, const uint8_t sid[16])
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (!memcmp(h->hop[i].sid, sid, 16))
			return &h->hop[i];
	return NULL;
}

static void collect(struct hops *h, const struct poolset *set)
{
	for (size_t i = 0; i < set->n_paths; i++) {
		const uint8_t *sid = set->paths[i].first;

		if (!hop_find(h, sid))
			memcpy(h->hop[h->n++].sid, sid, 16);
	}
}

static void assign(struct hops *h, struct poolset *set)
{
	for (size_t i = 0; i < set->n_paths; i++) {
		struct srte_path *path = &set->paths[i];
		struct hop *hop = hop_find(h, path->first);

		if (!hop)
			continue;
		memcpy(path->next_hop, hop->mac, MAC_LEN);
		memcpy(path->gateway, hop->gateway, sizeof(path->gateway));
		path->ifindex = hop->oif;
		path->next_hop_known = hop->known;
	}
}

static void report(const struct hops *h)
{
	char sid[ADDR_TEXT];

	for (const struct hop *hop = h->hop; hop < h->hop + h->n; hop++) {
		if (hop->known)
			continue;
		addr_format(hop->sid, sid);
		log_warn("%s: %s; paths that begin with it are not used",
			 sid, hop->oif ? "its next hop does not answer" :
			 "no route to it");
	}
}

static int hops_open(struct hops *h, size_t n)
{
	h->hop = calloc(n ? n : 1, sizeof(*h->hop));
	if (!h->hop)
		return -ENOMEM;
	h->udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	h->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (h->udp < 0 || !h->nl || mnl_socket_bind(h->nl, 0,
						    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

static void hops_close(struct hops *h)
{
	if (h->nl)
		mnl_socket_close(h->nl);
	cleanup_fd(&h->udp);
	free(h->hop);
}

int nexthop_fill(struct poolset *set, struct fault *f)
{
	struct hops h = { .udp = -1 };
	int err = hops_open(&h, set->n_paths);

	if (err) {
		hops_close(&h);
		return fault_set(f, FAULT_FAILED, "cannot read routes: %s",
				 strerror(-err));
	}
	collect(&h, set);
	resolve(&h);
	assign(&h, set);
	report(&h);
	hops_close(&h);
	return 0;
}
