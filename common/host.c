/* SPDX-License-Identifier: GPL-2.0-only */
#include "host.h"

#include "cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#define BTF_FILE "/sys/kernel/btf/vmlinux"

static bool has_cap(const struct __user_cap_data_struct *caps, int cap)
{
	return caps[cap / 32].effective & (1U << (cap % 32));
}

int host_check_rights(struct fault *f)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2] = {};
	const char *missing = NULL;
	bool admin;

	if (syscall(SYS_capget, &head, caps))
		return fault_set(f, FAULT_FAILED, "capget: %s",
				 strerror(errno));
	/* The kernel takes CAP_SYS_ADMIN for these two. PERFMON: without it
	 * the verifier refuses to add a header's length to a pointer. */
	admin = has_cap(caps, CAP_SYS_ADMIN);
	if (!has_cap(caps, CAP_NET_ADMIN))
		missing = "CAP_NET_ADMIN";
	if (!has_cap(caps, CAP_PERFMON) && !admin)
		missing = "CAP_PERFMON";
	if (!has_cap(caps, CAP_BPF) && !admin)
		missing = "CAP_BPF";
	if (missing)
		return fault_set(f, FAULT_NO_CAPABILITY, "%s is missing",
				 missing);
	return 0;
}

int host_check_btf(struct fault *f)
{
	if (!access(BTF_FILE, R_OK))
		return 0;
	return fault_set(f, FAULT_NO_BTF, "%s: %s", BTF_FILE,
			 strerror(errno));
}

void host_boot_id(char ret[40])
{
	auto_fclose FILE *file = fopen("/proc/sys/kernel/random/boot_id",
				       "re");

	if (!file || fscanf(file, "%39[0-9a-f-]", ret) != 1)
		*ret = '\0';
}
