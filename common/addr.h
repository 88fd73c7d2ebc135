/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses are 16 bytes everywhere; IPv4 sits at ::ffff:0:0/96 and is
 * always shown as IPv4 (RFC 4291 2.5.5.2).
 */
#ifndef SRTE_ADDR_H
#define SRTE_ADDR_H

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>

#define ADDR_TEXT	46	/* INET6_ADDRSTRLEN */
#define PREFIX_TEXT	(ADDR_TEXT + 4)
#define FLOW_TEXT	128

bool addr_is_ipv4(const uint8_t addr[16]);
bool addr_is_zero(const uint8_t addr[16]);	/* ::, for none given */
/* IPv4 at one end only: an IPv6 packet with an address that must not be on the
 * wire. No record holds such a flow, since it has no family. */
bool flow_is_mixed(const struct srte_flow_key *key);
int  addr_parse(const char *text, uint8_t ret_addr[16]);	/* -EINVAL */
/* As inet_ntop(3) and RFC 5952 have it, at a tenth of inet_ntop's price: a
 * listing has two in each line. Returns the length. */
int  addr_format(const uint8_t addr[16], char ret[ADDR_TEXT]);

/* "10.0.2.0/24", "fd00:2::/64"; no slash: a host. prefixlen in *ret counts
 * from the 128-bit form (/24 is 120). Bits past the length: -EINVAL. */
int  prefix_parse(const char *text, struct srte_route_key *ret);
void prefix_format(const struct srte_route_key *key, char ret[PREFIX_TEXT]);
bool prefix_has(const struct srte_route_key *key, const uint8_t addr[16]);

/* A SID must be a global or unique-local unicast IPv6 address: not ::, ::1,
 * multicast, link-local, v4-mapped. Returns what it is instead ("multicast")
 * or NULL if it will do. */
const char *addr_bad_sid(const uint8_t addr[16]);

/* "tcp", "udp", "icmp", "icmpv6", "sctp", else the number. proto_name()
 * has NULL for the latter. */
const char *proto_name(uint8_t proto);
void proto_format(uint8_t proto, char ret[16]);
int  proto_parse(const char *text, uint8_t *ret);	/* -EINVAL */

/* "tcp 10.0.1.1:40000 > 10.0.2.1:5201", for messages and tables. */
void flow_format(const struct srte_flow_key *key, char ret[FLOW_TEXT]);

#endif
