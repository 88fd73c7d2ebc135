/* SPDX-License-Identifier: GPL-2.0-only */
#include "walk.h"

#include "cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#define BATCH_MAX	(1U << 20)	/* no bucket is that full */

/* ---- by batches ---- */

struct batch {
	uint32_t cap, n;
	char    *keys, *values;
};

static int batch_resize(struct batch *b, const struct walk *w, uint32_t cap)
{
	free(b->keys);
	free(b->values);
	b->cap = cap;
	b->keys = calloc(cap, w->key_size);
	b->values = calloc(cap, w->value_size);
	return b->keys && b->values ? 0 : -ENOMEM;
}

/*
 * One batch from *pos on; 1 when it was the last. ENOSPC says that the next
 * bucket alone is more than cap: nothing was lost, ask again with more room.
 */
static int batch_next(struct batch *b, const struct walk *w, uint32_t *pos,
		      bool first)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint32_t next;
	int err;

	for (;;) {
		b->n = b->cap;
		err = bpf_map_lookup_batch(w->fd, first ? NULL : pos, &next,
					   b->keys, b->values, &b->n, &opts);
		if (err != -ENOSPC || b->cap >= BATCH_MAX)
			break;
		err = batch_resize(b, w, 2 * b->cap);
		if (err)
			return err;
	}
	if (err && err != -ENOENT)
		return err;
	*pos = next;
	return err ? 1 : 0;
}

static int batch_give(const struct batch *b, const struct walk *w)
{
	int stop = 0;

	for (uint32_t i = 0; i < b->n && !stop; i++)
		stop = w->each(b->keys + (size_t)i * w->key_size,
			       b->values + (size_t)i * w->value_size, w->arg);
	return stop;
}

static int by_batches(const struct walk *w, bool *ret_started)
{
	struct batch b = {};
	uint32_t pos = 0;
	int last = 0, stop = 0, err;

	err = batch_resize(&b, w, w->batch ? w->batch : WALK_BATCH);
	while (!err && !last && !stop) {
		last = batch_next(&b, w, &pos, !*ret_started);
		err = last < 0 ? last : 0;
		if (!err) {
			*ret_started = true;
			stop = batch_give(&b, w);
		}
	}
	free(b.keys);
	free(b.values);
	return err ? err : stop;
}

/* ---- from key to key ---- */

struct trail {
	char    *keys;		/* WALK_TRAIL of them, round and round */
	uint64_t n;		/* given so far */
};

static char *trail_key(const struct trail *t, const struct walk *w,
		       uint64_t i)
{
	return t->keys + i % WALK_TRAIL * w->key_size;
}

/* What follows the newest key of the trail that is still there. */
static int trail_next(const struct trail *t, const struct walk *w,
		      void *value, void *ret_next)
{
	uint64_t oldest = t->n > WALK_TRAIL ? t->n - WALK_TRAIL : 0;
	int err;

	for (uint64_t i = t->n; i > oldest; i--) {
		const char *key = trail_key(t, w, i - 1);

		err = bpf_map_get_next_key(w->fd, key, ret_next);
		if (!bpf_map_lookup_elem(w->fd, key, value))
			return err;
	}
	return oldest ? -ESTALE : bpf_map_get_next_key(w->fd, NULL, ret_next);
}

/*
 * The next key is asked for before the value: if the value is there then the
 * key was, and what the kernel named is what follows it.
 */
static int step(struct trail *t, const struct walk *w, char *key, char *next,
		char *value, int *ret_stop)
{
	int err = bpf_map_get_next_key(w->fd, key, next);

	if (bpf_map_lookup_elem(w->fd, key, value))
		return trail_next(t, w, value, next);
	*ret_stop = w->each(key, value, w->arg);
	memcpy(trail_key(t, w, t->n++), key, w->key_size);
	return err;
}

/* An end for a table that changes faster than it can be read. */
static uint64_t steps_max(const struct walk *w)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(w->fd, &info, &len))
		return 0;
	return 2ULL * info.max_entries;
}

static int by_keys(const struct walk *w)
{
	auto_free char *keys = calloc(WALK_TRAIL + 2, w->key_size);
	auto_free char *value = calloc(1, w->value_size);
	struct trail t = { .keys = keys };
	uint64_t left = steps_max(w);
	char *key, *next, *was;
	int err, stop = 0;

	if (!keys || !value)
		return -ENOMEM;
	key = keys + WALK_TRAIL * w->key_size;
	next = key + w->key_size;
	err = bpf_map_get_next_key(w->fd, NULL, key);
	while (!err && !stop) {
		if (!left--)
			return -ESTALE;
		err = step(&t, w, key, next, value, &stop);
		was = key;
		key = next;
		next = was;
	}
	return err && err != -ENOENT ? err : stop;
}

int walk_map(const struct walk *walk)
{
	bool started = false;
	int err = by_batches(walk, &started);

	if (err < 0 && !started && err != -ENOMEM)
		return by_keys(walk);
	return err;
}
