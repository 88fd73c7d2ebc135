// SPDX-License-Identifier: GPL-2.0-only
/*
 * fct --from NETNS --to NETNS --address ADDRESS --load-mbit N [OPTION]...
 *
 * Flow completion times of a published workload (workload.h). Flows arrive as
 * a Poisson process for --seconds, as many as make --load-mbit; the same ones
 * for the same --seed. Each is a TCP connection of its own, since a path is
 * chosen by ports, and carries its handshake in its time: from its arrival in
 * the plan to its last byte at the receiver. Then there are --drain seconds at
 * most for what has not ended.
 *
 * Both ends are this one process, with sockets in two network namespaces: one
 * clock for both, and a receiver that knows from the source port which flow
 * it has, how long it is, and each of its bytes.
 *
 *	{"type":"half","v":1}	when half of --seconds are over
 *	{"type":"fct","v":1,"class":"small","flows":..,"unfinished":..,
 *	 "broken":..,"mean_ms":..,"p50_ms":..,"p99_ms":..,"goodput_mbit":..}
 *
 * The latter for small (below 100 KB), medium and large (above 1 MB) flows,
 * and for all; by the published size, which --scale multiplies. Goodput is
 * what arrived while flows arrived. And last, of the sender itself:
 *
 *	{"type":"fct_sender","v":1,"late_ms":..,"seconds":..}
 *
 * how late it was with a flow at most, and how long all took. Exit 1 when a
 * byte was not the one that was sent.
 */
#include "fct_net.h"
#include "fct_plan.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S	1000000000ULL
#define BLOCK		65536
#define EVENTS		256

enum end { LISTENER, SENDER, RECEIVER };

struct conn {
	int      tx, rx;	/* -1: not open */
	uint32_t sent;
};

static struct {
	const char *from, *to, *workload;
	struct fct_net net;
	struct fct_load load;
	double drain_s;
} o = {
	.workload = "websearch", .drain_s = 2,
	.net = { .port = 5400, .from_port = 10000, .cc = "cubic" },
	.load = { .scale = 1, .seconds = 5, .seed = 1 },
};

static struct {
	struct fct_plan plan;
	struct conn *conn;
	unsigned next, open;	/* flow to arrive; flows under way */
	uint64_t began_ns, late_ns;
	bool half;
	int epoll, listener;
} run;

static uint8_t block[BLOCK], expect[BLOCK];

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec - run.began_ns;
}

static void watch(int fd, enum end end, unsigned flow, uint32_t events)
{
	struct epoll_event ev = {
		.events = events, .data.u64 = (uint64_t)flow << 2 | end };

	if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, fd, &ev))
		err(1, "epoll");
}

static void flow_close(unsigned i)
{
	struct conn *c = &run.conn[i];

	if (c->rx >= 0)
		close(c->rx);
	if (c->tx >= 0)
		close(c->tx);
	if (c->tx >= 0)
		run.open--;
	c->tx = c->rx = -1;
}

static void flow_begin(unsigned i)
{
	uint64_t late_ns = now_ns() - run.plan.flow[i].at_ns;

	if (late_ns > run.late_ns)
		run.late_ns = late_ns;
	run.conn[i].tx = fct_net_connect(&o.net, i);
	run.open++;
	watch(run.conn[i].tx, SENDER, i, EPOLLOUT);
}

/* Writes as long as the socket takes it; then only its end is of interest. */
static void flow_send(unsigned i)
{
	struct epoll_event ev = { .data.u64 = (uint64_t)i << 2 | SENDER };
	struct conn *c = &run.conn[i];
	uint32_t left = run.plan.flow[i].bytes - c->sent;
	ssize_t n = 0;

	if (left > BLOCK)
		left = BLOCK;
	if (left) {
		fct_stamp(block, i, c->sent, left);
		n = send(c->tx, block, left, MSG_NOSIGNAL);
	}
	if (n > 0)
		c->sent += n;
	else if (n < 0 && errno != EAGAIN)
		flow_close(i);	/* unfinished, and counted as such */
	if (c->tx >= 0 && c->sent == run.plan.flow[i].bytes)
		epoll_ctl(run.epoll, EPOLL_CTL_MOD, c->tx, &ev);
}

static void flow_receive(unsigned i)
{
	struct fct_flow *f = &run.plan.flow[i];
	struct conn *c = &run.conn[i];
	ssize_t n = recv(c->rx, block, BLOCK, 0);
	uint64_t now = now_ns();

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		flow_close(i);
		return;
	}
	fct_stamp(expect, i, f->got, n);
	f->broken |= memcmp(block, expect, n) ||
		     (uint64_t)f->got + n > f->bytes;
	f->got += n;
	if (now < run.plan.lasts_ns)
		f->got_in_time = f->got;
	if (f->got < f->bytes)
		return;
	f->done_ns = now;
	flow_close(i);
}

static void accept_all(void)
{
	unsigned i;
	int fd;

	while ((fd = fct_net_accept(&o.net, run.listener, &i)) >= 0) {
		if (i >= run.next || run.conn[i].tx < 0 ||
		    run.conn[i].rx >= 0) {
			close(fd);	/* its sender has given up */
			continue;
		}
		run.conn[i].rx = fd;
		watch(fd, RECEIVER, i, EPOLLIN);
	}
}

static void handle(const struct epoll_event *ev)
{
	unsigned i = ev->data.u64 >> 2;

	switch ((enum end)(ev->data.u64 & 3)) {
	case LISTENER:
		accept_all();
		break;
	case SENDER:
		if (run.conn[i].tx < 0)
			break;	/* closed by an event before this one */
		if (ev->events & (EPOLLERR | EPOLLHUP))
			flow_close(i);
		else
			flow_send(i);
		break;
	case RECEIVER:
		if (run.conn[i].rx >= 0)
			flow_receive(i);
	}
}

static void begin_due(uint64_t now)
{
	while (run.next < run.plan.n && run.plan.flow[run.next].at_ns <= now)
		flow_begin(run.next++);
	if (!run.half && now >= run.plan.lasts_ns / 2) {
		run.half = true;
		puts("{\"type\":\"half\",\"v\":1}");
		fflush(stdout);
	}
}

/* Until the next flow arrives, half of the time is over, or all of it. */
static uint64_t wake_ns(uint64_t end_ns)
{
	uint64_t at = end_ns;

	if (run.next < run.plan.n)
		at = run.plan.flow[run.next].at_ns;
	if (!run.half && run.plan.lasts_ns / 2 < at)
		at = run.plan.lasts_ns / 2;
	return at;
}

static void play(uint64_t end_ns)
{
	struct epoll_event ev[EVENTS];
	struct timespec wait;
	uint64_t now, until;
	int i, n;

	for (now = now_ns(); now < end_ns &&
	     (now < run.plan.lasts_ns || run.open); now = now_ns()) {
		begin_due(now);
		until = wake_ns(now < run.plan.lasts_ns ? run.plan.lasts_ns :
				end_ns);
		now = now_ns();
		until = until > now ? until - now : 0;
		wait.tv_sec = until / NS_PER_S;
		wait.tv_nsec = until % NS_PER_S;
		n = epoll_pwait2(run.epoll, ev, EVENTS, &wait, NULL);
		for (i = 0; i < n; i++)
			handle(&ev[i]);
	}
}

static void set_up(void)
{
	int error = fct_plan_make(&o.load, &run.plan);
	unsigned i;

	if (error) {
		errno = -error;
		err(1, "the plan of the flows");
	}
	run.conn = calloc(run.plan.n + 1, sizeof(*run.conn));
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!run.conn || run.epoll < 0)
		err(1, "set up");
	for (i = 0; i < run.plan.n; i++)
		run.conn[i].tx = run.conn[i].rx = -1;
	fct_net_many_files();
	fct_net_enter(o.to);
	run.listener = fct_net_listen(&o.net);
	fct_net_enter(o.from);
	watch(run.listener, LISTENER, 0, EPOLLIN);
	run.began_ns = now_ns();
}

static int report(uint64_t end_ns)
{
	unsigned i, broken = 0;

	fct_report(&run.plan, end_ns, stdout);
	printf("{\"type\":\"fct_sender\",\"v\":1,\"late_ms\":%.3f,"
	       "\"seconds\":%.3f}\n", run.late_ns / 1e6, end_ns / 1e9);
	for (i = 0; i < run.plan.n; i++)
		broken += run.plan.flow[i].broken;
	return broken ? 1 : 0;
}

static bool take_option(int c, const char *arg)
{
	switch (c) {
	case 'f': o.from = arg; break;
	case 't': o.to = arg; break;
	case 'a': o.net.address = arg; break;
	case 'p': o.net.port = atoi(arg); break;
	case 'w': o.workload = arg; break;
	case 'x': o.load.scale = atof(arg); break;
	case 'm': o.load.bps = atof(arg) * 1e6; break;
	case 's': o.load.seconds = atof(arg); break;
	case 'd': o.drain_s = atof(arg); break;
	case 'S': o.load.seed = strtoull(arg, NULL, 10); break;
	default: return false;
	}
	return true;
}

static void options(int argc, char **argv)
{
	static const struct option opts[] = {
		{ "from", 1, NULL, 'f' },     { "to", 1, NULL, 't' },
		{ "address", 1, NULL, 'a' },  { "port", 1, NULL, 'p' },
		{ "workload", 1, NULL, 'w' }, { "scale", 1, NULL, 'x' },
		{ "load-mbit", 1, NULL, 'm' }, { "seconds", 1, NULL, 's' },
		{ "drain", 1, NULL, 'd' },    { "seed", 1, NULL, 'S' },
		{ NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", opts, NULL)) != -1)
		if (!take_option(c, optarg))
			exit(2);
	o.load.cdf = workload_find(o.workload);
	if (!o.from || !o.to || !o.net.address || !o.load.cdf ||
	    o.load.bps <= 0 || o.load.scale <= 0 || o.load.seconds <= 0)
		errx(2, "usage: fct --from NETNS --to NETNS --address ADDRESS "
		     "--load-mbit N [--port P] [--workload NAME] [--scale X] "
		     "[--seconds S] [--drain S] [--seed N]");
}

int main(int argc, char **argv)
{
	uint64_t end_ns;

	options(argc, argv);
	set_up();
	play(run.plan.lasts_ns + o.drain_s * NS_PER_S);
	end_ns = now_ns();
	for (unsigned i = 0; i < run.next; i++)
		flow_close(i);
	return report(end_ns);
}
