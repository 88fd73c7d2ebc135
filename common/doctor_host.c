/* SPDX-License-Identifier: GPL-2.0-only */
/* The doctor: kernel, rights and clock. */
#include "doctor_internal.h"

#include "cleanup.h"
#include "host.h"
#include "pin.h"
#include "wall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define KERNEL_OLDEST	0x601	/* 6.1 */
#define KERNEL_ENROLS	0x60b	/* 6.11 */

void doctor_kernel(struct doctor *d)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		doctor_warn(d, "the version of the kernel is not known");
	else if ((major << 8 | minor) < KERNEL_OLDEST)
		doctor_fail(d, "Linux %s is older than 6.1", u.release);
	else if ((major << 8 | minor) < KERNEL_ENROLS)
		doctor_ok(d, "Linux %s; connections older than up are not "
			  "watched before 6.11", u.release);
	else
		doctor_ok(d, "Linux %s", u.release);
}

void doctor_capabilities(struct doctor *d)
{
	struct fault f = {};

	if (host_check_rights(&f))
		doctor_fault(d, &f);
	else
		doctor_ok(d, "what up and down need is there");
}

void doctor_lockdown(struct doctor *d)
{
	char line[128];

	if (doctor_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		doctor_ok(d, "the kernel does not know it");
	else if (strstr(line, "[confidentiality]"))
		doctor_warn(d, "lockdown is confidentiality: the kernel "
			    "refuses programs that read its memory");
	else
		doctor_ok(d, "%s", line);
}

void doctor_btf(struct doctor *d)
{
	struct fault f = {};

	if (host_check_btf(&f))
		doctor_fault(d, &f);
	else
		doctor_ok(d, "the kernel describes its types");
}

/* ---- modules ---- */

static bool file_has(const char *path, const char *text)
{
	auto_fclose FILE *file = fopen(path, "re");
	char line[1024];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, text);
	return found;
}

/* Built in or loaded: a function of it has an address. Else: loaded when it
 * is first asked for. */
static bool has_module(const char *function, const char *file)
{
	struct utsname u;
	char path[sizeof(u.release) + 32];

	if (file_has("/proc/kallsyms", function))
		return true;
	if (uname(&u))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", u.release);
	return file_has(path, file);
}

void doctor_modules(struct doctor *d)
{
	static const struct { const char *name, *function, *file; } need[] = {
		{ "cls_bpf", " cls_bpf_classify", "/cls_bpf.ko" },
		{ "sch_ingress", " clsact_init", "/sch_ingress.ko" },
	};

	for (size_t i = 0; i < sizeof(need) / sizeof(*need); i++)
		if (!has_module(need[i].function, need[i].file))
			doctor_fail(d, "%s is neither in the kernel nor among "
				    "its modules", need[i].name);
	doctor_ok(d, "cls_bpf and sch_ingress are there");
}

void doctor_jit(struct doctor *d)
{
	char line[32];

	if (doctor_line("/proc/sys/net/core/bpf_jit_enable", line,
			sizeof(line)))
		doctor_skip(d, "only the first network namespace tells");
	else if (!strcmp(line, "0"))
		doctor_warn(d, "programs are interpreted, many times slower");
	else
		doctor_ok(d, "programs are compiled");
}

/* ---- clock ---- */

/* A read of these goes out to a device, for each packet. */
static bool is_slow(const char *source)
{
	return !strcmp(source, "acpi_pm") || !strcmp(source, "hpet") ||
	       !strcmp(source, "jiffies") || !strcmp(source, "refined-jiffies");
}

static void check_created(struct doctor *d)
{
	struct timespec now;
	struct srte_meta meta;
	struct fault ignored = {};
	auto_close int fd = pin_open("srte_meta", PIN_READ, &ignored);
	char created[WALL_TEXT];
	__u32 zero = 0;

	if (fd < 0 || pin_get(fd, &zero, &meta))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (meta.created_ns / 1000000000 <= (uint64_t)now.tv_sec)
		return;
	wall_format(meta.created_ns, created);
	doctor_warn(d, "the clock went back: the instance is of %s", created);
}

void doctor_clock(struct doctor *d)
{
	char source[64];

	if (d->up)
		check_created(d);
	if (doctor_line("/sys/devices/system/clocksource/clocksource0/"
			"current_clocksource", source, sizeof(source)))
		doctor_skip(d, "the kernel does not name its clock source");
	else if (is_slow(source))
		doctor_warn(d, "clock source %s takes a microsecond a packet",
			    source);
	else
		doctor_ok(d, "clock source %s", source);
}
