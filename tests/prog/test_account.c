// SPDX-License-Identifier: GPL-2.0-only
/* bpf/account.bpf.h: sums, rates and the heavy-hitter notice. */
#define TEST_PROGS " srte_egress "
#include "prog.h"

#include <time.h>

#define SECOND		1000000000ULL
#define FRAME_BYTES	(40 + 32 + 1000)	/* at the IP layer */

static struct frame the_frame(uint16_t sport)
{
	struct frame f;

	frame_eth(&f, ETH_P_IPV6);
	frame_ipv6(&f, IPPROTO_TCP, 0);
	frame_tcp(&f, sport, 5201, 12);
	frame_end(&f, 1000);
	return f;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static struct srte_flow flow_of(const struct frame *f)
{
	struct srte_flow flow;

	assert_int_equal(flow_get(key_of_frame(f), &flow), 0);
	return flow;
}

static void test_sums(void **state)
{
	struct frame f = the_frame(1);
	uint64_t before = now_ns();
	struct srte_flow flow;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		prog_run(&f);
	flow = flow_of(&f);
	assert_int_equal(flow.packets, 100);
	assert_int_equal(flow.bytes, 100 * FRAME_BYTES);
	assert_in_range(flow.first_ns, before, now_ns());
	assert_in_range(flow.last_ns, flow.first_ns, now_ns());
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 100);
}

static void test_switched_off(void **state)
{
	struct frame f = the_frame(1);
	struct srte_flow flow;

	(void)state;
	config.flags = 0;
	config_put();
	prog_run(&f);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), -ENOENT);
}

/* As if the flow had sent bytes since a window began, elapsed ago. */
static void window_put(const struct frame *f, uint64_t elapsed_ns,
		       uint64_t bytes, uint64_t rate_bps)
{
	struct srte_flow_key key = key_of_frame(f);
	struct srte_flow flow = {
		.window_ns = now_ns() - elapsed_ns,
		.window_bytes = 5000,
		.bytes = 5000 + bytes,
		.rate_bps = rate_bps,
	};

	put(skel->maps.srte_flows, &key, &flow);
}

static void assert_rate(const struct frame *f, uint64_t bps)
{
	struct srte_flow flow = flow_of(f);

	assert_in_range(flow.rate_bps, bps - bps / 20, bps + bps / 20);
	assert_int_equal(flow.window_bytes, flow.bytes);
}

static void test_rate_of_a_first_window(void **state)
{
	struct frame f = the_frame(1);

	(void)state;
	window_put(&f, SECOND / 2, 500000 - FRAME_BYTES, 0);
	prog_run(&f);
	assert_rate(&f, 8000000);
}

static void test_rate_is_smoothed(void **state)
{
	struct frame f = the_frame(1);

	(void)state;
	window_put(&f, SECOND / 2, 500000 - FRAME_BYTES, 4000000);
	prog_run(&f);
	assert_rate(&f, 6000000);
}

static void test_rate_forgets_after_a_pause(void **state)
{
	struct frame f = the_frame(1);

	(void)state;
	window_put(&f, 2 * SECOND, 2000000 - FRAME_BYTES, 900000000);
	prog_run(&f);
	assert_rate(&f, 8000000);
}

/* 100 Gbit/s for one window: no product overflows. */
static void test_rate_of_a_fast_flow(void **state)
{
	struct frame f = the_frame(1);

	(void)state;
	window_put(&f, SECOND / 2, 6250000000ULL, 0);
	prog_run(&f);
	assert_rate(&f, 100000000000ULL);
}

static void test_window_under_way_keeps_its_rate(void **state)
{
	struct frame f = the_frame(1);
	struct srte_flow flow;

	(void)state;
	window_put(&f, 0, 100000, 77);
	prog_run(&f);
	flow = flow_of(&f);
	assert_int_equal(flow.rate_bps, 77);
	assert_int_equal(flow.window_bytes, 5000);
}

/* ---- a steady flow in real time ---- */

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

#define GAP_NS		(SECOND / 1000)

/* Send until the program begins another window, and say by our own clock
 * what the rate was. False: we lost the CPU at the very end. */
static bool window_pass(const struct frame *f, uint64_t *ret_bps)
{
	struct srte_flow flow = flow_of(f), first = flow;
	uint64_t start = clock_ns(), sent = 0, before, after;

	do {
		while (clock_ns() < start + sent * GAP_NS)
			;
		before = clock_ns();
		prog_run(f);
		after = clock_ns();
		sent++;
		flow = flow_of(f);
	} while (flow.window_ns == first.window_ns);
	*ret_bps = sent * FRAME_BYTES * 8 * SECOND / (after - start);
	return after - before < 3 * GAP_NS;
}

/* A frame every millisecond, as far as the machine lets us. */
static void test_rate_of_a_steady_flow(void **state)
{
	uint64_t give_up = clock_ns() + 60 * SECOND, one, two;
	uint16_t port = 1;
	struct frame f;

	(void)state;
	do {
		assert_true(clock_ns() < give_up);
		f = the_frame(port++);
		prog_run(&f);
	} while (!window_pass(&f, &one) || !window_pass(&f, &two));
	one = (one + two) / 2;
	assert_in_range(flow_of(&f).rate_bps, one - one / 20, one + one / 20);
}

/* The clock is read once a tick, the bytes count at once. Two ticks: the
 * kernel moves its tick a moment before its clock. */
static void test_time_moves_on_in_ticks(void **state)
{
	struct frame f = the_frame(1);
	uint64_t give_up = clock_ns() + 10 * SECOND;
	struct srte_flow first, flow;

	(void)state;
	prog_run(&f);
	first = flow_of(&f);
	do {
		assert_true(clock_ns() < give_up);
		prog_run(&f);
		flow = flow_of(&f);
	} while (flow.tick - first.tick < 2);
	assert_true(flow.last_ns > first.last_ns);
	assert_in_range(now_ns() - flow.last_ns, 0, SECOND);
	assert_int_equal(flow.bytes, flow.packets * FRAME_BYTES);
}

/* ---- notices ---- */

struct notices {
	int n;
	struct srte_event last;
};

static int on_event(void *arg, void *data, size_t size)
{
	struct notices *got = arg;

	assert_int_equal(size, sizeof(got->last));
	memcpy(&got->last, data, size);
	got->n++;
	return 0;
}

static void drain(struct notices *got)
{
	struct ring_buffer *ring;

	ring = ring_buffer__new(bpf_map__fd(skel->maps.srte_events), on_event,
				got, NULL);
	assert_non_null(ring);
	assert_true(ring_buffer__consume(ring) >= 0);
	ring_buffer__free(ring);
}

static void test_heavy_notice_comes_once(void **state)
{
	struct frame f = the_frame(1);
	struct srte_flow_key key = key_of_frame(&f);
	struct notices got = { 0 };
	int i;

	(void)state;
	config.heavy_bytes = 5 * FRAME_BYTES;
	config_put();
	for (i = 0; i < 4; i++)
		prog_run(&f);
	drain(&got);
	assert_int_equal(got.n, 0);
	for (i = 0; i < 6; i++)
		prog_run(&f);
	drain(&got);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.last.type, SRTE_EVENT_HEAVY);
	assert_int_equal(got.last.bytes, 5 * FRAME_BYTES);
	assert_memory_equal(&got.last.key, &key, sizeof(key));
}

/* Sent = received + lost. */
static void test_full_ring_is_counted(void **state)
{
	struct notices got = { 0 };
	const int sent = 12000;		/* x 104 bytes > 1 MiB */
	int i;

	(void)state;
	config.heavy_bytes = 1;
	config_put();
	for (i = 0; i < sent; i++) {
		struct frame f = the_frame((uint16_t)(i + 1));

		prog_run(&f);
	}
	drain(&got);
	assert_in_range(got.n, 1, sent - 1);
	assert_int_equal(got.n + counter(SRTE_COUNT_EVENT_LOST), sent);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_sums),
		T(test_switched_off),
		T(test_rate_of_a_first_window),
		T(test_rate_is_smoothed),
		T(test_rate_forgets_after_a_pause),
		T(test_rate_of_a_fast_flow),
		T(test_window_under_way_keeps_its_rate),
		T(test_rate_of_a_steady_flow),
		T(test_time_moves_on_in_ticks),
		T(test_heavy_notice_comes_once),
		T(test_full_ring_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
