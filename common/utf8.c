/* SPDX-License-Identifier: GPL-2.0-only */
#include "utf8.h"

#include <string.h>

/* The continuation bytes after a lead byte, and what the first of them may
 * be (RFC 3629 section 4: no overlong forms, surrogates, or past 10FFFF). */
static int utf8_lead(uint8_t c, uint8_t *ret_low, uint8_t *ret_high)
{
	*ret_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*ret_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		return 1;
	if (c >= 0xe0 && c <= 0xef)
		return 2;
	if (c >= 0xf0 && c <= 0xf4)
		return 3;
	return 0;
}

size_t utf8_length(const uint8_t *s, size_t n)
{
	uint8_t low, high;
	size_t i, more = utf8_lead(s[0], &low, &high);

	if (!more || more >= n || s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i <= more; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return more + 1;
}

/* Most text is ASCII: eight bytes at a time. */
bool utf8_valid(const char *text, size_t n)
{
	const uint8_t *s = (const uint8_t *)text;
	uint64_t word;
	size_t len;

	while (n) {
		if (n >= sizeof(word)) {
			memcpy(&word, s, sizeof(word));
			if (!(word & 0x8080808080808080)) {
				s += sizeof(word);
				n -= sizeof(word);
				continue;
			}
		}
		len = s[0] < 0x80 ? 1 : utf8_length(s, n);
		if (!len)
			return false;
		s += len;
		n -= len;
	}
	return true;
}
