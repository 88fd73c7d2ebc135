/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON lines to records. jansson does the grammar; what it accepts beyond
 * our contract (deep nesting, reals, any key) is refused here.
 */
#include "addr.h"
#include "json_text.h"
#include "record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One line on its way in. */
struct decoder {
	const char *line;
	size_t      len;
	const struct record_def *def;
	struct record rec;
	bool        has_family, ipv4;	/* what "family" said */
	size_t      unknown;		/* keys that the table does not have */
	struct fault *f;
};

static int bad(struct decoder *d, const char *key, const char *wanted)
{
	return fault_set(d->f, FAULT_BAD_RECORD, "%s: expected %s", key,
			 wanted);
}

static int decode_number(struct decoder *d, const struct field *f,
			 json_t *value, uint64_t *ret)
{
	json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
	uint64_t max = field_max(f->kind);

	if (n < 0 || (uint64_t)n > max)
		return fault_set(d->f, FAULT_BAD_RECORD,
				 "%s: expected an integer from 0 to %" PRIu64,
				 f->key, max);
	*ret = n;
	return 0;
}

static int decode_integer(struct decoder *d, const struct field *f,
			  json_t *value, void *at)
{
	uint64_t n = 0;
	int err;

	err = decode_number(d, f, value, &n);
	if (err)
		return err;
	if (f->kind == FIELD_U64)
		*(uint64_t *)at = n;
	else if (f->kind == FIELD_U32)
		*(uint32_t *)at = n;
	else if (f->kind == FIELD_U16)
		*(uint16_t *)at = n;
	else if (f->kind == FIELD_BE16)
		*(uint16_t *)at = htons(n);
	else
		*(uint8_t *)at = n;
	return 0;
}

static int decode_string(struct decoder *d, const struct field *f,
			 json_t *value, char *at)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len >= f->size)
		return fault_set(d->f, FAULT_BAD_RECORD,
				 "%s: expected text of at most %d bytes",
				 f->key, f->size - 1);
	memcpy(at, json_string_value(value), len + 1);
	return 0;
}

static int decode_strings(struct decoder *d, const struct field *f,
			  json_t *value, char *at)
{
	size_t i, n = json_array_size(value);
	int err;

	if (!json_is_array(value) || n > f->max)
		return fault_set(d->f, FAULT_BAD_RECORD,
				 "%s: expected at most %d texts", f->key,
				 f->max);
	for (i = 0; i < n; i++, at += f->size) {
		err = decode_string(d, f, json_array_get(value, i), at);
		if (err)
			return err;
	}
	*((uint8_t *)&d->rec.header + f->count_offset) = n;
	return 0;
}

static int decode_hex(struct decoder *d, const struct field *f,
		      const char *text, uint64_t *at)
{
	size_t n = strlen(text);

	if (n < 3 || n > 18 || text[0] != '0' || text[1] != 'x' ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != n - 2)
		return bad(d, f->key, "text like \"0x1f\"");
	*at = strtoull(text + 2, NULL, 16);
	return 0;
}

static int decode_family(struct decoder *d, const struct field *f,
			 const char *text)
{
	d->has_family = true;
	d->ipv4 = !strcmp(text, "ipv4");
	if (!d->ipv4 && strcmp(text, "ipv6"))
		return bad(d, f->key, "\"ipv4\" or \"ipv6\"");
	return 0;
}

/* The kinds that are a word of some sort; "" stands for no text at all. */
static int decode_word(struct decoder *d, const struct field *f,
		       json_t *value, void *at)
{
	const char *text = json_string_value(value);

	text = text ? text : "";
	switch (f->kind) {
	case FIELD_ADDR:
		if (addr_parse(text, at))
			return bad(d, f->key, "an IP address");
		return 0;
	case FIELD_PROTO:
		if (proto_parse(text, at))
			return bad(d, f->key, "\"tcp\", \"udp\", \"icmp\", "
				   "\"icmpv6\", \"sctp\" or \"0\" to \"255\"");
		return 0;
	case FIELD_CLASS:
		if (class_parse(text, at))
			return bad(d, f->key, "\"rest\" or \"heavy\"");
		return 0;
	case FIELD_FAMILY:
		return decode_family(d, f, text);
	default:
		return decode_hex(d, f, text, at);
	}
}

static int decode_field(struct decoder *d, const struct field *f,
			json_t *value)
{
	void *at = (char *)&d->rec.header + f->offset;

	switch (f->kind) {
	case FIELD_STR:
		return decode_string(d, f, value, at);
	case FIELD_STRS:
		return decode_strings(d, f, value, at);
	case FIELD_BOOL:
		if (!json_is_boolean(value))
			return bad(d, f->key, "true or false");
		*(bool *)at = json_is_true(value);
		return 0;
	case FIELD_U64:
	case FIELD_U32:
	case FIELD_U16:
	case FIELD_U8:
	case FIELD_BE16:
		return decode_integer(d, f, value, at);
	default:
		return decode_word(d, f, value, at);
	}
}

static bool is_envelope(const char *key)
{
	return !strcmp(key, "type") || !strcmp(key, "v");
}

static int decode_fields(struct decoder *d, json_t *root)
{
	const struct field *f;
	const char *key;
	json_t *value;
	size_t at = 0;
	int err;

	json_object_foreach(root, key, value) {
		if (is_envelope(key))
			continue;
		f = record_field(d->def, key, &at);
		if (!f) {
			d->unknown++;
			continue;
		}
		err = decode_field(d, f, value);
		if (err)
			return err;
		d->rec.has |= 1ULL << at++;
	}
	return 0;
}

static int check_family(struct decoder *d, const struct field *f)
{
	bool v4 = addr_is_ipv4((uint8_t *)&d->rec.header + f->offset);

	if (!d->has_family) {
		d->has_family = true;
		d->ipv4 = v4;
	}
	if (v4 != d->ipv4)
		return bad(d, f->key, d->ipv4 ? "an IPv4 address, as the family"
			   " is" : "an IPv6 address, as the family is");
	return 0;
}

/* What only shows when all fields are in. */
static int check_fields(struct decoder *d)
{
	const struct field *f = d->def->fields;
	int err = 0;

	for (; !err && f->key; f++) {
		if (f->required && !(d->rec.has >> (f - d->def->fields) & 1))
			return fault_set(d->f, FAULT_BAD_RECORD,
					 "%s record without \"%s\"",
					 d->def->type, f->key);
		if (f->kind == FIELD_ADDR)
			err = check_family(d, f);
	}
	return err;
}

/* The end of the member that starts at p: the next comma or brace that is
 * its own. The line is known to be good JSON. */
static const char *member_end(const char *p)
{
	bool quoted = false;
	int depth = 0;

	for (;; p++) {
		if (quoted && *p == '\\')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (depth && (*p == '}' || *p == ']'))
			depth--;
		else if (!depth && (*p == ',' || *p == '}'))
			return p;
	}
}

/*
 * Keep the members that the table does not know, letter for letter: jansson
 * gives the keys in the order of the line, so the n-th key is the n-th
 * member. A key is copied once with a comma, and had one or the opening
 * brace before it, hence the size.
 */
static int keep_unknown(struct decoder *d, json_t *root)
{
	const char *p = memchr(d->line, '{', d->len);
	char *extra, *to;
	const char *key, *end;
	json_t *value;
	size_t at = 0;

	extra = to = malloc(d->len + 1);
	if (!extra)
		return fault_set(d->f, FAULT_NO_MEMORY, "cannot keep a line");
	json_object_foreach(root, key, value) {
		end = member_end(++p);
		if (!is_envelope(key) && !record_field(d->def, key, &at)) {
			*to++ = ',';
			to = mempcpy(to, p, end - p);
		}
		p = end;
	}
	*to = '\0';
	d->rec.extra = extra;
	return 0;
}

static int keep_line(struct decoder *d)
{
	d->rec.extra = strndup(d->line, d->len);
	if (!d->rec.extra)
		return fault_set(d->f, FAULT_NO_MEMORY, "cannot keep a line");
	return 0;
}

static int decode_version(struct decoder *d, json_t *value)
{
	json_int_t v = json_is_integer(value) ? json_integer_value(value) : 0;

	if (v < 1)
		return bad(d, "v", "the version, 1");
	if (v > SRTE_RECORD_VERSION)
		return fault_set(d->f, FAULT_NEWER_RECORD,
				 "record version %" JSON_INTEGER_FORMAT
				 ", this srte knows %d", v,
				 SRTE_RECORD_VERSION);
	return 0;
}

static int decode_object(struct decoder *d, json_t *root)
{
	const char *type = json_string_value(json_object_get(root, "type"));
	int err;

	if (!json_is_object(root))
		return fault_set(d->f, FAULT_BAD_RECORD, "expected an object");
	if (!type)
		return bad(d, "type", "the name of a record type");
	err = decode_version(d, json_object_get(root, "v"));
	if (err)
		return err;
	d->rec.type = record_type_by_name(type);
	d->def = record_def(d->rec.type);
	if (!d->def)
		return keep_line(d);
	err = decode_fields(d, root);
	if (!err)
		err = check_fields(d);
	if (!err && d->unknown)
		err = keep_unknown(d, root);
	return err;
}

int record_decode(const char *line, size_t len, struct record *ret,
		  struct fault *ret_fault)
{
	struct decoder d = { .line = line, .len = len, .f = ret_fault };
	json_auto_t *root = NULL;
	json_error_t why;
	int err;

	root = json_text_load(line, len, &why);
	if (!root)
		return fault_set(ret_fault, FAULT_BAD_RECORD, "%s%s",
				 why.line ? "not JSON: " : "", why.text);
	err = decode_object(&d, root);
	if (!err)
		*ret = d.rec;
	return err;
}

void record_done(struct record *rec)
{
	free((char *)rec->extra);
	rec->extra = NULL;
}
