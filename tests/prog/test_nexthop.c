// SPDX-License-Identifier: GPL-2.0-only
/* Which packets leave by the next hop of their path, and that such a one is
 * looked at once. */
#include "prog.h"

/* As bpf/egress.bpf.h writes it down. */
#define NOTE_MAGIC	3
#define NOTE_DEVICE	4
#define REDIRECT_MAGIC	0x73727465U

/* To a neighbour of its own; a group's address would not do. */
static struct frame frame_elsewhere(void)
{
	struct frame f;

	frame_tcp6(&f, 0, 100);
	f.data[0] &= ~1;
	set_put(1, 1, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	return f;
}

static void assert_sent_on(const struct frame *f, uint64_t redirected)
{
	struct result r = prog_run(f);

	assert_int_equal(r.verdict, TC_ACT_REDIRECT);
	assert_int_equal(path_of(f, &r), 1);
	assert_int_equal(counter(SRTE_COUNT_REDIRECTED), redirected);
	assert_int_equal(counter(SRTE_COUNT_STEERED), redirected);
}

static void test_same_next_hop_stays(void **state)
{
	struct result r;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 100);
	set_put(1, 1, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	r = prog_run(&f);
	assert_int_equal(r.verdict, TC_ACT_UNSPEC);
	assert_int_equal(path_of(&f, &r), 1);
	assert_int_equal(counter(SRTE_COUNT_REDIRECTED), 0);
}

static void test_another_neighbour(void **state)
{
	struct frame f = frame_elsewhere();

	(void)state;
	assert_sent_on(&f, 1);
	f.data[0] = 0x0b;
	f.data[5] ^= 1;		/* a group's, but not the path's */
	assert_int_equal(prog_run(&f).verdict, TC_ACT_UNSPEC);
	assert_int_equal(counter(SRTE_COUNT_NEXT_HOP), 1);
}

/* A router may have one MAC on all of its links. */
static void test_same_mac_on_another_device(void **state)
{
	struct frame f = frame_elsewhere();
	struct srte_path p = path_make(1, 2);

	(void)state;
	p.next_hop[0] = f.data[0];
	path_put(1, &p);
	assert_int_equal(prog_run(&f).verdict, TC_ACT_UNSPEC);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 1);
	assert_int_equal(system("ip link add d0 type veth peer name d1 && "
				"ip link set d0 up"), 0);
	p.ifindex = if_nametoindex("d0");
	path_put(1, &p);
	assert_int_equal(prog_run(&f).verdict, TC_ACT_REDIRECT);
	/* its MTU is what counts */
	assert_int_equal(system("ip link set d0 mtu 150"), 0);
	assert_int_equal(prog_run(&f).verdict, TC_ACT_UNSPEC);
	assert_int_equal(counter(SRTE_COUNT_OVER_MTU), 1);
}

/* On the device that it was sent to: neither counted nor steered again. */
static void test_seen_again(void **state)
{
	struct __sk_buff ctx = { .cb[NOTE_MAGIC] = REDIRECT_MAGIC,
				 .cb[NOTE_DEVICE] = 1 };
	struct frame f = frame_elsewhere();
	struct srte_flow flow;
	struct result r;

	(void)state;
	r = prog_run_ctx(&f, &ctx);
	assert_untouched(&f, &r);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 0);
	assert_int_not_equal(flow_get(key_of_frame(&f), &flow), 0);
	/* a note for another device is what somebody else left there */
	ctx.cb[NOTE_DEVICE] = 2;
	r = prog_run_ctx(&f, &ctx);
	assert_int_equal(path_of(&f, &r), 1);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 1);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = {
		T(test_same_next_hop_stays),
		T(test_another_neighbour),
		T(test_same_mac_on_another_device),
		T(test_seen_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
