/* SPDX-License-Identifier: GPL-2.0-only */
#include "pathstate.h"

#include "cleanup.h"
#include "log.h"
#include "policymap.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct put {
	struct policymap pm;
	const char *name;
	struct srte_path_state state;
	int found;
};

static int put_one(__u32 id, const struct srte_path *path, void *arg)
{
	char name[SRTE_PATH_TEXT];
	struct put *put = arg;

	snprintf(name, sizeof(name), "%s/%s", path->pool, path->name);
	if (strcmp(name, put->name))
		return 0;
	put->found++;
	return pin_put(put->pm.path_state, &id, &put->state);
}

static int put_all(struct put *put, struct fault *f)
{
	auto_close int lock = pin_lock(f);
	int err;

	if (lock < 0)
		return lock;
	err = policymap_open(PIN_WRITE, &put->pm, f);
	if (err)
		return err;
	err = policymap_each_path(&put->pm, put_one, put);
	policymap_close(&put->pm);
	if (err)
		return fault_set(f, FAULT_FAILED, "srte_path_state: %s",
				 strerror(-err));
	if (!put->found)
		return fault_set(f, FAULT_NO_PATH, "no path is called '%s'",
				 put->name);
	log_info("%s: %d paths", put->name, put->found);
	return 0;
}

int pathstate_down(const char *name, uint64_t for_ns, struct fault *f)
{
	uint64_t now_ns = wall_mono_ns();
	struct put put = { .name = name,
			   .state.down_until_ns = UINT64_MAX };

	if (for_ns && for_ns < UINT64_MAX - now_ns)
		put.state.down_until_ns = now_ns + for_ns;
	return put_all(&put, f);
}

int pathstate_up(const char *name, struct fault *f)
{
	struct put put = { .name = name };

	return put_all(&put, f);
}
