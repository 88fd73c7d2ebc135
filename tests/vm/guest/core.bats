#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The whole, on the kernel of a guest of tests/vm/run: traffic that is counted,
# steered and moved. At a pace that an emulated machine keeps up with.
#
# A line "# no: WHAT" is a kernel that is not up to that; tests/vm/plan has to
# give the reason.

bats_require_minimum_version 1.5.0
load ../../lib/one_stage.bash

teardown() {
	spine_heal 2 2>/dev/null
	spine_heal 3 2>/dev/null
	fabric_in a ip route change 0.0.0.0/0 via 10.0.1.254
	stage_leave
}

# cannot WHAT
cannot() {
	echo "# no: $1" >&3
}

both_spines() {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
}

# A minute may not be enough where the host is busy as well.
stream() {
	RECEIVE="--seconds 300 ${RECEIVE:-}" \
		elephant "$1" "$2" --rate-mbit 8 --seconds 300 "${@:3}"
	arrives "$1" 200000
}

path_known() {
	[ -n "$(spine_of "$1")" ]
}

events_to() {
	spawn_on a srte-events -j >"$DIR/$1"
	poll 10 test -s "$DIR/$1"
}

@test "core: the pipe of the README steers IPv4 and IPv6" {
	local port

	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	stream four "$V4"
	stream six "$V6" --from-port 40100
	steer_all >/dev/null
	for port in "$four_PORT" "$six_PORT"; do
		flow_of "$port" | any '.class == "heavy" and
			(.path | startswith("heavy/spine"))'
	done
	arrives four 500000
	arrives six 500000
	[ "$(($(spine_bytes 2) + $(spine_bytes 3)))" -gt 1000000 ]
	[ "$(elephant_report four | jq .whole)" = true ]
	[ "$(elephant_report six | jq .whole)" = true ]
	[ "$(counter push_failed)" -eq 0 ]
}

@test "core: datagrams are counted to the byte, each to its cgroup" {
	local address

	up --admit all
	for address in "$V4" "$V6"; do
		spawn_on a "$SRTE_O/tools/spray" --count 1000 \
			--bytes 100-100 "$address" 5399
		wait "$PID"
	done
	on_a srte-flows --dport 5399 -j >"$DIR/flows"
	cat "$DIR/flows"
	jq -se --arg c "/${CGROUP##*/}" 'map(select(.type == "flow")) |
		length == 2 and all(.[]; .packets == 1000 and .cgroup == $c) and
		(map(.bytes) | sort) == [128000, 148000]' "$DIR/flows"
}

@test "core: a dead path is left at the first timeout" {
	both_spines
	events_to events
	stream bulk "$V4"
	SPINE=$(spine_of "$bulk_PORT")
	spine_blackhole "$SPINE"
	poll 20 path_is "$bulk_PORT" "default/spine$((5 - SPINE))"
	arrives bulk 300000
	poll 10 event_told events '.event == "moved" and .rule == "R1"'
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

@test "core: a connection older than up is steered, and watched" {
	# What was agreed on before leaves no room for a header.
	fabric_in a ip route change 0.0.0.0/0 via 10.0.1.254 mtu 1300
	stream bulk "$V4"
	both_spines
	poll 20 path_known "$bulk_PORT"
	if [ "$(counter enrol_failed)" -gt 0 ]; then
		[ "$(counter enrolled)" -eq 0 ]
		cannot "connections older than up are watched"
		return
	fi
	[ "$(counter enrolled)" -ge 1 ]
	spine_blackhole "$(spine_of "$bulk_PORT")"
	poll 20 counter_is_past moved 0
	arrives bulk 300000
}

@test "core: subflows of MPTCP take paths of their own" {
	fabric_in a ip address add 10.0.1.11/24 dev eth0
	fabric_in a ip mptcp limits set subflows 2
	fabric_in b ip mptcp limits set subflows 2
	fabric_in a ip mptcp endpoint add 10.0.1.11 dev eth0 subflow
	both_spines
	RECEIVE=--mptcp stream bulk "$V4" --mptcp
	poll 60 two_spines
}

two_spines() {
	[ "$(on_a srte-flows -j | jq -rs --argjson p "$bulk_PORT" '
		map(select(.type == "flow" and .dport == $p and
			(.path // "") != "").path) | unique | length')" -eq 2 ]
}

@test "core: down leaves nothing of it" {
	up
	on_a srte-attach -q down --all
	[ -z "$(fabric_in a tc qdisc show dev eth0 clsact)" ]
	[ -z "$(bpftool cgroup show "$CGROUP")" ]
	[ -z "$(find "$DIR/bpf" -mindepth 1 2>/dev/null)" ]
}
