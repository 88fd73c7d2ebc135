/* SPDX-License-Identifier: GPL-2.0-only */
#include "log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define LOG_LINE 1024

/* Weak: srte-classify does not link libbpf, and there it is NULL. */
#pragma weak libbpf_set_print

static const char *log_name = "srte";
static enum log_level log_level;

static int print_libbpf(enum libbpf_print_level level, const char *fmt,
			va_list ap)
{
	(void)level;
	return log_level >= LOG_DEBUG ? vfprintf(stderr, fmt, ap) : 0;
}

void log_init(const char *tool, enum log_level level)
{
	log_name = tool;
	log_level = level;
	if (libbpf_set_print)
		libbpf_set_print(print_libbpf);
}

const char *log_tool(void)
{
	return log_name;
}

/*
 * Names and records come from files and the network: a control character
 * among them must not reach a person's terminal, nor break the line.
 */
static void defuse(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void say(const char *before, const char *fmt, va_list ap)
{
	char line[LOG_LINE];

	vsnprintf(line, sizeof(line), fmt, ap);
	defuse(line);
	fprintf(stderr, "%s: %s%s\n", log_name, before, line);
}

void log_fault(const char *name, const char *cause, const char *fix)
{
	char line[LOG_LINE];

	snprintf(line, sizeof(line), "%s", cause);
	defuse(line);
	fprintf(stderr, "error: %s: %s: %s; %s\n", log_name, name, line, fix);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_INFO)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_DEBUG)
		return;
	va_start(ap, fmt);
	say("debug: ", fmt, ap);
	va_end(ap);
}
