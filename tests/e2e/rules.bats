#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The rules of reaction beyond R1 and R2: each provoked, and each where it must
# not act.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
}

teardown() {
	stage_teardown
}

both_spines() {
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" "$@"
}

rules_set() {
	on_a srte-events rules set "$@"
}

events_to() {
	spawn_on a srte-events -j >"$DIR/$1"
	poll 5 test -s "$DIR/$1"
}

# streams NAME N: from ports 40000 on, and wait for the first bytes
streams() {
	elephant "$1" "$V4" --count "$2" --rate-mbit 5
	arrives "$1" 100000
}

# On spine $1 are so many flows now.
flows_on() {
	on_a srte-flows -j | jq -s --arg p "default/spine$1" \
		'map(select(.type == "flow" and .path == $p)) | length'
}

# ---- R5 ----

@test "rules: R5 puts a path down after two flows, new ones avoid it" {
	local rtos

	both_spines
	streams many 8
	[ "$(flows_on 2)" -ge 2 ]
	events_to events
	spine_blackhole 2
	poll 10 counter_is_past path_verdict 0
	poll 5 event_told events '.event == "path_down" and
		.path == "default/spine2" and .rule == "R5"'
	poll 10 test "$(flows_on 2)" -eq 0
	arrives many 500000
	rtos=$(counter rto)
	# Their hash puts some of these on spine 2.
	elephant late "$V4" --count 8 --from-port 41000 --rate-mbit 5
	arrives late 500000
	[ "$(flows_on 2)" -eq 0 ]
	[ "$(counter rto)" -eq "$rtos" ]
	[ "$(counter syn_timeout)" -eq 0 ]
}

@test "rules: R5 never puts down the last path that is up" {
	both_spines --rules R1,R5
	streams many 8
	spine_blackhole 2
	spine_blackhole 3
	poll 10 counter_is_past rto 16
	[ "$(counter path_verdict)" -eq 1 ]
}

@test "rules: a verdict ends by itself, and an event says so" {
	both_spines
	rules_set pause=500ms
	streams many 8
	events_to events
	spine_blackhole 2
	poll 10 counter_is_past path_verdict 0
	spine_heal 2
	poll 10 event_told events '.event == "path_up" and
		.path == "default/spine2" and (has("saddr") | not)'
}

# Nothing but the path under a verdict is left: it is used.
verdict_alone() {
	both_spines
	streams many 8
	events_to events
	spine_blackhole 2
	poll 10 counter_is_past path_verdict 0
	poll 10 event_told events '.event == "path_down"'
}

@test "rules: a path under a verdict is up again at its first success" {
	verdict_alone
	spine_heal 2
	on_a srte-steer -q path down default/spine3
	poll 10 event_told events '.event == "path_up" and
		.path == "default/spine2"'
	arrives many 500000
	[ "$(flows_on 2)" -gt 0 ]
}

@test "rules: no success, no way back: the verdict stands" {
	local rtos

	verdict_alone
	rtos=$(counter rto)
	on_a srte-steer -q path down default/spine3
	poll 20 counter_is_past rto $((rtos + 8))
	run -1 event_told events '.event == "path_up"'
}

@test "rules: without R5 no path goes down" {
	both_spines --rules R1
	streams many 8
	spine_blackhole 2
	poll 10 test_no_flow_on 2
	[ "$(counter path_verdict)" -eq 0 ]
}

test_no_flow_on() {
	[ "$(flows_on "$1")" -eq 0 ]
}

# As of QUIC: datagrams of one flow, none of whose timeouts the kernel sees.
@test "rules: a UDP flow follows a verdict, and arrives again" {
	local n

	both_spines
	streams many 8
	spawn_on b "$SRTE_O/tools/sink" 4433 >"$DIR/sink"
	sink_PID=$PID
	poll 5 listening 4433
	spawn_on a "$SRTE_O/tools/spray" --count 6000 --every-us 5000 \
		--bytes 1200-1200 "$V4" 4433
	poll 10 udp_on 4433
	spine_blackhole "$(spine_of 4433)"
	poll 10 udp_moved 4433
	[ "$(counter path_verdict)" -eq 1 ]
	n=$(datagrams)
	poll 10 datagrams_past $((n + 20))
}

datagrams() {
	local lines

	lines=$(wc -l <"$DIR/sink")
	kill -USR1 "$sink_PID"
	poll 5 longer "$DIR/sink" "$lines"
	tail -n 1 "$DIR/sink" | jq .packets
}

longer() {
	[ "$(wc -l <"$1")" -gt "$2" ]
}

datagrams_past() {
	[ "$(datagrams)" -gt "$1" ]
}

udp_on() {
	local spine

	spine=$(spine_of "$1")
	[ -n "$spine" ] && UDP_SPINE=$spine
}

udp_moved() {
	[ "$(spine_of "$1")" = $((5 - UDP_SPINE)) ]
}

# ---- R7 ----

# Requests and responses, one right after the other and each of some round
# trips, so that a response is under way whenever the path of the ACKs dies: b
# sends it again and again.
mouse() {
	spawn_on b "$SRTE_O/tools/mice" serve --port 5298
	poll 5 listening 5298
	spawn_on a "$SRTE_O/tools/mice" call --to "$V4" --port 5298 --count 1 \
		--request 200 --response 60000 --every-us 1000 --cc cubic \
		>"$DIR/mice"
	poll 10 path_known 5298
}

@test "rules: R7 moves the path of our ACKs when data comes twice" {
	local spine

	both_spines --rules R7
	events_to events
	mouse
	spine=$(spine_of 5298)
	spine_blackhole "$spine"
	poll 20 counter_is_past moved_duplicates 0
	poll 5 path_is 5298 "default/spine$((5 - spine))"
	[ "$(counter moved)" -eq 0 ]
	event_told events '.event == "moved" and .rule == "R7" and .rounds == 2'
}

# A bulk stream from b, on plain routing over spine 1; our ACKs over a pool.
@test "rules: R7 moves the ACKs of a stream that we receive" {
	local spine

	both_spines --rules R7
	spawn_on a "$SRTE_O/tools/bulk" receive --port 5400 >"$DIR/in"
	in_PID=$PID
	poll 5 a_listens 5400
	spawn_on b "$SRTE_O/tools/bulk" send --to 10.0.1.1 --port 5400 \
		--cc cubic --rate-mbit 20 --from-port 42000
	arrives in 500000
	spine=$(ack_spine)
	spine_blackhole "$spine"
	poll 20 counter_is_past moved_duplicates 0
	arrives in 500000
	[ "$(ack_spine)" = $((5 - spine)) ]
}

ack_spine() {
	on_a srte-flows -j | jq -r 'select(.type == "flow" and .sport == 5400)
		.path // empty' | sed 's,.*spine,,'
}

@test "rules: without R7 the ACKs stay where they are" {
	local spine

	both_spines --rules none
	mouse
	spine=$(spine_of 5298)
	spine_blackhole "$spine"
	poll 10 b_timed_out
	[ "$(counter moved_duplicates)" -eq 0 ]
	path_is 5298 "default/spine$spine"
}

a_listens() {
	[ -n "$(fabric_in a ss -Hltn "sport = :$1")" ]
}

b_timed_out() {
	[ "$(fabric_in b nstat -asz TcpExtTCPTimeouts |
		awk '/TCPTimeouts/ { print $2 }')" -ge 3 ]
}

# ---- SYN and SYN-ACK ----

@test "rules: a SYN-ACK that gets no answer is sent over another path" {
	local n

	both_spines
	for n in 2 3; do
		spine_blackhole "$n"
	done
	spawn_on a "$SRTE_O/tools/bulk" receive --port 5400 >"$DIR/in"
	in_PID=$PID
	poll 5 a_listens 5400
	spawn_on b "$SRTE_O/tools/bulk" send --to 10.0.1.1 --port 5400 \
		--rate-mbit 20 --count 1 --from-port 42000
	poll 10 counter_is_past syn_timeout 0
	for n in 2 3; do
		spine_heal "$n"
	done
	arrives in 100000
	[ "$(counter moved)" -ge 1 ]
}

@test "rules: a first SYN timeout as asked for, towards the pools only" {
	both_spines
	rules_set syn_timeout=100ms
	events_to events
	spine_blackhole 2
	spine_blackhole 3
	spawn_on a "$SRTE_O/tools/bulk" send --to "$V4" --port 9 --seconds 5
	poll 10 event_told events '.event == "syn_timeout" and .rto_us <= 150000'
}

@test "rules: a floor under the RTO of steered peers" {
	both_spines
	rules_set rto_min=20ms delack_max=10ms
	elephant bulk "$V4"
	arrives bulk 500000
	[ "$(counter rto_floor)" -ge 1 ]
	events_to events
	spine_blackhole "$(spine_of "$bulk_PORT")"
	poll 10 event_told events '.event == "rto" and .rto_us < 150000'
	arrives bulk 500000
}

@test "rules: a listener older than the pools is held to their MSS" {
	spawn_on a "$SRTE_O/tools/bulk" receive --port 5400 >"$DIR/in"
	in_PID=$PID
	up
	poll 5 a_listens 5400
	pools default=2,3 >"$DIR/pools.json"
	on_a srte-steer pool load "$DIR/pools.json"
	spawn_on b "$SRTE_O/tools/bulk" send --to 10.0.1.1 --port 5400 \
		--rate-mbit 20 --from-port 42000
	arrives in 100000
	[ "$(counter mss_clamped)" -ge 1 ]
	[ "$(fabric_in a ss -Htin sport = :5400 |
		sed -n 's/.* mss:\([0-9]*\) .*/\1/p')" -le 1372 ]
}

# ---- R3, R4, R6, R8: congestion ----

ecn_on() {
	fabric_in a sysctl -qw net.ipv4.tcp_ecn=1
	fabric_in b sysctl -qw net.ipv4.tcp_ecn=1
}

# leaves_marks ADDRESS CC [OPTION...]: a stream; its spine marks from then on.
leaves_marks() {
	ecn_on
	up_on_b
	both_spines
	rules_set ce_rounds=3
	elephant bulk "$1" --cc "$2"
	arrives bulk 1000000
	events_to events
	SPINE=$(spine_of "$bulk_PORT")
	spoil "$SPINE" mark
	poll 10 counter_is_past moved_ce 0
	arrives bulk 1000000
	event_told events '.event == "ecn" and .ce_permille >= 500'
	event_told events '.event == "moved" and .rule == "R3" and
		.rounds <= 3'
	path_is "$bulk_PORT" "default/spine$((5 - SPINE))"
	[ "$(counter rto)" -eq 0 ]
	[ "$(counter moved)" -eq 0 ]
}

@test "rules: R3 leaves a path that marks, IPv4, cubic" {
	leaves_marks "$V4" cubic
	[ "$(on_b srte-attach status -j | jq -r 'select(.what == "counter" and
		.name == "ce_copied").value')" -ge 1 ]
}

@test "rules: R3 leaves a path that marks, IPv6, cubic" {
	leaves_marks "$V6" cubic
}

@test "rules: R3 leaves a path that marks, under BBR" {
	leaves_marks "$V4" bbr
}

@test "rules: R3 and R6 leave alone what neither marks nor loses" {
	ecn_on
	up_on_b
	both_spines
	rules_set preset=eager
	elephant bulk "$V4" --rate-mbit 20
	arrives bulk 5000000
	[ "$(counter moved_ce)" -eq 0 ]
	[ "$(counter moved_loss)" -eq 0 ]
}

# Marks everywhere: once round the set, then R4 holds it.
@test "rules: with marks on every path a flow moves less than the set is long" {
	ecn_on
	up_on_b
	both_spines
	rules_set preset=eager
	spoil 2 mark
	spoil 3 mark
	elephant bulk "$V4"
	poll 20 counter_is_past move_paused 0
	arrives bulk 1000000
	[ "$(counter moved_ce)" -eq 1 ]
}

@test "rules: R4 keeps what a timeout moved from moving for marks" {
	ecn_on
	up_on_b
	both_spines
	rules_set preset=eager
	elephant bulk "$V4"
	arrives bulk 500000
	SPINE=$(spine_of "$bulk_PORT")
	spoil $((5 - SPINE)) mark
	spine_blackhole "$SPINE"
	poll 10 counter_is_past moved 0
	spine_heal "$SPINE"
	poll 10 counter_is_past move_paused 0
	[ "$(counter moved_ce)" -eq 0 ]
}

@test "rules: without R4 what a timeout moved leaves for marks as well" {
	ecn_on
	up_on_b
	both_spines --rules R1,R3,preset=eager
	elephant bulk "$V4"
	arrives bulk 500000
	SPINE=$(spine_of "$bulk_PORT")
	spoil $((5 - SPINE)) mark
	spine_blackhole "$SPINE"
	poll 10 counter_is_past moved 0
	spine_heal "$SPINE"
	poll 10 counter_is_past moved_ce 0
	[ "$(counter move_paused)" -eq 0 ]
}

@test "rules: R8 leaves a flow alone until it has sent some" {
	ecn_on
	up_on_b
	both_spines
	rules_set preset=eager caution_bytes=1G
	spoil 2 mark
	spoil 3 mark
	elephant bulk "$V4"
	poll 20 counter_is_past move_cautious 0
	[ "$(counter moved_ce)" -eq 0 ]
}

# heavy_stream: on the heavy pool, where R6 looks
heavy_stream() {
	pools heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" "$@"
	elephant bulk "$V4"
	arrives bulk 500000
	poll 10 steered_by_now "$bulk_PORT"
	SPINE=$(spine_of "$bulk_PORT")
}

steered_by_now() {
	steer_all >/dev/null
	path_known "$1"
}

@test "rules: R6 moves a heavy flow off a path that loses silently" {
	heavy_stream
	events_to events
	spoil "$SPINE" lose
	poll 20 counter_is_past moved_loss 0
	poll 5 path_is "$bulk_PORT" "heavy/spine$((5 - SPINE))"
	event_told events '.event == "moved" and .rule == "R6" and
		.loss_permille > 10'
	arrives bulk 1000000
}

@test "rules: without R6 such a flow stays" {
	heavy_stream --rules none
	spoil "$SPINE" lose
	poll 20 counter_is_past retrans 20
	[ "$(counter moved_loss)" -eq 0 ]
}

# ---- enrolment ----

@test "rules: a connection older than up is enrolled and moved" {
	# What was agreed on before leaves no room for a header.
	fabric_in a ip route change 0.0.0.0/0 via 10.0.1.254 mtu 1300
	elephant bulk "$V4"
	arrives bulk 500000
	both_spines
	if [ "$(counter enrol_failed)" -gt 0 ]; then
		[ "$(counter enrolled)" -eq 0 ]	# Linux before 6.11
		return
	fi
	[ "$(counter enrolled)" -ge 1 ]
	poll 10 path_known "$bulk_PORT"
	spine_blackhole "$(spine_of "$bulk_PORT")"
	poll 10 counter_is_past moved 0
	arrives bulk 500000
}

path_known() {
	[ -n "$(spine_of "$1")" ]
}

# ---- MPTCP ----

@test "rules: subflows of an MPTCP connection share a token and no path" {
	fabric_in a ip address add 10.0.1.11/24 dev eth0
	fabric_in a ip mptcp limits set subflows 2
	fabric_in b ip mptcp limits set subflows 2
	fabric_in a ip mptcp endpoint add 10.0.1.11 dev eth0 subflow
	both_spines
	events_to events
	RECEIVE=--mptcp elephant bulk "$V4" --mptcp
	arrives bulk 500000
	poll 10 two_spines
	poll 10 one_token
}

# The two subflows, by their source addresses, each on a spine of its own.
two_spines() {
	on_a srte-flows -j | jq -se --argjson p "$bulk_PORT" '
		map(select(.type == "flow" and .dport == $p and
			.bytes > 10000 and has("path"))) |
		length == 2 and (map(.saddr) | unique | length) == 2 and
		(map(.path) | unique | length) == 2' >/dev/null
}

# What is told of them names one connection.
one_token() {
	jq -se --argjson p "$bulk_PORT" '
		map(select(.type == "event" and .dport == $p and
			has("mptcp_token"))) |
		(map(.saddr) | unique | length) == 2 and
		(map(.mptcp_token) | unique | length) == 1' \
		"$DIR/events" >/dev/null 2>&1
}

# ---- rules, live ----

@test "rules: what rules set says is in force at once" {
	both_spines
	elephant bulk "$V4"
	arrives bulk 500000
	rules_set R1=off R9=off R5=off
	spine_blackhole "$(spine_of "$bulk_PORT")"
	poll 10 counter_is_past rto 1
	[ "$(counter moved)" -eq 0 ]
	rules_set R1=on
	poll 20 counter_is_past moved 0
	arrives bulk 500000
}
