/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many datagrams of many flows, fast, or a few at an even pace:
 *
 *	spray [--count N] [--flows N] [--bytes MIN-MAX] [--every-us US]
 *	      [--burst N] [--gso SIZE] [--mark N] [--tos N] [--report]
 *	      [--stamp] ADDRESS PORT...
 *
 * Flow i of --flows goes to the i-th of the addresses, in turn, from a socket
 * of its own, so an IPv4 address is sent to from a v4-mapped socket. Sizes
 * run from MIN to MAX and begin again. --gso hands over MAX bytes at once,
 * to be cut into datagrams of SIZE. --burst sends N each --every-us. --report
 * prints, for each SIGUSR1 and at the end, which SIGTERM may bring about, what
 * has been sent so far, in how long: {"packets":..,"bytes":..,"us":..}
 * --stamp begins each datagram with its number, 8 bytes in the host's order,
 * for sink to look at.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define FLOWS_MAX	1024
#define BURST		64

static struct {
	unsigned long count, flows, min, max, every_us, burst;
	int gso, mark, tos, report, stamp;
} opt = { .count = 1, .flows = 1, .min = 64, .max = 64, .burst = 1 };

static int sock[FLOWS_MAX];
static char block[65536];
static unsigned long sent_packets, sent_bytes;
static volatile sig_atomic_t asked, ended;

static void die(const char *what)
{
	fprintf(stderr, "spray: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_flow(const char *address, const char *port)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_V4MAPPED | AI_NUMERICHOST,
	};
	struct addrinfo *to;
	int fd;

	if (getaddrinfo(address, port, &hints, &to))
		die(address);
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0 || (opt.mark && setsockopt(fd, SOL_SOCKET, SO_MARK,
					      &opt.mark, sizeof(opt.mark))) ||
	    (opt.tos && (setsockopt(fd, IPPROTO_IP, IP_TOS, &opt.tos,
				    sizeof(opt.tos)) ||
			 setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &opt.tos,
				    sizeof(opt.tos)))) ||
	    (opt.gso && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &opt.gso,
				   sizeof(opt.gso))) ||
	    connect(fd, to->ai_addr, to->ai_addrlen))
		die(address);
	freeaddrinfo(to);
	return fd;
}

static void send_burst(int fd, unsigned n, unsigned long *size)
{
	struct iovec iov[BURST][2];
	uint64_t number[BURST];
	struct mmsghdr msg[BURST] = {};
	size_t head = opt.stamp ? sizeof(*number) : 0, len;
	int did;

	for (unsigned i = 0; i < n; i++) {
		len = opt.gso ? opt.max : *size;
		number[i] = sent_packets + i;
		iov[i][0] = (struct iovec){ &number[i], head };
		iov[i][1] = (struct iovec){ block, len - head };
		sent_bytes += len;
		msg[i].msg_hdr.msg_iov = iov[i];
		msg[i].msg_hdr.msg_iovlen = 2;
		*size = *size < opt.max ? *size + 1 : opt.min;
	}
	for (unsigned sent = 0; sent < n; sent += did) {
		did = sendmmsg(fd, msg + sent, n - sent, 0);
		/* somebody's ICMP answer to an earlier one; not sent */
		if (did < 0 && errno == ECONNREFUSED)
			did = 0;
		else if (did <= 0)
			die("send");
	}
	sent_packets += n;
}

static void on_ask(int sig)
{
	(void)sig;
	asked = 1;
}

static void on_end(int sig)
{
	(void)sig;
	ended = 1;
}

static void report(const struct timespec *began)
{
	struct timespec now;

	asked = 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("{\"packets\":%lu,\"bytes\":%lu,\"us\":%lld}\n", sent_packets,
	       sent_bytes, (now.tv_sec - began->tv_sec) * 1000000LL +
	       (now.tv_nsec - began->tv_nsec) / 1000);
	fflush(stdout);
}

static void pace(struct timespec *next)
{
	next->tv_nsec += opt.every_us * 1000;
	while (next->tv_nsec >= 1000000000) {
		next->tv_nsec -= 1000000000;
		next->tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static void spray(void)
{
	unsigned long size = opt.min, flow = 0, n;
	struct timespec began, next;

	clock_gettime(CLOCK_MONOTONIC, &began);
	next = began;
	for (unsigned long left = opt.count; left && !ended; left -= n) {
		n = opt.every_us ? opt.burst : BURST;
		n = left < n ? left : n;
		send_burst(sock[flow++ % opt.flows], n, &size);
		if (opt.every_us)
			pace(&next);
		if (asked)
			report(&began);
	}
	if (opt.report)
		report(&began);
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", 1, NULL, 'c' }, { "flows", 1, NULL, 'f' },
		{ "bytes", 1, NULL, 'b' }, { "every-us", 1, NULL, 'e' },
		{ "gso", 1, NULL, 'g' }, { "mark", 1, NULL, 'm' },
		{ "report", 0, NULL, 'r' }, { "burst", 1, NULL, 'B' },
		{ "tos", 1, NULL, 't' }, { "stamp", 0, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) > 0) {
		unsigned long n = strtoul(optarg ? optarg : "0", NULL, 0);

		if (c == 'c')
			opt.count = n;
		else if (c == 'f')
			opt.flows = n;
		else if (c == 'e')
			opt.every_us = n;
		else if (c == 'g')
			opt.gso = n;
		else if (c == 'm')
			opt.mark = n;
		else if (c == 'B')
			opt.burst = n;
		else if (c == 't')
			opt.tos = n;
		else if (c == 'r')
			opt.report = 1;
		else if (c == 's')
			opt.stamp = 1;
		else if (c != 'b' || sscanf(optarg, "%lu-%lu", &opt.min,
					    &opt.max) != 2)
			exit(2);
	}
}

int main(int argc, char **argv)
{
	int n;

	read_options(argc, argv);
	n = argc - optind;
	if (n < 2 || n % 2 || !opt.flows || opt.flows > FLOWS_MAX ||
	    !opt.burst || opt.burst > BURST ||
	    opt.min > opt.max || opt.max > sizeof(block) ||
	    (opt.stamp && (opt.gso || opt.min < sizeof(uint64_t)))) {
		fputs("usage: spray [OPTION...] ADDRESS PORT...\n", stderr);
		return 2;
	}
	for (unsigned long i = 0; i < opt.flows; i++) {
		int at = optind + 2 * (i % (n / 2));

		sock[i] = open_flow(argv[at], argv[at + 1]);
	}
	if (opt.report) {
		signal(SIGUSR1, on_ask);
		signal(SIGTERM, on_end);
	}
	spray();
	return 0;
}
