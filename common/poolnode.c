/* SPDX-License-Identifier: GPL-2.0-only */
#include "poolnode.h"

#include "addr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_MAX 128

struct poolnode poolnode_member(const struct poolnode *object,
				const char *key)
{
	return (struct poolnode){
		.file = object->file, .fault = object->fault, .up = object,
		.key = key, .value = json_object_get(object->value, key),
	};
}

struct poolnode poolnode_at(const struct poolnode *array, size_t index)
{
	return (struct poolnode){
		.file = array->file, .fault = array->fault, .up = array,
		.index = index, .value = json_array_get(array->value, index),
	};
}

const char *poolnode_shown(const char *text, char ret[SHOWN_MAX])
{
	size_t i;

	for (i = 0; i < SHOWN_MAX - 1 && text[i]; i++)
		ret[i] = text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	ret[i] = '\0';
	return ret;
}

/* "pools.heavy[1]", from the root down. */
static void place_print(const struct poolnode *at, FILE *out)
{
	char text[SHOWN_MAX];

	if (!at->up)
		return;
	place_print(at->up, out);
	if (at->key)
		fprintf(out, "%s%s", at->up->up ? "." : "",
			poolnode_shown(at->key, text));
	else
		fprintf(out, "[%zu]", at->index);
}

static void place_text(const struct poolnode *at, char ret[PLACE_MAX])
{
	FILE *out = fmemopen(ret, PLACE_MAX, "w");

	ret[0] = '\0';
	if (!out)
		return;
	place_print(at, out);
	if (at->up)
		fputs(": ", out);
	fclose(out);
	ret[PLACE_MAX - 1] = '\0';
}

int poolnode_refuse(const struct poolnode *at, enum fault_id id,
		    const char *fmt, ...)
{
	char place[PLACE_MAX], text[192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	place_text(at, place);
	return fault_set(at->fault, id, "%s: %s%s", at->file, place, text);
}

static const char *type_name(json_type type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",	[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",	[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a fraction",	[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",		[JSON_NULL] = "null",
	};

	return names[type];
}

/* Present, and of this type. */
static int check_type(const struct poolnode *at, json_type type)
{
	if (!at->value)
		return poolnode_refuse(at->up, FAULT_POOLS_FILE,
				       "\"%s\" is missing", at->key);
	if (json_typeof(at->value) == type)
		return 0;
	return poolnode_refuse(at, FAULT_POOLS_FILE, "is %s, not %s",
			       type_name(json_typeof(at->value)),
			       type_name(type));
}

static bool key_known(const char *key, const char *const *keys)
{
	while (*keys && strcmp(key, *keys))
		keys++;
	return *keys;
}

int poolnode_object(const struct poolnode *at, const char *const *keys)
{
	char text[SHOWN_MAX];
	const char *key;
	json_t *value;
	int err = check_type(at, JSON_OBJECT);

	if (err || !keys)
		return err;
	json_object_foreach(at->value, key, value)
		if (!key_known(key, keys))
			return poolnode_refuse(at, FAULT_POOLS_FILE,
					       "\"%s\" is not a key here",
					       poolnode_shown(key, text));
	return 0;
}

int poolnode_array(const struct poolnode *at, size_t max,
		   enum fault_id too_many)
{
	size_t n = json_array_size(at->value);
	int err = check_type(at, JSON_ARRAY);

	if (err)
		return err;
	if (!n)
		return poolnode_refuse(at, FAULT_POOLS_FILE, "is empty");
	if (n > max)
		return poolnode_refuse(at, too_many, "has %zu members, %zu fit",
				       n, max);
	return 0;
}

static int read_string(const struct poolnode *at, const char **ret)
{
	int err = check_type(at, JSON_STRING);

	if (!err)
		*ret = json_string_value(at->value);
	return err;
}

int poolnode_sid(const struct poolnode *at, __u8 ret[16])
{
	const char *text = NULL, *bad;
	char words[SHOWN_MAX];
	__u8 addr[16];
	int err = read_string(at, &text);

	if (err)
		return err;
	poolnode_shown(text, words);
	if (addr_parse(text, addr))
		return poolnode_refuse(at, FAULT_BAD_SID,
				       "\"%s\" is not an address", words);
	bad = addr_bad_sid(addr);
	if (bad)
		return poolnode_refuse(at, FAULT_BAD_SID, "%s is %s", words,
				       bad);
	memcpy(ret, addr, sizeof(addr));
	return 0;
}

int poolnode_prefix(const struct poolnode *at, struct srte_route_key *ret)
{
	const char *text = NULL;
	char words[SHOWN_MAX];
	int err = read_string(at, &text);

	if (err)
		return err;
	if (prefix_parse(text, ret))
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "\"%s\" is not a prefix, or has bits "
				       "past its length",
				       poolnode_shown(text, words));
	return 0;
}

static bool name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n && n < SRTE_NAME_MAX && !name[n];
}

int poolnode_name(const struct poolnode *at, char ret[SRTE_NAME_MAX])
{
	const char *text = NULL;
	char words[SHOWN_MAX];
	int err = read_string(at, &text);

	if (err)
		return err;
	if (!name_is_good(text))
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "\"%s\" is not 1 to %d characters of "
				       "A-Z a-z 0-9 _ . -",
				       poolnode_shown(text, words),
				       SRTE_NAME_MAX - 1);
	snprintf(ret, SRTE_NAME_MAX, "%s", text);
	return 0;
}

int poolnode_key(const struct poolnode *at, char ret[SRTE_NAME_MAX])
{
	if (!name_is_good(at->key))
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "the name is not 1 to %d characters of "
				       "A-Z a-z 0-9 _ . -", SRTE_NAME_MAX - 1);
	snprintf(ret, SRTE_NAME_MAX, "%s", at->key);
	return 0;
}

static int read_between(const struct poolnode *at, json_int_t min,
			json_int_t max, json_int_t *ret)
{
	json_int_t n = json_integer_value(at->value);
	int err = check_type(at, JSON_INTEGER);

	if (err)
		return err;
	if (n < min || n > max)
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "%" JSON_INTEGER_FORMAT " is not in "
				       "%" JSON_INTEGER_FORMAT
				       "..%" JSON_INTEGER_FORMAT, n, min, max);
	*ret = n;
	return 0;
}

static int read_integer(const struct poolnode *at, int max, json_int_t *ret)
{
	return read_between(at, 1, max, ret);
}

int poolnode_u32(const struct poolnode *at, __u32 *ret)
{
	json_int_t n = 0;
	int err = read_between(at, 0, UINT32_MAX, &n);

	if (!err)
		*ret = n;
	return err;
}

int poolnode_u16(const struct poolnode *at, __u16 *ret)
{
	json_int_t n = 0;
	int err = read_integer(at, UINT16_MAX, &n);

	if (!err)
		*ret = n;
	return err;
}

int poolnode_hops(const struct poolnode *at, __u8 *ret)
{
	json_int_t n = 0;
	int err = read_integer(at, UINT8_MAX, &n);

	if (!err)
		*ret = n;
	return err;
}

int poolnode_mode(const struct poolnode *at, __u8 *ret)
{
	const char *text = NULL;
	char words[SHOWN_MAX];
	int err = read_string(at, &text);

	if (err)
		return err;
	if (!srh_mode_parse(text, ret))
		return 0;
	return poolnode_refuse(at, FAULT_POOLS_FILE,
			       "\"%s\" is not encap, encap.red or inline",
			       poolnode_shown(text, words));
}

int poolnode_usid(const struct poolnode *at, __u16 *ret)
{
	const char *text = NULL;
	char words[SHOWN_MAX];
	int err = read_string(at, &text);
	size_t n = err ? 0 : strspn(text, "0123456789abcdefABCDEF");

	if (err)
		return err;
	if (n < 1 || n > 4 || text[n] || !strtoul(text, NULL, 16))
		return poolnode_refuse(at, FAULT_BAD_SID,
				       "\"%s\" is not a uSID: one to four hex "
				       "digits, not zero",
				       poolnode_shown(text, words));
	*ret = strtoul(text, NULL, 16);
	return 0;
}

int poolnode_block(const struct poolnode *at, struct srte_route_key *ret)
{
	struct srte_route_key block = { 0 };
	const char *bad;
	int err = poolnode_prefix(at, &block);

	if (err)
		return err;
	bad = addr_bad_sid(block.addr);
	if (bad)
		return poolnode_refuse(at, FAULT_BAD_SID, "is %s", bad);
	if (!usid_per_carrier(&block))
		return poolnode_refuse(at, FAULT_POOLS_FILE,
				       "length is not 16, 32, ... or 112");
	*ret = block;
	return 0;
}
