// SPDX-License-Identifier: GPL-2.0-only
/*
 * hang OBJECT PROGRAM DEVICE: at tcx egress, as long as this runs. bpftool and
 * libbpf of Debian 12 know no tcx yet, so it is the bare system call.
 */
#include <err.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define TCX_EGRESS 47		/* of enum bpf_attach_type, Linux 6.6 */

int main(int argc, char **argv)
{
	struct {
		uint32_t prog_fd, ifindex, attach_type, flags;
		uint32_t rest[12];
	} attr = { .attach_type = TCX_EGRESS };
	struct bpf_program *prog;
	struct bpf_object *obj;

	if (argc != 4)
		errx(2, "usage: hang OBJECT PROGRAM DEVICE");
	obj = bpf_object__open(argv[1]);
	if (!obj || bpf_object__load(obj))
		err(1, "%s", argv[1]);
	prog = bpf_object__find_program_by_name(obj, argv[2]);
	attr.ifindex = if_nametoindex(argv[3]);
	if (!prog || !attr.ifindex)
		errx(1, "%s, %s: no such thing", argv[2], argv[3]);
	attr.prog_fd = bpf_program__fd(prog);
	if (syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) < 0)
		err(1, "tcx of %s", argv[3]);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
