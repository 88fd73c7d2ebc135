/* SPDX-License-Identifier: GPL-2.0-only */
#include "qdisc.h"

#include "cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

struct dump {
	uint16_t type;			/* of the request */
	int      ifindex;
	uint32_t parent;
	uint32_t priority;		/* filters below it match */
	uint32_t *ret_priority;		/* of the one that did */
	char     *ret_kind;		/* of the last that was looked at */
	bool   (*match)(const struct nlmsghdr *nh, const struct dump *dump);
};

static int ask(int sock, const struct dump *dump)
{
	struct {
		struct nlmsghdr nh;
		struct tcmsg tc;
	} req = {
		.nh.nlmsg_len = sizeof(req),
		.nh.nlmsg_type = dump->type,
		.nh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.tc.tcm_family = AF_UNSPEC,
		.tc.tcm_ifindex = dump->ifindex,
		.tc.tcm_parent = dump->parent,
	};

	return send(sock, &req, sizeof(req), 0) < 0 ? -errno : 0;
}

/* Read to the end of the dump; whether anything in it matched. */
static int answer(int sock, const struct dump *dump)
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
			if (dump->match(nh, dump))
				found = 1;
		}
	}
}

static int run(const struct dump *dump)
{
	auto_close int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				     NETLINK_ROUTE);
	int err;

	if (sock < 0)
		return -errno;
	err = ask(sock, dump);
	return err ? err : answer(sock, dump);
}

/* The kernel dumps the qdiscs of every device. */
static bool is_clsact(const struct nlmsghdr *nh, const struct dump *dump)
{
	const struct tcmsg *tc = NLMSG_DATA(nh);

	return nh->nlmsg_type == RTM_NEWQDISC &&
	       tc->tcm_ifindex == dump->ifindex &&
	       tc->tcm_parent == TC_H_CLSACT;
}

static bool is_filter(const struct nlmsghdr *nh, const struct dump *dump)
{
	(void)dump;
	return nh->nlmsg_type == RTM_NEWTFILTER;
}

int qdisc_present(int ifindex)
{
	const struct dump dump = {
		.type = RTM_GETQDISC, .ifindex = ifindex, .match = is_clsact,
	};

	return run(&dump);
}

static const uint32_t parents[] = {
	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
};

int qdisc_in_use(int ifindex)
{
	int found = 0;

	for (int i = 0; i < 2 && !found; i++) {
		const struct dump dump = {
			.type = RTM_GETTFILTER, .ifindex = ifindex,
			.parent = parents[i], .match = is_filter,
		};

		found = run(&dump);
	}
	return found;
}

/* ---- for the doctor ---- */

static void take_kind(const struct nlmsghdr *nh, char ret[QDISC_KIND])
{
	const struct tcmsg *tc = NLMSG_DATA(nh);
	const struct rtattr *a = TCA_RTA(tc);
	int left = (int)TCA_PAYLOAD(nh);

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == TCA_KIND)
			snprintf(ret, QDISC_KIND, "%s",
				 (const char *)RTA_DATA(a));
}

/* Those that keep flows apart, and that of a device which has no queue. */
static bool is_fair(const struct nlmsghdr *nh, const struct dump *dump)
{
	static const char *const kinds[] = {
		"fq", "fq_codel", "fq_pie", "cake", "noqueue"
	};
	const struct tcmsg *tc = NLMSG_DATA(nh);
	char kind[QDISC_KIND] = "";

	if (nh->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != dump->ifindex)
		return false;
	take_kind(nh, kind);
	if (tc->tcm_parent == TC_H_ROOT)
		strcpy(dump->ret_kind, kind);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

bool qdisc_fair(int ifindex, char ret_root[QDISC_KIND])
{
	const struct dump dump = {
		.type = RTM_GETQDISC, .ifindex = ifindex, .match = is_fair,
		.ret_kind = ret_root,
	};

	strcpy(ret_root, "unknown");
	return run(&dump) != 0;
}

static bool is_before(const struct nlmsghdr *nh, const struct dump *dump)
{
	const struct tcmsg *tc = NLMSG_DATA(nh);
	uint32_t priority = TC_H_MAJ(tc->tcm_info) >> 16;

	if (nh->nlmsg_type != RTM_NEWTFILTER || priority >= dump->priority)
		return false;
	take_kind(nh, dump->ret_kind);
	*dump->ret_priority = priority;
	return true;
}

int qdisc_before(int ifindex, uint32_t priority, uint32_t *ret_priority,
		 char ret_kind[QDISC_KIND])
{
	int found = 0;

	for (size_t i = 0; i < 2 && !found; i++) {
		const struct dump dump = {
			.type = RTM_GETTFILTER, .ifindex = ifindex,
			.parent = parents[i], .match = is_before,
			.priority = priority, .ret_priority = ret_priority,
			.ret_kind = ret_kind,
		};

		found = run(&dump);
	}
	return found;
}
