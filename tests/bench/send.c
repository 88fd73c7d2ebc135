// SPDX-License-Identifier: GPL-2.0-only
/*
 * send NAME GOAL BASE=ADDRESS OURS=ADDRESS [PEER=ADDRESS...]
 *
 * Small datagrams to each of the addresses in turn, and what one of them
 * costs the sender in CPU time; on veth, that is everything up to where the
 * other end takes it. Prints a row: nanoseconds of the second over the first.
 * ADDRESS@DIR sends as a member of that cgroup; with "tcp" before the address
 * it is connections that are made and closed, both ends in this process.
 */
#include "row.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX	12
#define PAYLOAD		64
#define CHUNKS		4	/* of a sample, the best of them counts: */
#define CHUNK		20000	/* whatever else runs only ever adds */
#define CONNECTIONS	2000	/* of a chunk of those */

struct target {
	const char *label, *cgroup;
	bool tcp;		/* fd listens at addr */
	int fd;
	struct sockaddr_storage addr;
	socklen_t len;
	double ns[ROW_SAMPLES];
};

static struct target targets[TARGETS_MAX];
static unsigned n_targets;

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void join(const char *cgroup)
{
	char path[4096];
	int fd;

	if (!cgroup)
		return;
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		err(1, "%s", path);
	close(fd);
}

static void open_udp(struct target *t)
{
	t->fd = socket(t->addr.ss_family, SOCK_DGRAM, 0);
	if (t->fd < 0 || connect(t->fd, (void *)&t->addr, t->len))
		err(1, "%s", t->label);
}

static void open_tcp(struct target *t)
{
	t->fd = socket(t->addr.ss_family, SOCK_STREAM, 0);
	if (t->fd < 0 || bind(t->fd, (void *)&t->addr, t->len) ||
	    listen(t->fd, 16) ||
	    getsockname(t->fd, (void *)&t->addr, &t->len))
		err(1, "%s", t->label);
}

static void open_target(struct target *t, char *address)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST,
	};
	struct addrinfo *to;

	t->tcp = !strncmp(address, "tcp", 3);
	address += t->tcp ? 3 : 0;
	t->cgroup = strchr(address, '@');
	if (t->cgroup)
		*(char *)t->cgroup++ = '\0';
	if (getaddrinfo(address, t->tcp ? "0" : "9", &hints, &to))
		errx(2, "%s: no address", address);
	memcpy(&t->addr, to->ai_addr, to->ai_addrlen);
	t->len = to->ai_addrlen;
	freeaddrinfo(to);
	join(t->cgroup);
	if (t->tcp)
		open_tcp(t);
	else
		open_udp(t);
}

/* Reset at the end: no TIME-WAIT is left behind. */
static void make_connection(const struct target *t)
{
	const struct linger none = { .l_onoff = 1 };
	int there, here = socket(t->addr.ss_family, SOCK_STREAM, 0);

	if (here < 0 || connect(here, (const void *)&t->addr, t->len))
		err(1, "%s", t->label);
	there = accept(t->fd, NULL, NULL);
	if (there < 0 || setsockopt(here, SOL_SOCKET, SO_LINGER, &none,
				    sizeof(none)))
		err(1, "%s", t->label);
	close(here);
	close(there);
}

static double send_chunk(const struct target *t)
{
	static const char payload[PAYLOAD];
	unsigned n = t->tcp ? CONNECTIONS : CHUNK;
	double began;

	join(t->cgroup);
	began = cpu_ns();
	for (unsigned i = 0; i < n; i++) {
		if (t->tcp)
			make_connection(t);
		else if (send(t->fd, payload, sizeof(payload), 0) !=
			 sizeof(payload))
			err(1, "send");
	}
	return (cpu_ns() - began) / n;
}

static void sample(unsigned at)
{
	for (unsigned c = 0; c < CHUNKS; c++)
		for (unsigned i = 0; i < n_targets; i++) {
			double ns = send_chunk(&targets[i]);

			if (!c || ns < targets[i].ns[at])
				targets[i].ns[at] = ns;
		}
}

static void details(struct row *r, unsigned n)
{
	double over[ROW_SAMPLES];
	char key[64];

	for (unsigned i = 1; i < n_targets; i++) {
		for (unsigned k = 0; k < n; k++)
			over[k] = targets[i].ns[k] - targets[0].ns[k];
		snprintf(key, sizeof(key), "%s_over_ns", targets[i].label);
		row_median_detail(r, key, over, n);
	}
	for (unsigned i = 0; i < n_targets; i++) {
		snprintf(key, sizeof(key), "%s_ns", targets[i].label);
		row_median_detail(r, key, targets[i].ns, n);
	}
}

int main(int argc, char **argv)
{
	unsigned n = row_pairs();
	struct row r = { .unit = "ns", .peer = "plain route" };

	if (argc < 5 || argc - 3 > TARGETS_MAX)
		errx(2, "usage: send NAME GOAL LABEL=ADDRESS...");
	r.name = argv[1];
	r.goal = argv[2];
	for (char **a = argv + 3; *a; a++) {
		struct target *t = &targets[n_targets++];

		t->label = strsep(a, "=");
		if (!*a)
			errx(2, "%s: no address", t->label);
		open_target(t, *a);
	}
	sample(0);	/* warm */
	for (unsigned i = 0; i < n; i++) {
		sample(i);
		row_add(&r, targets[1].ns[i] - targets[0].ns[i]);
	}
	details(&r, n);
	row_print(&r);
	return 0;
}
