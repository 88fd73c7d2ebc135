/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the traffic tools share: options, sockets, the clock and periods.
 *
 * A tool runs for --seconds at most. SIGUSR1 ends a period: it prints its
 * records for that period and starts the next, so that one run with the same
 * connections can be measured before and after something happened to it.
 * SIGTERM and SIGINT print the last period and end the run.
 */
#ifndef SRTE_TOOLS_NET_H
#define SRTE_TOOLS_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NET_CONNS_MAX	256
#define NET_TO_MAX	8
#define NS_PER_S	1000000000ULL

struct net_opts {
	const char *to[NET_TO_MAX];	/* connections take them in turn */
	unsigned n_to;
	unsigned port;
	unsigned count;			/* connections */
	unsigned seconds;
	unsigned request, response;	/* bytes of an exchange */
	unsigned every_us;		/* mean time between two exchanges */
	unsigned rate_mbit;		/* of each connection; 0: no limit */
	unsigned from_port;		/* plus i for the i-th; 0: any */
	const char *cc;			/* NULL: what the host has */
	bool mptcp;
};

static volatile sig_atomic_t net_period_over, net_stop;

static inline void net_on_signal(int sig)
{
	if (sig == SIGUSR1)
		net_period_over = 1;
	else
		net_stop = 1;
}

/* Signals arrive only while net_poll() waits, so that no flag is missed. */
static inline void net_signals(void)
{
	struct sigaction sa = { .sa_handler = net_on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static inline void net_poll(struct pollfd *fds, unsigned n, uint64_t wait_ns)
{
	struct timespec ts = { .tv_sec = wait_ns / NS_PER_S,
			       .tv_nsec = wait_ns % NS_PER_S };
	sigset_t none;
	unsigned i;

	sigemptyset(&none);
	if (ppoll(fds, n, &ts, &none) < 0)
		for (i = 0; i < n; i++)
			fds[i].revents = 0;
}

static inline uint64_t net_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static inline uint64_t net_now_ns(void)
{
	return net_clock_ns(CLOCK_MONOTONIC);
}

static inline uint64_t net_end_ns(const struct net_opts *o)
{
	return net_now_ns() + o->seconds * NS_PER_S;
}

static inline uint64_t net_left_ns(uint64_t until_ns)
{
	uint64_t now = net_now_ns();

	return until_ns > now ? until_ns - now : 0;
}

static inline void __attribute__((noreturn)) net_die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

/* ---- sockets, all of them non-blocking ---- */

static inline socklen_t net_addr(const char *text, unsigned port,
				 struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *v6 = (void *)ret;
	struct sockaddr_in *v4 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1) {
		errno = EINVAL;
		net_die(text);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* Both families on one socket. */
static inline int net_listen(const struct net_opts *o)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			o->mptcp ? IPPROTO_MPTCP : 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(o->port) };
	int on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (void *)&any, sizeof(any)) || listen(fd, NET_CONNS_MAX))
		net_die("listen");
	return fd;
}

/* A known source port makes what is hashed from it repeatable. */
static inline void net_bind(int fd, int family, unsigned port)
{
	struct sockaddr_storage from;
	const char *any = family == AF_INET ? "0.0.0.0" : "::";
	socklen_t len = net_addr(any, port, &from);

	if (bind(fd, (void *)&from, len))
		net_die("bind");
}

/* TCP paces by itself; no qdisc has to know. */
static inline void net_pace(int fd, unsigned mbit)
{
	unsigned long rate = mbit * 125000UL;	/* bytes a second */

	if (setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate,
		       sizeof(rate)))
		net_die("pacing");
}

/* The i-th connection; waits until it stands, five seconds at most. */
static inline int net_connect(const struct net_opts *o, unsigned i)
{
	struct sockaddr_storage to;
	socklen_t len = net_addr(o->to[i % o->n_to], o->port, &to);
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC,
			o->mptcp ? IPPROTO_MPTCP : 0);
	int on = 1;

	if (fd < 0)
		net_die("socket");
	if (o->cc && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, o->cc,
				strlen(o->cc)))
		net_die(o->cc);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (o->rate_mbit && !o->mptcp)	/* which cannot be paced */
		net_pace(fd, o->rate_mbit);
	if (o->from_port)
		net_bind(fd, to.ss_family, o->from_port + i);
	if (connect(fd, (void *)&to, len))
		net_die(o->to[i % o->n_to]);
	limit.tv_sec = 0;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

/* ---- options ---- */

static inline unsigned net_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > 1000000000) {
		errno = EINVAL;
		net_die(text);
	}
	return n;
}

/* Any option in any verb; what a verb does not use it ignores. */
static inline const char *net_options(int argc, char **argv,
				      struct net_opts *o, const char *usage)
{
	static const struct option opts[] = {
		{ "to", 1, NULL, 't' },	      { "port", 1, NULL, 'p' },
		{ "count", 1, NULL, 'c' },    { "seconds", 1, NULL, 's' },
		{ "request", 1, NULL, 'q' },  { "response", 1, NULL, 'r' },
		{ "every-us", 1, NULL, 'e' }, { "cc", 1, NULL, 'C' },
		{ "from-port", 1, NULL, 'f' }, { "rate-mbit", 1, NULL, 'm' },
		{ "mptcp", 0, NULL, 'M' },
		{ NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", opts, NULL)) != -1) {
		if (c == 't' && o->n_to < NET_TO_MAX)
			o->to[o->n_to++] = optarg;
		else if (c == 'p')
			o->port = net_number(optarg);
		else if (c == 'f')
			o->from_port = net_number(optarg);
		else if (c == 'c')
			o->count = net_number(optarg);
		else if (c == 's')
			o->seconds = net_number(optarg);
		else if (c == 'q')
			o->request = net_number(optarg);
		else if (c == 'r')
			o->response = net_number(optarg);
		else if (c == 'e')
			o->every_us = net_number(optarg);
		else if (c == 'm')
			o->rate_mbit = net_number(optarg);
		else if (c == 'C')
			o->cc = optarg;
		else if (c == 'M')
			o->mptcp = true;
		else
			goto wrong;
	}
	if (optind + 1 == argc && o->count <= NET_CONNS_MAX && o->port < 65536)
		return argv[optind];
wrong:
	fputs(usage, stderr);
	exit(2);
}

#endif
