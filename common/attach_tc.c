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

static enum bpf_tc_attach_point point_of(enum attach_dir dir)
{
	return dir == ATTACH_EGRESS ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

static const char *dir_name(enum attach_dir dir)
{
	return dir == ATTACH_EGRESS ? "egress" : "ingress";
}

static int cannot_ask(const char *dev, enum attach_dir dir, int err,
		      struct fault *f)
{
	return fault_set(f, FAULT_ATTACH, "%s: cannot ask for its %s filter: "
			 "%s", dev, dir_name(dir), strerror(-err));
}

int attach_tc_vacant(const char *dev, int ifindex, struct fault *f)
{
	enum attach_dir dir;
	uint32_t other;
	int err;

	for (dir = ATTACH_EGRESS; dir < ATTACH_DIRS; dir++) {
		err = attach_tc_query(ifindex, dir, &other);
		if (err && err != -ENOENT)
			return cannot_ask(dev, dir, err, f);
		if (!err)
			return fault_set(f, FAULT_TAKEN, "%s: another program "
					 "sits at our place (%u: %s, pref %d, "
					 "handle %#x)", dev, other,
					 dir_name(dir), SRTE_TC_PRIORITY,
					 SRTE_TC_HANDLE);
	}
	return 0;
}

static int add_filter(const char *dev, int ifindex, enum attach_dir dir,
		      int prog_fd, struct fault *f)
{
	HOOK(hook, ifindex, point_of(dir));
	PLACE(opts, .prog_fd = prog_fd);
	int err = bpf_tc_attach(&hook, &opts);

	if (err)
		return fault_set(f, FAULT_ATTACH, "%s: cannot add the %s "
				 "filter: %s%s", dev, dir_name(dir),
				 strerror(-err),
				 err == -EINVAL || err == -EOPNOTSUPP ?
				 " (an ingress qdisc in clsact's place?)" : "");
	log_info("%s: attached srte_%s", dev, dir_name(dir));
	return 0;
}

int attach_tc_replace(const char *dev, int ifindex, enum attach_dir dir,
		      int prog_fd, struct fault *f)
{
	HOOK(hook, ifindex, point_of(dir));
	PLACE(opts, .prog_fd = prog_fd, .flags = BPF_TC_F_REPLACE);
	int err = bpf_tc_attach(&hook, &opts);

	if (err)
		return fault_set(f, FAULT_ATTACH, "%s: cannot replace the %s "
				 "filter: %s", dev, dir_name(dir),
				 strerror(-err));
	log_info("%s: replaced srte_%s", dev, dir_name(dir));
	return 0;
}

int attach_tc_add(const char *dev, int ifindex, const int prog_fds[],
		  struct fault *f)
{
	enum attach_dir dir;
	int err = attach_tc_vacant(dev, ifindex, f);

	for (dir = ATTACH_EGRESS; !err && dir < ATTACH_DIRS; dir++)
		err = add_filter(dev, ifindex, dir, prog_fds[dir], f);
	return err;
}

int attach_tc_query(int ifindex, enum attach_dir dir, uint32_t *ret_prog_id)
{
	HOOK(hook, ifindex, point_of(dir));
	PLACE(opts);
	int err = bpf_tc_query(&hook, &opts);

	/* Without clsact the kernel says EINVAL: nothing is there either; so
	 * says libbpf of a filter that is no program. */
	if (err)
		return err == -EINVAL ? -ENOENT : err;
	*ret_prog_id = opts.prog_id;
	return 0;
}

static int del_filter(const char *dev, int ifindex, enum attach_dir dir,
		      struct fault *f)
{
	HOOK(hook, ifindex, point_of(dir));
	PLACE(opts);
	int err = bpf_tc_detach(&hook, &opts);

	if (err && err != -ENOENT)
		return fault_set(f, FAULT_ATTACH, "%s: cannot remove the "
				 "%s filter: %s", dev, dir_name(dir),
				 strerror(-err));
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
	static const char *const pins[] = {
		"prog/srte_egress", "prog/srte_egress_l3",
		"prog/srte_ingress", "prog/srte_ingress_l3"
	};
	enum { N_PINS = sizeof(pins) / sizeof(*pins) };
	size_t i;

	_Static_assert(N_PINS * PIN_PLACES == ATTACH_PROGS, "all");
	*ret = (struct attach_ours){};
	for (i = 0; i < ATTACH_PROGS; i++) {
		int err = pin_prog_id_at(i / N_PINS, pins[i % N_PINS],
					 &ret->id[i]);

		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static bool is_ours(const struct attach_ours *ours, uint32_t prog)
{
	size_t i;

	for (i = 0; i < ATTACH_PROGS; i++)
		if (prog && ours->id[i] == prog)
			return true;
	return false;
}

/* Somebody may have removed it before us. */
static int del_if_ours(const char *dev, int ifindex, enum attach_dir dir,
		       const struct attach_ours *ours, struct fault *f)
{
	uint32_t there;
	int err = attach_tc_query(ifindex, dir, &there);

	if (err)
		return err == -ENOENT ? 0 : cannot_ask(dev, dir, err, f);
	if (is_ours(ours, there))
		return del_filter(dev, ifindex, dir, f);
	log_warn("%s: left alone, program %u at our place is not ours", dev,
		 there);
	return 0;
}

int attach_tc_del(const char *dev, int ifindex,
		  const struct attach_ours *ours, bool made_qdisc,
		  struct fault *f)
{
	enum attach_dir dir;
	int err = 0;

	for (dir = ATTACH_EGRESS; !err && dir < ATTACH_DIRS; dir++)
		err = del_if_ours(dev, ifindex, dir, ours, f);
	if (!err && made_qdisc)
		err = del_qdisc(dev, ifindex, f);
	return err;
}
