/* SPDX-License-Identifier: GPL-2.0-only */
#include "attach.h"

#include "log.h"
#include "pin.h"
#include "qdisc.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#define HOOK(name, index, point)					\
	LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (index),		\
		    .attach_point = (point))
#define PLACE(name, ...)						\
	LIBBPF_OPTS(bpf_tc_opts, name, .handle = SRTE_TC_HANDLE,	\
		    .priority = SRTE_TC_PRIORITY, ##__VA_ARGS__)

int attach_tc_qdisc(const char *dev, int ifindex, bool *ret_made,
		    struct fault *f)
{
	HOOK(hook, ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return fault_set(f, FAULT_ATTACH, "%s: cannot add clsact: %s",
				 dev, strerror(-err));
	*ret_made = !err;
	if (!err)
		log_info("%s: added clsact", dev);
	return 0;
}

int attach_tc_vacant(const char *dev, int ifindex, struct fault *f)
{
	uint32_t other;

	if (attach_tc_query(ifindex, &other))
		return 0;
	return fault_set(f, FAULT_TAKEN, "%s: another program sits at our "
			 "place (%u: egress, pref %d, handle %#x)", dev, other,
			 SRTE_TC_PRIORITY, SRTE_TC_HANDLE);
}

int attach_tc_add(const char *dev, int ifindex, int prog_fd,
		  struct fault *f)
{
	HOOK(hook, ifindex, BPF_TC_EGRESS);
	PLACE(opts, .prog_fd = prog_fd);
	int err = attach_tc_vacant(dev, ifindex, f);

	if (err)
		return err;
	err = bpf_tc_attach(&hook, &opts);
	if (err)
		return fault_set(f, FAULT_ATTACH, "%s: cannot add the egress "
				 "filter: %s%s", dev, strerror(-err),
				 err == -EINVAL || err == -EOPNOTSUPP ?
				 " (an ingress qdisc in clsact's place?)" : "");
	log_info("%s: attached srte_egress", dev);
	return 0;
}

int attach_tc_query(int ifindex, uint32_t *ret_prog_id)
{
	HOOK(hook, ifindex, BPF_TC_EGRESS);
	PLACE(opts);
	int err = bpf_tc_query(&hook, &opts);

	/* Without clsact the kernel says EINVAL: nothing is there either. */
	if (err)
		return -ENOENT;
	*ret_prog_id = opts.prog_id;
	return 0;
}

static int del_filter(const char *dev, int ifindex, struct fault *f)
{
	HOOK(hook, ifindex, BPF_TC_EGRESS);
	PLACE(opts);
	int err = bpf_tc_detach(&hook, &opts);

	if (err && err != -ENOENT)
		return fault_set(f, FAULT_ATTACH, "%s: cannot remove the "
				 "egress filter: %s", dev, strerror(-err));
	return 0;
}

static int del_qdisc(const char *dev, int ifindex, struct fault *f)
{
	HOOK(hook, ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	int used = qdisc_in_use(ifindex);
	int err;

	if (used) {
		log_warn("%s: clsact stays, %s", dev, used > 0 ?
			 "it has other filters" : strerror(-used));
		return 0;
	}
	err = bpf_tc_hook_destroy(&hook);
	if (err && err != -ENOENT && err != -EINVAL)
		return fault_set(f, FAULT_ATTACH, "%s: cannot remove clsact: "
				 "%s", dev, strerror(-err));
	return 0;
}

int attach_tc_ours(struct attach_ours *ret)
{
	int err, err_l3;

	*ret = (struct attach_ours){};
	err = pin_prog_id("prog/srte_egress", &ret->egress);
	err_l3 = pin_prog_id("prog/srte_egress_l3", &ret->egress_l3);
	if (err && err != -ENOENT)
		return err;
	return err_l3 == -ENOENT ? 0 : err_l3;
}

int attach_tc_del(const char *dev, int ifindex,
		  const struct attach_ours *ours, bool made_qdisc,
		  struct fault *f)
{
	uint32_t there;
	int err = attach_tc_query(ifindex, &there);

	if (!err && there != ours->egress && there != ours->egress_l3) {
		log_warn("%s: left alone, program %u at our place is not "
			 "ours", dev, there);
		return 0;
	}
	if (!err)
		err = del_filter(dev, ifindex, f);
	else
		err = 0;	/* somebody removed it before us */
	if (!err && made_qdisc)
		err = del_qdisc(dev, ifindex, f);
	return err;
}
