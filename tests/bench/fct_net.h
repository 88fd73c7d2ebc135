/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of fct: both ends in one process. What fails ends it. */
#ifndef BENCH_FCT_NET_H
#define BENCH_FCT_NET_H

#include <stdint.h>

struct fct_net {
	const char *address;	/* of the receiver, IPv4 or IPv6 */
	uint16_t port;		/* of the receiver */
	uint16_t from_port;	/* of flow 0; plus i of flow i */
	const char *cc;		/* congestion control */
};

/* Sockets belong to the namespace that a thread is in when it makes them. */
void fct_net_enter(const char *netns);
/* As many as this process may have: two for each flow under way. */
void fct_net_many_files(void);
int fct_net_listen(const struct fct_net *net);
int fct_net_connect(const struct fct_net *net, uint32_t flow);
/* -1: nobody waits. */
int fct_net_accept(const struct fct_net *net, int listener, uint32_t *ret_flow);

#endif
