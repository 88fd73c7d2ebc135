/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Elephants: TCP connections that send as fast as they may, or at most
 * --rate-mbit each. Each 8-byte word
 * of a stream is its own number, so the receiver knows that nothing was lost,
 * repeated or mixed up. It prints, for each connection and period:
 *
 *	{"type":"bulk","v":1,"period":0,"saddr":"10.0.1.1","sport":40000,
 *	 "bytes":..,"us":..,"bps":..,"gap_us":..,"gap_at_us":..,"whole":true}
 *
 * and after them {"type":"period","v":1,"period":0,"flows":2}. gap_us is the
 * longest time without a byte for the application, also one that began before
 * the period or has not ended; gap_at_us is when it began (UNIX time).
 */
#include "net.h"

#define BLOCK 65536

struct conn {
	int      fd;
	uint64_t offset;	/* bytes of the stream so far */
	uint64_t mark;		/* offset when the period began */
	uint64_t last_ns;	/* last arrival */
	uint64_t gap_ns, gap_at_ns;
	bool     broken;
	char     saddr[INET6_ADDRSTRLEN];
	unsigned sport;
};

static struct conn conns[NET_CONNS_MAX];
static unsigned n_conns;
static uint8_t block[BLOCK], expect[BLOCK];

static void stamp(uint8_t *buf, uint64_t offset, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, offset++)
		buf[i] = (offset >> 3) >> (offset % 8 * 8);
}

/* ---- send ---- */

static void send_some(struct conn *c)
{
	ssize_t n;

	stamp(block, c->offset, sizeof(block));
	n = send(c->fd, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		c->offset += n;
	else if (errno != EAGAIN && errno != EINTR)
		net_die("send");
}

static int bulk_send(const struct net_opts *o)
{
	struct pollfd fds[NET_CONNS_MAX];
	uint64_t end = net_end_ns(o);
	unsigned i;

	for (i = 0; i < o->count; i++) {
		conns[i].fd = net_connect(o, i);
		fds[i] = (struct pollfd){ conns[i].fd, POLLOUT, 0 };
	}
	while (!net_stop && net_left_ns(end)) {
		net_poll(fds, o->count, net_left_ns(end));
		for (i = 0; i < o->count; i++)
			if (fds[i].revents)
				send_some(&conns[i]);
	}
	return 0;
}

/* ---- receive ---- */

static void name_peer(struct conn *c)
{
	struct sockaddr_in6 sa = { 0 };
	socklen_t len = sizeof(sa);
	const char *v4 = "::ffff:";

	getpeername(c->fd, (void *)&sa, &len);
	inet_ntop(AF_INET6, &sa.sin6_addr, c->saddr, sizeof(c->saddr));
	if (IN6_IS_ADDR_V4MAPPED(&sa.sin6_addr))
		memmove(c->saddr, c->saddr + strlen(v4),
			strlen(c->saddr + strlen(v4)) + 1);
	c->sport = ntohs(sa.sin6_port);
}

static void accept_some(int listener)
{
	struct conn *c = &conns[n_conns];

	if (n_conns == NET_CONNS_MAX)
		return;
	c->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (c->fd < 0)
		return;
	name_peer(c);
	c->last_ns = net_now_ns();
	n_conns++;
}

static void note_gap(struct conn *c, uint64_t now)
{
	if (now - c->last_ns <= c->gap_ns)
		return;
	c->gap_ns = now - c->last_ns;
	c->gap_at_ns = c->last_ns;
}

static void receive_some(struct conn *c)
{
	ssize_t n = recv(c->fd, block, sizeof(block), MSG_DONTWAIT);
	uint64_t now = net_now_ns();

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(c->fd);
			c->fd = -1;
		}
		return;
	}
	stamp(expect, c->offset, n);
	if (memcmp(block, expect, n))
		c->broken = true;
	note_gap(c, now);
	c->last_ns = now;
	c->offset += n;
}

static void report_conn(struct conn *c, unsigned period, uint64_t us,
			uint64_t now)
{
	uint64_t bytes = c->offset - c->mark;
	uint64_t wall = net_clock_ns(CLOCK_REALTIME) - net_now_ns();

	if (c->fd >= 0)
		note_gap(c, now);
	printf("{\"type\":\"bulk\",\"v\":1,\"period\":%u,\"saddr\":\"%s\","
	       "\"sport\":%u,\"bytes\":%" PRIu64 ",\"us\":%" PRIu64
	       ",\"bps\":%" PRIu64 ",\"gap_us\":%" PRIu64
	       ",\"gap_at_us\":%" PRIu64 ",\"whole\":%s}\n",
	       period, c->saddr, c->sport, bytes, us,
	       us ? bytes * 8000000 / us : 0, c->gap_ns / 1000,
	       (c->gap_at_ns + wall) / 1000, c->broken ? "false" : "true");
	c->mark = c->offset;
	c->gap_ns = 0;
}

static void report(uint64_t *began_ns)
{
	static unsigned period;
	uint64_t now = net_now_ns();
	unsigned i;

	net_period_over = 0;
	for (i = 0; i < n_conns; i++)
		report_conn(&conns[i], period, (now - *began_ns) / 1000, now);
	printf("{\"type\":\"period\",\"v\":1,\"period\":%u,"
	       "\"flows\":%u}\n", period++, n_conns);
	fflush(stdout);
	*began_ns = now;
}

static int bulk_receive(const struct net_opts *o)
{
	struct pollfd fds[NET_CONNS_MAX + 1];
	uint64_t began = net_now_ns(), end = net_end_ns(o);
	int listener = net_listen(o);
	unsigned i, n, broken = 0;

	while (!net_stop && net_left_ns(end)) {
		n = n_conns;
		for (i = 0; i < n; i++)
			fds[i] = (struct pollfd){ conns[i].fd, POLLIN, 0 };
		fds[n] = (struct pollfd){ listener, POLLIN, 0 };
		net_poll(fds, n + 1, net_left_ns(end));
		for (i = 0; i < n; i++)
			if (fds[i].revents)
				receive_some(&conns[i]);
		if (fds[n].revents)
			accept_some(listener);
		if (net_period_over)
			report(&began);
	}
	report(&began);
	for (i = 0; i < n_conns; i++)
		broken += conns[i].broken;
	return broken ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const char usage[] =
		"usage: bulk receive [--port P] [--seconds S] [--mptcp]\n"
		"       bulk send --to ADDRESS... [--port P] [--count N]\n"
		"                 [--rate-mbit N] [--from-port P]\n"
		"                 [--seconds S] [--cc NAME] [--mptcp]\n";
	struct net_opts o = { .port = 5201, .count = 1, .seconds = 60 };
	const char *verb = net_options(argc, argv, &o, usage);

	net_signals();
	if (!strcmp(verb, "receive"))
		return bulk_receive(&o);
	if (!strcmp(verb, "send") && o.n_to)
		return bulk_send(&o);
	fputs(usage, stderr);
	return 2;
}
