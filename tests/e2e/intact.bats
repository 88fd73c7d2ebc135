#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What must come through unharmed: marks of congestion, datagrams while pools
# are swapped, connections that others make through this host.

bats_require_minimum_version 1.5.0
load ../lib/one_stage.bash

teardown() {
	on_b srte-attach -q down --all
	fabric_in spine2 tc qdisc del dev leaf2 clsact 2>/dev/null || :
	ip netns del "$FABRIC_PREFIX-x" 2>/dev/null || :
	stage_leave
}

udp_came() {
	kill -USR1 "$SINK"
	[ "$(tail -1 "$DIR/sink" | jq '.packets // 0')" -ge "$1" ]
}

sink_on_b() {
	spawn_on b "$SRTE_O/tools/sink" "$1" >"$DIR/sink"
	SINK=$PID
	poll 5 listening "$1"
}

# of sink's last line
came() {
	tail -1 "$DIR/sink" | jq "$1"
}

# marks ADDRESS PORT: of ECT datagrams that spine 2 marks, all come with CE
marks() {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	spoil 2 mark
	sink_on_b "$2"
	on_a "$SRTE_O/tools/spray" --count 200 --every-us 100 --tos 2 "$1" "$2"
	poll 5 udp_came 200
	# the kernel drops the outer header, and the mark with it
	[ "$(came .ce)" -eq 0 ]
	[ "$(came .ect)" -eq 200 ]
	up_on_b
	on_a "$SRTE_O/tools/spray" --count 200 --every-us 100 --tos 2 "$1" "$2"
	# IPv4 with a wrong checksum would not have come
	poll 5 udp_came 400
	[ "$(came .ce)" -eq 200 ]
	[ "$(on_b srte-attach status -j | jq -r 'select(.what == "counter" and
		.name == "ce_copied").value')" -eq 200 ]
	# what cannot hold a mark gets none
	on_a "$SRTE_O/tools/spray" --count 50 --every-us 100 "$1" "$2"
	poll 5 udp_came 450
	[ "$(came .ce)" -eq 200 ]
}

@test "intact: CE of the outer header reaches the application, IPv4" {
	marks "$V4" 5401
}

@test "intact: CE of the outer header reaches the application, IPv6" {
	marks "$V6" 5402
}

# delivered ADDRESS PORT: TCP hears of the marks, and says so to its sender
delivered() {
	local ce

	pools default=2 >"$DIR/pools.json"
	up --rules none --pools "$DIR/pools.json"
	up_on_b
	spoil 2 mark
	fabric_in a sysctl -qw net.ipv4.tcp_ecn=1
	fabric_in a nstat -n
	elephant bulk "$1" --from-port "$2"
	arrives bulk 2000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	ce=$(fabric_in a nstat -az TcpExtTCPDeliveredCE |
		awk '/DeliveredCE/ { print $2 }')
	echo "delivered with CE: $ce"
	[ "$ce" -gt 500 ]
	[ "$(counter gave_up)" -eq 0 ]
}

@test "intact: TCP delivers CE end to end, IPv4" {
	delivered "$V4" 42101
}

@test "intact: TCP delivers CE end to end, IPv6" {
	delivered "$V6" 42102
}

# Both documents have the same prefixes, and a path that the other has not.
@test "intact: no datagram is lost while pools are loaded again and again" {
	local n sent

	pools default=2 heavy=3 >"$DIR/pools1"
	pools default=3,1 heavy=2 >"$DIR/pools0"
	up --pools "$DIR/pools0"
	sink_on_b 5403
	spawn_on a "$SRTE_O/tools/spray" --report --count 1000000 --flows 32 \
		--bytes 100-200 --every-us 200 --burst 2 "$V4" 5403 "$V6" 5403 \
		>"$DIR/sent"
	sent=$PID
	poll 5 udp_came 100
	for n in {1..20}; do
		on_a srte-steer -q pool load "$DIR/pools$((n % 2))"
	done
	kill "$sent"
	wait "$sent" || :
	poll 5 udp_came "$(tail -1 "$DIR/sent" | jq .packets)"
	[ "$(came .packets)" -eq "$(tail -1 "$DIR/sent" | jq .packets)" ]
	[ "$(counter steered)" -ge "$(came .packets)" ]
	for n in path_bad no_set path_down push_failed next_hop; do
		[ "$(counter "$n")" -eq 0 ]
	done
}

# A router knows no sockets: what it forwards is held to the room by its SYN.
@test "intact: connections through this host get the MSS that fits" {
	ip netns add "$FABRIC_PREFIX-x"
	in_ns "$NS_A" ip link add guest type veth peer name eth0 \
		netns "$FABRIC_PREFIX-x"
	fabric_in a ip addr add 10.0.3.1/24 dev guest
	fabric_in a ip link set guest up
	ip -n "$FABRIC_PREFIX-x" link set eth0 up
	ip -n "$FABRIC_PREFIX-x" addr add 10.0.3.2/24 dev eth0
	ip -n "$FABRIC_PREFIX-x" route add default via 10.0.3.1
	fabric_in leaf1 ip route add 10.0.3.0/24 via 10.0.1.1
	fabric_in spine1 ip route add 10.0.3.0/24 via inet6 fd00:11::1
	fabric_in leaf2 ip route add 10.0.3.0/24 via inet6 fd00:21::2
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	spawn_on b "$SRTE_O/tools/bulk" receive --port 5404 >"$DIR/bulk"
	bulk_PID=$PID
	poll 5 listening 5404
	spawn nsenter --net="/run/netns/$FABRIC_PREFIX-x" -- \
		"$SRTE_O/tools/bulk" send --to "$V4" --port 5404 --rate-mbit 40
	arrives bulk 2000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ "$(counter mss_clamped)" -ge 1 ]
	[ "$(counter over_mtu)" -eq 0 ]
	[ "$(counter steered)" -gt 100 ]
}
