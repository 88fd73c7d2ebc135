#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Policies of one's own: events by pipe, paths by hand, what paths tell.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
}

teardown() {
	stage_teardown
}

# A stream on the default pool of both spines, with no rule in the kernel.
steered_stream() {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --rules none
	elephant bulk "$V4"
	arrives bulk 500000
	SPINE=$(spine_of "$bulk_PORT")
	OTHER=$((5 - SPINE))
}

path_record() {
	on_a srte-steer path show -j | jq -c --arg p "default/spine$1" \
		'select(.type == "path" and .path == $p and
			.prefix == "10.0.2.0/24")'
}

@test "policy: srte-events | srte-steer moves a flow off a dead path" {
	steered_stream
	mkfifo "$DIR/pipe"
	spawn_on a srte-steer -j "$DIR/pipe" >"$DIR/actions"
	spawn_on a srte-events -j >"$DIR/pipe"
	poll 5 grep -q '"mark"' "$DIR/actions"	# the ring is theirs
	spine_blackhole "$SPINE"
	poll 10 path_is "$bulk_PORT" "default/spine$OTHER"
	arrives bulk 500000
	[ "$(counter moved)" -eq 0 ]
	entries | any '.reason == "event" and .class == "rest"'
	poll 5 any_in "$DIR/actions" ".op == \"add\" and .reason == \"rto\" and
		.path == \"default/spine$OTHER\" and (.lease_us // 0) > 0"
}

any_in() {
	jq -c 'select(.type == "action")' "$1" 2>/dev/null | any "$2"
}

@test "policy: path down moves flows at their next packet, path up ends it" {
	steered_stream
	on_a srte-steer path down "default/spine$SPINE"
	poll 5 path_is "$bulk_PORT" "default/spine$OTHER"
	path_record "$SPINE" | any '.down and .down_by == "operator" and
		(has("down_us") | not)'
	arrives bulk 500000
	on_a srte-steer path up "default/spine$SPINE"
	poll 5 path_is "$bulk_PORT" "default/spine$SPINE"
	path_record "$SPINE" | any '.down == false'
	[ "$(counter rto)" -eq 0 ]
}

@test "policy: path down --for ends by itself" {
	steered_stream
	on_a srte-steer path down "default/spine$SPINE" --for 1s
	poll 5 path_is "$bulk_PORT" "default/spine$OTHER"
	poll 5 path_is "$bulk_PORT" "default/spine$SPINE"
}

@test "policy: with every path down by hand traffic is on plain routing" {
	steered_stream
	on_a srte-steer path down default/spine2
	on_a srte-steer path down default/spine3
	poll 5 path_is "$bulk_PORT" none
	arrives bulk 500000
	[ "$(counter path_down)" -gt 0 ]
}

@test "policy: path show tells rate, round trip time, marks and timeouts" {
	fabric_in a sysctl -qw net.ipv4.tcp_ecn=1
	fabric_in b sysctl -qw net.ipv4.tcp_ecn=1
	up_on_b
	steered_stream
	arrives bulk 3000000
	# 60 Mbit/s is what the stream is paced to
	poll 5 rate_about "$SPINE" 60
	path_record "$SPINE" | any '.srtt_us > 0 and .ce_permille == 0 and
		.rtos == 0'
	spoil "$SPINE" mark
	poll 10 marked "$SPINE"
	spine_blackhole "$SPINE"
	poll 10 timed_out "$SPINE"
}

# rate_about N MBIT: within a quarter, headers and windows considered
rate_about() {
	path_record "$1" | any ".rate_bps > $2 * 750000 and
		.rate_bps < $2 * 1250000"
}

marked() {
	path_record "$1" | any '.ce_permille > 0'
}

timed_out() {
	path_record "$1" | any '.rtos > 0'
}

# events_for FILTER...: of what waits in the ring
events_for() {
	on_a srte-events -j --for 100ms "$@" |
		jq -c 'select(.type == "event") | .event'
}

@test "policy: events by kind, by path and by cgroup" {
	steered_stream
	spine_blackhole "$SPINE"
	poll 10 counter_is_past rto 0
	spawn_on a srte-events -j --event rto --path "default/spine$SPINE" \
		--cgroup "/${CGROUP##*/}" >"$DIR/some"
	poll 10 any_event some '.event == "rto"'
	jq -es 'map(select(.type == "event" and .event != "rto")) == []' \
		"$DIR/some"
	kill "$PID"
	wait "$PID" || :
	[ -z "$(events_for --path default/none)" ]
	[ -z "$(events_for --cgroup /none)" ]
	run -2 --separate-stderr on_a srte-events --event rto,wind
	[[ $stderr == *"'wind' is no kind of event"* ]]
}

any_event() {
	jq -c 'select(.type == "event")' "$DIR/$1" 2>/dev/null | any "$2"
}

# A ring of one page, and nobody reads while 300 flows become heavy.
@test "policy: every event is told or counted as lost" {
	local made lost told

	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --ring 4K --heavy-bytes 1K
	in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --flows 300 --count 6000 --bytes 400-400 \
		"$V4" 4433
	lost=$(counter event_lost)
	[ "$lost" -gt 0 ]
	on_a srte-events -j --for 100ms >"$DIR/events"
	made=$(counter events)
	told=$(jq -s 'map(select(.type == "event" and .event != "lost")) |
		length' "$DIR/events")
	echo "made $made told $told lost $lost"
	[ $((told + lost)) -eq "$made" ]
}

@test "policy: losses stand in the stream, where the gap is" {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --ring 4K --heavy-bytes 1K
	spawn_on a srte-events -j >"$DIR/events"
	poll 5 test -s "$DIR/events"
	kill -STOP "$PID"
	in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --flows 300 --count 6000 --bytes 400-400 \
		"$V4" 4433
	kill -CONT "$PID"
	poll 5 any_event events '.event == "lost"'
	[ "$(jq -s 'map(.lost // 0) | add' "$DIR/events")" -eq \
		"$(counter event_lost)" ]
}
