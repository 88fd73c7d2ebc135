/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON lines to records, by the field tables. A line of the usual form, type
 * and version first, is walked once. Any other is walked twice: once to
 * learn what it is.
 */
#include "record.h"

#include "addr.h"
#include "json_line.h"

#include <stdlib.h>
#include <string.h>

/* One line on its way in. */
struct decoder {
	const char *line;
	size_t      len;
	const struct record_def *def;
	struct record rec;
	const struct field *field;	/* whose value comes, NULL: none's */
	size_t      at;			/* its number in the table */
	char        envelope;		/* 't', 'v': whose value comes */
	bool        has_type, has_v;
	bool        has_family, ipv4;	/* what "family" said */
	size_t      members;		/* of the object so far */
	size_t      n_unknown;
	uint16_t    unknown[JSON_LINE_KEYS_MAX];	/* their numbers */
};

/* ---- type and version ---- */

static int envelope_key(struct decoder *d, const char *key, size_t len,
			struct fault *f)
{
	bool type = len == 4 && !memcmp(key, "type", 4);
	bool *has = type ? &d->has_type : &d->has_v;

	d->envelope = 0;
	if (!type && !(len == 1 && *key == 'v'))
		return 0;
	if (*has)
		return fault_set(f, FAULT_BAD_RECORD,
				 "not JSON: duplicate key");
	*has = true;
	d->envelope = type ? 't' : 'v';
	return 1;
}

static int take_type(struct decoder *d, const struct value *v,
		     struct fault *f)
{
	char name[32] = "";

	if (v->kind != VALUE_TEXT)
		return value_bad("type", "the name of a record type", f);
	if (v->len < sizeof(name))	/* none of ours is longer */
		memcpy(name, v->text, v->len);
	d->rec.type = record_type_by_name(name);
	return 0;
}

static int take_version(const struct value *v, struct fault *f)
{
	static const struct field field = { .key = "v", .kind = FIELD_U32 };
	struct fault ignored = { .id = FAULT_NONE };
	uint32_t n = 0;

	if (value_store(&field, v, &n, &ignored) || !n)
		return value_bad("v", "the version, 1", f);
	if (n > SRTE_RECORD_VERSION)
		return fault_set(f, FAULT_NEWER_RECORD,
				 "record version %u, this srte knows %d", n,
				 SRTE_RECORD_VERSION);
	return 0;
}

static int find_key(void *arg, const char *key, size_t len, struct fault *f)
{
	return envelope_key(arg, key, len, f);
}

static int find_value(void *arg, size_t depth, const struct value *v,
		      struct fault *f)
{
	struct decoder *d = arg;

	if (depth > 1 || !d->envelope)
		return 0;
	return d->envelope == 't' ? take_type(d, v, f) : take_version(v, f);
}

/* The first of two walks. */
static int find_envelope(struct decoder *d, struct fault *f)
{
	static const struct json_line_user finder = { find_key, find_value };
	int err = json_line_walk(d->line, d->len, &finder, d, f);

	if (!err && !d->has_type)
		err = value_bad("type", "the name of a record type", f);
	if (!err && !d->has_v)
		err = value_bad("v", "the version, 1", f);
	d->has_type = d->has_v = false;
	return err;
}

/* {"type":"flow","v":1, as every srte writes it */
static bool usual_envelope(struct decoder *d)
{
	static const char lead[] = "{\"type\":\"", mid[] = "\",\"v\":1";
	const char *name = d->line + strlen(lead), *end;
	const char *stop = d->line + d->len;

	if (d->len < strlen(lead) || memcmp(d->line, lead, strlen(lead)))
		return false;
	end = memchr(name, '"', stop - name);
	if (!end || stop - end <= (long)strlen(mid) || end[-1] == '\\' ||
	    memcmp(end, mid, strlen(mid)) ||
	    (end[strlen(mid)] != ',' && end[strlen(mid)] != '}'))
		return false;
	return !take_type(d, &(struct value){ VALUE_TEXT, name, end - name },
			  NULL);
}

/* ---- fields ---- */

static int field_key(void *arg, const char *key, size_t len, struct fault *f)
{
	struct decoder *d = arg;
	int known = envelope_key(d, key, len, f);

	d->field = NULL;
	d->members++;
	if (known)
		return known;
	if (d->def)
		d->field = record_field(d->def, key, len, &d->at);
	if (!d->field) {
		if (d->n_unknown < JSON_LINE_KEYS_MAX)	/* else refused */
			d->unknown[d->n_unknown++] = d->members;
		return 0;
	}
	if (d->rec.has >> d->at & 1)
		return fault_set(f, FAULT_BAD_RECORD,
				 "not JSON: duplicate key");
	d->rec.has |= 1ULL << d->at;
	return 1;
}

static int take_family(struct decoder *d, const struct value *v,
		       struct fault *f)
{
	bool four = v->kind == VALUE_TEXT && v->len == 4;

	d->has_family = true;
	d->ipv4 = four && !memcmp(v->text, "ipv4", 4);
	if (!d->ipv4 && !(four && !memcmp(v->text, "ipv6", 4)))
		return value_bad(d->field->key, "\"ipv4\" or \"ipv6\"", f);
	return 0;
}

/* The list itself at depth 1, then each of its texts. */
static int take_texts(struct decoder *d, size_t depth, const struct value *v,
		      struct fault *f)
{
	uint8_t *n = (uint8_t *)&d->rec.header + d->field->count_offset;
	char *at = (char *)&d->rec.header + d->field->offset;
	int err;

	if (depth == 1 && v->kind == VALUE_ARRAY)
		return 0;
	if (depth == 1 || *n == d->field->max)
		return fault_set(f, FAULT_BAD_RECORD,
				 "%s: expected at most %d texts",
				 d->field->key, d->field->max);
	err = value_store(d->field, v, at + *n * d->field->size, f);
	*n += !err;
	return err;
}

static int field_value(void *arg, size_t depth, const struct value *v,
		       struct fault *f)
{
	struct decoder *d = arg;

	if (d->envelope || !d->field)
		return 0;
	if (d->field->kind == FIELD_STRS)
		return take_texts(d, depth, v, f);
	if (d->field->kind == FIELD_FAMILY)
		return take_family(d, v, f);
	return value_store(d->field, v,
			   (char *)&d->rec.header + d->field->offset, f);
}

static int check_family(struct decoder *d, const struct field *field,
			struct fault *f)
{
	bool v4 = addr_is_ipv4((uint8_t *)&d->rec.header + field->offset);

	if (!d->has_family) {
		d->has_family = true;
		d->ipv4 = v4;
	}
	if (v4 != d->ipv4)
		return value_bad(field->key, d->ipv4 ?
				 "an IPv4 address, as the family is" :
				 "an IPv6 address, as the family is", f);
	return 0;
}

/* What only shows when all fields are in. */
static int check_fields(struct decoder *d, struct fault *f)
{
	const struct field *field = d->def->fields;
	int err = 0;

	for (; !err && field->key; field++) {
		if (field->required &&
		    !(d->rec.has >> (field - d->def->fields) & 1))
			return fault_set(f, FAULT_BAD_RECORD,
					 "%s record without \"%s\"",
					 d->def->type, field->key);
		if (field->kind == FIELD_ADDR)
			err = check_family(d, field, f);
	}
	return err;
}

/* ---- what the table does not know ---- */

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
 * Keep these members, letter for letter. A key is copied once with a comma,
 * and had one or the opening brace before it, hence the size.
 */
static int keep_unknown(struct decoder *d, struct fault *f)
{
	const char *p = memchr(d->line, '{', d->len), *end;
	char *extra, *to;
	size_t member, i = 0;

	extra = to = malloc(d->len + 1);
	if (!extra)
		return fault_set(f, FAULT_NO_MEMORY, "cannot keep a line");
	for (member = 1; i < d->n_unknown; member++) {
		end = member_end(++p);
		if (member == d->unknown[i]) {
			*to++ = ',';
			to = mempcpy(to, p, end - p);
			i++;
		}
		p = end;
	}
	*to = '\0';
	d->rec.extra = extra;
	return 0;
}

static int keep_line(struct decoder *d, struct fault *f)
{
	d->rec.extra = strndup(d->line, d->len);
	if (!d->rec.extra)
		return fault_set(f, FAULT_NO_MEMORY, "cannot keep a line");
	return 0;
}

/* ---- a line ---- */

static int decode(struct decoder *d, struct fault *f)
{
	static const struct json_line_user reader = { field_key, field_value };
	int err = usual_envelope(d) ? 0 : find_envelope(d, f);

	if (err)
		return err;
	d->def = record_def(d->rec.type);
	err = json_line_walk(d->line, d->len, &reader, d, f);
	if (err)
		return err;
	if (!d->def)
		return keep_line(d, f);
	err = check_fields(d, f);
	if (!err && d->n_unknown)
		err = keep_unknown(d, f);
	return err;
}

int record_decode(const char *line, size_t len, struct record *ret,
		  struct fault *ret_fault)
{
	struct decoder d;
	int err;

	/* The numbers of unknown members are written before they are read. */
	memset(&d, 0, offsetof(struct decoder, unknown));
	d.line = line;
	d.len = len;
	err = decode(&d, ret_fault);
	if (!err)
		*ret = d.rec;
	return err;
}

void record_done(struct record *rec)
{
	free((char *)rec->extra);
	rec->extra = NULL;
}
