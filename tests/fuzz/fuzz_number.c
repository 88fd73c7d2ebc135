/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes, durations, rates, percentages, addresses and prefixes: a word is
 * taken whole or refused, and what is shown of it is taken again.
 */
#include "fuzz.h"

#include "addr.h"
#include "num.h"

#include <errno.h>

static void numbers(const char *text)
{
	char shown[NUM_TEXT];
	uint64_t n, u64 = 77;
	uint32_t m;
	double pct;
	int err;

	err = num_u64(text, &u64);
	must(!err || (u64 == 77 && (err == -EINVAL || err == -ERANGE)));
	if (!num_u32(text, &m))
		must(!err && m == u64);
	if (!num_mask(text, &m))
		must(text[0] == '0');
	if (!num_size(text, &n))
		num_human(n, 1024, shown);
	if (!num_time(text, &n))
		num_human_time(n / 1000, shown);
	if (!num_rate(text, &n))
		num_human(n, 1000, shown);
	if (!num_pct(text, &pct))
		must(pct >= 0 && pct <= 100);
}

static void addresses(const char *text)
{
	char shown[PREFIX_TEXT], name[16];
	struct srte_route_key key, back;
	uint8_t addr[16], same[16], proto, number;

	if (!addr_parse(text, addr)) {
		must(addr_format(addr, shown) == (int)strlen(shown));
		must(!addr_parse(shown, same) && !memcmp(addr, same, 16));
	}
	if (!prefix_parse(text, &key)) {
		must(key.prefixlen <= 128 && prefix_has(&key, key.addr));
		prefix_format(&key, shown);
		must(!prefix_parse(shown, &back));
		must(key.prefixlen == back.prefixlen &&
		     !memcmp(key.addr, back.addr, 16));
	}
	if (!proto_parse(text, &proto)) {
		proto_format(proto, name);
		must(!proto_parse(name, &number) && number == proto);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	numbers(text);
	addresses(text);
	free(text);
	return 0;
}
