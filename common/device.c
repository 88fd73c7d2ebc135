/* SPDX-License-Identifier: GPL-2.0-only */
#include "device.h"

#include "addr.h"
#include "cleanup.h"
#include "pin.h"

#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <asm/socket.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/sockios.h>

/* Not from /sys/class/net: that shows the namespace that mounted it. */
static uint32_t read_speed(int sock, struct ifreq *ifr)
{
	struct ethtool_link_settings req = { .cmd = ETHTOOL_GLINKSETTINGS };
	struct { struct ethtool_link_settings s; uint32_t masks[3 * 128]; } ans;

	/* The first call tells, negated, how many mask words to bring. */
	ifr->ifr_data = (void *)&req;
	if (ioctl(sock, SIOCETHTOOL, ifr) || req.link_mode_masks_nwords >= 0)
		return 0;
	memset(&ans, 0, sizeof(ans));
	ans.s.cmd = ETHTOOL_GLINKSETTINGS;
	ans.s.link_mode_masks_nwords = -req.link_mode_masks_nwords;
	ifr->ifr_data = (void *)&ans;
	if (ioctl(sock, SIOCETHTOOL, ifr))
		return 0;
	return ans.s.speed == (uint32_t)SPEED_UNKNOWN ? 0 : ans.s.speed;
}

/*
 * What a packet at its egress begins with. Types that may or may not have a
 * header of their own there (GRE, PPP) are not guessed at.
 */
static int read_type(int sock, struct ifreq *ifr, bool *ret_layer3,
		     struct fault *f)
{
	if (ioctl(sock, SIOCGIFHWADDR, ifr))
		return fault_set(f, FAULT_NO_DEVICE, "%s: no link type: %s",
				 ifr->ifr_name, strerror(errno));
	switch (ifr->ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*ret_layer3 = false;
		return 0;
	case ARPHRD_NONE:	/* tun, wireguard */
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		*ret_layer3 = true;
		return 0;
	default:
		return fault_set(f, FAULT_DEVICE_TYPE, "%s: link type %u is "
				 "neither Ethernet nor plain IP",
				 ifr->ifr_name, ifr->ifr_hwaddr.sa_family);
	}
}

int device_read(const char *name, struct device *ret, struct fault *f)
{
	auto_close int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct device dev = {};
	struct ifreq ifr = {};
	int err;

	if (sock < 0)
		return fault_set(f, FAULT_FAILED, "no socket: %s",
				 strerror(errno));
	if (!*name || strlen(name) >= IFNAMSIZ)
		return fault_set(f, FAULT_NO_DEVICE, "'%s' is no name of a "
				 "device", name);
	strcpy(ifr.ifr_name, name);
	strcpy(dev.name, name);
	if (ioctl(sock, SIOCGIFINDEX, &ifr))
		return fault_set(f, FAULT_NO_DEVICE, "there is no device '%s'",
				 name);
	dev.ifindex = ifr.ifr_ifindex;
	if (!ioctl(sock, SIOCGIFMTU, &ifr))
		dev.mtu = ifr.ifr_mtu;
	err = read_type(sock, &ifr, &dev.layer3, f);
	if (err)
		return err;
	dev.speed_mbps = read_speed(sock, &ifr);
	*ret = dev;
	return 0;
}

int device_names(const char **ret, char *text, struct fault *f)
{
	size_t n = 0;

	for (char *save, *name = strtok_r(text, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		if (n == SRTE_DEVICES_MAX)
			return fault_set(f, FAULT_TOO_MANY, "more than %d "
					 "devices", SRTE_DEVICES_MAX);
		for (size_t i = 0; i < n; i++)
			if (!strcmp(ret[i], name))
				return fault_set(f, FAULT_USAGE, "--dev %s: "
						 "given twice", name);
		ret[n++] = name;
	}
	if (!n)
		return fault_set(f, FAULT_USAGE, "up needs --dev");
	return 0;
}

/* ---- addresses ---- */

static const uint8_t *usable(const struct ifaddrs *ifa, const char *name)
{
	const struct sockaddr_in6 *sa = (const void *)ifa->ifa_addr;

	if (!sa || sa->sin6_family != AF_INET6 ||
	    (name && strcmp(ifa->ifa_name, name)))
		return NULL;
	return addr_bad_sid(sa->sin6_addr.s6_addr) ? NULL :
	       sa->sin6_addr.s6_addr;
}

int device_source(const char *name, uint8_t ret[16])
{
	const uint8_t *found = NULL;
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return -errno;
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		found = usable(i, name);
	/* An address of lo or of another device routes back just as well. */
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		found = usable(i, NULL);
	if (found)
		memcpy(ret, found, 16);
	freeifaddrs(all);
	return found ? 0 : -EADDRNOTAVAIL;
}

/* ---- network namespaces ---- */

uint64_t device_netns_cookie(void)
{
	auto_close int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (sock < 0 || getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie,
				   &len))
		return 0;
	return cookie;
}

uint64_t device_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static bool netns_mounted(uint64_t netns)
{
	auto_fclose FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], root[32];
	bool found = false;

	snprintf(root, sizeof(root), " net:[%llu] ",
		 (unsigned long long)netns);
	while (mounts && !found && fgets(line, sizeof(line), mounts))
		found = strstr(line, root);
	return found;
}

bool device_netns_alive(uint64_t netns)
{
	DIR *d = opendir("/proc");
	bool found = netns_mounted(netns);
	struct dirent *e;
	struct stat st;
	char path[300];

	while (d && !found && (e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		found = !stat(path, &st) && st.st_ino == netns;
	}
	if (d)
		closedir(d);
	return found;
}

/* ---- attached devices ---- */

int device_each(int (*each)(const struct srte_device_key *key,
			    const struct srte_device *dev, void *arg),
		void *arg, struct fault *f)
{
	auto_close int fd = pin_open("srte_devices", PIN_READ, f);
	struct srte_device_key key, next;
	struct srte_device dev;
	int err;

	if (fd < 0)
		return fd;
	err = pin_next(fd, NULL, &next);
	while (!err) {
		key = next;
		/* Before each(), which may remove this one. */
		err = pin_next(fd, &key, &next);
		if (!pin_get(fd, &key, &dev)) {
			int stop = each(&key, &dev, arg);

			if (stop)
				return stop;
		}
	}
	return 0;
}

struct source_search {
	uint64_t netns;
	uint8_t  addr[16];
};

static int try_source(const struct srte_device_key *key,
		      const struct srte_device *dev, void *arg)
{
	struct source_search *s = arg;
	char name[IF_NAMESIZE];

	(void)dev;
	if (key->netns != s->netns || !if_indextoname(key->ifindex, name))
		return 0;
	return !device_source(name, s->addr);
}

int device_attached_source(uint8_t ret[16], struct fault *f)
{
	struct source_search s = { .netns = device_netns() };
	int found = device_each(try_source, &s, f);

	if (found < 0)
		return found;
	if (!found)
		return fault_set(f, FAULT_NO_SOURCE, "no device of srte here "
				 "has a global IPv6 address");
	memcpy(ret, s.addr, 16);
	return 0;
}

static int slowest(const struct srte_device_key *key,
		   const struct srte_device *dev, void *arg)
{
	uint64_t *bps = arg, mine = dev->speed_mbps * 1000000ULL;

	(void)key;
	if (mine && (!*bps || mine < *bps))
		*bps = mine;
	return 0;
}

int device_link_bps(uint64_t *ret, struct fault *f)
{
	uint64_t bps = 0;
	int err = device_each(slowest, &bps, f);

	if (!err)
		*ret = bps;
	return err;
}
