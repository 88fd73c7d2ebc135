/* SPDX-License-Identifier: GPL-2.0-only */
/* UTF-8 as RFC 3629 section 4 has it: no overlong forms, no surrogates,
 * nothing past U+10FFFF. */
#ifndef SRTE_UTF8_H
#define SRTE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the character at s, beyond ASCII, within n bytes; 0: none. */
size_t utf8_length(const uint8_t *s, size_t n);
bool utf8_valid(const char *text, size_t n);

#endif
