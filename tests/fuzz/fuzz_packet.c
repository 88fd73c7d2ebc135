/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf/parse.bpf.h, compiled for this side: any frame, cut into a linear part
 * and the rest, is read without a byte past the end. The programs' pointers
 * have 32 bits here, so the frame lies low, and ends where a page without
 * rights begins.
 */
#include "fuzz.h"

#include "abi.h"

#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

static long user_load(struct __sk_buff *skb, __u32 at, void *to, __u32 len);
static long user_pull(struct __sk_buff *skb, __u32 len);

#define bpf_skb_load_bytes user_load
#define bpf_skb_pull_data user_pull

/* Its global functions are so for the verifier's sake. */
#pragma clang diagnostic ignored "-Wmissing-prototypes"
#include "../../bpf/parse.bpf.h"

#define FRAME_MAX	4096U

static uint8_t frame[FRAME_MAX];	/* all of it, pages too */
static uint8_t *low;			/* FRAME_MAX bytes, then the wall */

/* The linear part ends at the wall. */
static void linear(struct __sk_buff *skb, __u32 len)
{
	uint8_t *start = low + FRAME_MAX - len;

	memcpy(start, frame, len);
	skb->data = (__u32)(uintptr_t)start;
	skb->data_end = (__u32)(uintptr_t)(low + FRAME_MAX);
}

static long user_load(struct __sk_buff *skb, __u32 at, void *to, __u32 len)
{
	if (at > skb->len || len > skb->len - at)
		return -1;
	memcpy(to, frame + at, len);
	return 0;
}

static long user_pull(struct __sk_buff *skb, __u32 len)
{
	if (len > skb->len)
		return -1;
	linear(skb, len);
	return 0;
}

static void wall(void)
{
	if (low)
		return;
	low = mmap(NULL, 2 * FRAME_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		   MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	must(low != MAP_FAILED);
	must(!mprotect(low + FRAME_MAX, FRAME_MAX, PROT_NONE));
}

/* Two bytes say how much is linear and how the rest was sent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet pkt = { 0 };
	struct __sk_buff skb = { 0 };
	__u32 link_len, cut;

	if (size < 3 || size - 2 > FRAME_MAX)
		return 0;
	wall();
	skb.len = size - 2;
	memcpy(frame, data + 2, skb.len);
	cut = data[0] < skb.len ? data[0] : skb.len;
	link_len = data[1] & 1 ? 0 : ETH_HLEN;
	skb.gso_size = data[1] & 2 ? 100 : 0;
	skb.gso_segs = data[1] & 4 ? 2 : 0;
	linear(&skb, data[1] & 8 ? cut : skb.len);
	if (packet_parse(&skb, &pkt, link_len) != PARSE_OK)
		return 0;
	must(pkt.version == 4 || pkt.version == 6);
	must(pkt.l3_off <= skb.len && pkt.segments >= 1);
	must(pkt.bytes >= skb.len - pkt.l3_off);
	return 0;
}
