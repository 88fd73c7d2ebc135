/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tun NAME [TYPE]: a device without Ethernet that swallows all it is given,
 * as long as this runs; of that link type (ARPHRD_*) if one is named.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

int main(int argc, char **argv)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	char packet[65536];
	int fd;

	if (argc < 2 || strlen(argv[1]) >= IFNAMSIZ) {
		fputs("usage: tun NAME [TYPE]\n", stderr);
		return 2;
	}
	strcpy(ifr.ifr_name, argv[1]);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) ||
	    (argc > 2 && ioctl(fd, TUNSETLINK, strtoul(argv[2], NULL, 0)))) {
		fprintf(stderr, "tun: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	/* Refused until it is up, and then it waits. */
	for (;;)
		if (read(fd, packet, sizeof(packet)) < 0)
			poll(NULL, 0, 10);
}
