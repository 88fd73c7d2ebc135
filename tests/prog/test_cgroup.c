// SPDX-License-Identifier: GPL-2.0-only
/* srte_account and srte_egress_l3: the same accounting, other hooks. */
#define TEST_PROGS " srte_account srte_egress srte_egress_l3 "
#include "member.h"

static struct bpf_link *attached;

static int cgroup_setup(void **state)
{
	int fd;

	if (prog_setup(state) || member_setup())
		return -1;
	fd = open(member_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attached = bpf_program__attach_cgroup(skel->progs.srte_account, fd);
	close(fd);
	return attached ? 0 : -1;
}

static int cgroup_teardown(void **state)
{
	bpf_link__destroy(attached);
	member_teardown();
	return prog_teardown(state);
}

/* Through the hook, and on its way. */
static void run_cgroup(const struct frame *in)
{
	assert_int_equal(member_send(in), 0);
}

static void account_on(uint32_t flags)
{
	config.flags = flags;
	config.generation = 0;
	config_put();
}

static void assert_counted(const struct frame *f, uint8_t hook, uint32_t n)
{
	struct srte_flow flow;

	assert_int_equal(flow_get(key_of_frame(f), &flow), 0);
	assert_int_equal(flow.packets, n);
	assert_int_equal(flow.bytes, n * (f->len - f->l3));
	assert_int_equal(flow.hook, hook);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), n);
}

static void test_counts_both_families(void **state)
{
	struct frame f;

	(void)state;
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	frame_tcp6(&f, 0, 100);
	run_cgroup(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	frame_tcp4(&f, 0, 100);
	run_cgroup(&f);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 2);
}

/* Each packet meets both programs; one of them counts it. */
static void test_never_counted_twice(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 100);
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	run_cgroup(&f);
	prog_run(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	account_on(SRTE_CONFIG_ACCOUNT_DEV);
	run_cgroup(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	prog_run(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 2);
}

static void test_gso_on_the_cgroup_hook(void **state)
{
	static const char block[3000];
	const int size = 1000;
	struct srte_flow flow;
	int peer, fd = member_udp(&peer);

	(void)state;
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	assert_int_equal(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size,
				    sizeof(size)), 0);
	assert_int_equal(send(fd, block, sizeof(block), 0), sizeof(block));
	assert_int_equal(flow_get(member_key(fd), &flow), 0);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 3000 + 3 * (40 + 8));
	assert_int_equal(flow.cgroup_id, member_id());
	close(fd);
	close(peer);
}

static void test_filter_on_the_cgroup_hook(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 100);
	config.admit = SRTE_ADMIT_HEAVY;
	config.admit_bytes = 2 * (f.len - f.l3);
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	run_cgroup(&f);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 1);
	run_cgroup(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 2);
}

/* In cgroup mode the path of a steered flow still gets into its record. */
static void test_path_of_a_flow_counted_on_the_cgroup(void **state)
{
	struct srte_flow flow;
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	config.flags = SRTE_CONFIG_ACCOUNT_CGROUP;
	config_put();
	set_put(1, 1, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	run_cgroup(&f);
	prog_run(&f);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 1);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.packets, 1);
	assert_int_equal(flow.path, 1);
	assert_int_equal(flow.class, SRTE_CLASS_HEAVY);
}

/* ---- marks ---- */

/* The mark that a packet marked before has behind the program. */
static uint32_t mark_after(uint32_t mask, uint32_t before)
{
	int peer, fd = member_udp(&peer);
	struct srte_flow flow;
	uint32_t mark;

	config.mark_mask = mask;
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &before,
				    sizeof(before)), 0);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	mark = member_mark(peer);
	assert_int_equal(flow_get(member_key(fd), &flow), 0);
	assert_int_equal(flow.cgroup_id, member_id());
	close(fd);
	close(peer);
	return mark;
}

static void test_mark_stays_in_its_mask(void **state)
{
	const uint32_t before = 0xdeadbeef, id = (uint32_t)member_id();

	(void)state;
	assert_int_equal(mark_after(0, before), before);
	assert_int_equal(mark_after(0x00fff000, before),
			 0xde000eef | (id << 12 & 0x00fff000));
	assert_int_equal(mark_after(0xffffffff, before), id);
	assert_int_equal(mark_after(0x80000000, 0), id << 31);
}

/* ---- devices without Ethernet ---- */

/* The IP packet alone, as tun has it. */
static struct frame bare(const struct frame *f)
{
	struct frame ret = { .len = f->len - f->l3 };

	memcpy(ret.data, f->data + f->l3, ret.len);
	return ret;
}

static void run_l3(const struct frame *whole)
{
	struct frame f = bare(whole);
	struct result r = prog_run_on(skel->progs.srte_egress_l3, &f, NULL);

	assert_untouched(&f, &r);
}

static void test_layer3_device_is_counted(void **state)
{
	struct srte_flow flow;
	struct frame f;

	(void)state;
	account_on(SRTE_CONFIG_ACCOUNT_DEV);
	frame_tcp6(&f, 0, 100);
	run_l3(&f);
	assert_counted(&f, SRTE_HOOK_DEV, 1);
	frame_tcp4(&f, 0, 60);
	run_l3(&f);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.bytes, 20 + 32 + 60);
}

static void test_layer3_device_is_not_steered(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp6(&f, 0, 10);
	set_put(1, 1, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	run_l3(&f);
	assert_int_equal(counter(SRTE_COUNT_LAYER3), 1);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 0);
}

static void test_layer3_truncated_at_every_length(void **state)
{
	uint64_t truncated = 0, accounted = 0;
	struct frame whole, f;
	uint32_t len;

	(void)state;
	account_on(SRTE_CONFIG_ACCOUNT_DEV);
	frame_tcp4(&whole, 0, 20);
	f = bare(&whole);
	for (len = 15; len <= 60; len++) {
		struct result r;

		f.len = len;
		r = prog_run_on(skel->progs.srte_egress_l3, &f, NULL);
		assert_untouched(&f, &r);
		if (len < 20 + 20)
			truncated++;
		else
			accounted++;
		assert_int_equal(counter(SRTE_COUNT_TRUNCATED), truncated);
		assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), accounted);
	}
}

static void test_layer3_neither_version(void **state)
{
	struct frame f;

	(void)state;
	frame_tcp4(&f, 0, 20);
	f.data[f.l3] = 0x75;
	run_l3(&f);
	assert_int_equal(counter(SRTE_COUNT_NOT_IP), 1);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
#define CGROUP(t)							\
	cmocka_unit_test_setup_teardown(t, cgroup_setup, cgroup_teardown)
	const struct CMUnitTest tests[] = {
		CGROUP(test_counts_both_families),
		CGROUP(test_never_counted_twice),
		CGROUP(test_gso_on_the_cgroup_hook),
		CGROUP(test_filter_on_the_cgroup_hook),
		CGROUP(test_path_of_a_flow_counted_on_the_cgroup),
		CGROUP(test_mark_stays_in_its_mask),
		T(test_layer3_device_is_counted),
		T(test_layer3_device_is_not_steered),
		T(test_layer3_truncated_at_every_length),
		T(test_layer3_neither_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
