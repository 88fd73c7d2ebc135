#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-events: what happened, when, and how the stream begins and ends.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

events() {
	in_a timeout 60 srte-events -j "$@"
}

# One TCP transfer of SIZE from $CGROUP in a; iperf3 gives up what it has not
# sent when its time is over, so ask for more than is needed.
transfer() {
	spawn in_b timeout 60 iperf3 -s -1 -p 7003
	poll 10 in_cgroup nsenter --net="/run/netns/$NS_A" \
		timeout 60 iperf3 -c 10.9.0.2 -p 7003 -n "$1" >/dev/null
}

# A stream into $DIR/events; returns once it is there.
follow() {
	spawn nsenter --net="/run/netns/$NS_A" srte-events -j \
		>"$DIR/events" 2>"$DIR/stderr"
	poll 10 grep -q '"header"' "$DIR/events"
}

@test "nothing is up: exit 3 and one line" {
	run -3 --separate-stderr events
	[ -z "$output" ]
	# shellcheck disable=SC2154 # bats sets it
	[ "${#stderr_lines[@]}" -eq 1 ]
	jq -e '.tool == "srte-events" and .name == "NO_BPFFS"' <<<"$stderr"
}

@test "--for: a quiet stream is whole, with header and trailer" {
	up
	run -0 --separate-stderr events --for 100ms
	[ -z "$stderr" ]
	jq -es '.[0].type == "header" and .[-1].type == "trailer" and
		.[-1].complete and all(.[]; .type != "event")' <<<"$output"
}

@test "a heavy flow is noticed once, with its sender" {
	up --heavy-bytes 1M
	transfer 20M
	run -0 events --for 100ms
	jq -es --arg cg "/${CGROUP##*/}" 'map(select(.event == "heavy")) |
		length == 1 and (.[0] | .bytes >= 1048576 and
		.bytes < 2097152 and .proto == "tcp" and .dport == 7003 and
		.saddr == "10.9.0.1" and .cgroup == $cg)' <<<"$output"
}

@test "the time of an event is wall time" {
	local before after

	up --heavy-bytes 100K
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	transfer 20M
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	events -n 1 | jq -es --arg b "$before" --arg a "$after" '
		map(select(.type == "event"))[0].time |
		test("^[0-9-]{10}T[0-9:]{8}[.][0-9]{6}Z$") and
		.[:19] >= $b and .[:19] <= $a'
}

@test "a timeout of a stuck connection arrives while we follow" {
	up
	spawn in_b timeout 60 iperf3 -s -1 -p 7003
	follow
	spawn in_cgroup nsenter --net="/run/netns/$NS_A" \
		timeout 60 iperf3 -c 10.9.0.2 -p 7003 -t 30 >/dev/null
	busy() {
		in_a srte-flows | jq -es 'any(.[]; .bytes > 10000000)'
	}
	poll 10 busy
	ip -n "$NS_B" addr del 10.9.0.2/24 dev vb	# a black hole
	poll 20 grep -q '"event":"rto"' "$DIR/events"
	# Only whole rounds count, so the round's end is out as well.
	round_over() {
		tail -1 "$DIR/events" | grep -q '"mark"'
	}
	poll 5 round_over
	grep -m 1 '"event":"rto"' "$DIR/events" | jq -e '.rto_us >= 200000 and
		.dport == 7003 and .srtt_us > 0 and .timeouts == null'
}

@test "--count ends after that many, and keeps the rest for the next" {
	up --heavy-bytes 10K
	transfer 20M
	# iperf3's control connection may be another one: two at least.
	in_a bash -c 'exec 9>/dev/udp/10.9.0.99/7001
		for i in {1..30}; do printf "%1000s" "" >&9
		done'
	run -0 events --count 1
	jq -es 'map(select(.type == "event")) | length == 1' <<<"$output"
	jq -es '.[-1].type == "trailer" and .[-1].complete' <<<"$output"
	run -0 events --for 100ms
	jq -es 'any(.[]; .dport == 7001)' <<<"$output"
}

@test "--new leaves out what happened before" {
	up --heavy-bytes 100K
	transfer 20M
	run -0 events --new --for 100ms
	jq -es 'all(.[]; .type != "event")' <<<"$output"
}

@test "SIGTERM and SIGINT end a stream whole" {
	local sig

	up
	for sig in TERM INT; do
		follow
		kill -s "$sig" "$PID"
		wait "$PID"
		[ ! -s "$DIR/stderr" ]
		jq -es '.[-1].type == "trailer" and .[-1].complete' \
			"$DIR/events"
	done
}

@test "a second reader is refused, and free to read when it ends" {
	up
	follow
	run -5 --separate-stderr events --for 1s
	jq -e '.name == "BUSY"' <<<"$stderr"
	[ -z "$output" ]
	kill "$PID"
	wait "$PID"
	run -0 events --for 10ms
}

@test "a reader that leaves ends the stream" {
	up
	run -0 timeout 20 nsenter --net="/run/netns/$NS_A" \
		bash -c 'srte-events -j | head -1'
	[[ $output == *'"header"'* ]]
}

@test "a member of the group follows without any capability" {
	up --group "$GROUP" --heavy-bytes 100K
	transfer 20M
	run -0 --separate-stderr as_member srte-events --for 100ms
	[ -z "$stderr" ]
	jq -es 'any(.[]; .event == "heavy") and .[-1].complete' <<<"$output"
	run -3 --separate-stderr as_stranger srte-events --for 10ms
	[[ $stderr == *NO_RIGHT* ]]
}
