// SPDX-License-Identifier: GPL-2.0-only
/*
 * send NAME GOAL BASE=ADDRESS OURS=ADDRESS [PEER=ADDRESS...]
 *
 * Small datagrams to each of the addresses in turn, and what one of them
 * costs the sender in CPU time; on veth, that is everything up to where the
 * other end takes it. Prints a row: nanoseconds of the second over the first.
 */
#include "row.h"

#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX	8
#define PAYLOAD		64
#define CHUNKS		4	/* of a sample, the best of them counts: */
#define CHUNK		20000	/* whatever else runs only ever adds */

struct target {
	const char *label;
	int fd;
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

static int open_target(const char *address)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST,
	};
	struct addrinfo *to;
	int fd;

	if (getaddrinfo(address, "9", &hints, &to))
		errx(2, "%s: no address", address);
	fd = socket(to->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "%s", address);
	freeaddrinfo(to);
	return fd;
}

static double send_chunk(int fd)
{
	static const char payload[PAYLOAD];
	double began = cpu_ns();

	for (unsigned i = 0; i < CHUNK; i++)
		if (send(fd, payload, sizeof(payload), 0) != sizeof(payload))
			err(1, "send");
	return (cpu_ns() - began) / CHUNK;
}

static void sample(unsigned at)
{
	for (unsigned c = 0; c < CHUNKS; c++)
		for (unsigned i = 0; i < n_targets; i++) {
			double ns = send_chunk(targets[i].fd);

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
		t->fd = open_target(*a ? *a : "");
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
