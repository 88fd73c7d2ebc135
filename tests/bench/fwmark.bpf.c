// SPDX-License-Identifier: GPL-2.0-only
/*
 * The peer of the rows about black holes: what sock_ops alone can do with the
 * kernel's own seg6 routes. A timeout turns the socket's mark from one routing
 * table to the other (2 and 3), before TCP sends again.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define SOL_SOCKET	1
#define SO_MARK		36

char LICENSE[] SEC("license") = "GPL";

__u32 mark = 2;			/* of the one stream that is measured */

SEC("sockops")
int fwmark(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_RTO_CB_FLAG);
	if (ctx->op == BPF_SOCK_OPS_RTO_CB) {
		__u32 next = 5 - mark;

		if (!bpf_setsockopt(ctx, SOL_SOCKET, SO_MARK, &next,
				    sizeof(next)))
			mark = next;
	}
	return 1;
}
