/* SPDX-License-Identifier: GPL-2.0-only */
/* Resources that release themselves at the end of their scope. */
#ifndef SRTE_CLEANUP_H
#define SRTE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_mem(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define auto_close __attribute__((cleanup(cleanup_fd)))
#define auto_free __attribute__((cleanup(cleanup_mem)))
#define auto_fclose __attribute__((cleanup(cleanup_file)))

#endif
