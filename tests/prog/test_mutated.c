// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random damage to a million packets, on their way out and in: never a verdict
 * but "go on" and the same bytes, unless steered: then all of the packet is
 * behind the header, redirected if the frame was for another neighbour.
 * SRTE_SEED repeats a run; SRTE_MUTATIONS is how many.
 */
#define TEST_PROGS " srte_egress srte_ingress "
#include "prog.h"

#include <sys/random.h>

#define KINDS 6

/* xorshift64 */
static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void make(struct frame *f, unsigned int kind)
{
	bool v6 = kind & 1;

	if (kind < 2) {
		(v6 ? frame_tcp6 : frame_tcp4)(f, 0, 60);
		return;
	}
	frame_eth(f, v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (kind >= 4 && !v6)
		frame_vlan(f, ETH_P_8021Q, 7);
	if (!v6)
		frame_ipv4(f, IPPROTO_UDP);
	else
		frame_ipv6(f, kind < 4 ? IPPROTO_UDP : IPPROTO_FRAGMENT, 0);
	if (kind >= 4 && v6)
		frame_frag(f, IPPROTO_UDP, 0, 1);
	frame_udp(f, 7, 8);
	frame_end(f, 60);
}

static void damage(struct frame *f, uint64_t *seed)
{
	int n = 1 + (int)(random_next(seed) % 6);

	while (n--)
		f->data[random_next(seed) % f->len] =
			(uint8_t)random_next(seed);
	if (random_next(seed) % 4 == 0)	/* the test run wants an IP header */
		f->len = ETH_HLEN + 44 +
			 random_next(seed) % (f->len - ETH_HLEN - 44);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t seed_of_run(void)
{
	uint64_t seed;

	assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
	seed = number_of("SRTE_SEED", seed | 1);
	print_message("SRTE_SEED=%#llx\n", (unsigned long long)seed);
	return seed;
}

/* True when it has grown, which only a steered one may. */
static bool went_on(const struct frame *f, const struct result *r)
{
	if (r->out.len == f->len) {
		assert_untouched(f, r);
		return false;
	}
	assert_int_equal(r->verdict, f->data[0] & 1 ? TC_ACT_UNSPEC :
			 TC_ACT_REDIRECT);
	assert_int_equal(r->out.len, f->len + 80);
	assert_memory_equal(r->out.data + ETH_HLEN + 80, f->data + ETH_HLEN,
			    f->len - ETH_HLEN);
	return true;
}

static void test_out(void **state)
{
	uint64_t seed = seed_of_run(), grown = 0;
	uint64_t n = number_of("SRTE_MUTATIONS", 1000000) / 10 * 9;
	struct frame f;
	struct result r;

	(void)state;
	set_put(1, 1, 2);
	route_put("::", 0, 1, 1);
	for (uint64_t i = 0; i < n; i++) {
		make(&f, i % KINDS);
		damage(&f, &seed);
		r = prog_run(&f);
		grown += went_on(&f, &r);
	}
	assert_int_equal(grown, counter(SRTE_COUNT_STEERED));
	assert_true(grown > n / 100);
}

static void test_in(void **state)
{
	uint64_t seed = seed_of_run();
	uint64_t n = number_of("SRTE_MUTATIONS", 1000000) / 10;
	struct frame f;
	struct result r;

	(void)state;
	set_put(1, 1, 2);
	route_put("::", 0, 1, 1);
	for (uint64_t i = 0; i < n; i++) {
		make(&f, i % KINDS);
		damage(&f, &seed);
		r = prog_run_on(skel->progs.srte_ingress, &f, NULL);
		assert_int_equal(r.verdict, TC_ACT_UNSPEC);
		assert_int_equal(r.out.len, f.len);
	}
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, prog_setup, prog_teardown)
	const struct CMUnitTest tests[] = { T(test_out), T(test_in) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
