/* SPDX-License-Identifier: GPL-2.0-only */
#include "value.h"

#include "addr.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int value_bad(const char *key, const char *wanted, struct fault *fault)
{
	return fault_set(fault, FAULT_BAD_RECORD, "%s: expected %s", key,
			 wanted);
}

/* No sign, fraction or exponent; 20 digits may be more than 64 bits hold. */
static bool is_integer(const struct value *v, uint64_t *ret)
{
	uint64_t n = 0;

	if (v->kind != VALUE_NUMBER || v->len > 19)
		return false;
	for (size_t i = 0; i < v->len; i++) {
		if (v->text[i] < '0' || v->text[i] > '9')
			return false;
		n = n * 10 + (v->text[i] - '0');
	}
	*ret = n;
	return true;
}

static int store_integer(const struct field *f, const struct value *v,
			 void *at, struct fault *fault)
{
	uint64_t n, max = field_max(f->kind);

	if (!is_integer(v, &n) || n > max)
		return fault_set(fault, FAULT_BAD_RECORD,
				 "%s: expected an integer from 0 to %" PRIu64,
				 f->key, max);
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

static int store_text(const struct field *f, const struct value *v, char *at,
		      struct fault *fault)
{
	if (v->kind != VALUE_TEXT || v->len >= f->size)
		return fault_set(fault, FAULT_BAD_RECORD,
				 "%s: expected text of at most %d bytes",
				 f->key, f->size - 1);
	memcpy(at, v->text, v->len);
	at[v->len] = '\0';
	return 0;
}

static int store_hex(const struct field *f, const char *text, uint64_t *at,
		     struct fault *fault)
{
	size_t n = strlen(text);

	if (n < 3 || n > 18 || text[0] != '0' || text[1] != 'x' ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != n - 2)
		return value_bad(f->key, "text like \"0x1f\"", fault);
	*at = strtoull(text + 2, NULL, 16);
	return 0;
}

/* The kinds that are a word of some sort; "" stands for no text at all, and
 * for one that is longer than any of the words. */
static int store_word(const struct field *f, const struct value *v, void *at,
		      struct fault *fault)
{
	char text[ADDR_TEXT] = "";

	if (v->kind == VALUE_TEXT && v->len < sizeof(text))
		memcpy(text, v->text, v->len);
	switch (f->kind) {
	case FIELD_ADDR:
		if (addr_parse(text, at))
			return value_bad(f->key, "an IP address", fault);
		return 0;
	case FIELD_PROTO:
		if (proto_parse(text, at))
			return value_bad(f->key, "\"tcp\", \"udp\", \"icmp\", "
					 "\"icmpv6\", \"sctp\" or \"0\" to "
					 "\"255\"", fault);
		return 0;
	case FIELD_CLASS:
		if (class_parse(text, at))
			return value_bad(f->key, "\"rest\" or \"heavy\"",
					 fault);
		return 0;
	default:
		return store_hex(f, text, at, fault);
	}
}

int value_store(const struct field *f, const struct value *v, void *at,
		struct fault *fault)
{
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_STRS:	/* one of them */
		return store_text(f, v, at, fault);
	case FIELD_BOOL:
		if (v->kind != VALUE_BOOL)
			return value_bad(f->key, "true or false", fault);
		*(bool *)at = v->len;
		return 0;
	case FIELD_U64:
	case FIELD_U32:
	case FIELD_U16:
	case FIELD_U8:
	case FIELD_BE16:
		return store_integer(f, v, at, fault);
	default:
		return store_word(f, v, at, fault);
	}
}
