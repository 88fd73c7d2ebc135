/* SPDX-License-Identifier: GPL-2.0-only */
#include "addr.h"
#include "num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define MAPPED_BITS 96

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool addr_is_ipv4(const uint8_t addr[16])
{
	return !memcmp(addr, mapped, sizeof(mapped));
}

bool addr_is_zero(const uint8_t addr[16])
{
	static const uint8_t zero[16];

	return !memcmp(addr, zero, sizeof(zero));
}

bool flow_is_mixed(const struct srte_flow_key *key)
{
	return addr_is_ipv4(key->src) != addr_is_ipv4(key->dst);
}

int addr_parse(const char *text, uint8_t ret_addr[16])
{
	uint8_t buf[16];

	if (strchr(text, ':')) {
		if (inet_pton(AF_INET6, text, buf) != 1)
			return -EINVAL;
	} else {
		memcpy(buf, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, text, buf + sizeof(mapped)) != 1)
			return -EINVAL;
	}
	memcpy(ret_addr, buf, sizeof(buf));
	return 0;
}

static char *put_octet(char *to, unsigned int n)
{
	if (n >= 100)
		*to++ = '0' + n / 100;
	if (n >= 10)
		*to++ = '0' + n / 10 % 10;
	*to++ = '0' + n % 10;
	return to;
}

static int ipv4_format(const uint8_t a[4], char ret[ADDR_TEXT])
{
	char *to = ret;

	for (int i = 0; i < 4; i++) {
		to = put_octet(to, a[i]);
		*to++ = '.';
	}
	*--to = '\0';
	return to - ret;
}

/* Without leading zeros (RFC 5952 4.1), in lower case (4.3). */
static char *put_word(char *to, unsigned int n)
{
	static const char digits[] = "0123456789abcdef";

	if (n > 0xfff)
		*to++ = digits[n >> 12];
	if (n > 0xff)
		*to++ = digits[n >> 8 & 15];
	if (n > 0xf)
		*to++ = digits[n >> 4 & 15];
	*to++ = digits[n & 15];
	return to;
}

/* The first of the longest runs of zero words; a single one is none (4.2). */
static int zero_run(const unsigned int word[8], int *ret_len)
{
	int at = 8, len = 1, n = 0;

	for (int i = 0; i < 8; i++) {
		n = word[i] ? 0 : n + 1;
		if (n > len) {
			len = n;
			at = i + 1 - n;
		}
	}
	*ret_len = len;
	return at;
}

static int ipv6_format(const uint8_t addr[16], char ret[ADDR_TEXT])
{
	unsigned int word[8];
	char *to = ret;
	int i, at, len;

	for (i = 0; i < 8; i++)
		word[i] = addr[2 * i] << 8 | addr[2 * i + 1];
	at = zero_run(word, &len);
	for (i = 0; i < 8; i++) {
		if (i)
			*to++ = ':';
		if (i != at) {
			to = put_word(to, word[i]);
			continue;
		}
		if (!i)
			*to++ = ':';
		i += len - 1;
		if (i == 7)
			*to++ = ':';
	}
	*to = '\0';
	return to - ret;
}

int addr_format(const uint8_t addr[16], char ret[ADDR_TEXT])
{
	static const uint8_t zero[12];

	if (addr_is_ipv4(addr))
		return ipv4_format(addr + sizeof(mapped), ret);
	if (memcmp(addr, zero, sizeof(zero)))
		return ipv6_format(addr, ret);
	/* ::, ::1 and what was an IPv4-compatible address once */
	inet_ntop(AF_INET6, addr, ret, ADDR_TEXT);
	return strlen(ret);
}

static bool bits_past(const uint8_t addr[16], uint32_t len)
{
	for (uint32_t bit = len; bit < 128; bit++)
		if (addr[bit / 8] & (0x80 >> bit % 8))
			return true;
	return false;
}

int prefix_parse(const char *text, struct srte_route_key *ret)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct srte_route_key key = { .prefixlen = 128 };
	char addr[ADDR_TEXT];
	uint32_t base, len;

	if (n >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, n);
	addr[n] = '\0';
	if (addr_parse(addr, key.addr))
		return -EINVAL;
	if (slash) {
		base = strchr(addr, ':') ? 0 : MAPPED_BITS;
		if (num_u32(slash + 1, &len) || len > 128 - base)
			return -EINVAL;
		key.prefixlen = base + len;
	}
	if (bits_past(key.addr, key.prefixlen))
		return -EINVAL;
	*ret = key;
	return 0;
}

void prefix_format(const struct srte_route_key *key, char ret[PREFIX_TEXT])
{
	char addr[ADDR_TEXT];

	if (addr_is_ipv4(key->addr) && key->prefixlen >= MAPPED_BITS) {
		addr_format(key->addr, addr);
		snprintf(ret, PREFIX_TEXT, "%s/%u", addr,
			 (key->prefixlen - MAPPED_BITS) & 0xff);
		return;
	}
	inet_ntop(AF_INET6, key->addr, addr, sizeof(addr));
	snprintf(ret, PREFIX_TEXT, "%s/%u", addr, key->prefixlen & 0xff);
}

bool prefix_has(const struct srte_route_key *key, const uint8_t addr[16])
{
	uint32_t bytes = key->prefixlen / 8, bits = key->prefixlen % 8;

	if (memcmp(key->addr, addr, bytes))
		return false;
	return !bits || !((key->addr[bytes] ^ addr[bytes]) >> (8 - bits));
}

const char *addr_bad_sid(const uint8_t addr[16])
{
	struct in6_addr a;

	memcpy(&a, addr, sizeof(a));
	if (IN6_IS_ADDR_UNSPECIFIED(&a))
		return "unspecified";
	if (IN6_IS_ADDR_LOOPBACK(&a))
		return "loopback";
	if (IN6_IS_ADDR_MULTICAST(&a))
		return "multicast";
	if (IN6_IS_ADDR_LINKLOCAL(&a))
		return "link-local";
	if (IN6_IS_ADDR_V4MAPPED(&a))
		return "IPv4";
	return NULL;
}

static const struct proto {
	const char *name;
	uint8_t     number;
	bool        ports;
} protos[] = {
	{ "tcp", IPPROTO_TCP, true },
	{ "udp", IPPROTO_UDP, true },
	{ "icmp", IPPROTO_ICMP, false },
	{ "icmpv6", IPPROTO_ICMPV6, false },
	{ "sctp", IPPROTO_SCTP, true },
	{ NULL, 0, false }
};

static const struct proto *proto_find(uint8_t number)
{
	const struct proto *p = protos;

	while (p->name && p->number != number)
		p++;
	return p;
}

const char *proto_name(uint8_t proto)
{
	return proto_find(proto)->name;
}

void proto_format(uint8_t proto, char ret[16])
{
	const char *name = proto_name(proto);

	if (name)
		snprintf(ret, 16, "%s", name);
	else
		snprintf(ret, 16, "%u", proto);
}

int proto_parse(const char *text, uint8_t *ret)
{
	uint32_t n;

	for (const struct proto *p = protos; p->name; p++) {
		if (!strcmp(p->name, text)) {
			*ret = p->number;
			return 0;
		}
	}
	if (num_u32(text, &n) || n > UINT8_MAX)
		return -EINVAL;
	*ret = n;
	return 0;
}

static void end_format(const uint8_t addr[16], __be16 port, bool ports,
		       char ret[ADDR_TEXT + 8])
{
	char text[ADDR_TEXT];

	addr_format(addr, text);
	if (!ports)
		snprintf(ret, ADDR_TEXT + 8, "%s", text);
	else if (addr_is_ipv4(addr))
		snprintf(ret, ADDR_TEXT + 8, "%s:%u", text, ntohs(port));
	else
		snprintf(ret, ADDR_TEXT + 8, "[%s]:%u", text, ntohs(port));
}

void flow_format(const struct srte_flow_key *key, char ret[FLOW_TEXT])
{
	bool ports = proto_find(key->proto)->ports || key->sport || key->dport;
	char proto[16], src[ADDR_TEXT + 8], dst[ADDR_TEXT + 8];

	proto_format(key->proto, proto);
	end_format(key->src, key->sport, ports, src);
	end_format(key->dst, key->dport, ports, dst);
	snprintf(ret, FLOW_TEXT, "%s %s > %s", proto, src, dst);
}
