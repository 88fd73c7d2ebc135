/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mice: short exchanges over standing TCP connections. `mice call` sends a
 * request on each of its connections about every --every-us and waits for the
 * response; a request that must wait for the last one goes out right after
 * it. It prints, for each period:
 *
 *	{"type":"mice","v":1,"period":0,"count":..,"p50_us":..,"p99_us":..,
 *	 "max_us":..,"waiting":0}
 *
 * An exchange counts in the period in which it ends; waiting says how many
 * were under way when the period ended. `mice serve` answers: the first two
 * words of a request are its length and that of the response.
 */
#include "net.h"

#define EXCHANGE_MAX (1U << 20)

struct head {
	uint32_t request, response;
};

struct conn {
	int      fd;
	uint32_t got;		/* of what is being received */
	uint32_t left;		/* still to send */
	struct head head;	/* server: of the request under way */
	bool     busy;		/* client: exchange under way */
	uint64_t began_ns, due_ns;
	unsigned seed;
};

static struct conn conns[NET_CONNS_MAX];
static unsigned n_conns;
static uint8_t block[EXCHANGE_MAX];	/* what goes out */
static uint8_t sink[EXCHANGE_MAX];	/* what comes in */
static uint32_t *samples;
static size_t n_samples, cap_samples;

/* What is left to send, as far as it goes. */
static int flush_some(struct conn *c)
{
	ssize_t n = c->left ? send(c->fd, block, c->left,
				   MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	c->left -= n;
	return 0;
}

static void watch(struct pollfd *fds)
{
	unsigned i;

	for (i = 0; i < n_conns; i++)
		fds[i] = (struct pollfd){
			conns[i].fd, POLLIN | (conns[i].left ? POLLOUT : 0),
			0 };
}

/* ---- serve ---- */

/* Take the head first, then the body, never beyond this request. */
static int serve_receive(struct conn *c)
{
	uint32_t want = c->got < sizeof(c->head) ? sizeof(c->head) :
		c->head.request;
	uint8_t *to = c->got < sizeof(c->head) ?
		(uint8_t *)&c->head + c->got : sink;
	ssize_t n = recv(c->fd, to, want - c->got, MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	c->got += n;
	if (c->got < sizeof(c->head))
		return 0;
	if (c->head.request < sizeof(c->head) ||
	    c->head.request > EXCHANGE_MAX || c->head.response > EXCHANGE_MAX)
		return -1;
	if (c->got < c->head.request)
		return 0;
	c->got = 0;
	c->left = c->head.response;
	return flush_some(c);
}

static void serve_conn(struct conn *c, short events)
{
	int err = 0;

	if (events & POLLOUT)
		err = flush_some(c);
	if (!err && events & (POLLIN | POLLHUP | POLLERR))
		err = serve_receive(c);
	if (!err)
		return;
	close(c->fd);
	c->fd = -1;
}

static void serve_accept(int listener)
{
	struct conn *c = &conns[n_conns];
	int on = 1;

	if (n_conns == NET_CONNS_MAX)
		return;
	c->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (c->fd < 0)
		return;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	n_conns++;
}

static int mice_serve(const struct net_opts *o)
{
	struct pollfd fds[NET_CONNS_MAX + 1];
	uint64_t end = net_end_ns(o);
	int listener = net_listen(o);
	unsigned i, n;

	while (!net_stop && net_left_ns(end)) {
		n = n_conns;
		watch(fds);
		fds[n] = (struct pollfd){ listener, POLLIN, 0 };
		net_poll(fds, n + 1, net_left_ns(end));
		for (i = 0; i < n; i++)
			if (fds[i].revents)
				serve_conn(&conns[i], fds[i].revents);
		if (fds[n].revents)
			serve_accept(listener);
	}
	return 0;
}

/* ---- call ---- */

static void sample_add(uint64_t ns)
{
	if (n_samples == cap_samples) {
		cap_samples = cap_samples ? 2 * cap_samples : 4096;
		samples = realloc(samples, cap_samples * sizeof(*samples));
		if (!samples)
			net_die("samples");
	}
	samples[n_samples++] = ns / 1000 > UINT32_MAX ? UINT32_MAX : ns / 1000;
}

static int sample_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Nearest rank: the smallest sample with at least pct % at or below it. */
static uint32_t sample_rank(unsigned pct)
{
	size_t rank = (n_samples * pct + 99) / 100;

	return n_samples ? samples[rank ? rank - 1 : 0] : 0;
}

static void call_report(void)
{
	static unsigned period;
	unsigned i, waiting = 0;

	net_period_over = 0;
	for (i = 0; i < n_conns; i++)
		waiting += conns[i].busy;
	if (n_samples)
		qsort(samples, n_samples, sizeof(*samples), sample_order);
	printf("{\"type\":\"mice\",\"v\":1,\"period\":%u,\"count\":%zu,"
	       "\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"waiting\":%u}\n",
	       period++, n_samples, sample_rank(50), sample_rank(99),
	       sample_rank(100), waiting);
	fflush(stdout);
	n_samples = 0;
}

static void call_begin(struct conn *c, const struct net_opts *o)
{
	c->busy = true;
	c->began_ns = net_now_ns();
	c->left = o->request;
	c->got = 0;
	if (flush_some(c))
		net_die("send");
}

/* Spread evenly over 50 to 150 % of the mean: connections in step would
 * measure their own bursts. */
static uint64_t call_pause_ns(struct conn *c, const struct net_opts *o)
{
	return o->every_us * 500ULL +
		(uint64_t)rand_r(&c->seed) % (o->every_us * 1000ULL);
}

static void call_conn(struct conn *c, const struct net_opts *o)
{
	ssize_t n;

	if (flush_some(c))
		net_die("send");
	n = recv(c->fd, sink, sizeof(sink), MSG_DONTWAIT);
	if (n == 0)
		errno = ECONNRESET;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		net_die("receive");
	c->got += n;
	if (!c->busy || c->got < o->response)
		return;
	c->busy = false;
	sample_add(net_now_ns() - c->began_ns);
}

/* Begin what is due; returns when the next exchange is. */
static uint64_t call_due(const struct net_opts *o, uint64_t end)
{
	uint64_t now = net_now_ns(), next = end;
	unsigned i;

	for (i = 0; i < n_conns; i++) {
		struct conn *c = &conns[i];

		if (c->busy)
			continue;
		if (c->due_ns <= now) {
			call_begin(c, o);
			c->due_ns = now + call_pause_ns(c, o);
		} else if (c->due_ns < next) {
			next = c->due_ns;
		}
	}
	return next;
}

static int mice_call(const struct net_opts *o)
{
	struct head head = { o->request, o->response };
	struct pollfd fds[NET_CONNS_MAX];
	uint64_t next, end = net_end_ns(o);
	unsigned i;

	memcpy(block, &head, sizeof(head));	/* all requests are the same */
	for (i = 0; i < o->count; i++) {
		conns[i].fd = net_connect(o, i);
		conns[i].seed = i + 1;
		conns[i].due_ns = net_now_ns() + call_pause_ns(&conns[i], o);
		n_conns++;
	}
	while (!net_stop && net_left_ns(end)) {
		next = call_due(o, end);
		watch(fds);
		net_poll(fds, n_conns, net_left_ns(next));
		for (i = 0; i < n_conns; i++)
			if (fds[i].revents)
				call_conn(&conns[i], o);
		if (net_period_over)
			call_report();
	}
	call_report();
	free(samples);
	return 0;
}

int main(int argc, char **argv)
{
	static const char usage[] =
		"usage: mice serve [--port P] [--seconds S]\n"
		"       mice call --to ADDRESS... [--port P] [--count N]\n"
		"                 [--request BYTES] [--response BYTES]\n"
		"                 [--every-us US] [--seconds S] [--cc NAME]\n";
	struct net_opts o = { .port = 5202, .count = 1, .seconds = 60,
			      .request = 2000, .response = 200,
			      .every_us = 20000 };
	const char *verb = net_options(argc, argv, &o, usage);

	if (o.request < sizeof(struct head) || o.request > EXCHANGE_MAX ||
	    o.response > EXCHANGE_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	net_signals();
	if (!strcmp(verb, "serve"))
		return mice_serve(&o);
	if (!strcmp(verb, "call") && o.n_to)
		return mice_call(&o);
	fputs(usage, stderr);
	return 2;
}
