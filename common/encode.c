/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records to JSON lines. A line is put together in the caller's buffer and
 * each piece checks the room by itself; once one did not fit, the line is
 * void.
 */
#include "addr.h"
#include "record.h"
#include "utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

struct put {
	char *pos, *end;
	bool  full;
};

static inline void put_mem(struct put *p, const char *data, size_t n)
{
	if ((size_t)(p->end - p->pos) < n) {
		p->full = true;
		return;
	}
	memcpy(p->pos, data, n);
	p->pos += n;
}

#define put_lit(p, text) put_mem(p, text, sizeof(text) - 1)

static void put_text(struct put *p, const char *text)
{
	put_mem(p, text, strlen(text));
}

static void put_u64(struct put *p, uint64_t n)
{
	char digits[20], *d = digits + sizeof(digits);

	do {
		*--d = '0' + n % 10;
		n /= 10;
	} while (n);
	put_mem(p, d, digits + sizeof(digits) - d);
}

static void put_hex(struct put *p, uint64_t n)
{
	char digits[16], *d = digits + sizeof(digits);

	do {
		*--d = "0123456789abcdef"[n & 15];
		n >>= 4;
	} while (n);
	put_lit(p, "0x");
	put_mem(p, d, digits + sizeof(digits) - d);
}

static void put_addr(struct put *p, const uint8_t addr[16])
{
	char text[ADDR_TEXT];

	put_mem(p, text, addr_format(addr, text));
}

static void put_proto(struct put *p, uint8_t proto)
{
	const char *name = proto_name(proto);

	if (name)
		put_text(p, name);
	else
		put_u64(p, proto);
}

/* Put what cannot stand for itself; returns how many bytes of s it took. */
static size_t put_escaped(struct put *p, const uint8_t *s, size_t n)
{
	char esc[] = "\\u0000";
	size_t len;

	if (s[0] == '"' || s[0] == '\\') {
		esc[1] = (char)s[0];
		put_mem(p, esc, 2);
		return 1;
	}
	if (s[0] < ' ') {
		esc[4] = "01"[s[0] >> 4];
		esc[5] = "0123456789abcdef"[s[0] & 15];
		put_mem(p, esc, 6);
		return 1;
	}
	len = utf8_length(s, n);
	if (len)
		put_mem(p, (const char *)s, len);
	else
		put_lit(p, "\xef\xbf\xbd");	/* U+FFFD */
	return len ? len : 1;
}

static void put_string(struct put *p, const char *text, size_t n)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t run;

	put_lit(p, "\"");
	while (n) {
		for (run = 0; run < n; run++)
			if (s[run] < ' ' || s[run] >= 0x80 ||
			    s[run] == '"' || s[run] == '\\')
				break;
		put_mem(p, (const char *)s, run);
		if (run < n)
			run += put_escaped(p, s + run, n - run);
		s += run;
		n -= run;
	}
	put_lit(p, "\"");
}

static const void *field_at(const struct record *rec, const struct field *f)
{
	return (const char *)&rec->header + f->offset;
}

static uint8_t strs_count(const struct record *rec, const struct field *f)
{
	uint8_t n = *((const uint8_t *)&rec->header + f->count_offset);

	return n < f->max ? n : f->max;
}

static void put_strings(struct put *p, const struct record *rec,
			const struct field *f)
{
	const char *item = field_at(rec, f);
	uint8_t i, n = strs_count(rec, f);

	put_lit(p, "[");
	for (i = 0; i < n; i++, item += f->size) {
		if (i)
			put_lit(p, ",");
		put_string(p, item, strnlen(item, f->size));
	}
	put_lit(p, "]");
}

/* Without quotes and with blanks between, for people. */
static void put_words(struct put *p, const struct record *rec,
		      const struct field *f)
{
	const char *item = field_at(rec, f);
	uint8_t i, n = strs_count(rec, f);

	for (i = 0; i < n; i++, item += f->size) {
		if (i)
			put_lit(p, " ");
		put_mem(p, item, strnlen(item, f->size));
	}
}

uint64_t record_number(const struct record *rec, const struct field *f)
{
	const void *at = field_at(rec, f);

	switch (f->kind) {
	case FIELD_U64:
		return *(const uint64_t *)at < RECORD_NUMBER_MAX ?
		       *(const uint64_t *)at : RECORD_NUMBER_MAX;
	case FIELD_HEX64:
		return *(const uint64_t *)at;
	case FIELD_U32:
		return *(const uint32_t *)at;
	case FIELD_U16:
		return *(const uint16_t *)at;
	case FIELD_BE16:
		return ntohs(*(const uint16_t *)at);
	case FIELD_U8:
	case FIELD_PROTO:
	case FIELD_CLASS:
		return *(const uint8_t *)at;
	case FIELD_BOOL:
		return *(const bool *)at;
	default:
		return 0;
	}
}

bool record_has(const struct record *rec, const struct field *f, size_t i)
{
	if (f->required)
		return true;
	switch (f->kind) {
	case FIELD_STR:
		return *(const char *)field_at(rec, f);
	case FIELD_STRS:
		return strs_count(rec, f);
	case FIELD_ADDR:
	case FIELD_FAMILY:
		return !f->zero_absent || !addr_is_zero(field_at(rec, f));
	default:
		if (record_number(rec, f))
			return true;
	}
	return rec->has ? rec->has >> i & 1 : !f->zero_absent;
}

/* The kinds whose bare text needs neither quotes nor escapes... */
static void put_bare(struct put *p, const struct record *rec,
		     const struct field *f)
{
	switch (f->kind) {
	case FIELD_BOOL:
		put_text(p, record_number(rec, f) ? "true" : "false");
		break;
	case FIELD_ADDR:
		put_addr(p, field_at(rec, f));
		break;
	case FIELD_FAMILY:
		put_text(p, addr_is_ipv4(field_at(rec, f)) ? "ipv4" : "ipv6");
		break;
	case FIELD_PROTO:
		put_proto(p, record_number(rec, f));
		break;
	case FIELD_CLASS:
		put_text(p, class_name(record_number(rec, f)));
		break;
	case FIELD_HEX64:
		put_hex(p, record_number(rec, f));
		break;
	default:
		put_u64(p, record_number(rec, f));
	}
}

/* ... and of these, the ones that JSON takes for what they are. */
static bool is_literal(enum field_kind kind)
{
	return field_max(kind) || kind == FIELD_BOOL;
}

static void put_field(struct put *p, const struct record *rec,
		      const struct field *f)
{
	put_mem(p, f->lead, f->lead_len);
	if (f->kind == FIELD_STR) {
		const char *text = field_at(rec, f);

		put_string(p, text, strnlen(text, f->size));
	} else if (f->kind == FIELD_STRS) {
		put_strings(p, rec, f);
	} else if (is_literal(f->kind)) {
		put_bare(p, rec, f);
	} else {
		put_lit(p, "\"");
		put_bare(p, rec, f);
		put_lit(p, "\"");
	}
}

long record_encode(const struct record *rec, char *buf, size_t cap)
{
	const struct record_def *def = record_def(rec->type);
	struct put p = { .pos = buf, .end = buf + cap };
	size_t i;

	if (def) {
		put_lit(&p, "{\"type\":\"");
		put_text(&p, def->type);
		put_lit(&p, "\",\"v\":");
		put_u64(&p, SRTE_RECORD_VERSION);
		for (i = 0; def->fields[i].key; i++)
			if (record_has(rec, &def->fields[i], i))
				put_field(&p, rec, &def->fields[i]);
	}
	if (rec->extra)
		put_text(&p, rec->extra);
	if (def)
		put_lit(&p, "}");
	put_lit(&p, "\n");
	return p.full ? -ENOSPC : p.pos - buf;
}

long record_text(const struct record *rec, const struct field *f, size_t i,
		 char *buf, size_t cap)
{
	struct put p = { .pos = buf, .end = buf + cap };
	const char *text = field_at(rec, f);

	if (!record_has(rec, f, i))
		put_lit(&p, "");
	else if (f->kind == FIELD_STR)
		put_mem(&p, text, strnlen(text, f->size));
	else if (f->kind == FIELD_STRS)
		put_words(&p, rec, f);
	else
		put_bare(&p, rec, f);
	put_mem(&p, "", 1);
	return p.full ? -ENOSPC : p.pos - buf - 1;
}
