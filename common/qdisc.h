/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose filters are on a clsact qdisc: what libbpf has no call for. */
#ifndef SRTE_QDISC_H
#define SRTE_QDISC_H

/* 1: some filter is on its ingress or egress chain, 0: none, or -errno. */
int qdisc_in_use(int ifindex);

#endif
