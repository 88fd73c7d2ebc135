/* SPDX-License-Identifier: GPL-2.0-only */
#include "poolload.h"

#include "addr.h"
#include "cleanup.h"
#include "device.h"
#include "docstream.h"
#include "log.h"
#include "nexthop.h"
#include "onlink.h"
#include "policymap.h"
#include "pool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* doc is done for, whatever happens. */
static int load(struct pooldoc *doc, bool dry_run, struct fault *f)
{
	struct policymap pm = POLICYMAP_NONE;
	auto_close int lock = -1;
	int err = source_fill(doc, f);

	if (!err && !dry_run)
		err = lock = pin_lock(f);
	if (err >= 0)
		err = policymap_open(dry_run ? PIN_READ : PIN_WRITE, &pm, f);
	if (!err)
		err = publish(&pm, doc, dry_run, f);
	policymap_close(&pm);
	pooldoc_done(doc);
	return err;
}

int poolload(const char *name, bool dry_run, struct fault *f)
{
	struct pooldoc doc;
	int err = poolfile_read(name, &doc, f);

	return err ? err : load(&doc, dry_run, f);
}

/* ---- a stream ---- */

static int check_maps(bool dry_run, struct fault *f)
{
	struct policymap pm;
	int err = policymap_open(dry_run ? PIN_READ : PIN_WRITE, &pm, f);

	if (!err)
		policymap_close(&pm);
	return err;
}

/* A refusal is told, and ends nothing: the pools in use stay. */
static void load_next(const struct docstream *s, size_t n, bool dry_run,
		      poolload_refused *refused, int *status)
{
	struct fault f = { .id = FAULT_NONE };
	char name[48] = "-";
	struct pooldoc doc;
	int err;

	if (n > 1)
		snprintf(name, sizeof(name), "-: document %zu", n);
	err = poolfile_parse(name, s->text, s->len, &doc, &f);
	if (!err)
		err = load(&doc, dry_run, &f);
	if (err)
		*status = refused(&f);
}

static int load_all(struct docstream *s, bool dry_run,
		    poolload_refused *refused, int *status, struct fault *f)
{
	size_t n = 0;
	int more;

	while ((more = docstream_next(s)) > 0)
		load_next(s, ++n, dry_run, refused, status);
	if (more == -EFBIG)
		return fault_set(f, FAULT_POOLS_FILE, "-: more than %u MiB",
				 POOLFILE_MAX >> 20);
	if (more)
		return fault_set(f, FAULT_OPEN, "-: %s", strerror(-more));
	return n ? 0 : fault_set(f, FAULT_POOLS_FILE, "-: is empty");
}

int poolload_stream(bool dry_run, poolload_refused *refused, int *status,
		    struct fault *f)
{
	auto_fclose FILE *in = fopen("/dev/stdin", "re");
	struct docstream s = { .in = in, .max = POOLFILE_MAX };
	int err;

	if (!in)
		return fault_set(f, FAULT_OPEN, "/dev/stdin: %s",
				 strerror(errno));
	if (isatty(fileno(in)))
		return fault_set(f, FAULT_STDIN_TERMINAL,
				 "the pools would come from a terminal");
	err = check_maps(dry_run, f);
	if (!err)
		err = load_all(&s, dry_run, refused, status, f);
	docstream_done(&s);
	return err;
}
