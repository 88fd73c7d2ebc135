#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The shaping is fq's: its maxrate and its ce_threshold work on what is
# steered as on the rest. In the guest of tests/vm/run, whatever the host has.

bats_require_minimum_version 1.5.0
load ../../lib/one_stage.bash

teardown() {
	stage_leave
	on_b srte-attach -q down --all
	fabric_in a tc qdisc del dev eth0 root
}

# fq_figure KEY
fq_figure() {
	fabric_in a tc -s -j qdisc show dev eth0 |
		jq --arg k "$1" '.[] | select(.kind == "fq") | .[$k] // 0'
}

# One that outlives the test, however slow the guest is.
lasting() {
	RECEIVE="--seconds 300" elephant bulk "$1" --seconds 300
}

figure_is_past() {
	[ "$(fq_figure "$1")" -gt "$2" ]
}

# An elephant that was placed on the heavy pool, spines 2 and 3; sets SPINE.
heavy_stream() {
	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	lasting "$1"
	arrives bulk 300000
	poll 60 steered_by_now "$bulk_PORT"
	SPINE=$(spine_of "$bulk_PORT")
}

steered_by_now() {
	steer_all >/dev/null
	[ -n "$(spine_of "$1")" ]
}

# What left the device, behind the queue.
sent_bytes() {
	fabric_in a sed -n 's/^ *eth0: *//p' /proc/net/dev | awk '{ print $9 }'
}

spine_is_past() {
	[ "$(spine_bytes "$1")" -gt "$2" ]
}

# rate_is_below MBIT SPINE: while a megabyte crosses the spine. The receiver is
# no judge: what its socket held back it reads faster later. The clock is read
# before the first figure and after the last, so that a slow machine makes the
# rate less, never more.
rate_is_below() {
	local began_us=${EPOCHREALTIME/./} bytes us

	bytes=$(sent_bytes)
	poll 60 spine_is_past "$2" $(($(spine_bytes "$2") + 1000000))
	bytes=$(($(sent_bytes) - bytes))
	us=$((${EPOCHREALTIME/./} - began_us))
	echo "$bytes bytes in $us us"
	[ $((bytes * 8)) -lt $(($1 * us)) ]
}

# The elephant's own 60 Mbit/s are fifteen times what fq lets through; fq does
# not count our header, of 80 bytes to 1,400.
held_to_maxrate() {
	local steered

	fabric_in a tc qdisc replace dev eth0 root fq maxrate 4mbit
	heavy_stream "$1"
	steered=$(counter steered)
	rate_is_below 5 "$SPINE"
	poll 60 figure_is_past throttled 10
	[ "$(counter steered)" -gt "$steered" ]
	[ "$(fq_figure drops)" -eq 0 ]
	[ "$(counter push_failed)" -eq 0 ]
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

@test "fq: maxrate holds a steered IPv4 stream" {
	held_to_maxrate "$V4"
}

@test "fq: maxrate holds a steered IPv6 stream" {
	held_to_maxrate "$V6"
}

@test "fq: of datagrams under maxrate each one arrives, behind the header" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	# its own bound on a flow, 100 packets, is no matter of the test
	fabric_in a tc qdisc replace dev eth0 root \
		fq maxrate 4mbit flow_limit 1000
	spawn_on b "$SRTE_O/tools/sink" 4433 >"$DIR/sink"
	sink_PID=$PID
	poll 5 listening 4433
	on_a "$SRTE_O/tools/spray" --count 1000 --bytes 1000-1000 "$V4" 4433
	poll 60 sink_has 1000
	[ "$(counter steered)" -ge 1000 ]
	[ "$(spine_bytes 2)" -gt 1000000 ]
	[ "$(fq_figure throttled)" -gt 10 ]
	[ "$(fq_figure drops)" -eq 0 ]
}

sink_has() {
	kill -USR1 "$sink_PID"
	jq -se --argjson n "$1" '.[-1].packets == $n' "$DIR/sink" >/dev/null
}

# narrow [OPTION...]: fq with these options, where a queue builds up
narrow() {
	fabric_in a sysctl -qw net.ipv4.tcp_ecn=1
	fabric_in b sysctl -qw net.ipv4.tcp_ecn=1
	fabric_in a tc -batch - <<-END
		qdisc add dev eth0 root handle 1: htb default 1
		class add dev eth0 parent 1: classid 1:1 htb rate 5mbit
		qdisc add dev eth0 parent 1:1 handle 10: fq $*
	END
	# R3 alone: a slow machine has timeouts, and R4 would hold R3 back
	up_on_b
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --rules R3
}

told() {
	any "$1" <"$DIR/events"
}

# The queue is fq's own, on the sender: its mark is put on the outer header,
# comes back over the far end as an echo, and is R3's signal.
moves_for_fq() {
	narrow ce_threshold 2ms
	spawn_on a srte-events -j >"$DIR/events"
	poll 20 test -s "$DIR/events"
	lasting "$1"
	poll 60 counter_is_past moved_ce 0
	arrives bulk 300000
	[ "$(fq_figure ce_mark)" -gt 0 ]
	[ "$(on_b srte-attach status -j | jq -r 'select(.what == "counter" and
		.name == "ce_copied").value')" -gt 0 ]
	poll 20 told '.event == "ecn" and .ce_permille >= 500'
	poll 20 told '.event == "moved" and .rule == "R3"'
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

@test "fq: a mark of its ce_threshold moves an IPv4 flow" {
	moves_for_fq "$V4"
}

@test "fq: a mark of its ce_threshold moves an IPv6 flow" {
	moves_for_fq "$V6"
}

# The same queue without the threshold: nothing else makes the marks.
@test "fq: without ce_threshold the flow stays" {
	narrow
	lasting "$V4"
	arrives bulk 1500000
	[ "$(counter moved_ce)" -eq 0 ]
	[ "$(fq_figure ce_mark)" -eq 0 ]
}
