#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A path that begins behind another device than the packet's own route: host a
# has a second link, eth1, straight to spine 2, and plain routing takes eth0.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
	fabric_link a eth1 spine2 a
	fabric_in spine2 ip -batch - <<-EOF
		link set dev a up
		address add fd00:3::fe/64 dev a nodad
	EOF
	fabric_in a ip -batch - <<-EOF
		link set dev eth1 up
		address add fd00:3::1/64 dev eth1 nodad
		route add fc00:b::/64 via fd00:3::fe
	EOF
}

teardown() {
	stage_teardown
}

up_both() {
	on_a srte-attach up --dev eth0,eth1 --cgroup "$CGROUP" \
		--pools "$DIR/pools.json"
}

# What a sent by eth1
eth1_bytes() {
	fabric_in a sed -n 's/^ *eth1: *//p' /proc/net/dev | awk '{ print $9 }'
}

# arrives_by_eth1 ADDRESS: TCP in trains, every byte, over the second link
arrives_by_eth1() {
	local before

	before=$(eth1_bytes)
	elephant bulk "$1"
	arrives bulk 5000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ $(($(eth1_bytes) - before)) -gt 5000000 ]
	[ "$(counter redirected)" -gt 100 ]
	for n in next_hop over_mtu push_failed already_srv6 gave_up; do
		[ "$(counter "$n")" -eq 0 ]
	done
}

@test "nexthop: a TCP stream over IPv4 leaves by the path's device" {
	pools default=2 >"$DIR/pools.json"
	up_both
	arrives_by_eth1 "$V4"
}

@test "nexthop: a TCP stream over IPv6 leaves by the path's device" {
	pools default=2 >"$DIR/pools.json"
	up_both
	arrives_by_eth1 "$V6"
}

# The packet was made for eth0, which cuts and sums up by itself.
@test "nexthop: a device that computes nothing gets whole segments" {
	pools default=2 >"$DIR/pools.json"
	fabric_in a ethtool -K eth1 tso off gso off tx off >/dev/null
	up_both
	arrives_by_eth1 "$V4"
	elephant other "$V6" --from-port 41000
	arrives other 2000000
	[ "$(elephant_report other | jq .whole)" = true ]
}

# sprays COUNT: that many datagrams of each family, 16 flows, none is lost
sprays() {
	spawn_on b "$SRTE_O/tools/sink" 5403 >"$DIR/sink"
	SINK=$PID
	poll 5 listening 5403
	on_a "$SRTE_O/tools/spray" --count "$1" --flows 16 --every-us 100 \
		--bytes 100-1200 "$V4" 5403 "$V6" 5403
	poll 5 udp_came "$1"
}

udp_came() {
	kill -USR1 "$SINK"
	[ "$(tail -1 "$DIR/sink" | jq '.packets // 0')" -eq "$1" ]
}

@test "nexthop: datagrams over two devices, none lost, each counted once" {
	pools default=1,2 >"$DIR/pools.json"
	up_both
	sprays 2000
	[ "$(counter steered)" -ge 2000 ]
	[ "$(counter redirected)" -gt 100 ]
	[ "$(counter redirected)" -lt 1900 ]
	[ "$(counter next_hop)" -eq 0 ]
	on_a srte-flows -j >"$DIR/flows"
	jq -se 'map(select(.type == "flow" and .dport == 5403)) |
		length == 16 and (map(.packets) | add) == 2000 and
		(map(.path) | unique | length) == 2' "$DIR/flows"
	# no flow of outer headers beside them
	jq -se 'map(select(.type == "flow" and
		((.daddr // "") | startswith("fc00:")))) | length == 0' \
		"$DIR/flows"
	on_a srte-steer path show -j | jq -se 'map(select(.type == "path")) |
		(map(.packets // 0) | add) >= 2000'
}

@test "nexthop: the path's device need not be one of srte's" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	arrives_by_eth1 "$V4"
}

@test "nexthop: a flow whose path dies goes on by another device" {
	pools heavy=1,2 >"$DIR/pools.json"
	up_both
	elephant bulk "$V4"
	arrives bulk 1000000
	steer_all -q
	arrives bulk 1000000
	# one way only: answers come back by spine 1
	if path_is 5301 heavy/spine1; then
		fabric_in spine1 ip -6 rule add pref 1 iif leaf1 blackhole
	else
		fabric_in spine2 ip -6 rule add pref 1 iif a blackhole
	fi
	arrives bulk 5000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ "$(counter moved)" -ge 1 ]
	[ "$(counter redirected)" -ge 1 ]
}

@test "nexthop: a device with a smaller MTU gets what fits, the rest is plain" {
	pools default=2 >"$DIR/pools.json"
	fabric_in a ip link set eth1 mtu 1400
	up --pools "$DIR/pools.json"
	elephant bulk "$V4"
	arrives bulk 2000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ "$(counter over_mtu)" -gt 10 ]
	on_a ping -q -c 2 -i 0.2 "$V4"
	[ "$(counter redirected)" -ge 2 ]
}

@test "nexthop: when the device goes, packets travel on plain routing" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	on_a ping -q -c 2 -i 0.2 "$V6"
	[ "$(counter redirected)" -ge 2 ]
	fabric_in a ip link del eth1
	on_a ping -q -c 2 -i 0.2 "$V6"
	on_a ping -q -c 2 -i 0.2 "$V4"
	[ "$(counter next_hop)" -ge 4 ]
	# a load finds the way that is left
	fabric_in a ip route replace fc00:b::/64 via fd00:1::fe
	on_a srte-steer -q pool load "$DIR/pools.json"
	before=$(spine_bytes 2)
	on_a ping -q -c 2 -i 0.2 "$V6"
	[ "$(spine_bytes 2)" -gt "$before" ]
}

# A neighbour may be forgotten, or get another card, between two loads.
@test "nexthop: the neighbour is looked for again when it is not known" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	fabric_in spine2 ip link set dev a address 02:00:00:00:00:77
	fabric_in a ip neigh flush dev eth1
	on_a ping -q -c 3 -i 0.2 "$V4"
	[ "$(counter redirected)" -ge 3 ]
	[ "$(counter next_hop)" -eq 0 ]
}
