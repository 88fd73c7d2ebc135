/* SPDX-License-Identifier: GPL-2.0-only */
#include "qdisc.h"

#include "cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

static int ask(int sock, int ifindex, uint32_t parent)
{
	struct {
		struct nlmsghdr nh;
		struct tcmsg tc;
	} req = {
		.nh.nlmsg_len = sizeof(req),
		.nh.nlmsg_type = RTM_GETTFILTER,
		.nh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.tc.tcm_family = AF_UNSPEC,
		.tc.tcm_ifindex = ifindex,
		.tc.tcm_parent = parent,
	};

	return send(sock, &req, sizeof(req), 0) < 0 ? -errno : 0;
}

/* Read one dump to its end; any filter in it will do. */
static int any_filter(int sock)
{
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	int found = 0;

	for (;;) {
		ssize_t n = recv(sock, buf, sizeof(buf), 0);
		struct nlmsghdr *nh = (void *)buf;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		for (; NLMSG_OK(nh, n); nh = NLMSG_NEXT(nh, n)) {
			if (nh->nlmsg_type == NLMSG_DONE)
				return found;
			if (nh->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)
					NLMSG_DATA(nh))->error;
			if (nh->nlmsg_type == RTM_NEWTFILTER)
				found = 1;
		}
	}
}

int qdisc_in_use(int ifindex)
{
	static const uint32_t parents[] = {
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
	};
	auto_close int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				     NETLINK_ROUTE);
	int found = 0;

	if (sock < 0)
		return -errno;
	for (int i = 0; i < 2 && !found; i++) {
		found = ask(sock, ifindex, parents[i]);
		if (!found)
			found = any_filter(sock);
	}
	return found;
}
