/* SPDX-License-Identifier: GPL-2.0-only */
#include "json_line.h"

#include "utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

/*
 * The walk of the line at hand. yajl's handle knows its context for life,
 * and to make one costs as much as to read a line, so both outlive the line.
 * A handle that saw an error is of no more use.
 */
static struct {
	yajl_handle yajl;
	const struct json_line_user *user;
	void       *arg;
	struct fault *f;
	size_t      depth, values;
	size_t      n_keys, base[JSON_LINE_DEPTH_MAX + 1];
	uint64_t    key[JSON_LINE_KEYS_MAX];	/* hashes, level upon level */
} w;

static int not_json(const char *why)
{
	return fault_set(w.f, FAULT_BAD_RECORD, "not JSON: %s", why);
}

/* FNV-1a: to tell keys of one line apart, not to withstand anybody. */
static uint64_t hash(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325;

	while (len--)
		h = (h ^ (uint8_t)*text++) * 0x100000001b3;
	return h;
}

static int note_key(const char *key, size_t len)
{
	uint64_t h = hash(key, len);
	size_t i;

	for (i = w.base[w.depth]; i < w.n_keys; i++)
		if (w.key[i] == h)
			return not_json("duplicate key");
	if (w.n_keys == JSON_LINE_KEYS_MAX)
		return fault_set(w.f, FAULT_BAD_RECORD,
				 "more than %d keys", JSON_LINE_KEYS_MAX);
	w.key[w.n_keys++] = h;
	return 0;
}

static int take_key(const char *key, size_t len)
{
	int err = 0;

	if (memchr(key, '\0', len))
		return not_json("\\u0000 in a key");
	if (w.depth == 1)
		err = w.user->key(w.arg, key, len, w.f);
	if (err)
		return err < 0 ? err : 0;
	return note_key(key, len);
}

/* What jansson and jq would not take either. A number within an object has
 * something behind it, so that strtod(3) stops. */
static int check_number(const struct value *v)
{
	bool real = memchr(v->text, '.', v->len) ||
		    memchr(v->text, 'e', v->len) ||
		    memchr(v->text, 'E', v->len);
	bool over;

	errno = 0;
	if (real)
		over = isinf(strtod(v->text, NULL));
	else
		over = strtoll(v->text, NULL, 10) && errno == ERANGE;
	return over ? not_json("a number out of range") : 0;
}

static int take(const struct value *v)
{
	int err = 0;

	if (!w.depth)
		return fault_set(w.f, FAULT_BAD_RECORD, "expected an object");
	if (v->kind == VALUE_TEXT && memchr(v->text, '\0', v->len))
		return not_json("\\u0000 in a text");
	if (v->kind == VALUE_NUMBER && v->len > 15)
		err = check_number(v);
	else if (v->kind == VALUE_NUMBER && memchr(v->text, 'e', v->len))
		err = check_number(v);
	else if (v->kind == VALUE_NUMBER && memchr(v->text, 'E', v->len))
		err = check_number(v);
	return err ? err : w.user->value(w.arg, w.depth, v, w.f);
}

static int begin(enum value_kind kind)
{
	int err = 0;

	if (w.depth == JSON_LINE_DEPTH_MAX)
		return fault_set(w.f, FAULT_BAD_RECORD,
				 "nested more than %d deep",
				 JSON_LINE_DEPTH_MAX);
	if (w.depth)
		err = take(&(struct value){ kind, "", 0 });
	else if (w.values++)
		err = not_json("more than one value");
	else if (kind != VALUE_OBJECT)
		err = take(&(struct value){ kind, "", 0 });
	w.base[++w.depth] = w.n_keys;
	return err;
}

/* ---- what yajl calls: 0 stops it ---- */

static int on_null(void *ctx)
{
	(void)ctx;
	return !take(&(struct value){ VALUE_NULL, "", 0 });
}

static int on_bool(void *ctx, int truth)
{
	(void)ctx;
	return !take(&(struct value){ VALUE_BOOL, "", !!truth });
}

static int on_number(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	return !take(&(struct value){ VALUE_NUMBER, text, len });
}

static int on_text(void *ctx, const unsigned char *text, size_t len)
{
	(void)ctx;
	return !take(&(struct value){ VALUE_TEXT, (const char *)text, len });
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
	(void)ctx;
	return !take_key((const char *)key, len);
}

static int on_object(void *ctx)
{
	(void)ctx;
	return !begin(VALUE_OBJECT);
}

static int on_array(void *ctx)
{
	(void)ctx;
	return !begin(VALUE_ARRAY);
}

static int on_end(void *ctx)
{
	(void)ctx;
	w.n_keys = w.base[w.depth--];
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_text,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

/* ---- the line ---- */

static int get_ready(void)
{
	if (w.yajl)
		return 0;
	w.yajl = yajl_alloc(&callbacks, NULL, NULL);
	if (!w.yajl)
		return fault_set(w.f, FAULT_NO_MEMORY, "cannot read JSON");
	yajl_config(w.yajl, yajl_allow_multiple_values, 1);
	yajl_config(w.yajl, yajl_dont_validate_strings, 1);
	return 0;
}

static void drop_reader(void)
{
	yajl_free(w.yajl);
	w.yajl = NULL;
}

static unsigned hex4(const char *p)
{
	char text[5] = "";

	memcpy(text, p, 4);
	return strtoul(text, NULL, 16);
}

/* A high surrogate wants a low one behind it; yajl has seen to the digits,
 * but it has '?' for what is no pair. */
static bool pairs_are_whole(const char *p, const char *end)
{
	bool high = false, low;

	for (; (p = memchr(p, '\\', end - p)); p += 2) {
		if (end - p < 6 || p[1] != 'u')
			continue;
		low = (hex4(p + 2) & 0xfc00) == 0xdc00;
		if (low != high)
			return false;
		high = (hex4(p + 2) & 0xfc00) == 0xd800;
		if (high && (end - p < 12 || p[6] != '\\' || p[7] != 'u'))
			return false;
		p += 4;
	}
	return !high;
}

static int check_text(const char *line, size_t len)
{
	if (memchr(line, '\0', len))
		return fault_set(w.f, FAULT_BAD_RECORD, "a NUL byte");
	if (!utf8_valid(line, len))
		return not_json("not UTF-8");
	return 0;
}

static int tell_error(const char *line, size_t len)
{
	unsigned char *why;

	if (w.f->id != FAULT_NONE)
		return fault_set(w.f, w.f->id, "%s", w.f->cause);
	why = yajl_get_error(w.yajl, 0, (const unsigned char *)line, len);
	why[strcspn((char *)why, "\n")] = '\0';
	not_json((char *)why);
	yajl_free_error(w.yajl, why);
	return -EINVAL;
}

/* Something begun behind the object ends, or turns out to be wrong, with what
 * follows it: a newline does. */
static int parse(const char *line, size_t len)
{
	yajl_status s = yajl_parse(w.yajl, (const unsigned char *)line, len);

	if (s == yajl_status_ok)
		s = yajl_parse(w.yajl, (const unsigned char *)"\n", 1);
	if (s != yajl_status_ok)
		return tell_error(line, len);
	if (!w.values || w.depth)
		return not_json("it ends too early");
	if (memchr(line, '\\', len) && !pairs_are_whole(line, line + len))
		return not_json("half a surrogate pair");
	return 0;
}

int json_line_walk(const char *line, size_t len,
		   const struct json_line_user *user, void *arg,
		   struct fault *f)
{
	int err;

	w.user = user;
	w.arg = arg;
	w.f = f;
	w.depth = w.values = w.n_keys = 0;
	err = check_text(line, len);
	if (!err)
		err = get_ready();
	if (err)
		return err;
	err = parse(line, len);
	if (err)
		drop_reader();
	return err;
}
