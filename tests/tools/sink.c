/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink PORT: takes datagrams, both families, and prints what came at SIGUSR1
 * and at its end: {"packets":..,"bytes":..,"ce":..,"ect":..,"distinct":..};
 * those with CE in the header that the application sees, those with ECT, and
 * how many of the numbers came that `spray --stamp` gave.
 */
#include "net.h"

static struct {
	uint64_t packets, bytes, ce, ect, distinct;
} got;

#define STAMPS_MAX (1U << 26)
static uint8_t came[STAMPS_MAX / 8];

static void note_stamp(const char *data, ssize_t n)
{
	uint64_t stamp;

	if (n < (ssize_t)sizeof(stamp))
		return;
	memcpy(&stamp, data, sizeof(stamp));
	if (stamp >= STAMPS_MAX || came[stamp / 8] >> stamp % 8 & 1)
		return;
	came[stamp / 8] |= 1 << stamp % 8;
	got.distinct++;
}

static int sink_open(unsigned port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int on = 1, room = 8 << 20;

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (void *)&any, sizeof(any)))
		net_die("bind");
	return fd;
}

/* IPv4 hands over a byte, IPv6 an int. */
static unsigned ecn_of(struct msghdr *msg)
{
	struct cmsghdr *c;
	int tclass;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c) & 3;
		if (c->cmsg_level != IPPROTO_IPV6 ||
		    c->cmsg_type != IPV6_TCLASS)
			continue;
		memcpy(&tclass, CMSG_DATA(c), sizeof(tclass));
		return tclass & 3;
	}
	return 0;
}

static void sink_take(int fd)
{
	char data[65536], control[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	for (;;) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(fd, &msg, 0);
		if (n < 0)
			return;
		got.packets++;
		got.bytes += n;
		note_stamp(data, n);
		got.ce += ecn_of(&msg) == 3;
		got.ect += ecn_of(&msg) && ecn_of(&msg) != 3;
	}
}

static void sink_report(void)
{
	net_period_over = 0;
	printf("{\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"ce\":%" PRIu64
	       ",\"ect\":%" PRIu64 ",\"distinct\":%" PRIu64 "}\n",
	       got.packets, got.bytes, got.ce, got.ect, got.distinct);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd in = { .events = POLLIN };

	if (argc != 2) {
		fputs("usage: sink PORT\n", stderr);
		return 2;
	}
	net_signals();
	in.fd = sink_open(net_number(argv[1]));
	while (!net_stop) {
		net_poll(&in, 1, NS_PER_S);
		if (in.revents)
			sink_take(in.fd);
		if (net_period_over)
			sink_report();
	}
	sink_report();
	return 0;
}
