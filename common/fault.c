/* SPDX-License-Identifier: GPL-2.0-only */
#include "fault.h"
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const struct {
	const char *name, *fix;
	int status, err;
} faults[FAULT_N] = {
	[FAULT_NONE] = { "NONE", "", EXIT_DONE, 0 },
#define X(id, exit_status, error, text)					\
	[FAULT_##id] = {						\
		.name = #id,						\
		.fix = (text),						\
		.status = (exit_status),				\
		.err = (error),						\
	},
	SRTE_FAULTS(X)
#undef X
};

int fault_set(struct fault *f, enum fault_id id, const char *fmt, ...)
{
	va_list ap;

	if (f->id == FAULT_NONE) {
		f->id = id;
		va_start(ap, fmt);
		vsnprintf(f->cause, sizeof(f->cause), fmt, ap);
		va_end(ap);
	}
	return -faults[id].err;
}

int fault_report(const struct fault *f)
{
	static const struct fault unset = { FAULT_FAILED, "no cause given" };

	if (f->id == FAULT_NONE)
		f = &unset;
	log_fault(faults[f->id].name, f->cause, faults[f->id].fix,
		  faults[f->id].status);
	return faults[f->id].status;
}

const char *fault_name(enum fault_id id)
{
	return faults[id].name;
}

const char *fault_fix(enum fault_id id)
{
	return faults[id].fix;
}

int fault_exit(enum fault_id id)
{
	return faults[id].status;
}
