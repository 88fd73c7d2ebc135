/* SPDX-License-Identifier: GPL-2.0-only */
/* Is this host, and this process, able to run srte-attach at all? */
#ifndef SRTE_HOST_H
#define SRTE_HOST_H

#include "fault.h"

/* CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, effective. FAULT_NO_CAPABILITY */
int host_check_rights(struct fault *f);
/* The kernel describes its types. FAULT_NO_BTF */
int host_check_btf(struct fault *f);
/* Of this boot, "" when not known. */
void host_boot_id(char ret[40]);

#endif
