/* SPDX-License-Identifier: GPL-2.0-only */
#include "log.h"
#include "utf8.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LOG_LINE 1024

/* Weak: srte-classify does not link libbpf, and there it is NULL. */
#pragma weak libbpf_set_print

static const char *log_name = "srte";
static enum log_level log_level;
static bool log_as_json;

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

void log_json(bool on)
{
	log_as_json = on;
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

/* The name of a file may be of any bytes; JSON is UTF-8. */
static void put_json(const char *key, const char *text)
{
	size_t n;

	fprintf(stderr, ",\"%s\":\"", key);
	for (; *text; text += n) {
		n = 1;
		if ((unsigned char)*text >= 0x80)
			n = utf8_length((const uint8_t *)text, strlen(text));
		if (!n) {
			fputc('?', stderr);
			n = 1;
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', stderr);
		fwrite(text, 1, n, stderr);
	}
	fputc('"', stderr);
}

void log_fault(const char *name, const char *cause, const char *fix,
	       int status)
{
	char line[LOG_LINE];

	snprintf(line, sizeof(line), "%s", cause);
	defuse(line);
	if (!log_as_json) {
		fprintf(stderr, "error: %s: %s: %s; %s\n", log_name, name,
			line, fix);
		return;
	}
	fprintf(stderr, "{\"type\":\"error\",\"v\":1,\"tool\":\"%s\"",
		log_name);
	put_json("name", name);
	fprintf(stderr, ",\"exit\":%d", status);
	put_json("cause", line);
	put_json("fix", fix);
	fputs("}\n", stderr);
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
