/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: every way in which a command can refuse, with its name, its exit
 * status and what the user can do. The table is the one source for messages,
 * for srte-errors(7) and for the cross-check of the tests.
 *
 * common/ fills a struct fault where the cause is known and returns the
 * negative errno; cmd/ reports it, once, with fault_report().
 */
#ifndef SRTE_FAULT_H
#define SRTE_FAULT_H

/* Exit statuses, documented in every manual page. */
enum srte_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	/* nothing was changed */
	EXIT_USAGE = 2,
	EXIT_NOT_READY = 3,	/* host: no pins, other ABI, missing right */
	EXIT_BAD_INPUT = 4,
	EXIT_BUSY = 5,		/* another writer holds the lock */
};

/* X(name, exit status, errno, fix). The fix is a clause in the imperative;
 * it follows the cause after a semicolon. */
#define SRTE_FAULTS(X)							     \
	X(FAILED, EXIT_FAILED, EIO, "run again with -vv for the steps")	     \
	X(NO_MEMORY, EXIT_FAILED, ENOMEM, "free some memory and run again")  \
	X(OUTPUT, EXIT_FAILED, EIO, "check where standard output goes")	     \
	X(USAGE, EXIT_USAGE, EINVAL, "see --help")			     \
	X(STDIN_TERMINAL, EXIT_USAGE, EINVAL,				     \
	  "pipe records in, or name a file")				     \
	X(NO_BPFFS, EXIT_NOT_READY, ENOENT,				     \
	  "run 'srte-attach up' as root, which mounts it")		     \
	X(NO_PINS, EXIT_NOT_READY, ENOENT, "run 'srte-attach up' first")     \
	X(OTHER_ABI, EXIT_NOT_READY, EPROTO,				     \
	  "use the tools of one version, or attach again with this one")     \
	X(NO_RIGHT, EXIT_NOT_READY, EPERM,				     \
	  "run as root or as a member of group srte")			     \
	X(NO_CAPABILITY, EXIT_NOT_READY, EPERM,				     \
	  "run as root, or with what setpriv or systemd grants")	     \
	X(NO_CGROUP2, EXIT_NOT_READY, ENOENT,				     \
	  "name a cgroup2 directory with --cgroup")			     \
	X(NO_BTF, EXIT_NOT_READY, ENOENT,				     \
	  "boot a kernel built with CONFIG_DEBUG_INFO_BTF")		     \
	X(NO_DEVICE, EXIT_NOT_READY, ENODEV,				     \
	  "see 'ip link' for the names in this network namespace")	     \
	X(DEVICE_TYPE, EXIT_NOT_READY, EAFNOSUPPORT,			     \
	  "name the device below it, or one with plain IP or Ethernet")	     \
	X(LOAD, EXIT_NOT_READY, EINVAL,					     \
	  "run again with -vv for the verifier's words")		     \
	X(ATTACH, EXIT_FAILED, EIO, "run again with -v for the step")	     \
	X(EXISTS, EXIT_FAILED, EEXIST,					     \
	  "run 'srte-attach down --all' for it first")			     \
	X(TAKEN, EXIT_FAILED, EEXIST,					     \
	  "see 'tc filter show dev DEV egress', and remove it first")	     \
	X(OTHER_NETNS, EXIT_FAILED, EXDEV,				     \
	  "run it in that namespace, with --netns or 'nsenter --net=FILE'") \
	X(NO_NETNS, EXIT_NOT_READY, ENOENT,				     \
	  "see 'ip netns' for names; a file has a slash in it")		     \
	X(NO_SOURCE, EXIT_NOT_READY, EADDRNOTAVAIL,			     \
	  "give \"source\" in the pools file")				     \
	X(POOLS_FILE, EXIT_BAD_INPUT, EINVAL,				     \
	  "correct the file; srte-pools(5) has the format")		     \
	X(BAD_SID, EXIT_BAD_INPUT, EINVAL,				     \
	  "use a global unicast IPv6 address")				     \
	X(NOT_ALLOWED, EXIT_BAD_INPUT, EACCES,				     \
	  "use another SID, or have root add its prefix")		     \
	X(ALLOW_LIST, EXIT_NOT_READY, EINVAL,				     \
	  "make it root's, mode 0644, one prefix a line")		     \
	X(POOLS_RIGHTS, EXIT_BAD_INPUT, EPERM,				     \
	  "look at what it says, then run 'chmod go-w' on it")		     \
	X(TOO_LONG, EXIT_BAD_INPUT, EMSGSIZE,				     \
	  "shorten the list or raise the MTU of the device")		     \
	X(TOO_MANY, EXIT_BAD_INPUT, ENOSPC,				     \
	  "use fewer; srte-maps(5) has the limits")			     \
	X(NO_POOLS, EXIT_NOT_READY, ENOENT,				     \
	  "run 'srte-steer pool load FILE' first")			     \
	X(NO_PATH, EXIT_BAD_INPUT, ENOENT,				     \
	  "see 'srte-steer path show' for their names")			     \
	X(NO_FLOW, EXIT_BAD_INPUT, ENOENT,				     \
	  "see 'srte-flows' for the flows that there are")		     \
	X(OPEN, EXIT_BAD_INPUT, ENOENT, "check the name and its rights")     \
	X(BAD_RECORD, EXIT_BAD_INPUT, EINVAL,				     \
	  "the last round was not applied; srte-json(5) has the records")    \
	X(NEWER_RECORD, EXIT_BAD_INPUT, EPROTO,				     \
	  "the last round was not applied; update srte")		     \
	X(TRUNCATED_STREAM, EXIT_BAD_INPUT, EPIPE,			     \
	  "the last round was not applied; see why the producer stopped")    \
	X(BUSY, EXIT_BUSY, EBUSY, "run again when it is done")

enum fault_id {
	FAULT_NONE,
#define X(name, status, err, fix) FAULT_##name,
	SRTE_FAULTS(X)
#undef X
	FAULT_N
};

struct fault {
	enum fault_id id;
	char cause[320];	/* one clause, no final full stop */
};

/*
 * Say what went wrong. Keeps the first fault if *f already holds one.
 * Returns the fault's errno, negative, so that a caller can write
 * return fault_set(f, FAULT_BAD_SID, "pools.json: %s", sid);
 */
int fault_set(struct fault *f, enum fault_id id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "error: srte-steer: BAD_SID: cause; fix" on stderr, or with -j one JSON
 * object; returns the exit status. A fault that was never set is reported as
 * FAILED. */
int fault_report(const struct fault *f);

const char *fault_name(enum fault_id id);
const char *fault_fix(enum fault_id id);
int fault_exit(enum fault_id id);

#endif
