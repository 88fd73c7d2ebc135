// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every fault with every kind of packet: it leaves as it came, the counter of
 * the cause goes up by one, and no other cause is named. Some kinds are left
 * alone for a reason of their own: whichever is looked for first is counted.
 */
#define TEST_PROGS " srte_egress "
#include "prog.h"

/* The order in which srte_egress looks. */
enum stage { PARSED, FIT, CHOSEN_PATH, USABLE, TAG, TRAIN, NEIGHBOUR, LENGTH,
	     ROOM };

#define NO_CAUSE SRTE_COUNT_N

struct kind {
	const char *name;
	void (*make)(struct frame *f);
	struct __sk_buff ctx;
	enum stage stage;	/* of its own cause */
	enum srte_counter cause;
};

static void make_tcp4(struct frame *f)
{
	frame_tcp4(f, 0, 400);
}

static void make_tcp6(struct frame *f)
{
	frame_tcp6(f, 0, 400);
}

static void make_udp4(struct frame *f)
{
	frame_eth(f, ETH_P_IP);
	frame_ipv4(f, IPPROTO_UDP);
	frame_udp(f, 7, 8);
	frame_end(f, 400);
}

static void make_udp6(struct frame *f)
{
	frame_eth(f, ETH_P_IPV6);
	frame_ipv6(f, IPPROTO_UDP, 0);
	frame_udp(f, 7, 8);
	frame_end(f, 400);
}

/* Neither TCP nor UDP: no ports. */
static void make_esp4(struct frame *f)
{
	frame_eth(f, ETH_P_IP);
	frame_ipv4(f, IPPROTO_ESP);
	frame_end(f, 400);
}

static void make_vlan4(struct frame *f)
{
	frame_eth(f, ETH_P_IP);
	frame_vlan(f, ETH_P_8021Q, 7);
	frame_ipv4(f, IPPROTO_UDP);
	frame_udp(f, 7, 8);
	frame_end(f, 400);
}

static void make_vlan6(struct frame *f)
{
	frame_eth(f, ETH_P_IPV6);
	frame_vlan(f, ETH_P_8021Q, 7);
	frame_ipv6(f, IPPROTO_UDP, 0);
	frame_udp(f, 7, 8);
	frame_end(f, 400);
}

static void make_fragment(struct frame *f)
{
	frame_eth(f, ETH_P_IPV6);
	frame_ipv6(f, IPPROTO_FRAGMENT, 0);
	frame_frag(f, IPPROTO_UDP, 0, 1);
	frame_udp(f, 7, 8);
	frame_end(f, 400);
}

static const struct kind kinds[] = {
	{ "tcp4", make_tcp4, {}, ROOM, NO_CAUSE },
	{ "tcp6", make_tcp6, {}, ROOM, NO_CAUSE },
	{ "udp4", make_udp4, {}, ROOM, NO_CAUSE },
	{ "udp6", make_udp6, {}, ROOM, NO_CAUSE },
	{ "esp4", make_esp4, {}, ROOM, NO_CAUSE },
	{ "vlan4", make_vlan4, {}, TAG, SRTE_COUNT_TAGGED },
	{ "vlan6", make_vlan6, {}, TAG, SRTE_COUNT_TAGGED },
	{ "fragment", make_fragment, {}, FIT, SRTE_COUNT_FRAGMENT_PLAIN },
	/* the test run's GSO has no type, so the kernel refuses it room */
	{ "gso4", make_tcp4, { .gso_segs = 2, .gso_size = 200 }, ROOM,
	  SRTE_COUNT_PUSH_FAILED },
	{ "gso6", make_tcp6, { .gso_segs = 2, .gso_size = 200 }, ROOM,
	  SRTE_COUNT_PUSH_FAILED },
	{ "train", make_udp6, { .gso_segs = 2, .gso_size = 200 }, TRAIN,
	  SRTE_COUNT_UDP_GSO },
};

static struct srte_flow_key key_of(const struct frame *f)
{
	struct srte_flow_key key = key_of_frame(f);

	if (key.proto == IPPROTO_ESP)
		key.sport = key.dport = 0;
	return key;
}

/* ---- faults: what is broken of a flow that is steered otherwise ---- */

static void no_entry(struct frame *f)
{
	struct srte_flow_key key = key_of(f);

	bpf_map__delete_elem(skel->maps.srte_steering, &key, sizeof(key), 0);
}

static void lease_over(struct frame *f)
{
	entry_put(key_of(f), 1, 0, LONG_AGO);
}

static void empty_set(struct frame *f)
{
	struct srte_set set = { .n = 0, .path = { 1 } };
	uint32_t id = 1;

	(void)f;
	put(skel->maps.srte_sets, &id, &set);
}

/* What the tools of another ABI might have left in there. */
static void foreign_records(struct frame *f)
{
	struct srte_set set;
	struct srte_path path;
	uint32_t id = 1;

	(void)f;
	memset(&set, 0xff, sizeof(set));
	memset(&path, 0xff, sizeof(path));
	put(skel->maps.srte_sets, &id, &set);
	put(skel->maps.srte_paths, &id, &path);
}

static void is_down(struct frame *f)
{
	(void)f;
	path_down(1, FOREVER);
}

static void over_mtu(struct frame *f)
{
	(void)f;
	lo_mtu(300);	/* below a segment of gso_size and the header */
}

static void bad_path(struct frame *f)
{
	struct srte_path p = path_make(1, 2);

	(void)f;
	p.mode = 99;
	path_put(1, &p);
}

static void no_neighbour(struct frame *f)
{
	struct srte_path p = path_make(1, 2);

	(void)f;
	p.next_hop_known = 0;
	path_put(1, &p);
}

static void unknown_header(struct frame *f)
{
	f->data[f->l3] = f->data[f->l3] >> 4 == 4 ? 0x44 : 0x50;
}

static void truncated(struct frame *f)
{
	f->len = f->l3 + (f->data[f->l3] >> 4 == 4 ? 20 : 40) + 2;
}

static void for_this_link(struct frame *f)
{
	bool v6 = f->data[f->l3] >> 4 == 6;

	no_entry(f);
	frame_dst(f, v6 ? "ff02::1" : "224.0.0.1");
	entry_put(key_of(f), 1, 0, FOREVER);
}

static void no_room(struct frame *f)
{
	(void)f;
}

/* The table has room for another flow only; instant mode wants some too. */
static void table_full(struct frame *f)
{
	struct srte_flow_key other = key_of(f);

	no_entry(f);
	other.sport ^= 1;
	entry_put(other, 1, 0, FOREVER);
	route_put("::", 0, 0, 1);
	config.flags |= SRTE_CONFIG_INSTANT;
	config.heavy_bytes = 1;
	config_put();
}

static const struct fault {
	const char *name;
	void (*breaks)(struct frame *f);
	enum stage stage;
	enum srte_counter cause;
} faults[] = {
	{ "no entry", no_entry, CHOSEN_PATH, NO_CAUSE },
	{ "lease over", lease_over, CHOSEN_PATH, SRTE_COUNT_LEASE_OVER },
	{ "empty set", empty_set, CHOSEN_PATH, SRTE_COUNT_NO_SET },
	{ "foreign records", foreign_records, CHOSEN_PATH,
	  SRTE_COUNT_NO_SET },
	{ "path down", is_down, CHOSEN_PATH, SRTE_COUNT_PATH_DOWN },
	{ "over MTU", over_mtu, LENGTH, SRTE_COUNT_OVER_MTU },
	{ "bad path record", bad_path, USABLE, SRTE_COUNT_PATH_BAD },
	{ "no next hop", no_neighbour, NEIGHBOUR, SRTE_COUNT_NEXT_HOP },
	{ "unknown header", unknown_header, PARSED,
	  SRTE_COUNT_UNKNOWN_HEADER },
	{ "truncated", truncated, PARSED, SRTE_COUNT_TRUNCATED },
	{ "link scope", for_this_link, PARSED, SRTE_COUNT_LINK_SCOPE },
	{ "no room", no_room, ROOM, NO_CAUSE },
	{ "table full", table_full, CHOSEN_PATH, SRTE_COUNT_MOVE_FAILED },
};

/* ---- each with each ---- */

static bool is_accounting(int cause)
{
	return cause == SRTE_COUNT_ACCOUNTED || cause == SRTE_COUNT_FLOW_NEW ||
	       cause == SRTE_COUNT_FLOW_INSERTED ||
	       cause == SRTE_COUNT_FRAGMENT || cause == SRTE_COUNT_EVENTS;
}

static enum srte_counter expected(const struct fault *fault,
				  const struct kind *kind)
{
	return kind->stage < fault->stage || fault->breaks == no_room ?
	       kind->cause : fault->cause;
}

/* Without ports nothing is cut off; and where nothing refuses room, such a
 * packet is steered. */
static bool harmless(const struct fault *fault, const struct kind *kind)
{
	return (fault->breaks == truncated && kind->make == make_esp4) ||
	       (fault->breaks == no_room && kind->cause == NO_CAUSE);
}

static void forget(struct bpf_map *map)
{
	struct srte_flow_key key;

	while (!bpf_map__get_next_key(map, NULL, &key, sizeof(key)))
		bpf_map__delete_elem(map, &key, sizeof(key), 0);
}

static void start_over(const struct frame *f)
{
	set_put(1, 1, 1);
	path_down(1, 0);
	lo_mtu(TEST_MTU);
	config.flags &= ~SRTE_CONFIG_INSTANT;
	config.heavy_bytes = 0;
	config_put();
	entry_put(key_of(f), 1, 0, FOREVER);
}

static void try_one(const struct fault *fault, const struct kind *kind)
{
	uint64_t before[SRTE_COUNT_N];
	struct __sk_buff ctx = kind->ctx;
	enum srte_counter cause = expected(fault, kind);
	struct result r;
	struct frame f;

	if (harmless(fault, kind))
		return;
	kind->make(&f);
	start_over(&f);
	fault->breaks(&f);
	for (int i = 0; i < SRTE_COUNT_N; i++)
		before[i] = counter(i);
	r = prog_run_ctx(&f, ctx.gso_size ? &ctx : NULL);
	print_message("%s, %s\n", fault->name, kind->name);
	assert_untouched(&f, &r);
	for (int i = 0; i < SRTE_COUNT_N; i++)
		if (!is_accounting(i))
			assert_int_equal(counter(i) - before[i],
					 i == (int)cause);
	forget(skel->maps.srte_steering);
	forget(skel->maps.srte_flows);	/* instant mode asks once */
}

static int setup_small_table(void **state)
{
	(void)state;
	if (prog_open() ||
	    bpf_map__set_max_entries(skel->maps.srte_steering, 1))
		return -1;
	return prog_load();
}

static void test_each_fault_with_each_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		for (size_t j = 0; j < sizeof(kinds) / sizeof(*kinds); j++)
			try_one(&faults[i], &kinds[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_fault_with_each_kind,
						setup_small_table,
						prog_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
