/* SPDX-License-Identifier: GPL-2.0-only */
#include "tick.h"

#include "wall.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000ULL

void tick_start(struct tick *tick, uint64_t interval_ns, uint64_t for_ns)
{
	uint64_t now = wall_mono_ns();

	tick->interval_ns = interval_ns;
	tick->next_ns = now;
	tick->end_ns = for_ns ? now + for_ns : 0;
	sigemptyset(&tick->set);
	sigaddset(&tick->set, SIGINT);
	sigaddset(&tick->set, SIGTERM);
	sigprocmask(SIG_BLOCK, &tick->set, NULL);
}

/* A pipe that nobody reads any more would be noticed only by writing, and a
 * filter may leave nothing to write for long. */
static int reader_is_gone(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };

	return poll(&fd, 1, 0) > 0 && fd.revents & POLLERR;
}

int tick_wait(struct tick *tick)
{
	uint64_t now = wall_mono_ns(), left;
	struct timespec time;

	tick->next_ns += tick->interval_ns;
	if (tick->next_ns < now)
		tick->next_ns = now;
	left = tick->next_ns - now;
	if (tick->end_ns && tick->next_ns > tick->end_ns)
		left = tick->end_ns > now ? tick->end_ns - now : 0;
	time.tv_sec = left / SECOND_NS;
	time.tv_nsec = left % SECOND_NS;
	if (sigtimedwait(&tick->set, NULL, &time) > 0 || reader_is_gone())
		return 0;
	return !tick->end_ns || wall_mono_ns() < tick->end_ns;
}
