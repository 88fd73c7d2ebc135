#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A path dies under a flow: rules R1 and R2 on real TCP.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
}

teardown() {
	stage_teardown
}

events_to() {
	spawn_on a srte-events -j >"$DIR/$1"
	poll 5 test -s "$DIR/$1"
}

# event_count FILE EVENT
event_count() {
	jq -c --arg e "$2" 'select(.type == "event" and .event == $e)' \
		"$DIR/$1" 2>/dev/null | wc -l
}

event_seen() {
	[ "$(event_count "$1" "$2")" -ge 1 ]
}

steered_by_now() {
	steer_all >/dev/null
	[ -n "$(spine_of "$1")" ]
}

# An elephant on the heavy pool (spines 2 and 3); sets SPINE and OTHER.
steered_elephant() {
	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" "${@:2}"
	elephant bulk "$1"
	arrives bulk 500000
	poll 10 steered_by_now "$bulk_PORT"
	SPINE=$(spine_of "$bulk_PORT")
	OTHER=$((5 - SPINE))
	arrives bulk 500000
}

# The same for a connection with one small request in flight at a time.
steered_mouse() {
	local rules=${1:-all}

	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --rules "$rules"
	spawn_on b "$SRTE_O/tools/mice" serve --port 5298
	poll 5 listening 5298
	spawn_on a "$SRTE_O/tools/mice" call --to "$V4" --port 5298 --count 1 \
		--request 200 --every-us 5000 --cc cubic >"$DIR/mice"
	poll 10 steered_by_now 5298
	SPINE=$(spine_of 5298)
	OTHER=$((5 - SPINE))
}

# The first RTO moves the flow, once, and it goes on at once.
moves_at_first_rto() {
	local gap_us rto_us srtt_us

	steered_elephant "$1"
	events_to events
	elephant_report bulk >"$DIR/before"
	spine_blackhole "$SPINE"
	poll 10 event_seen events moved
	poll 10 path_is "$bulk_PORT" "heavy/spine$OTHER"
	arrives bulk 500000
	cat "$DIR/events" "$DIR/bulk"
	[ "$(event_count events moved)" -eq 1 ]
	[ "$(counter moved)" -eq 1 ]
	[ "$(counter gave_up)" -eq 0 ]
	any ".event == \"moved\" and .path == \"heavy/spine$SPINE\" and
		.path_to == \"heavy/spine$OTHER\"" <"$DIR/events"
	# Over before a second timeout, which comes twice as late, could help.
	gap_us=$(jq -s 'map(.gap_us // 0) | max' "$DIR/bulk")
	rto_us=$(jq 'select(.event == "moved").rto_us' "$DIR/events")
	srtt_us=$(jq 'select(.event == "moved").srtt_us' "$DIR/events")
	echo "gap $gap_us rto $rto_us srtt $srtt_us"
	[ "$gap_us" -lt $((2 * (rto_us + srtt_us))) ]
	[ "$(jq -s 'map(select(.type == "bulk").whole) | all' \
		"$DIR/bulk")" = true ]
}

@test "react: R1 moves an IPv4 stream at its first RTO" {
	moves_at_first_rto "$V4"
}

@test "react: R1 moves an IPv6 stream at its first RTO" {
	moves_at_first_rto "$V6"
}

# With neither tail loss probe nor delayed ACK it is the timeout that is
# measured; and at this pace no queue adds to it.
@test "react: a paced stream stands still for its timeout, hardly longer" {
	local gap_us rto_us

	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	fabric_in a sysctl -qw net.ipv4.tcp_early_retrans=0
	fabric_in b ip route change 0.0.0.0/0 via 10.0.2.254 quickack 1
	elephant bulk "$V4" --rate-mbit 20
	arrives bulk 500000
	poll 10 steered_by_now "$bulk_PORT"
	SPINE=$(spine_of "$bulk_PORT")
	arrives bulk 500000
	events_to events
	elephant_report bulk >"$DIR/before"
	spine_blackhole "$SPINE"
	poll 10 event_seen events moved
	arrives bulk 500000
	cat "$DIR/events" "$DIR/bulk"
	gap_us=$(jq -s 'map(.gap_us // 0) | max' "$DIR/bulk")
	rto_us=$(jq 'select(.event == "moved").rto_us' "$DIR/events")
	echo "gap $gap_us rto $rto_us"
	[ "$gap_us" -ge $((rto_us / 2)) ]
	[ "$gap_us" -le $((rto_us + 50000)) ]
}

@test "react: the rule switched off leaves the flow where it is" {
	steered_elephant "$V4" --rules none
	events_to events
	spine_blackhole "$SPINE"
	poll 10 event_seen events rto
	# its second timeout comes and goes
	poll 10 counter_is_past rto 1
	[ "$(counter moved)" -eq 0 ]
	[ "$(event_count events moved)" -eq 0 ]
	path_is "$bulk_PORT" "heavy/spine$SPINE"
}

@test "react: a flow without loss is never moved" {
	steered_mouse
	poll 20 packets_past 5298 $(($(flow_of 5298 | jq .packets) + 500))
	[ "$(counter rto)" -eq 0 ]
	[ "$(counter moved)" -eq 0 ]
	path_is 5298 "heavy/spine$SPINE"
}

# Reacting to the RTO's own retransmission as well would send the flow back
# to the dead path: with one request in flight, each and every time.
@test "react: R2 keeps a request/response flow on the path it moved to" {
	local before

	steered_mouse R1,R9	# R7 might be quicker
	events_to events
	spine_blackhole "$SPINE"
	poll 10 path_is 5298 "heavy/spine$OTHER"
	before=$(flow_of 5298 | jq .packets)
	poll 10 packets_past 5298 $((before + 50))
	cat "$DIR/events"
	[ "$(counter moved)" -eq 1 ]
	[ "$(counter retrans_of_rto)" -ge 1 ]
	path_is 5298 "heavy/spine$OTHER"
}

packets_past() {
	[ "$(flow_of "$1" | jq .packets)" -gt "$2" ]
}

@test "react: a flow of the default pool gets an entry of its own" {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	elephant bulk "$V6"
	arrives bulk 500000
	[ "$(entries | wc -l)" -eq 0 ]
	SPINE=$(spine_of "$bulk_PORT")
	spine_blackhole "$SPINE"
	poll 10 path_is "$bulk_PORT" "default/spine$((5 - SPINE))"
	arrives bulk 500000
	entries | any '.reason == "rto" and .class == "rest"'
}

@test "react: with a single path the flow stays and the cause is counted" {
	pools heavy=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	elephant bulk "$V4"
	arrives bulk 500000
	poll 10 steered_by_now "$bulk_PORT"
	spine_blackhole 2
	poll 10 counter_is_past move_no_path 0
	[ "$(counter moved)" -eq 0 ]
	spine_heal 2
	arrives bulk 500000
}

# Before any data: the second SYN leaves by the other path. Hash and ports
# are fixed, so it is the same connections every time that begin on spine 2.
@test "react: a SYN into a dead path is sent over the other one" {
	local n

	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	spine_blackhole 2
	for n in 1 2 3 4 5 6; do
		elephant "late$n" "$V4" --from-port "4100$n"
	done
	for n in 1 2 3 4 5 6; do
		arrives "late$n" 1000
	done
	[ "$(counter moved)" -ge 1 ]
}

# An MTU behind the first hop that a full segment with its header does not
# fit: no path of the set carries it, and nobody tells TCP. Rule R9.
@test "react: R9 gives a stream that no path carries back to plain routing" {
	local n

	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	for n in 2 3; do
		fabric_in "spine$n" ip link set leaf2 mtu 1450
	done
	events_to events
	elephant bulk "$V4"
	arrives bulk 1000000
	[ "$(counter gave_up)" -ge 1 ]
	event_seen events gave_up
	path_is "$bulk_PORT" none
	entries | any '.reason == "gave_up"'
}

@test "react: without R9 a stream that no path carries stays on the pool" {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --rules R1
	elephant bulk "$V4"
	arrives bulk 500000
	spine_blackhole 2
	spine_blackhole 3
	poll 20 counter_is_past rto 3
	[ "$(counter gave_up)" -eq 0 ]
	spine_heal 2
	spine_heal 3
	arrives bulk 100000
}

# What is too long for the header travels plain; a timeout there says nothing
# about the pool.
@test "react: a timeout on plain routing moves nothing and blames no path" {
	up
	elephant bulk "$V4"
	arrives bulk 1000000
	pools default=2,3 >"$DIR/pools.json"
	on_a srte-steer pool load "$DIR/pools.json"
	poll 10 counter_is_past over_mtu 10
	path_is "$bulk_PORT" none
	spine_blackhole 1
	poll 10 counter_is_past rto 1
	[ "$(counter moved)" -eq 0 ]
	[ -z "$(entries)" ]
	on_a srte-steer pool show -j | any '.type == "path" and (.rtos // 0) > 0' &&
		return 1
	spine_heal 1
	arrives bulk 1000000
}
