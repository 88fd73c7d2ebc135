/* SPDX-License-Identifier: GPL-2.0-only */
#include "spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers as they are, then the texts that there are, each NUL-ended. */
struct packed {
	uint64_t has;
	char     numbers[offsetof(struct flow, cgroup)];
	uint8_t  class;
	uint8_t  has_extra;
};

static int make_room(struct spool *spool, size_t need)
{
	size_t size = spool->size ? spool->size : 65536;
	char *buf;

	while (size - spool->used < need)
		size *= 2;
	if (size == spool->size)
		return 0;
	buf = realloc(spool->buf, size);
	if (!buf)
		return -ENOMEM;
	spool->buf = buf;
	spool->size = size;
	return 0;
}

static void put(struct spool *spool, const void *data, size_t n)
{
	memcpy(spool->buf + spool->used, data, n);
	spool->used += n;
}

int spool_add(struct spool *spool, const struct record *rec)
{
	const struct flow *flow = &rec->flow;
	const char *extra = rec->extra ? rec->extra : "";
	struct packed p = { .has = rec->has, .class = flow->class,
			    .has_extra = !!rec->extra };
	size_t cgroup = strlen(flow->cgroup) + 1;
	size_t path = strlen(flow->path) + 1;
	size_t more = rec->extra ? strlen(extra) + 1 : 0;
	int err;

	err = make_room(spool, sizeof(p) + cgroup + path + more);
	if (err)
		return err;
	memcpy(p.numbers, flow, sizeof(p.numbers));
	put(spool, &p, sizeof(p));
	put(spool, flow->cgroup, cgroup);
	put(spool, flow->path, path);
	put(spool, extra, more);
	spool->n++;
	return 0;
}

static const char *take(const struct spool *spool, size_t *at)
{
	const char *text = spool->buf + *at;

	*at += strlen(text) + 1;
	return text;
}

bool spool_next(const struct spool *spool, size_t *at, struct record *ret)
{
	struct packed p;

	if (*at == spool->used)
		return false;
	memcpy(&p, spool->buf + *at, sizeof(p));
	*at += sizeof(p);
	memset(ret, 0, sizeof(*ret));
	ret->type = RECORD_FLOW;
	ret->has = p.has;
	memcpy(&ret->flow, p.numbers, sizeof(p.numbers));
	ret->flow.class = p.class;
	strcpy(ret->flow.cgroup, take(spool, at));
	strcpy(ret->flow.path, take(spool, at));
	ret->extra = p.has_extra ? take(spool, at) : NULL;
	return true;
}

void spool_empty(struct spool *spool)
{
	spool->used = 0;
	spool->n = 0;
}

void spool_done(struct spool *spool)
{
	free(spool->buf);
	memset(spool, 0, sizeof(*spool));
}
