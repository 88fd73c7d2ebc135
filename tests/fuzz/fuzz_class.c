/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream of class records, as srte-steer reads it: with bad lines refused,
 * and with bad lines skipped. A stream is whole or it is refused.
 */
#include "fuzz.h"

#include "jsonl.h"
#include "steer.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void collect(struct steer_round *round, const struct record *rec,
		    uint64_t line, struct fault *f)
{
	struct steer_ask ask = {
		.key = rec->flow.key, .line = line,
		.rate_bps = rec->flow.rate_bps, .class = rec->flow.class,
	};

	must(memchr(rec->flow.reason, '\0', sizeof(rec->flow.reason)));
	must(!steer_round_add(round, &ask, f));
}

static void read_stream(const char *name, bool skip)
{
	struct fault f = { .id = FAULT_NONE };
	struct steer_round round = { 0 };
	struct record rec;
	struct in *in;
	int ret;

	must(!in_open(name, &in, &f));
	if (skip)
		in_skip_bad(in);
	while ((ret = in_record(in, &rec, &f)) > 0)
		if (rec.type == RECORD_CLASS)
			collect(&round, &rec, in_line(in), &f);
	must(!ret || f.id != FAULT_NONE);
	if (!ret && steer_round_check(&round, &f))
		must(f.id == FAULT_BAD_RECORD);
	steer_round_done(&round);
	in_close(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);
	char name[32];

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	read_stream(name, false);
	read_stream(name, true);
	close(fd);
	return 0;
}
