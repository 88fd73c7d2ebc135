/* SPDX-License-Identifier: GPL-2.0-only */
/* The field tables as JSON Schema (2020-12). Our texts need no escaping. */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
	char  *buf;
	size_t cap, len;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *fmt, ...)
{
	size_t room = t->len < t->cap ? t->cap - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL, room, fmt, ap);
	va_end(ap);
	t->len += n > 0 ? n : 0;
}

static void add_kind(struct text *t, const struct field *f)
{
	switch (f->kind) {
	case FIELD_BOOL:
		add(t, "\"type\":\"boolean\"");
		break;
	case FIELD_FAMILY:
		add(t, "\"enum\":[\"ipv4\",\"ipv6\"]");
		break;
	case FIELD_CLASS:
		add(t, "\"enum\":[\"%s\",\"%s\"]", class_name(SRTE_CLASS_REST),
		    class_name(SRTE_CLASS_HEAVY));
		break;
	case FIELD_HEX64:
		add(t, "\"type\":\"string\","
		       "\"pattern\":\"^0x[0-9A-Fa-f]{1,16}$\"");
		break;
	case FIELD_ADDR:
		add(t, "\"anyOf\":[{\"type\":\"string\",\"format\":\"ipv4\"},"
		       "{\"type\":\"string\",\"format\":\"ipv6\"}]");
		break;
	case FIELD_STRS:
		add(t, "\"type\":\"array\",\"maxItems\":%u,"
		       "\"items\":{\"type\":\"string\"}", f->max);
		break;
	case FIELD_PROTO:
		add(t, "\"type\":\"string\"");
		break;
	case FIELD_STR:
		add(t, "\"type\":\"string\",\"maxLength\":%u", f->size - 1);
		break;
	default:
		add(t, "\"type\":\"integer\",\"minimum\":0,"
		       "\"maximum\":%" PRIu64, field_max(f->kind));
	}
}

static void add_required(struct text *t, const struct field *f)
{
	add(t, "},\"required\":[\"type\",\"v\"");
	for (; f->key; f++)
		if (f->required)
			add(t, ",\"%s\"", f->key);
	add(t, "]}\n");
}

int record_schema(enum record_type type, char *buf, size_t cap)
{
	const struct record_def *def = record_def(type);
	struct text t = { .buf = buf, .cap = cap };
	const struct field *f;

	if (!def)
		return -EINVAL;
	add(&t, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
		"\"title\":\"srte %s record\",\"description\":\"%s\","
		"\"type\":\"object\",\"properties\":{"
		"\"type\":{\"const\":\"%s\"},\"v\":{\"const\":%d}",
	    def->type, def->help, def->type, SRTE_RECORD_VERSION);
	for (f = def->fields; f->key; f++) {
		add(&t, ",\"%s\":{\"description\":\"%s\",", f->key, f->help);
		add_kind(&t, f);
		add(&t, "}");
	}
	add_required(&t, def->fields);
	return t.len < t.cap ? (int)t.len : -ENOSPC;
}
