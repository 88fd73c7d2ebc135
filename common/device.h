/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts about network devices, asked of the kernel (ioctl, sysfs, addresses),
 * and the table of those that srte is attached to (srte_devices).
 */
#ifndef SRTE_DEVICE_H
#define SRTE_DEVICE_H

#include "abi.h"
#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

struct device {
	char     name[16];		/* IFNAMSIZ */
	uint32_t ifindex;
	uint32_t mtu;
	uint32_t speed_mbps;		/* 0: not known */
	bool     layer3;		/* packets without an Ethernet header */
};

/* A device of this network namespace. FAULT_NO_DEVICE, DEVICE_TYPE */
int device_read(const char *name, struct device *ret, struct fault *f);

/* The names in "eth0,eth1", each once: "--dev eth0,eth1" means the same as
 * "--dev eth0 --dev eth1". text is cut up, ret[SRTE_DEVICES_MAX + 1] points
 * into it. */
int device_names(const char **ret, char *text, struct fault *f);

/* First global or unique-local IPv6 address of a device, else of any device
 * here. -EADDRNOTAVAIL without a fault: the caller knows what it is for. */
int device_source(const char *name, uint8_t ret[16]);

/* What the programs know this network namespace by; 0: not known. */
uint64_t device_netns_cookie(void);

/* Inode of this process's network namespace; 0 if /proc does not say. */
uint64_t device_netns(void);
/* Does any process or mount here still hold that namespace? */
bool device_netns_alive(uint64_t netns);

/* Attached devices, in any order; stops at the first non-zero of each(). */
int device_each(int (*each)(const struct srte_device_key *key,
			    const struct srte_device *dev, void *arg),
		void *arg, struct fault *f);
/* device_source() of the first attached device of this namespace. */
int device_attached_source(uint8_t ret[16], struct fault *f);
/* Slowest attached device in bits a second; 0 when none is known. */
int device_link_bps(uint64_t *ret, struct fault *f);

#endif
