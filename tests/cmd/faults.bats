#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Faults that no other file provokes, and what all of them look like with -j.
# `make lint` asks that each fault of common/fault.h stands in a test.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

# refused STATUS NAME COMMAND...: one object on stderr with all that a fault
# has, nothing on stdout, and the host as it was.
refused() {
	local status_wanted=$1 name=$2 before

	shift 2
	before=$(snapshot)
	run "-$status_wanted" --separate-stderr timeout 60 "$@"
	echo "$stderr"
	[ "${#stderr_lines[@]}" -eq 1 ]
	jq -e --arg name "$name" --argjson exit "$status_wanted" '
		.type == "error" and .v == 1 and .name == $name and
		.exit == $exit and (.tool | startswith("srte-")) and
		(.cause | length > 5) and (.fix | length > 5) and
		(keys | length == 7)' <<<"$stderr"
	[[ $output != *'"trailer"'* ]]
	[ "$(snapshot)" = "$before" ]
}

attach() {
	nsenter --net="/run/netns/$NS_A" srte-attach "$@"
}

# up_failing CALLS ERROR PATTERN [MORE]: an up of which the last of these calls
# that PATTERN describes fails, and so many more behind it; strace counts, so
# its number is found first.
up_failing() {
	local calls=$1 error=$2 pattern=$3 more=${4:-0} up n

	up=(nsenter --net="/run/netns/$NS_A" srte-attach up -j --dev va
		--cgroup "$CGROUP")
	timeout 60 strace -f -o "$DIR/trace" -e "trace=$calls" "${up[@]}"
	attach down
	n=$(grep -E '^[0-9]+ +[a-z]+\(' "$DIR/trace" | grep -n "$pattern" |
		tail -1 | cut -d : -f 1)
	[ -n "$n" ]
	failing=(strace -f -o /dev/null -e "trace=$calls"
		-e "inject=$calls:error=$error:when=$n..$((n + more))" "${up[@]}")
}

@test "faults: what the kernel refuses to load" {
	# libbpf loads again, for the words of the verifier
	up_failing bpf EACCES PROG_TYPE_SOCK_OPS 1
	refused 3 LOAD "${failing[@]}"
	[[ $stderr == *"refused the programs"* ]]
}

@test "faults: what it refuses to attach, the step is named" {
	up_failing sendto,sendmsg ENOBUFS NLM_F_ECHO
	refused 1 ATTACH "${failing[@]}"
	[[ $stderr == *"va: cannot add the "* ]]
	up_failing bpf EPERM BPF_CGROUP_SOCK_OPS
	refused 1 ATTACH "${failing[@]}"
	[[ $stderr == *"cannot attach"* ]]
}

@test "faults: a call that fails and has no name of its own" {
	up_failing flock ENOLCK flock
	refused 1 FAILED "${failing[@]}"
	[[ $stderr == *"cannot lock: No locks available"* ]]
}

@test "faults: no memory for a round" {
	jq -nc '100000 as $n | {type: "header", v: 1, tool: "t"},
		(range($n) | {type: "flow", v: 1, proto: "udp", bytes: 1,
			saddr: "10.0.0.1", sport: (. % 50000 + 1), packets: 1,
			daddr: "10.0.0.\(. / 50000 | floor + 2)", dport: 7,
			rate_bps: 1, age_us: 1, idle_us: 1}),
		{type: "trailer", v: 1, records: $n, complete: true}' \
		>"$DIR/many"
	refused 1 NO_MEMORY bash -c 'ulimit -v 14000
		exec srte-classify -j --policy share "$0"' "$DIR/many"
}

@test "faults: -j counts wherever it stands, and so does --format jsonl" {
	refused 2 USAGE srte-flows --nosuch -j
	refused 2 USAGE srte-flows -j list --nosuch
	refused 2 USAGE srte-flows --format jsonl nosuch
	refused 2 USAGE srte-attach -j
	refused 3 NO_BPFFS srte-flows -j
	# in a pipe without it, a person reads stderr
	run -3 --separate-stderr srte-flows
	[[ $stderr == "error: srte-flows: NO_BPFFS: "*\;* ]]
}

@test "faults: names of any bytes make a valid object" {
	refused 4 OPEN srte-classify -j "$DIR/"$'a"b\\c\nd\xff\xc3\xa9'
	jq -e '.cause | contains("a\"b\\c?d?é")' <<<"$stderr"
}
