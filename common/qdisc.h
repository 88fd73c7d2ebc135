/* SPDX-License-Identifier: GPL-2.0-only */
/* Is there a clsact qdisc, and whose filters are on it: what libbpf has no
 * call for. 1 yes, 0 no, or -errno. */
#ifndef SRTE_QDISC_H
#define SRTE_QDISC_H

#include <stdbool.h>
#include <stdint.h>

#define QDISC_KIND 16

int qdisc_present(int ifindex);
int qdisc_in_use(int ifindex);	/* any filter, ingress or egress */

/* Does the device keep flows apart (fq and its like), or not queue at all?
 * Also true when the kernel does not say. ret_root: kind of its root qdisc. */
bool qdisc_fair(int ifindex, char ret_root[QDISC_KIND]);
/* Is there a filter that is asked before those of this priority? */
int qdisc_before(int ifindex, uint32_t priority, uint32_t *ret_priority,
		 char ret_kind[QDISC_KIND]);

#endif
