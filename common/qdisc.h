/* SPDX-License-Identifier: GPL-2.0-only */
/* Is there a clsact qdisc, and whose filters are on it: what libbpf has no
 * call for. 1 yes, 0 no, or -errno. */
#ifndef SRTE_QDISC_H
#define SRTE_QDISC_H

int qdisc_present(int ifindex);
int qdisc_in_use(int ifindex);	/* any filter, ingress or egress */

#endif
