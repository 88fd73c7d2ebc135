/* SPDX-License-Identifier: GPL-2.0-only */
#include "poolload.h"

#include "addr.h"
#include "cleanup.h"
#include "device.h"
#include "log.h"
#include "nexthop.h"
#include "onlink.h"
#include "policymap.h"
#include "pool.h"

#include <errno.h>
#include <string.h>

static int source_fill(struct pooldoc *doc, struct fault *f)
{
	if (!addr_is_zero(doc->source))
		return 0;
	return device_attached_source(doc->source, f);
}

static int publish(struct policymap *pm, const struct pooldoc *doc,
		   bool dry_run, struct fault *f)
{
	struct srte_config config = { 0 };
	struct poolset set;
	int err = policymap_config(pm, &config);

	if (err)
		return fault_set(f, FAULT_FAILED, "cannot read srte_config: "
				 "%s", strerror(-err));
	err = pool_compile(doc, config.mtu, &set, f);
	if (err)
		return err;
	err = nexthop_fill(&set, f);
	if (!err)
		err = onlink_spare(&set, f);
	if (!err && !dry_run)
		err = policymap_publish(pm, &set, f);
	if (!err)
		log_info("%zu paths in %zu sets to %zu prefixes%s",
			 set.n_paths, set.n_sets, set.n_routes,
			 dry_run ? " would fit" : " loaded");
	poolset_done(&set);
	return err;
}

int poolload(const char *name, bool dry_run, struct fault *f)
{
	struct policymap pm = POLICYMAP_NONE;
	auto_close int lock = -1;
	struct pooldoc doc;
	int err = poolfile_read(name, &doc, f);

	if (err)
		return err;
	err = source_fill(&doc, f);
	if (!err && !dry_run)
		err = lock = pin_lock(f);
	if (err >= 0)
		err = policymap_open(dry_run ? PIN_READ : PIN_WRITE, &pm, f);
	if (!err)
		err = publish(&pm, &doc, dry_run, f);
	policymap_close(&pm);
	pooldoc_done(&doc);
	return err;
}
