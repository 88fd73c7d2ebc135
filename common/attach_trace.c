/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs beside sock_ops: SYN-ACKs, and connections older than us. */
#include "attach_internal.h"

#include "cleanup.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

static int keep(struct up *up, struct bpf_program *prog, struct bpf_link *link,
		struct bpf_link **ret_link, struct fault *f)
{
	const char *name = bpf_program__name(prog);
	char leaf[64];

	if (!link)
		return fault_set(f, FAULT_ATTACH, "cannot attach %s: %s", name,
				 strerror(errno));
	*ret_link = link;
	snprintf(leaf, sizeof(leaf), "link/%s", name);
	return attach_pin(up, bpf_link__fd(link), leaf, false, f);
}

/* Reading is what runs it. That it cannot is no reason to refuse: new
 * connections are seen all the same, and the counters tell. */
static void enrol(struct bpf_link *link)
{
	auto_close int fd = bpf_iter_create(bpf_link__fd(link));
	char none[64];
	ssize_t n = fd < 0 ? -errno : 1;

	while (n > 0)
		n = read(fd, none, sizeof(none));
	if (n < 0)
		log_warn("connections that are open already are not watched: "
			 "%s", strerror(fd < 0 ? (int)-n : errno));
}

int attach_trace(struct up *up, struct fault *f)
{
	struct srte_bpf *skel = up->skel;
	int err;

	err = keep(up, skel->progs.srte_synack,
		   bpf_program__attach(skel->progs.srte_synack),
		   &skel->links.srte_synack, f);
	if (err)
		return err;
	err = keep(up, skel->progs.srte_enrol,
		   bpf_program__attach_iter(skel->progs.srte_enrol, NULL),
		   &skel->links.srte_enrol, f);
	if (!err)
		enrol(skel->links.srte_enrol);
	return err;
}
