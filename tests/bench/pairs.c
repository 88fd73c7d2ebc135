// SPDX-License-Identifier: GPL-2.0-only
/*
 * pairs NAME GOAL UNIT A [ARG...] -- B [ARG...]
 *
 * Runs commands A and B in turn, their output thrown away, and prints a row:
 * how many times longer B takes than A, with the times and the largest
 * resident memory of both beside it. A command that fails ends it all.
 */
#include "row.h"

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct usage {
	double wall_ms, rss_mib;
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void child(char **argv)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(argv[0], argv);
	warn("%s", argv[0]);
	_exit(127);
}

static struct usage measure(char **argv)
{
	double began = now_ms();
	struct rusage ru;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		child(argv);
	if (wait4(pid, &status, 0, &ru) != pid)
		err(1, "%s", argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(1, "%s: wait status %#x", argv[0], status);
	return (struct usage){ now_ms() - began, ru.ru_maxrss / 1024.0 };
}

static char **second(char **argv)
{
	while (*argv && strcmp(*argv, "--"))
		argv++;
	if (!*argv || !argv[1])
		errx(2, "usage: pairs NAME GOAL UNIT A... -- B...");
	*argv = NULL;
	return argv + 1;
}

int main(int argc, char **argv)
{
	double a_ms[ROW_SAMPLES], b_ms[ROW_SAMPLES], a_mib = 0, b_mib = 0;
	unsigned n = row_pairs();
	char **a = argv + 4, **b;
	struct row r = { 0 };

	if (argc < 7)
		errx(2, "usage: pairs NAME GOAL UNIT A... -- B...");
	b = second(a);
	r.name = argv[1];
	r.goal = argv[2];
	r.unit = argv[3];
	r.peer = b[0];
	measure(a);
	measure(b);
	for (unsigned i = 0; i < n; i++) {
		struct usage ua = measure(a), ub = measure(b);

		a_ms[i] = ua.wall_ms;
		b_ms[i] = ub.wall_ms;
		a_mib = ua.rss_mib > a_mib ? ua.rss_mib : a_mib;
		b_mib = ub.rss_mib > b_mib ? ub.rss_mib : b_mib;
		row_add(&r, b_ms[i] / a_ms[i]);
	}
	row_median_detail(&r, "a_ms", a_ms, n);
	row_median_detail(&r, "b_ms", b_ms, n);
	row_detail(&r, "a_rss_mib", a_mib);
	row_detail(&r, "b_rss_mib", b_mib);
	row_print(&r);
	return 0;
}
