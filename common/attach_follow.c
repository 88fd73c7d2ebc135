/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks that run already get the program of their name that is pinned now.
 * What a hook runs is known by the pins of all places of the instance, so it
 * does not matter where an upgrade that was killed had got to.
 */
#include "attach_internal.h"

#include "cleanup.h"
#include "log.h"
#include "pin.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#define NAME_SIZE	64
#define KNOWN_MAX	(16 * PIN_PLACES)

struct known {
	char     name[NAME_SIZE];
	uint32_t id;
};

struct follow {
	enum pin_place at;
	struct known prog[KNOWN_MAX];
	size_t   n;
	struct fault *fault;
};

/* Call each() for every pin in that directory; none is no mistake. */
static int each_pin(enum pin_place at, const char *dir,
		    int (*each)(const char *name, int fd, void *arg),
		    void *arg, struct fault *f)
{
	char path[PIN_PATH_MAX], leaf[NAME_SIZE * 2];
	struct dirent *e;
	int err = pin_path_at(at, dir, path, f);
	DIR *d = err ? NULL : opendir(path);

	while (!err && d && (e = readdir(d))) {
		auto_close int fd = -1;

		if (e->d_name[0] == '.')
			continue;
		snprintf(leaf, sizeof(leaf), "%s/%.60s", dir, e->d_name);
		err = pin_path_at(at, leaf, path, f);
		fd = err ? -1 : bpf_obj_get(path);
		if (!err && fd < 0)
			err = fault_set(f, FAULT_FAILED, "%s: %s", path,
					strerror(-fd));
		if (!err)
			err = each(e->d_name, fd, arg);
	}
	if (d)
		closedir(d);
	return err;
}

static int note_prog(const char *name, int fd, void *arg)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct follow *fw = arg;
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	if (err)
		return fault_set(fw->fault, FAULT_FAILED, "prog/%s: %s", name,
				 strerror(-err));
	if (fw->n == KNOWN_MAX)
		return fault_set(fw->fault, FAULT_FAILED, "prog/: more pins "
				 "than programs");
	snprintf(fw->prog[fw->n].name, NAME_SIZE, "%s", name);
	fw->prog[fw->n++].id = info.id;
	return 0;
}

static int note_progs(struct follow *fw)
{
	int err = 0;

	for (enum pin_place at = PIN_HERE; !err && at < PIN_PLACES; at++)
		err = each_pin(at, "prog", note_prog, fw, fw->fault);
	return err;
}

static const char *name_of(const struct follow *fw, uint32_t id)
{
	for (size_t i = 0; id && i < fw->n; i++)
		if (fw->prog[i].id == id)
			return fw->prog[i].name;
	return NULL;
}

/*
 * The program that should run where id runs. 1: it does. 2: it is no program
 * of ours.
 */
static int successor(const struct follow *fw, uint32_t id, int *ret_fd)
{
	const char *name = name_of(fw, id);
	char path[PIN_PATH_MAX], leaf[NAME_SIZE * 2];
	uint32_t there;
	int err, fd;

	if (!name)
		return 2;
	snprintf(leaf, sizeof(leaf), "prog/%s", name);
	err = pin_path_at(fw->at, leaf, path, fw->fault);
	if (!err)
		err = pin_prog_id_at(fw->at, leaf, &there);
	if (!err && there == id)
		return 1;
	fd = err ? err : bpf_obj_get(path);
	if (fd < 0)
		return fault_set(fw->fault, FAULT_FAILED, "%s: %s", path,
				 strerror(-fd));
	*ret_fd = fd;
	return 0;
}

static int follow_link(const char *name, int link_fd, void *arg)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	auto_close int prog_fd = -1;
	struct follow *fw = arg;
	int err = bpf_obj_get_info_by_fd(link_fd, &info, &len);

	if (!err)
		err = successor(fw, info.prog_id, &prog_fd);
	if (err > 0)
		return 0;
	if (!err)
		err = bpf_link_update(link_fd, prog_fd, NULL);
	if (err)
		return fault_set(fw->fault, FAULT_ATTACH, "link/%s: cannot "
				 "change its program: %s", name,
				 strerror(-err));
	log_info("link/%s: replaced its program", name);
	return 0;
}

static int follow_filter(struct follow *fw, const struct srte_device *dev,
			 uint32_t ifindex, enum attach_dir dir)
{
	auto_close int fd = -1;
	uint32_t id;
	int err = attach_tc_query(ifindex, dir, &id);

	if (err && err != -ENOENT)
		return fault_set(fw->fault, FAULT_ATTACH, "%s: cannot ask for "
				 "its filter: %s", dev->name, strerror(-err));
	err = err ? 2 : successor(fw, id, &fd);
	if (err == 2)
		log_warn("%s: its filter is gone, or not ours; 'srte-attach "
			 "down' and 'up' put it back", dev->name);
	return err > 0 ? 0 : err ? err :
	       attach_tc_replace(dev->name, ifindex, dir, fd, fw->fault);
}

static int follow_device(struct follow *fw, const struct srte_device_key *key,
			 const struct srte_device *dev)
{
	char name[IF_NAMESIZE];
	int err = 0;

	/* A device that is gone took its filters along; a link is pinned. */
	if (dev->hook != SRTE_HOOK_CLSACT || key->netns != device_netns() ||
	    !if_indextoname(key->ifindex, name))
		return 0;
	for (enum attach_dir dir = ATTACH_EGRESS; !err && dir < ATTACH_DIRS;
	     dir++)
		err = follow_filter(fw, dev, key->ifindex, dir);
	return err;
}

int attach_follow(enum pin_place at, const struct attach_hooks *hooks,
		  struct fault *f)
{
	struct follow fw = { .at = at, .fault = f };
	int err = note_progs(&fw);

	if (!err)
		err = each_pin(at, "link", follow_link, &fw, f);
	for (size_t i = 0; !err && i < hooks->n; i++)
		err = follow_device(&fw, &hooks->key[i], &hooks->dev[i]);
	return err;
}

int attach_hooks_read(int devices_fd, struct attach_hooks *ret,
		      struct fault *f)
{
	struct srte_device_key *key = NULL, next;
	uint64_t netns = device_netns();
	struct srte_device dev = {};

	ret->n = 0;
	while (ret->n < SRTE_DEVICES_MAX && !pin_next(devices_fd, key, &next)) {
		if (!pin_get(devices_fd, &next, &dev)) {
			ret->key[ret->n] = next;
			ret->dev[ret->n++] = dev;
		}
		key = &next;
		if (next.netns != netns && device_netns_alive(next.netns))
			return fault_set(f, FAULT_OTHER_NETNS, "%s is in "
					 "another network namespace, "
					 "net:[%llu]", dev.name,
					 (unsigned long long)next.netns);
	}
	return 0;
}

/* ---- links for what is being built ---- */

/* The kernel never changes what runs at a tracepoint. */
static bool changeable(int fd)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ||
	       (info.type != BPF_LINK_TYPE_RAW_TRACEPOINT &&
		info.type != BPF_LINK_TYPE_TRACING);
}

/* Beside the old one, which goes with its pin: for a moment both run. */
static int new_link(struct up *up, const char *leaf, const char *name,
		    struct fault *f)
{
	struct bpf_program *prog;
	struct bpf_link *link;
	int err;

	prog = bpf_object__find_program_by_name(up->skel->obj, name);
	link = prog ? bpf_program__attach(prog) : NULL;
	if (!link)
		return fault_set(f, FAULT_ATTACH, "cannot attach %s: %s", name,
				 strerror(prog ? errno : ENOENT));
	err = attach_pin(up, bpf_link__fd(link), leaf, false, f);
	bpf_link__destroy(link);	/* our descriptor of it */
	return err;
}

struct links {
	struct up *up;
	struct fault *fault;
};

static int carry_link(const char *name, int fd, void *arg)
{
	struct links *links = arg;
	char leaf[NAME_SIZE * 2];

	snprintf(leaf, sizeof(leaf), "link/%s", name);
	if (!changeable(fd))
		return new_link(links->up, leaf, name, links->fault);
	return attach_pin(links->up, fd, leaf, false, links->fault);
}

int attach_links(struct up *up, struct fault *f)
{
	struct links links = { .up = up, .fault = f };

	return each_pin(up->from, "link", carry_link, &links, f);
}
