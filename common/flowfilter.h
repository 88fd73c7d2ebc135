/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which flows to show: the same words for flows and for events. A flag given
 * twice means either, different flags mean all of them. Pure.
 */
#ifndef SRTE_FLOWFILTER_H
#define SRTE_FLOWFILTER_H

#include "cli.h"
#include "fault.h"
#include "model.h"

/* As they stand on the command line. */
struct flowfilter_words {
	struct cli_strs proto, src, dst, sport, dport, cgroup, path, class;
	uint64_t min_bps, min_bytes, idle_ns;
	bool     idle_given;
};

/* NULL-ended, for completion and help. */
extern const char *const flowfilter_protos[], *const flowfilter_classes[];

/* For an option table: what every record of a flow has... */
#define FLOWFILTER_OPTS(w)						\
	{ .name = "proto", .arg = "PROTO", .kind = CLI_KIND_STRS,	\
	  .dest = &(w).proto, .choices = flowfilter_protos,		\
	  .help = "only this protocol, or number" },			\
	CLI_STRS(0, "src", "PREFIX", &(w).src, "only from these sources"),\
	CLI_STRS(0, "dst", "PREFIX", &(w).dst,				\
		 "only to these destinations"),				\
	CLI_STRS(0, "sport", "PORTS", &(w).sport,			\
		 "only from these source ports"),			\
	CLI_STRS(0, "dport", "PORTS", &(w).dport,			\
		 "only to these destination ports"),			\
	CLI_STRS(0, "cgroup", "CGROUP", &(w).cgroup,			\
		 "only of this cgroup or one below it"),		\
	CLI_STRS(0, "path", "POOL/NAME", &(w).path, "only on this path")

/* ... and what only the flow table knows. */
#define FLOWFILTER_FLOW_OPTS(w)						\
	{ .name = "class", .arg = "CLASS", .kind = CLI_KIND_STRS,	\
	  .dest = &(w).class, .choices = flowfilter_classes,		\
	  .help = "only this class" },					\
	CLI_RATE(0, "min-rate", "RATE", &(w).min_bps,			\
		 "only as fast as this or faster"),			\
	CLI_SIZE(0, "min-bytes", "SIZE", &(w).min_bytes,		\
		 "only what sent this much or more"),			\
	{ .name = "idle", .arg = "TIME", .kind = CLI_KIND_TIME,		\
	  .dest = &(w).idle_ns, .seen = &(w).idle_given,		\
	  .help = "leave out what is silent for longer" }

struct flowfilter_ports {
	uint16_t from, to;
};

/* The same, ready to be asked a million times. cgroup and path point into
 * the words. */
struct flowfilter {
	uint8_t  proto[CLI_STRS_MAX];
	struct srte_route_key src[CLI_STRS_MAX], dst[CLI_STRS_MAX];
	struct flowfilter_ports sport[CLI_STRS_MAX], dport[CLI_STRS_MAX];
	int      n_proto, n_src, n_dst, n_sport, n_dport;
	const struct cli_strs *cgroup, *path;
	uint8_t  classes;		/* bit per SRTE_CLASS_*, 0: any */
	uint64_t min_bps, min_bytes, idle_us;
};

/* FAULT_USAGE, which names the flag and the word. */
int flowfilter_make(const struct flowfilter_words *words,
		    struct flowfilter *ret, struct fault *f);

bool flowfilter_key(const struct flowfilter *filter,
		    const struct srte_flow_key *key);
/* What needs no name looked up: everything but cgroup and path. */
bool flowfilter_numbers(const struct flowfilter *filter,
			const struct flow *flow);
bool flowfilter_names(const struct flowfilter *filter, const char *cgroup,
		      const char *path);

#endif
