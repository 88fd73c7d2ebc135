/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words for a person, on stderr. Records never go through here.
 * Everything starts with the name of the command.
 */
#ifndef SRTE_LOG_H
#define SRTE_LOG_H

#include <stdbool.h>

enum log_level { LOG_QUIET = -1, LOG_NORMAL, LOG_INFO, LOG_DEBUG };

/* tool must outlive the process's use of the log. */
void log_init(const char *tool, enum log_level level);
const char *log_tool(void);
/* A fault is one JSON object: the caller reads records. */
void log_json(bool on);

/* Also hands libbpf's own words to log_debug (-vv), in the commands that
 * link libbpf: a weak reference, so that srte-classify does without. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "error: TOOL: NAME: cause; fix", or the same as JSON: for fault.c. */
void log_fault(const char *name, const char *cause, const char *fix,
	       int status);

#endif
