/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How old an event is when it is read: of each line on standard input with
 * "type":"event" and "time":".." the microseconds between that time and the
 * read() that brought it, one a line, printed at the end of the input. It does
 * nothing else meanwhile.
 */
#include "net.h"

#define AGES_MAX	65536
#define LINE_ROOM	(1 << 20)

static char text[LINE_ROOM];
static int64_t ages_us[AGES_MAX];
static size_t n_ages;

/* "2026-11-23T14:53:44.452157Z", as microseconds since 1970 */
static int64_t time_us(const char *at)
{
	struct tm tm = { 0 };
	const char *end = strptime(at, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!end || *end != '.')
		return 0;
	return (int64_t)timegm(&tm) * 1000000 + strtol(end + 1, NULL, 10);
}

static void line_take(const char *line, int64_t now_us)
{
	static const char key[] = "\"time\":\"";
	const char *at = strstr(line, key);
	int64_t us;

	if (!at || !strstr(line, "\"type\":\"event\"") || n_ages == AGES_MAX)
		return;
	us = time_us(at + strlen(key));
	if (us)
		ages_us[n_ages++] = now_us - us;
}

/* Whole lines go; returns what is left of the last one. */
static size_t lines_take(size_t used, int64_t now_us)
{
	char *line = text, *end;

	text[used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		line_take(line, now_us);
		line = end + 1;
	}
	used -= line - text;
	memmove(text, line, used);
	return used;
}

int main(void)
{
	size_t used = 0, i;
	ssize_t n;

	while (used < sizeof(text) - 1) {
		n = read(STDIN_FILENO, text + used, sizeof(text) - 1 - used);
		if (n <= 0)
			break;
		used = lines_take(used + n, net_clock_ns(CLOCK_REALTIME) /
				  1000);
	}
	for (i = 0; i < n_ages; i++)
		printf("%" PRId64 "\n", ages_us[i]);
	return 0;
}
