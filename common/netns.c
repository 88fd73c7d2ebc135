/* SPDX-License-Identifier: GPL-2.0-only */
#include "netns.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define NETNS_DIR "/run/netns"

int netns_enter(const char *name, struct fault *f)
{
	auto_close int fd = -1;
	char path[PATH_MAX];
	int n;

	if (!name)
		return 0;
	n = snprintf(path, sizeof(path), "%s%s",
		     strchr(name, '/') ? "" : NETNS_DIR "/", name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return fault_set(f, FAULT_NO_NETNS, "--netns: the name is "
				 "too long");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, FAULT_NO_NETNS, "%s: %s", path,
				 strerror(errno));
	if (!setns(fd, CLONE_NEWNET))
		return 0;
	if (errno == EPERM)
		return fault_set(f, FAULT_NO_CAPABILITY, "%s: cannot enter: "
				 "CAP_SYS_ADMIN is missing", path);
	return fault_set(f, FAULT_NO_NETNS, "%s: %s", path,
			 errno == EINVAL ? "not a network namespace" :
			 strerror(errno));
}
