/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One field table per record type: it encodes, decodes and prints the
 * schema (srte-json(5)).
 */
#ifndef SRTE_RECORD_H
#define SRTE_RECORD_H

#include "fault.h"
#include "model.h"

#include <stdbool.h>
#include <stddef.h>

#define RECORD_NUMBER_MAX	((1ULL << 53) - 1)	/* exact in a double */

enum field_kind {
	FIELD_STR,		/* char[size], absent when empty */
	FIELD_U64,		/* number, at most 2^53 - 1 (saturates) */
	FIELD_U32,
	FIELD_U16,
	FIELD_U8,
	FIELD_BE16,		/* port */
	FIELD_BOOL,
	FIELD_ADDR,		/* uint8_t[16] */
	FIELD_PROTO,		/* uint8_t as "tcp" */
	FIELD_FAMILY,		/* "ipv4"/"ipv6", from the address at offset */
	FIELD_CLASS,		/* uint8_t as "rest"/"heavy" */
	FIELD_HEX64,		/* string "0x...": past 2^53 */
	FIELD_STRS,		/* array of strings; count field beside it */
};

struct field {
	const char *key;	/* snake_case with the unit */
	const char *lead;	/* ,"key": */
	uint8_t     lead_len;
	enum field_kind kind;
	uint16_t    offset, size;	/* in the record's struct */
	uint16_t    count_offset;	/* STRS: offset of its uint8_t count */
	uint8_t     max;		/* STRS: room; size is that of one */
	bool        required;	/* a reader refuses the record without it */
	bool        zero_absent;	/* a writer leaves out zero */
	const char *help;
};

struct record_def {
	const char *type;	/* "flow" */
	const struct field *fields;	/* ended by a NULL key */
	size_t      size;	/* of its struct */
	const char *help;
};

/* NULL for RECORD_OTHER. */
const struct record_def *record_def(enum record_type type);
/* The field of that key (not NUL-ended) and its number; NULL when there is
 * none. Looking starts at *at, so that keys in the table's order are found at
 * once. */
const struct field *record_field(const struct record_def *def,
				 const char *key, size_t len, size_t *at);
enum record_type record_type_by_name(const char *name);	/* or OTHER */

/* Class names of the ABI's SRTE_CLASS_*: "rest", "heavy". */
const char *class_name(uint8_t class);
int class_parse(const char *text, uint8_t *ret);	/* -EINVAL */

/*
 * Is field number i written? What is zero is left out where the table says
 * so; a record that was read (has is not 0) keeps absent what was absent.
 */
bool record_has(const struct record *rec, const struct field *f, size_t i);
/* The largest number of an integer kind; 0 for the other kinds. */
uint64_t field_max(enum field_kind kind);
/* What is a number underneath (integer, bool, class, ...), as one. */
uint64_t record_number(const struct record *rec, const struct field *f);
/* The bare value as text, for tables and csv; "" when absent. Returns its
 * length, or -ENOSPC. */
long record_text(const struct record *rec, const struct field *f, size_t i,
		 char *buf, size_t cap);

/*
 * Append one line, with its newline, to buf. Returns its length, or -ENOSPC
 * when cap is too small. Our own writer: ten times jansson's speed. Strings
 * are escaped; bytes that are not UTF-8 become U+FFFD.
 */
long record_encode(const struct record *rec, char *buf, size_t cap);

/* Parse one line (no newline needed). Strict: RFC 8259, no duplicate keys,
 * no NUL, depth 16 at most. *ret points into line's copy only through extra,
 * which the caller frees with record_done(). */
int record_decode(const char *line, size_t len, struct record *ret,
		  struct fault *ret_fault);
void record_done(struct record *rec);

/* JSON Schema of a record type, on one line with its newline, for --schema
 * and the tests. Returns its length, or -ENOSPC. */
int record_schema(enum record_type type, char *buf, size_t cap);

#endif
