/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the doctor share; nobody else's business. */
#ifndef SRTE_DOCTOR_INTERNAL_H
#define SRTE_DOCTOR_INTERNAL_H

#include "device.h"
#include "doctor.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

/* From good to bad: the worst that a check says is its result. */
enum finding { FINDING_NONE, FINDING_SKIP, FINDING_OK, FINDING_WARN,
	       FINDING_FAIL };

struct doctor {
	const struct doctor_plan *plan;
	bool up;			/* the instance can be read */
	struct fault why;		/* if not */
	uint64_t netns;
	struct device devs[SRTE_DEVICES_MAX];
	size_t n_devs;
	/* the check under way */
	enum finding finding;
	char cause[sizeof(((struct check *)0)->cause)];
	const char *fix;		/* in place of the row's, or NULL */
};

#define DOCTOR_PRINTF __attribute__((format(printf, 2, 3)))
void doctor_skip(struct doctor *d, const char *fmt, ...) DOCTOR_PRINTF;
void doctor_ok(struct doctor *d, const char *fmt, ...) DOCTOR_PRINTF;
void doctor_warn(struct doctor *d, const char *fmt, ...) DOCTOR_PRINTF;
void doctor_fail(struct doctor *d, const char *fmt, ...) DOCTOR_PRINTF;
/* A fault is a failure with a fix of its own. */
void doctor_fault(struct doctor *d, const struct fault *f);

/* First line of a small file, without its newline. -errno */
int doctor_line(const char *path, char *ret, size_t size);

/* doctor_host.c */
void doctor_kernel(struct doctor *d);
void doctor_capabilities(struct doctor *d);
void doctor_lockdown(struct doctor *d);
void doctor_btf(struct doctor *d);
void doctor_modules(struct doctor *d);
void doctor_jit(struct doctor *d);
void doctor_clock(struct doctor *d);

/* doctor_mount.c */
void doctor_view(struct doctor *d);
void doctor_cgroup2(struct doctor *d);
void doctor_hybrid(struct doctor *d);
void doctor_bpffs(struct doctor *d);
void doctor_abi(struct doctor *d);
void doctor_modes(struct doctor *d);
void doctor_pins(struct doctor *d);

/* doctor_net.c */
void doctor_devices(struct doctor *d);
void doctor_ipv6(struct doctor *d);
void doctor_mtu(struct doctor *d);
void doctor_seg6(struct doctor *d);
void doctor_queue(struct doctor *d);
void doctor_place(struct doctor *d);
void doctor_order(struct doctor *d);
void doctor_hooks(struct doctor *d);
void doctor_table(struct doctor *d);
void doctor_steering(struct doctor *d);
void doctor_events(struct doctor *d);

#endif
