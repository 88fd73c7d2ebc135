/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strict numbers: the whole text or nothing. No sign, no blanks, no trailing
 * letters but the unit. 0 on success, -EINVAL, -ERANGE; *ret only on success.
 */
#ifndef SRTE_NUM_H
#define SRTE_NUM_H

#include <stddef.h>
#include <stdint.h>

int num_u64(const char *text, uint64_t *ret);
int num_u32(const char *text, uint32_t *ret);

/* A mask: 0xff00, in hexadecimal only. */
int num_mask(const char *text, uint32_t *ret);

/* Bytes: 1500, 64K, 1M, 2G, also KiB/MiB/GiB; powers of 1024. */
int num_size(const char *text, uint64_t *ret_bytes);

/* Time: 100ns, 5us, 100ms, 3s, 2m, 1h; a bare number is seconds. */
int num_time(const char *text, uint64_t *ret_ns);

/* Bits a second: 900, 64k, 10M, 1G, 1T; powers of 1000; "bit" may follow. */
int num_rate(const char *text, uint64_t *ret_bps);

/* Percent, 0 to 100, up to three decimals: 1, 0.5, 50%. */
int num_pct(const char *text, double *ret);

/* For tables: "81.0M", "1.2K"; at most 6 characters and the NUL. */
#define NUM_TEXT 16
void num_human(uint64_t n, uint32_t base, char ret[NUM_TEXT]);
void num_human_time(uint64_t us, char ret[NUM_TEXT]);

#endif
