// SPDX-License-Identifier: GPL-2.0-only
#include "source.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISP_BYTES 1000		/* of a packet */

/* As long as it takes for some hundred elephants, where there are any: the
 * largest flow of the captures at hand has 50 kB. */
static const struct source sources[] = {
	{ "websearch", 20, 1000000 },
	{ "vl2", 20, 1000000 },
	{ "hadoop", 20, 1000000 },
	{ "storage", 10, 1000000 },
	{ "rpc", 4, 1000000 },
	{ "isp", 20, 1000000 },
	{ "captures", 0, 4000 },
};

const struct source *source_find(const char *name)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(name, sources[i].name))
			return &sources[i];
	errx(2, "no traffic called %s", name);
}

struct trace *source_trace(const struct source *s, uint64_t seed)
{
	const char *data = getenv("SRTE_DATA");
	char dir[4096];

	if (!strcmp(s->name, "isp"))
		return trace_isp(seed, ISP_BYTES, TRACE_SPAN);
	if (strcmp(s->name, "captures"))
		return trace_mix(s->name, seed, s->seconds);
	snprintf(dir, sizeof(dir), "%s/pcap", data ? data : "../shared/data");
	return trace_captures(dir, 1, 1);
}
