// SPDX-License-Identifier: GPL-2.0-only
/* srte_account and srte_egress_l3: the same accounting, other hooks. */
#include "prog.h"

#define PASSES 1

/* Before 6.9 or so the test run gives this type of program no packet data,
 * which the hook itself always did. */
static bool no_data;

static void need_packet_data(void)
{
	if (!no_data)
		return;
	print_message("the test run of this kernel shows no packet to "
		      "programs on cgroups\n");
	skip();
}

/* The test run hands over what is behind the Ethernet header. */
static struct result run_cgroup(const struct frame *in, struct __sk_buff *ctx)
{
	struct result ret = prog_run_on(skel->progs.srte_account, in, ctx);

	assert_int_equal(ret.verdict, PASSES);
	return ret;
}

/* In an object of its own: the probe leaves nothing behind. */
static int probe(void)
{
	struct frame f;

	if (prog_setup(NULL))
		return -1;
	config.flags = SRTE_CONFIG_ACCOUNT_CGROUP;
	config_put();
	frame_tcp6(&f, 0, 0);
	prog_run_on(skel->progs.srte_account, &f, NULL);
	no_data = counter(SRTE_COUNT_TRUNCATED) > 0;
	return prog_teardown(NULL);
}

static int cgroup_setup(void **state)
{
	return probe() || prog_setup(state) ? -1 : 0;
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
	need_packet_data();
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	frame_tcp6(&f, 0, 100);
	run_cgroup(&f, NULL);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	frame_tcp4(&f, 0, 100);
	run_cgroup(&f, NULL);
	assert_int_equal(counter(SRTE_COUNT_ACCOUNTED), 2);
}

/* Each packet meets both programs; one of them counts it. */
static void test_never_counted_twice(void **state)
{
	struct frame f;

	(void)state;
	need_packet_data();
	frame_tcp6(&f, 0, 100);
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	run_cgroup(&f, NULL);
	prog_run(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	account_on(SRTE_CONFIG_ACCOUNT_DEV);
	run_cgroup(&f, NULL);
	assert_counted(&f, SRTE_HOOK_CGROUP, 1);
	prog_run(&f);
	assert_counted(&f, SRTE_HOOK_CGROUP, 2);
}

static void test_gso_on_the_cgroup_hook(void **state)
{
	struct __sk_buff ctx = { .gso_segs = 3, .gso_size = 1000 };
	struct srte_flow flow;
	struct frame f;

	(void)state;
	need_packet_data();
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	frame_tcp4(&f, 0, 3000);
	run_cgroup(&f, &ctx);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 3000 + 3 * (20 + 32));
}

static void test_filter_on_the_cgroup_hook(void **state)
{
	struct frame f;

	(void)state;
	need_packet_data();
	frame_tcp6(&f, 0, 100);
	config.admit = SRTE_ADMIT_HEAVY;
	config.admit_bytes = 2 * (f.len - f.l3);
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	run_cgroup(&f, NULL);
	assert_int_equal(counter(SRTE_COUNT_FILTERED), 1);
	run_cgroup(&f, NULL);
	assert_counted(&f, SRTE_HOOK_CGROUP, 2);
}

/* In cgroup mode the path of a steered flow still gets into its record. */
static void test_path_of_a_flow_counted_on_the_cgroup(void **state)
{
	struct srte_flow flow;
	struct frame f;

	(void)state;
	need_packet_data();
	frame_tcp6(&f, 0, 10);
	config.flags = SRTE_CONFIG_ACCOUNT_CGROUP;
	config_put();
	set_put(1, 1, 1);
	entry_put(key_of_frame(&f), 1, 0, FOREVER);
	run_cgroup(&f, NULL);
	prog_run(&f);
	assert_int_equal(counter(SRTE_COUNT_STEERED), 1);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	assert_int_equal(flow.packets, 1);
	assert_int_equal(flow.path, 1);
	assert_int_equal(flow.class, SRTE_CLASS_HEAVY);
}

/* ---- marks ---- */

/* The mark that a packet marked before has behind the program. The socket of
 * a test run is in no cgroup that would be known: its id is what the flow
 * says. */
static uint32_t mark_after(uint32_t mask, uint32_t before, uint64_t *ret_id)
{
	struct __sk_buff ctx = { .mark = before }, after = { 0 };
	struct srte_flow flow;
	struct frame f;
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.ctx_in = &ctx,
		.ctx_size_in = sizeof(ctx),
		.ctx_out = &after,
		.ctx_size_out = sizeof(after),
	);

	frame_tcp6(&f, 0, 100);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	config.mark_mask = mask;
	account_on(SRTE_CONFIG_ACCOUNT_CGROUP);
	assert_int_equal(bpf_prog_test_run_opts(
		bpf_program__fd(skel->progs.srte_account), &opts), 0);
	assert_int_equal(opts.retval, PASSES);
	assert_int_equal(flow_get(key_of_frame(&f), &flow), 0);
	*ret_id = flow.cgroup_id;
	return after.mark;
}

static void test_mark_stays_in_its_mask(void **state)
{
	const uint32_t before = 0xdeadbeef;
	uint64_t id;

	(void)state;
	need_packet_data();
	assert_int_equal(mark_after(0, before, &id), before);
	assert_int_equal(mark_after(0x00fff000, before, &id),
			 0xde000eef | (id << 12 & 0x00fff000));
	assert_int_equal(mark_after(0xffffffff, before, &id), (uint32_t)id);
	assert_int_equal(mark_after(0x80000000, 0, &id), (uint32_t)id << 31);
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
	cmocka_unit_test_setup_teardown(t, cgroup_setup, prog_teardown)
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
