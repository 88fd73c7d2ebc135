/* SPDX-License-Identifier: GPL-2.0-only */
#include "num.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t    factor;
};

/* Read digits at *text and move it behind them. */
static int digits(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return -ERANGE;
	*text = p;
	*ret = n;
	return 0;
}

int num_u64(const char *text, uint64_t *ret)
{
	uint64_t n;
	int err;

	err = digits(&text, &n);
	if (err)
		return err;
	if (*text)
		return -EINVAL;
	*ret = n;
	return 0;
}

int num_u32(const char *text, uint32_t *ret)
{
	uint64_t n;
	int err;

	err = num_u64(text, &n);
	if (err)
		return err;
	if (n > UINT32_MAX)
		return -ERANGE;
	*ret = n;
	return 0;
}

int num_mask(const char *text, uint32_t *ret)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	uint32_t n = 0;
	const char *at;

	if (text[0] != '0' || text[1] != 'x' || !text[2])
		return -EINVAL;
	for (text += 2; *text; text++) {
		at = strchr(hex, *text);
		if (!at)
			return -EINVAL;
		if (n >> 28)
			return -ERANGE;
		n = n << 4 | ((at - hex) & 15);
	}
	*ret = n;
	return 0;
}

/* A number and one of units, which a NULL name ends. */
static int with_unit(const char *text, const struct unit *units, uint64_t *ret)
{
	uint64_t n;
	int err;

	err = digits(&text, &n);
	if (err)
		return err;
	while (units->name && strcmp(units->name, text))
		units++;
	if (!units->name)
		return -EINVAL;
	return __builtin_mul_overflow(n, units->factor, ret) ? -ERANGE : 0;
}

int num_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "K", 1ULL << 10 }, { "k", 1ULL << 10 }, { "KiB", 1ULL << 10 },
		{ "M", 1ULL << 20 }, { "MiB", 1ULL << 20 },
		{ "G", 1ULL << 30 }, { "GiB", 1ULL << 30 },
		{ "T", 1ULL << 40 }, { "TiB", 1ULL << 40 },
		{ NULL, 0 }
	};
	uint64_t n;
	int err = with_unit(text, units, &n);

	if (!err)
		*ret_bytes = n;
	return err;
}

int num_time(const char *text, uint64_t *ret_ns)
{
	static const struct unit units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
		{ "", 1000000000 }, { "s", 1000000000 },
		{ "m", 60000000000 }, { "h", 3600000000000 },
		{ NULL, 0 }
	};
	uint64_t n;
	int err = with_unit(text, units, &n);

	if (!err)
		*ret_ns = n;
	return err;
}

int num_rate(const char *text, uint64_t *ret_bps)
{
	static const struct unit units[] = {
		{ "", 1 }, { "bit", 1 },
		{ "k", 1000 }, { "K", 1000 },
		{ "kbit", 1000 }, { "Kbit", 1000 },
		{ "M", 1000000 }, { "Mbit", 1000000 },
		{ "G", 1000000000 }, { "Gbit", 1000000000 },
		{ "T", 1000000000000 }, { "Tbit", 1000000000000 },
		{ NULL, 0 }
	};
	uint64_t n;
	int err = with_unit(text, units, &n);

	if (!err)
		*ret_bps = n;
	return err;
}

/* ".5" behind a number, as thousandths; nothing is 0. */
static int thousandths(const char **text, uint32_t *ret)
{
	const char *p = *text;
	uint32_t n = 0, scale = 1000;

	if (*p != '.') {
		*ret = 0;
		return 0;
	}
	for (p++; *p >= '0' && *p <= '9' && scale > 1; p++) {
		scale /= 10;
		n += (uint32_t)(*p - '0') * scale;
	}
	if (scale == 1000)	/* a point and no digit */
		return -EINVAL;
	*text = p;
	*ret = n;
	return 0;
}

int num_pct(const char *text, double *ret)
{
	uint64_t whole;
	uint32_t milli;
	int err;

	err = digits(&text, &whole);
	if (!err)
		err = thousandths(&text, &milli);
	if (err)
		return err;
	if (*text == '%')
		text++;
	if (*text)
		return -EINVAL;
	if (whole > 100 || (whole == 100 && milli))
		return -ERANGE;
	*ret = (double)whole + milli / 1000.0;
	return 0;
}

/*
 * n in units, rounded half up, with one decimal below 100. False when that
 * makes base or more of them, so that 999 999 is 1.0M and not 1000K.
 */
static bool human(uint64_t n, uint64_t unit, uint32_t base, char letter,
		  char *ret)
{
	uint64_t whole = n / unit, rest = n % unit;
	uint64_t tenths = whole * 10 + (rest * 10 + unit / 2) / unit;

	if (tenths < 1000) {
		snprintf(ret, NUM_TEXT, "%" PRIu64 ".%" PRIu64 "%c",
			 tenths / 10, tenths % 10, letter);
		return true;
	}
	whole += rest >= unit - unit / 2;
	if (whole >= base)
		return false;
	snprintf(ret, NUM_TEXT, "%" PRIu64 "%c", whole, letter);
	return true;
}

void num_human(uint64_t n, uint32_t base, char ret[NUM_TEXT])
{
	static const char letters[] = "KMGTPE";
	uint64_t unit = base;

	if (n < base) {
		snprintf(ret, NUM_TEXT, "%" PRIu64, n);
		return;
	}
	/* E is the last: 2^64 is 18 of them, so it always fits. */
	for (const char *l = letters; *l; l++, unit *= base)
		if (human(n, unit, base, *l, ret))
			return;
}

static void human_pair(uint64_t n, uint32_t base, const char *big,
		       const char *small, char *ret)
{
	snprintf(ret, NUM_TEXT, "%" PRIu64 "%s%02" PRIu64 "%s", n / base, big,
		 n % base, small);
}

static void human_decimal(uint64_t us, uint32_t unit, const char *name,
			  char *ret)
{
	uint32_t tenths = us * 10 / unit;

	if (tenths < 1000)
		snprintf(ret, NUM_TEXT, "%u.%u%s", tenths / 10, tenths % 10,
			 name);
	else
		snprintf(ret, NUM_TEXT, "%u%s", tenths / 10, name);
}

/* Ages are cut, never rounded up: what shows 1.0s is that old at least. */
void num_human_time(uint64_t us, char ret[NUM_TEXT])
{
	uint64_t s = us / 1000000, days = s / 86400;

	if (us < 1000)
		snprintf(ret, NUM_TEXT, "%" PRIu64 "us", us);
	else if (us < 1000000)
		human_decimal(us, 1000, "ms", ret);
	else if (s < 60)
		human_decimal(us, 1000000, "s", ret);
	else if (s < 3600)
		human_pair(s, 60, "m", "s", ret);
	else if (days < 1)
		human_pair(s / 60, 60, "h", "m", ret);
	else if (days < 100)
		human_pair(s / 3600, 24, "d", "h", ret);
	else
		snprintf(ret, NUM_TEXT, "%" PRIu64 "d",
			 days < 99999 ? days : 99999);
}
