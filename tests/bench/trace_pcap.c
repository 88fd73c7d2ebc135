// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures of real traffic, as far as a trace wants them: which flow, how
 * many bytes. Classic pcap of Ethernet frames, in this machine's byte order;
 * packets may be cut short, their length on the wire is in the file.
 */
#include "trace.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCAP_MAGIC	0xa1b2c3d4U
#define PCAP_ETHERNET	1
#define ETH_LEN		14
#define SNAP_MAX	65536
#define TUPLE		37	/* addresses, ports, protocol */
#define FLOWS_MAX	65536

struct pcap_file {
	uint32_t magic, version, zone, sigfigs, snaplen, link;
};

struct pcap_packet {
	uint32_t sec, usec, len, wire;
};

struct tuple {
	uint8_t byte[TUPLE];
};

/* One round of all captures. */
struct reading {
	struct tuple *tuple;	/* of each flow so far */
	uint32_t flows, first;	/* first: of the capture being read */
	struct replay_step *step;
	float *at_s;
	double begin_s, now_s;	/* of the capture being read, file after file */
	size_t n, cap;
};

static int tuple_of(const uint8_t *p, uint32_t len, struct tuple *ret)
{
	uint16_t type = p[12] << 8 | p[13];
	const uint8_t *ip = p + ETH_LEN, *l4;

	memset(ret, 0, sizeof(*ret));
	if (type == 0x0800 && len >= ETH_LEN + 20) {
		memcpy(ret->byte, ip + 12, 8);
		ret->byte[36] = ip[9];
		l4 = ip + (ip[0] & 15) * 4;
	} else if (type == 0x86dd && len >= ETH_LEN + 40) {
		memcpy(ret->byte, ip + 8, 32);
		ret->byte[36] = ip[6];
		l4 = ip + 40;
	} else {
		return -EPROTONOSUPPORT;
	}
	if ((ret->byte[36] == 6 || ret->byte[36] == 17) && l4 + 4 <= p + len)
		memcpy(ret->byte + 32, l4, 4);
	return 0;
}

/* Few enough that looking through all of a capture's will do. */
static uint32_t flow_of(struct reading *r, const struct tuple *tuple)
{
	uint32_t i;

	for (i = r->first; i < r->flows; i++)
		if (!memcmp(&r->tuple[i], tuple, sizeof(*tuple)))
			return i;
	if (r->flows < FLOWS_MAX - 1)
		r->flows++;
	r->tuple[i] = *tuple;
	return i;
}

static int step_add(struct reading *r, uint32_t flow, uint32_t bytes)
{
	struct replay_step *more;
	float *later;

	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 4096;
		more = realloc(r->step, r->cap * sizeof(*more));
		if (more)
			r->step = more;
		later = realloc(r->at_s, r->cap * sizeof(*later));
		if (later)
			r->at_s = later;
		if (!more || !later)
			return -ENOMEM;
	}
	r->at_s[r->n] = (float)r->now_s;
	r->step[r->n++] = (struct replay_step){ flow, bytes };
	return 0;
}

static int packet_read(struct reading *r, const uint8_t *p,
		       const struct pcap_packet *h)
{
	double at_s = h->sec + h->usec / 1e6;
	struct tuple tuple;

	if (isnan(r->begin_s))
		r->begin_s = at_s - r->now_s;
	r->now_s = fmax(r->now_s, at_s - r->begin_s);
	if (h->len < ETH_LEN || h->wire <= ETH_LEN ||
	    tuple_of(p, h->len, &tuple))
		return 0;
	return step_add(r, flow_of(r, &tuple), h->wire - ETH_LEN);
}

static int capture_read(struct reading *r, FILE *in)
{
	static uint8_t frame[SNAP_MAX];
	struct pcap_packet h;
	struct pcap_file file;
	int err = 0;

	if (fread(&file, sizeof(file), 1, in) != 1 ||
	    file.magic != PCAP_MAGIC || file.link != PCAP_ETHERNET)
		return -EPROTONOSUPPORT;
	r->first = r->flows;
	r->begin_s = NAN;
	while (!err && fread(&h, sizeof(h), 1, in) == 1) {
		if (h.len > sizeof(frame) || fread(frame, 1, h.len, in) !=
		    h.len)
			return -EIO;
		err = packet_read(r, frame, &h);
	}
	return err;
}

static int captures_read(struct reading *r, const char *dir)
{
	char pattern[4096];
	glob_t found;
	FILE *in;
	int err = 0;

	snprintf(pattern, sizeof(pattern), "%s/*.pcap", dir);
	if (glob(pattern, 0, NULL, &found))
		return -ENOENT;
	for (size_t i = 0; !err && i < found.gl_pathc; i++) {
		in = fopen(found.gl_pathv[i], "re");
		err = in ? capture_read(r, in) : -errno;
		if (in)
			fclose(in);
	}
	globfree(&found);
	return err;
}

static struct trace *phases_of(struct reading *r, uint32_t phases,
			       uint32_t times)
{
	struct trace *t = trace_new(r->flows * phases, r->n * phases * times);
	struct replay_step *to = t->step;

	for (uint32_t round = 0; round < phases * times; round++) {
		for (size_t i = 0; i < r->n; i++) {
			*to = r->step[i];
			to++->flow += round / times * r->flows;
		}
	}
	if (phases * times == 1) {
		t->at_s = r->at_s;
		r->at_s = NULL;
	}
	trace_count(t);
	return t;
}

struct trace *trace_captures(const char *dir, uint32_t phases,
			     uint32_t times)
{
	struct reading r = { .tuple = calloc(FLOWS_MAX, sizeof(*r.tuple)) };
	struct trace *t = NULL;
	int err = r.tuple ? captures_read(&r, dir) : -ENOMEM;

	if (!err && r.n)
		t = phases_of(&r, phases, times);
	free(r.tuple);
	free(r.step);
	free(r.at_s);
	errno = err ? -err : ENODATA;
	return t;
}
