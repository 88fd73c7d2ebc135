/* SPDX-License-Identifier: GPL-2.0-only */
#include "ring.h"

#include "pin.h"
#include "wall.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <bpf/libbpf.h>

struct ring {
	int lock, map, signals;
	sigset_t before;
	struct ring_buffer *rb;
	int (*each)(const struct srte_event *ev, void *arg);
	void *arg;
	bool stop;
};

/* Negative stops libbpf; the event counts as consumed all the same. */
static int deliver(void *ctx, void *data, size_t size)
{
	struct ring *ring = ctx;

	if (size < sizeof(struct srte_event))
		return 0;
	ring->stop = ring->each(data, ring->arg);
	return ring->stop ? -ECANCELED : 0;
}

/* Signals are taken from before the first record on, so that whoever sees
 * the stream begin may end it cleanly. */
static int watch_signals(struct ring *ring)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &ring->before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int ring_open(struct ring **ret, struct fault *f)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return fault_set(f, FAULT_NO_MEMORY, "the event ring");
	ring->lock = -1;
	ring->signals = -1;
	ring->map = pin_open("srte_events", PIN_WRITE, f);
	err = ring->map;
	if (err < 0)
		goto undo_ring;
	ring->lock = pin_lock_ring(f);
	err = ring->lock;
	if (err < 0)
		goto undo_ring;
	ring->rb = ring_buffer__new(ring->map, deliver, ring, NULL);
	if (!ring->rb) {
		err = fault_set(f, FAULT_FAILED, "srte_events: cannot map: %s",
				strerror(errno));
		goto undo_ring;
	}
	ring->signals = watch_signals(ring);
	*ret = ring;
	return 0;

undo_ring:
	ring_close(ring);
	return err;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->rb);
	if (ring->signals >= 0) {
		close(ring->signals);
		sigprocmask(SIG_SETMASK, &ring->before, NULL);
	}
	if (ring->lock >= 0)
		close(ring->lock);
	if (ring->map >= 0)
		close(ring->map);
	free(ring);
}

/* Whole milliseconds until end, rounded up; -1 for no end. */
static int wait_ms(uint64_t end_ns)
{
	uint64_t now = wall_mono_ns(), ms;

	if (!end_ns)
		return -1;
	if (now >= end_ns)
		return 0;
	ms = (end_ns - now + 999999) / 1000000;
	return ms > 3600000 ? 3600000 : (int)ms;
}

/* Taken, or it would kill us as soon as it is unblocked. */
static bool take_signal(struct ring *ring)
{
	struct signalfd_siginfo info;

	return read(ring->signals, &info, sizeof(info)) > 0;
}

/* 1: go on, 0: the end, or a negative errno. */
static int wait_more(struct ring *ring, uint64_t end_ns)
{
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(ring->rb), .events = POLLIN },
		{ .fd = ring->signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO },	/* POLLERR: nobody reads */
	};

	if (poll(fds, 3, wait_ms(end_ns)) < 0)
		return errno == EINTR ? 1 : -errno;
	if (take_signal(ring) || fds[2].revents & POLLERR)
		return 0;
	return !end_ns || wall_mono_ns() < end_ns;
}

static int drain(struct ring *ring, int (*idle)(void *arg))
{
	int n = ring_buffer__consume(ring->rb);

	if (n < 0 && !ring->stop)
		return n;
	if (idle && idle(ring->arg))
		ring->stop = true;
	return 0;
}

int ring_follow(struct ring *ring, uint64_t for_ns,
		int (*each)(const struct srte_event *ev, void *arg),
		int (*idle)(void *arg), void *arg, struct fault *f)
{
	uint64_t end_ns = for_ns ? wall_mono_ns() + for_ns : 0;
	int err, more = 1;

	ring->each = each;
	ring->arg = arg;
	ring->stop = false;
	err = drain(ring, idle);
	while (!err && more > 0 && !ring->stop) {
		more = wait_more(ring, end_ns);
		/* What came before the end belongs to the stream. */
		err = more < 0 ? more : drain(ring, idle);
	}
	if (err)
		return fault_set(f, FAULT_FAILED, "srte_events: %s",
				 strerror(-err));
	return 0;
}
