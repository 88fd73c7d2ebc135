/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk over a map whose keys come and go. The map is ours: libbpf's calls
 * are answered here, in the order of the table, as the kernel answers them.
 */
#include "walk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#define N 1000

static struct {
	bool     gone[N];
	unsigned seen[N];
	bool     batches;
	uint32_t bucket;	/* entries in a bucket */
	uint32_t vanish;	/* this many from a key on, when it is given */
	uint32_t every;		/* at each key divisible by that; 0: never */
} map;

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	uint32_t i = 0;

	(void)fd;
	if (key && !map.gone[*(const uint32_t *)key])
		i = *(const uint32_t *)key + 1;	/* else from the start */
	while (i < N && map.gone[i])
		i++;
	if (i == N)
		return -ENOENT;
	memcpy(next, &i, sizeof(i));
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	uint32_t i = *(const uint32_t *)key;

	(void)fd;
	if (map.gone[i])
		return -ENOENT;
	memcpy(value, &i, sizeof(i));
	return 0;
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len)
{
	(void)fd;
	(void)len;
	((struct bpf_map_info *)info)->max_entries = N;
	return 0;
}

/* Whole buckets only: ENOSPC where not one fits. */
int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys,
			 void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	uint32_t at = in ? *(uint32_t *)in : 0, n = 0;

	(void)fd;
	(void)opts;
	if (!map.batches)
		return -EINVAL;
	if (*count < map.bucket)
		return -ENOSPC;
	for (; at < N && n + map.bucket <= *count; at += map.bucket)
		for (uint32_t i = at; i < at + map.bucket && i < N; i++, n++) {
			memcpy((uint32_t *)keys + n, &i, sizeof(i));
			memcpy((uint32_t *)values + n, &i, sizeof(i));
		}
	*count = n;
	memcpy(out, &at, sizeof(at));
	return at >= N ? -ENOENT : 0;
}

static int give(const void *key, const void *value, void *arg)
{
	uint32_t i = *(const uint32_t *)key;

	(void)arg;
	assert_memory_equal(key, value, sizeof(i));
	map.seen[i]++;
	if (map.every && i % map.every == 0)
		for (uint32_t n = 0; n < map.vanish && i + n < N; n++)
			map.gone[i + n] = true;
	return 0;
}

static const struct walk walk = {
	.key_size = 4, .value_size = 4, .batch = 16, .each = give,
};

/* What stayed was given once, what went at most once. */
static void check_seen(void)
{
	for (uint32_t i = 0; i < N; i++) {
		if (map.seen[i] > 1 || (!map.gone[i] && !map.seen[i]))
			fail_msg("key %u was given %u times", i, map.seen[i]);
	}
}

static void reset(bool batches)
{
	memset(&map, 0, sizeof(map));
	map.batches = batches;
	map.bucket = 1;
}

static void test_batches(void **state)
{
	(void)state;
	for (uint32_t bucket = 1; bucket < 300; bucket += 7) {
		reset(true);
		map.bucket = bucket;	/* past 16 it has to grow */
		assert_int_equal(walk_map(&walk), 0);
		check_seen();
	}
}

static void test_keys(void **state)
{
	(void)state;
	reset(false);
	assert_int_equal(walk_map(&walk), 0);
	check_seen();
}

/* The key just given and those after it go: the kernel would start again. */
static void test_vanishing(void **state)
{
	(void)state;
	for (uint32_t vanish = 1; vanish < 40; vanish++) {
		reset(false);
		map.every = 50;
		map.vanish = vanish;
		assert_int_equal(walk_map(&walk), 0);
		check_seen();
	}
}

static int give_all_gone(const void *key, const void *value, void *arg)
{
	uint32_t i = *(const uint32_t *)key;

	(void)value;
	(void)arg;
	map.seen[i]++;
	for (uint32_t n = 0; i == 2 * WALK_TRAIL && n <= i + 1; n++)
		map.gone[n] = true;
	return 0;
}

/* No trail is left: rather an error than anything twice. */
static void test_lost(void **state)
{
	struct walk lost = walk;

	(void)state;
	reset(false);
	lost.each = give_all_gone;
	assert_int_equal(walk_map(&lost), -ESTALE);
	for (uint32_t i = 0; i < N; i++)
		assert_true(map.seen[i] <= 1);
}

static int give_one(const void *key, const void *value, void *arg)
{
	(void)value;
	(void)arg;
	return *(const uint32_t *)key == 20 ? 7 : 0;
}

static void test_stop(void **state)
{
	struct walk one = walk;

	(void)state;
	one.each = give_one;
	reset(true);
	assert_int_equal(walk_map(&one), 7);
	reset(false);
	assert_int_equal(walk_map(&one), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_vanishing),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
