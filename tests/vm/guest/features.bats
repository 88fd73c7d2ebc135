#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What the README's table of kernels says, found out on a fabric in the guest
# of tests/vm/run. A line "# no: ROW" is a kernel that is not up to it.

bats_require_minimum_version 1.5.0

setup_file() {
	load ../../lib/stage.bash
	stage_setup
	stage_share
}

teardown_file() {
	load ../../lib/stage.bash
	stage_join
	stage_teardown
}

setup() {
	load ../../lib/stage.bash
	stage_join
}

teardown() {
	spine_heal 2 2>/dev/null
	spine_heal 3 2>/dev/null
	stage_leave
}

both_spines() {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
}

spine_of() {
	flow_of "$1" | jq -r '.path // ""' | sed 's,.*spine,,'
}

path_known() {
	[ -n "$(spine_of "$1")" ]
}

events_to() {
	spawn_on a srte-events -j >"$DIR/$1"
	poll 10 test -s "$DIR/$1"
}

# jq has no more to say of a line that is still being written.
event_seen() {
	jq -e "select(.type == \"event\" and ($2))" "$DIR/$1" 2>/dev/null |
		grep -q .
}

@test "features: the pipe of the README steers IPv4 and IPv6" {
	local flow

	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	events_to events
	elephant four "$V4" --rate-mbit 10
	elephant six "$V6" --rate-mbit 10 --from-port 40100
	arrives four 300000
	arrives six 300000
	steer_all >/dev/null
	path_known "$four_PORT"
	path_known "$six_PORT"
	arrives four 1000000
	arrives six 300000
	[ "$(elephant_report four | jq .whole)" = true ]
	[ "$(elephant_report six | jq .whole)" = true ]
	[ "$(counter push_failed)" -eq 0 ]
	flow=$(flow_of "$four_PORT")
	[ "$(jq -r .cgroup <<<"$flow")" = "/${CGROUP##*/}" ]
	[ "$(jq -r .class <<<"$flow")" = heavy ]
	poll 10 event_seen events '.event == "heavy"'
}

@test "features: R1 moves a stream at its first RTO" {
	both_spines
	events_to events
	elephant bulk "$V4" --rate-mbit 10
	arrives bulk 300000
	SPINE=$(spine_of "$bulk_PORT")
	spine_blackhole "$SPINE"
	poll 20 path_is "$bulk_PORT" "default/spine$((5 - SPINE))"
	arrives bulk 300000
	poll 10 event_seen events '.event == "moved" and .rule == "R1"'
	[ "$(counter moved)" -ge 1 ]
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

@test "features: a connection older than up is watched" {
	fabric_in a ip route change 0.0.0.0/0 via 10.0.1.254 mtu 1300
	elephant bulk "$V4" --rate-mbit 10
	arrives bulk 300000
	both_spines
	poll 20 path_known "$bulk_PORT"		# steered, everywhere
	fabric_in a ip route change 0.0.0.0/0 via 10.0.1.254
	if [ "$(counter enrol_failed)" -gt 0 ]; then
		[ "$(counter enrolled)" -eq 0 ]
		echo "# no: connections older than up are watched" >&3
		return
	fi
	[ "$(counter enrolled)" -ge 1 ]
	spine_blackhole "$(spine_of "$bulk_PORT")"
	poll 20 counter_is_past moved 0
	arrives bulk 300000
}

@test "features: subflows of MPTCP take paths of their own" {
	fabric_in a ip address add 10.0.1.11/24 dev eth0
	fabric_in a ip mptcp limits set subflows 2
	fabric_in b ip mptcp limits set subflows 2
	fabric_in a ip mptcp endpoint add 10.0.1.11 dev eth0 subflow
	both_spines
	RECEIVE=--mptcp elephant bulk "$V4" --mptcp --rate-mbit 10
	arrives bulk 300000
	poll 10 two_spines
}

two_spines() {
	[ "$(on_a srte-flows -j | jq -rs --argjson p "$bulk_PORT" '
		map(select(.type == "flow" and .dport == $p and
			(.path // "") != "").path) | unique | length')" -eq 2 ]
}

@test "features: down leaves nothing of it" {
	up
	on_a srte-attach -q down --all
	[ -z "$(fabric_in a tc qdisc show dev eth0 clsact)" ]
	[ -z "$(bpftool cgroup show "$CGROUP")" ]
	[ -z "$(find "$DIR/bpf" -mindepth 1 2>/dev/null)" ]
}
