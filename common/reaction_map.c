/* SPDX-License-Identifier: GPL-2.0-only */
#include "reaction_map.h"

#include "cleanup.h"
#include "pin.h"

#include <string.h>

static int config_get(int fd, struct srte_config *ret, struct fault *f)
{
	__u32 zero = 0;
	int err = pin_get(fd, &zero, ret);

	return err ? fault_set(f, FAULT_FAILED, "cannot read srte_config: %s",
			       strerror(-err)) : 0;
}

int reaction_map_get(struct reaction *ret, struct fault *f)
{
	auto_close int fd = pin_open("srte_config", PIN_READ, f);
	struct srte_config config;
	int err = fd < 0 ? fd : config_get(fd, &config, f);

	if (err)
		return err;
	ret->rules = config.rules;
	ret->numbers = config.reaction;
	return 0;
}

static int change(int fd, const char *const *words, int n, struct fault *f)
{
	struct srte_config config;
	struct reaction reaction;
	__u32 zero = 0;
	int i, err = config_get(fd, &config, f);

	if (err)
		return err;
	reaction.rules = config.rules;
	reaction.numbers = config.reaction;
	for (i = 0; !err && i < n; i++)
		err = reaction_set(words[i], &reaction, f);
	if (err)
		return err;
	config.rules = reaction.rules;
	config.reaction = reaction.numbers;
	err = pin_put(fd, &zero, &config);
	return err ? fault_set(f, FAULT_FAILED, "cannot write srte_config: %s",
			       strerror(-err)) : 0;
}

int reaction_map_set(const char *const *words, int n, struct fault *f)
{
	auto_close int fd = pin_open("srte_config", PIN_WRITE, f);
	auto_close int lock = fd < 0 ? -1 : pin_lock(f);

	if (fd < 0)
		return fd;
	return lock < 0 ? lock : change(fd, words, n, f);
}
