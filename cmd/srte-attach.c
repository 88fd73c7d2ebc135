/* SPDX-License-Identifier: GPL-2.0-only */
/* srte-attach: load, pin, attach, detach; the one command with privilege. */
#include "attach.h"
#include "cli.h"
#include "device.h"
#include "doctor.h"
#include "host.h"
#include "jsonl.h"
#include "log.h"
#include "netns.h"
#include "num.h"
#include "offer.h"
#include "place.h"
#include "status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RING_MIN	4096U		/* a page */
#define RING_MAX	(1U << 30)
#define FLOWS_MAX	(16U << 20)	/* 3 GB of kernel memory */

enum { ACCOUNT_DEV, ACCOUNT_CGROUP };
static const char *const account_names[] = { "dev", "cgroup", NULL };

static const char *const admit_names[] = {
	[SRTE_ADMIT_AUTO] = "auto", [SRTE_ADMIT_ALL] = "all",
	[SRTE_ADMIT_HEAVY] = "heavy", NULL
};
static const char *const filter_names[] = {
	[SRTE_FILTER_RAP] = "rap", [SRTE_FILTER_HASHPIPE] = "hashpipe", NULL
};

static struct {
	struct cli_strs devs;
	const char *cgroup, *pools, *group, *admit;
	const char *rules, *rto_min, *syn_timeout;
	uint64_t window_ns, heavy_bytes, link_bps, admit_bytes, ring_bytes;
	uint32_t flows, mark_mask;
	bool mark_given, instant;
	int account, filter;
} up = {
	.admit = "auto", .admit_bytes = SRTE_ADMIT_BYTES,
	.window_ns = 250 * 1000000ULL, .heavy_bytes = 1 << 20, .rules = "all",
	.flows = SRTE_FLOWS_MAX, .ring_bytes = SRTE_EVENTS_BYTES,
};

static struct { const char *dev; bool all; } down;

static struct {
	struct cli_strs devs;
	const char *cgroup;
} doctor;

static const char *netns;	/* of every verb */

#define NETNS_OPT							\
	CLI_STR(0, "netns", "NAME", &netns,				\
		"network namespace to work in, or its file")

static const struct cli_opt up_opts[] = {
	CLI_STRS('d', "dev", "DEV", &up.devs,
		 "device whose egress to steer; again for more"),
	CLI_STR('c', "cgroup", "PATH", &up.cgroup,
		"cgroup2 directory to watch TCP in; its root by default"),
	CLI_STR('p', "pools", "FILE", &up.pools, "pools to load at once"),
	CLI_TIME('w', "window", "TIME", &up.window_ns, "rate window"),
	CLI_SIZE(0, "heavy-bytes", "SIZE", &up.heavy_bytes,
		 "send a heavy event at this size; 0 for none"),
	CLI_FLAG(0, "instant", &up.instant,
		 "and steer the flow as heavy from that packet on"),
	CLI_CHOICE(0, "account", "WHERE", &up.account, account_names,
		   "where flows are counted"),
	{ .name = "admit", .arg = "WHICH", .kind = CLI_KIND_STR,
	  .dest = &up.admit, .choices = admit_names,
	  .help = "flows that get into the table (heavy=SIZE too)" },
	CLI_SIZE(0, "admit-bytes", "SIZE", &up.admit_bytes,
		 "what makes a flow heavy enough for the table"),
	CLI_CHOICE(0, "filter", "KIND", &up.filter, filter_names,
		   "what finds the heavy ones"),
	{ .name = "mark", .arg = "MASK", .kind = CLI_KIND_MASK,
	  .dest = &up.mark_mask, .seen = &up.mark_given,
	  .help = "bits of the packet mark that tell its cgroup" },
	CLI_U32(0, "flows", "N", &up.flows, "flows that the table holds"),
	CLI_SIZE(0, "ring", "SIZE", &up.ring_bytes,
		 "events that wait for a reader; a power of two"),
	CLI_STR(0, "rules", "RULES", &up.rules,
		"reaction in the kernel: all, none, or R1,R3,ce_rounds=6"),
	CLI_STR(0, "rto-min", "TIME", &up.rto_min,
		"floor under the RTO of steered peers"),
	CLI_STR(0, "syn-timeout", "TIME", &up.syn_timeout,
		"first timeout of a SYN to them"),
	CLI_RATE(0, "link", "RATE", &up.link_bps,
		 "link rate, where the device does not know it"),
	CLI_STR(0, "group", "NAME", &up.group,
		"group that may use the maps; srte if it exists"),
	NETNS_OPT,
	CLI_END
};

static const struct cli_opt down_opts[] = {
	CLI_STR('d', "dev", "DEV", &down.dev, "only this device"),
	CLI_FLAG('a', "all", &down.all,
		 "everything; no error when nothing is attached"),
	NETNS_OPT,
	CLI_END
};

static const struct cli_opt doctor_opts[] = {
	CLI_STRS('d', "dev", "DEV", &doctor.devs,
		 "device to look at; those attached by default"),
	CLI_STR('c', "cgroup", "PATH", &doctor.cgroup,
		"cgroup2 directory to look at; its root by default"),
	NETNS_OPT,
	CLI_END
};

static const struct cli_opt status_opts[] = {
	NETNS_OPT,
	CLI_END
};

static char *join_devs(void)
{
	size_t size = 1;
	char *text;

	for (int i = 0; i < up.devs.n; i++)
		size += strlen(up.devs.v[i]) + 1;
	text = calloc(1, size);
	for (int i = 0; text && i < up.devs.n; i++)
		strcat(strcat(text, ","), up.devs.v[i]);
	return text;
}

/* "heavy=64K" means the same as "heavy" with --admit-bytes 64K. */
static int read_admit(uint32_t *ret, struct fault *f)
{
	const char *size = strchr(up.admit, '=');
	size_t i, len = size ? (size_t)(size - up.admit) : strlen(up.admit);

	for (i = 0; admit_names[i]; i++)
		if (strlen(admit_names[i]) == len &&
		    !strncmp(admit_names[i], up.admit, len))
			break;
	if (!admit_names[i] || (size && i != SRTE_ADMIT_HEAVY))
		return fault_set(f, FAULT_USAGE, "--admit: '%s' is not auto, "
				 "all, heavy or heavy=SIZE", up.admit);
	if (size && num_size(size + 1, &up.admit_bytes))
		return fault_set(f, FAULT_USAGE, "--admit: '%s' is not a size "
				 "such as 1500, 64K or 1M", size + 1);
	*ret = i;
	return 0;
}

static bool one_run(uint32_t mask)
{
	uint32_t low = mask & -mask;

	return mask && !(mask & (mask + low));
}

/* The same words and bounds as those of `srte-events rules set`. */
static int read_timer(const char *name, const char *value,
		      struct reaction *ret, struct fault *f)
{
	char word[64];

	if (!value)
		return 0;
	snprintf(word, sizeof(word), "%s=%.32s", name, value);
	return reaction_set(word, ret, f);
}

static int read_reaction(struct reaction *ret, struct fault *f)
{
	int err;

	reaction_default(ret);
	err = reaction_read(up.rules, ret, f);
	if (!err)
		err = read_timer("rto_min", up.rto_min, ret, f);
	if (!err)
		err = read_timer("syn_timeout", up.syn_timeout, ret, f);
	return err;
}

static int check_up(struct attach_plan *plan, struct fault *f)
{
	int err = read_admit(&plan->admit, f);

	if (err)
		return err;
	err = read_reaction(&plan->reaction, f);
	if (err)
		return err;
	plan->admit_bytes = up.admit_bytes;
	if (!up.window_ns)
		return fault_set(f, FAULT_USAGE, "--window must not be 0");
	if (!up.flows || up.flows > FLOWS_MAX)
		return fault_set(f, FAULT_USAGE, "--flows: from 1 to %u",
				 FLOWS_MAX);
	if (!up.admit_bytes || up.admit_bytes > SRTE_ADMIT_BYTES_MAX)
		return fault_set(f, FAULT_USAGE, "--admit-bytes: from 1 to %u",
				 SRTE_ADMIT_BYTES_MAX);
	if (up.ring_bytes < RING_MIN || up.ring_bytes > RING_MAX ||
	    up.ring_bytes & (up.ring_bytes - 1))
		return fault_set(f, FAULT_USAGE, "--ring: a power of two from "
				 "4K to 1G");
	if (up.instant && !up.heavy_bytes)
		return fault_set(f, FAULT_USAGE,
				 "--instant needs --heavy-bytes above 0");
	if (up.mark_given && up.account != ACCOUNT_CGROUP)
		return fault_set(f, FAULT_USAGE,
				 "--mark needs --account cgroup");
	if (up.mark_given && !one_run(up.mark_mask))
		return fault_set(f, FAULT_USAGE, "--mark %#x: one run of bits, "
				 "such as 0xff00", up.mark_mask);
	return 0;
}

static int run_up(const struct cli_args *args)
{
	const char *devs[SRTE_DEVICES_MAX + 1] = {};
	struct attach_plan plan = {
		.devs = devs, .cgroup = up.cgroup, .pools = up.pools,
		.group = up.group, .window_ns = up.window_ns,
		.heavy_bytes = up.heavy_bytes, .link_bps = up.link_bps,
		.flags = (up.account == ACCOUNT_CGROUP ?
			  SRTE_CONFIG_ACCOUNT_CGROUP :
			  SRTE_CONFIG_ACCOUNT_DEV) |
			 (up.instant ? SRTE_CONFIG_INSTANT : 0),
		.flows = up.flows, .ring_bytes = up.ring_bytes,
		.filter = up.filter, .mark_mask = up.mark_mask,
	};
	char *text = join_devs();
	struct fault f = {};
	int err;

	(void)args;
	if (!text)
		err = fault_set(&f, FAULT_NO_MEMORY, "names of devices");
	else
		err = check_up(&plan, &f);
	if (!err)
		err = device_names(devs, text, &f);
	if (!err)
		err = host_check_rights(&f);
	if (!err)
		err = netns_enter(netns, &f);
	if (!err)	/* before a mistake in what only then would matter */
		err = place_vacant(&f);
	if (!err)
		err = attach_up(&plan, &f);
	free(text);
	if (err)
		return fault_report(&f);
	log_info("instance %s is up", cli.instance);
	return EXIT_DONE;
}

static int run_down(const struct cli_args *args)
{
	struct fault f = {};

	(void)args;
	if (down.dev && down.all) {
		fault_set(&f, FAULT_USAGE, "--dev and --all together");
		return fault_report(&f);
	}
	if (!host_check_rights(&f) && !netns_enter(netns, &f) &&
	    !attach_down(down.dev, &f)) {
		log_info("instance %s: detached %s", cli.instance,
			 down.dev ? down.dev : "everything");
		return EXIT_DONE;
	}
	/* What --all asks for is so already. */
	if (down.all && (f.id == FAULT_NO_PINS || f.id == FAULT_NO_BPFFS)) {
		if (!cli.quiet)
			log_warn("nothing to do, instance %s is not up",
				 cli.instance);
		return EXIT_DONE;
	}
	return fault_report(&f);
}

static int run_upgrade(const struct cli_args *args)
{
	struct fault f = {};

	(void)args;
	return netns_enter(netns, &f) || attach_upgrade(&f) ?
	       fault_report(&f) : EXIT_DONE;
}

/* For people it is to fit on one screen: what never happened is left out. */
static int print_status(const struct status *status, void *arg)
{
	struct record rec = { .type = RECORD_STATUS, .status = *status };

	if (cli.format == CLI_FORMAT_TABLE && !cli.verbose && !status->value &&
	    (!strcmp(status->what, "counter") ||
	     !strcmp(status->what, "lease")))
		return 0;
	return out_record(arg, &rec) ? 1 : 0;
}

static int run_status(const struct cli_args *args)
{
	static const char *const columns[] = {
		"what", "name", "value", "text", NULL
	};
	struct fault f = {};
	struct out *out;
	int err;

	(void)args;
	if (netns_enter(netns, &f))
		return fault_report(&f);
	err = out_open(cli.format, RECORD_STATUS, columns, NULL, &out);
	if (err) {
		fault_set(&f, FAULT_OUTPUT, "%s", strerror(-err));
		return fault_report(&f);
	}
	err = status_each(print_status, out, &f);
	if (err < 0) {
		out_abort(out);
		return fault_report(&f);
	}
	err = out_close(out, true);
	if (err) {
		fault_set(&f, FAULT_OUTPUT, "%s", strerror(-err));
		return fault_report(&f);
	}
	return EXIT_DONE;
}

static int print_check(const struct check *check, void *arg)
{
	struct record rec = { .type = RECORD_CHECK, .check = *check };

	return out_record(arg, &rec) ? 1 : 0;
}

/* The records are the answer: a failure adds its exit status alone. */
static int run_doctor(const struct cli_args *args)
{
	static const char *const columns[] = {
		"result", "name", "cause", "fix", NULL
	};
	const struct doctor_plan plan = {
		.devs = doctor.devs.v, .cgroup = doctor.cgroup,
	};
	struct fault f = {};
	uint32_t failed = 0;
	struct out *out;
	int err;

	(void)args;
	if (netns_enter(netns, &f))
		return fault_report(&f);
	err = out_open(cli.format, RECORD_CHECK, columns, NULL, &out);
	if (!err) {
		(void)doctor_each(&plan, print_check, out, &failed);
		err = out_close(out, true);
	}
	if (!err)
		return failed ? EXIT_NOT_READY : EXIT_DONE;
	fault_set(&f, FAULT_OUTPUT, "%s", strerror(-err));
	return fault_report(&f);
}

static const struct cli_verb verbs[] = {
	{ .name = "up", .opts = up_opts, .run = run_up,
	  .help = "load the programs, pin the maps, attach to the devices" },
	{ .name = "down", .opts = down_opts, .run = run_down,
	  .help = "detach and remove all that up made" },
	{ .name = "upgrade", .opts = status_opts, .run = run_upgrade,
	  .help = "replace the programs where they run, and keep the rest" },
	{ .name = "status", .opts = status_opts, .run = run_status,
	  .help = "print hooks, settings, table sizes, paths and counters" },
	{ .name = "doctor", .opts = doctor_opts, .run = run_doctor,
	  .help = "look for what may be wrong here, and say what to do" },
	{ .name = NULL }
};

static const struct cli_tool tool = {
	.name = "srte-attach",
	.summary = "load, attach and detach the traffic engineering programs",
	.example = "srte-attach up --dev eth0 --pools pools.json",
	.verbs = verbs,
	.values = offer_values,
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
