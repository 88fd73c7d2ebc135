/* SPDX-License-Identifier: GPL-2.0-only */
#include "pool.h"

#include <string.h>

#define CARRIER_BITS	128

size_t usid_per_carrier(const struct srte_route_key *block)
{
	__u32 bits = block->prefixlen;

	if (!bits || bits % USID_BITS || bits > CARRIER_BITS - USID_BITS)
		return 0;
	return (CARRIER_BITS - bits) / USID_BITS;
}

size_t usid_pack(const struct srte_route_key *block, const __u16 *usids,
		 size_t n, __u8 (*ret)[16])
{
	size_t fit = usid_per_carrier(block), i;

	if (!fit)
		return 0;
	for (i = 0; i < n; i++) {
		__u8 *carrier = ret[i / fit];
		size_t at = block->prefixlen / 8 + 2 * (i % fit);

		if (i % fit == 0)
			memcpy(carrier, block->addr, 16);
		carrier[at] = usids[i] >> 8;
		carrier[at + 1] = usids[i];
	}
	return (n + fit - 1) / fit;
}
