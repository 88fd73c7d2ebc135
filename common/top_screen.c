/* SPDX-License-Identifier: GPL-2.0-only */
#include "top_screen.h"

#include "wall.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define ESCAPE		27
#define ERASE		127
#define MILLISECOND_NS	1000000ULL
#define WAIT_MS		60000
#define ESCAPE_MS	50	/* else it might begin an arrow key */

static void show(int y, const char *text, bool strong, void *arg)
{
	(void)arg;
	move(y, 0);
	clrtoeol();
	if (strong)
		attron(A_REVERSE);
	addstr(text);
	if (strong)
		attroff(A_REVERSE);
}

static void type(struct top *top, int key)
{
	size_t n = strlen(top->find);

	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		top->typing = false;
	} else if (key == ESCAPE) {
		top->typing = false;
		*top->find = '\0';
	} else if (key == KEY_BACKSPACE || key == ERASE || key == '\b') {
		if (n)
			top->find[n - 1] = '\0';
	} else if (key < 0x80 && isprint(key) && n + 1 < sizeof(top->find)) {
		top->find[n] = (char)key;
		top->find[n + 1] = '\0';
	}
}

/* False: the end is asked for. */
static bool obey(struct top *top, int key)
{
	static const char views[] = "fcp";
	const char *view;

	if (top->typing) {
		type(top, key);
		return true;
	}
	view = key > 0 && key < 0x80 ? strchr(views, key) : NULL;
	if (view)
		top->by = (enum top_by)(view - views);
	else if (key == 'b')
		top->sort = TOPN_BYTES;
	else if (key == 'r')
		top->sort = TOPN_RATE;
	else if (key == ' ')
		top->paused = !top->paused;
	else if (key == '/')
		top->typing = true;
	return key != 'q';
}

/* Milliseconds that a key may be waited for. */
static int patience(const struct top *top, uint64_t next_ns)
{
	uint64_t now = wall_mono_ns();

	if (top->paused)
		return WAIT_MS;
	return next_ns > now ? (int)((next_ns - now) / MILLISECOND_NS) + 1 : 0;
}

static int loop(struct top *top, uint64_t delay_ns, struct fault *f)
{
	uint64_t next_ns = wall_mono_ns();
	bool stale = true;
	int key, err;

	for (;;) {
		if (stale || (!top->paused && wall_mono_ns() >= next_ns)) {
			err = top_read(top, (size_t)LINES, f);
			if (err)
				return err;
			next_ns = wall_mono_ns() + delay_ns;
		}
		top_draw(top, COLS, LINES, show, NULL);
		refresh();
		timeout(patience(top, next_ns));
		key = getch();
		stale = key != ERR && key != ' ';
		if (!obey(top, key))
			return 0;
	}
}

int top_screen(struct top *top, uint64_t delay_ns, struct fault *f)
{
	int known, err;

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return fault_set(f, FAULT_USAGE, "top needs a terminal, or "
				 "--batch");
	if (setupterm(NULL, STDOUT_FILENO, &known) != OK)
		return fault_set(f, FAULT_USAGE, "top does not know this "
				 "terminal: set TERM, or use --batch");
	set_escdelay(ESCAPE_MS);
	initscr();
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	err = loop(top, delay_ns, f);
	endwin();
	return err;
}
