/* SPDX-License-Identifier: GPL-2.0-only */
/* srte-attach down: only what is ours, and all of that. */
#include "attach.h"

#include "cli.h"
#include "device.h"
#include "log.h"
#include "pin.h"
#include "place.h"

#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>

struct down {
	const char *only;	/* name of one device, or NULL */
	uint64_t netns;
	struct attach_ours ours;
	int      devices;	/* map, to delete from */
	size_t   matched, kept;
	struct fault *fault;
};

static bool wanted(const struct down *down, const struct srte_device_key *key,
		   const struct srte_device *dev)
{
	char name[IF_NAMESIZE];

	if (!down->only)
		return true;
	/* By today's name where we can see it: devices get renamed. */
	if (key->netns == down->netns && if_indextoname(key->ifindex, name))
		return !strcmp(down->only, name);
	return !strcmp(down->only, dev->name);
}

/* A filter is out of reach while its namespace lives on without us. */
static int look(const struct srte_device_key *key,
		const struct srte_device *dev, void *arg)
{
	struct down *down = arg;

	if (!wanted(down, key, dev)) {
		down->kept++;
		return 0;
	}
	down->matched++;
	if (key->netns == down->netns || !device_netns_alive(key->netns))
		return 0;
	return fault_set(down->fault, FAULT_OTHER_NETNS, "%s is in another "
			 "network namespace, net:[%llu]", dev->name,
			 (unsigned long long)key->netns);
}

static int detach_one(const struct srte_device_key *key,
		      const struct srte_device *dev, void *arg)
{
	struct down *down = arg;
	char name[IF_NAMESIZE];
	int err = 0;

	if (!wanted(down, key, dev))
		return 0;
	if (key->netns != down->netns || !if_indextoname(key->ifindex, name))
		log_info("%s is gone, and its filter with it", dev->name);
	else
		err = attach_tc_del(name, key->ifindex, &down->ours,
				    dev->made_qdisc, down->fault);
	return err ? err : pin_del(down->devices, key);
}

/* An `up` that was killed before it wrote srte_meta attached no device. */
static bool unfinished(struct fault *f)
{
	struct fault why = {};
	int fd = pin_open("srte_meta", PIN_READ, &why);

	if (fd >= 0) {
		close(fd);
		return false;
	}
	if (why.id == FAULT_NO_PINS)
		return true;
	*f = why;
	return false;
}

static int detach(struct down *down, struct fault *f)
{
	int err;

	if (unfinished(f)) {
		log_warn("instance %s was never finished, removing its pins",
			 cli.instance);
		return 0;
	}
	if (f->id)
		return -EPROTO;
	down->devices = pin_open("srte_devices", PIN_WRITE, f);
	if (down->devices < 0)
		return down->devices;
	err = attach_tc_ours(&down->ours);
	if (err)
		return fault_set(f, FAULT_NO_CAPABILITY, "prog/srte_egress: %s",
				 strerror(-err));
	err = device_each(look, down, f);
	if (!err && down->only && !down->matched)
		return fault_set(f, FAULT_NO_DEVICE, "instance %s is not "
				 "attached to '%s'", cli.instance, down->only);
	return err ? err : device_each(detach_one, down, f);
}

int attach_down(const char *dev, struct fault *f)
{
	struct down down = {
		.only = dev, .netns = device_netns(), .devices = -1,
		.fault = f,
	};
	sigset_t all, before;
	struct place place;
	int err;

	err = place_lock(PIN_HERE, &place, f);
	if (err)
		return err;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = detach(&down, f);
	if (down.devices >= 0)
		close(down.devices);
	if (!err && !down.kept)
		err = place_destroy(&place, f);
	else
		place_unlock(&place);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
