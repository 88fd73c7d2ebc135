/* SPDX-License-Identifier: GPL-2.0-only */
/* top on a terminal: keys, sizes and the drawing, by ncurses. */
#ifndef SRTE_TOP_SCREEN_H
#define SRTE_TOP_SCREEN_H

#include "top.h"

/* Until 'q'. FAULT_USAGE where there is no terminal that can. */
int top_screen(struct top *top, uint64_t delay_ns, struct fault *f);

#endif
