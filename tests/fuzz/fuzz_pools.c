/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pools file: refused with its place, or compiled into headers that hold
 * the segments that were asked for.
 */
#include "fuzz.h"

#include "json_text.h"
#include "pool.h"
#include "poolnode.h"

static void compile(const struct pooldoc *doc, uint32_t mtu)
{
	__u8 segments[SRTE_SEGMENTS_MAX][16];
	struct fault f = { .id = FAULT_NONE };
	struct poolset set = { 0 };
	size_t i;

	if (pool_compile(doc, mtu, &set, &f)) {
		must(f.id != FAULT_NONE);
		return;
	}
	for (i = 0; i < set.n_paths; i++) {
		must(set.paths[i].len && set.paths[i].len <= SRTE_HDR_MAX);
		must(set.paths[i].len <= set.push_max);
		must(srh_segments(&set.paths[i], segments) <=
		     SRTE_SEGMENTS_MAX);
	}
	for (i = 0; i < set.n_sets; i++)
		must(set.sets[i].n && set.sets[i].n <= SRTE_SET_PATHS);
	poolset_done(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct fault f = { .id = FAULT_NONE };
	struct pooldoc doc = { 0 };
	json_error_t error;
	json_t *root = json_text_load(text, size, &error);
	const struct poolnode node = {
		.file = "fuzz", .fault = &f, .value = root,
	};

	if (root && !pooldoc_read(&node, &doc)) {
		compile(&doc, 1500);
		compile(&doc, 0);
	} else {
		must(!root || f.id != FAULT_NONE);
	}
	pooldoc_done(&doc);
	json_decref(root);
	free(text);
	return 0;
}
