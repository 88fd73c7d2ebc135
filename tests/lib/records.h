/* SPDX-License-Identifier: GPL-2.0-only */
/* Records for unit tests: lines, full records, encode and decode. */
#ifndef SRTE_TEST_RECORDS_H
#define SRTE_TEST_RECORDS_H

#include "addr.h"
#include "record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE 65536
#define KEY4 "\"proto\":\"tcp\",\"saddr\":\"10.0.1.1\",\"daddr\":\"10.0.2.1\""
#define FLOW(rest) "{\"type\":\"flow\",\"v\":1," KEY4 \
	",\"bytes\":1,\"rate_bps\":2" rest "}"

static char buf[LINE];

/* Decode from memory of exactly that size, so that ASan sees each step
 * beyond it. */
static inline int decode_n(const char *text, size_t n, struct record *ret,
		    struct fault *f)
{
	char *copy = malloc(n ? n : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, text, n);
	memset(f, 0, sizeof(*f));
	err = record_decode(copy, n, ret, f);
	free(copy);
	return err;
}

static inline int decode(const char *text, struct record *ret, struct fault *f)
{
	return decode_n(text, strlen(text), ret, f);
}

static inline const char *encode(const struct record *rec)
{
	long n = record_encode(rec, buf, sizeof(buf) - 1);

	assert_true(n > 0);
	assert_int_equal(buf[n - 1], '\n');
	buf[n] = '\0';
	return buf;
}

static inline void set_key(struct srte_flow_key *key, const char *src,
		    const char *dst, uint16_t sport, uint16_t dport,
		    uint8_t proto)
{
	memset(key, 0, sizeof(*key));
	assert_int_equal(addr_parse(src, key->src), 0);
	assert_int_equal(addr_parse(dst, key->dst), 0);
	key->sport = htons(sport);
	key->dport = htons(dport);
	key->proto = proto;
}

/* Give every field of any table a value that is as wide as it may be. */
static inline void widen(struct record *rec, const struct field *f)
{
	char *at = (char *)&rec->header + f->offset;
	int i;

	switch (f->kind) {
	case FIELD_STR:
		memset(at, 'x', f->size - 1);
		break;
	case FIELD_STRS:
		for (i = 0; i < f->max; i++)
			memset(at + i * f->size, 'a' + i, f->size - 1);
		*((uint8_t *)&rec->header + f->count_offset) = f->max;
		break;
	case FIELD_ADDR:
	case FIELD_FAMILY:
		assert_int_equal(addr_parse("fd00:1111:2222:3333:4444:5555:"
					    "6666:7777", (uint8_t *)at), 0);
		break;
	case FIELD_U64:
		*(uint64_t *)at = RECORD_NUMBER_MAX;
		break;
	case FIELD_BOOL:
	case FIELD_CLASS:
		*at = 1;
		break;
	default:
		memset(at, 0xff, f->size);
	}
}

static inline void full_record(enum record_type type, struct record *rec)
{
	const struct field *f;

	memset(rec, 0, sizeof(*rec));
	rec->type = type;
	for (f = record_def(type)->fields; f->key; f++)
		widen(rec, f);
}

#endif
