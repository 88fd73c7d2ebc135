/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A segment list, one SID a word, and a block of uSIDs: the header that is
 * built of it holds the same list, whatever the mode.
 */
#include "fuzz.h"

#include "addr.h"
#include "pool.h"

#include <stdio.h>

static size_t read_list(char *text, __u8 ret[SRTE_SEGMENTS_MAX + 1][16])
{
	char *word, *save, shown[ADDR_TEXT];
	size_t n = 0;
	__u8 back[16];

	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (n > SRTE_SEGMENTS_MAX || addr_parse(word, ret[n]))
			continue;
		must(addr_format(ret[n], shown) == (int)strlen(shown));
		must(!addr_parse(shown, back) && !memcmp(back, ret[n], 16));
		n += !addr_bad_sid(ret[n]);
	}
	return n;
}

static void build(__u8 (*list)[16], size_t n, __u8 mode)
{
	static const __u8 source[16] = { 0xfd };
	__u8 back[SRTE_SEGMENTS_MAX][16];
	const struct srh_spec spec = {
		.mode = mode, .inner = SRTE_INNER_IPV4, .hop_limit = 64,
		.source = source, .segments = (const __u8 (*)[16])list, .n = n,
	};
	struct srte_path path = { .mode = mode };

	path.len = srh_build(&spec, path.header);
	must(path.len <= SRTE_HDR_MAX);
	if (!path.len)
		return;
	memcpy(path.first, list[0], 16);
	must(srh_segments(&path, back) == n);
	must(!memcmp(back, list, n * 16));
}

/* The first byte says how long the block is, pairs of bytes are uSIDs. */
static void pack(const uint8_t *data, size_t size)
{
	struct srte_route_key block = { .prefixlen = size ? data[0] : 0 };
	__u8 carriers[SRTE_SEGMENTS_MAX][16];
	__u16 usids[SRTE_SEGMENTS_MAX];
	size_t n = 0, i;

	for (i = 1; i + 1 < size && n < SRTE_SEGMENTS_MAX; i += 2)
		if (data[i] | data[i + 1])
			usids[n++] = data[i] << 8 | data[i + 1];
	if (n && usid_per_carrier(&block))
		must(usid_pack(&block, usids, n, carriers) <= n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__u8 list[SRTE_SEGMENTS_MAX + 2][16];
	char *text = fuzz_text(data, size);
	size_t n = read_list(text, list);
	__u8 mode;

	for (mode = SRTE_MODE_ENCAP; mode <= SRTE_MODE_INLINE; mode++)
		build(list, n, mode);
	pack(data, size);
	free(text);
	return 0;
}
