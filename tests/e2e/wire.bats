#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What steered traffic looks like on the wire, and that it arrives whole.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
}

teardown() {
	stage_teardown
}

# capture FILTER-SIDE NAME: frames that enter leaf1 from a
capture() {
	spawn_on leaf1 tcpdump -q -U -s 256 -i a -w "$DIR/$1" -c 40 \
		ip6 proto 43 2>"$DIR/tcpdump"
	poll 5 grep -q 'listening on' "$DIR/tcpdump"
}

# decoded FILE FIELD...: what tshark makes of the frames, one line each
decoded() {
	local file=$1 field args=()

	shift
	for field; do
		args+=(-e "$field")
	done
	tshark -n -r "$DIR/$file" -T fields "${args[@]}" 2>/dev/null
}

captured() {
	[ "$(decoded "$1" frame.number | wc -l)" -ge "$2" ]
}

@test "wire: tshark reads a well-formed SRH around IPv4 and IPv6" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	capture pcap
	on_a ping -q -c 2 -i 0.2 "$V4"
	on_a ping -q -c 2 -i 0.2 "$V6"
	poll 5 captured pcap 4
	decoded pcap ipv6.src ipv6.dst ipv6.nxt ipv6.hlim \
		ipv6.routing.type ipv6.routing.segleft \
		ipv6.routing.srh.last_entry ipv6.routing.srh.addr \
		>"$DIR/got"
	cat "$DIR/got"
	# outer source, first segment; list in reverse; inner addresses after
	grep -qP '^fd00:1::1\tfc00:b::1\t43\t64\t4\t1\t1\tfc00:2::d4,fc00:b::1$' \
		"$DIR/got"
	grep -qP '^fd00:1::1,fd00:1::1\tfc00:b::1,fd00:2::1\t43,58\t64,64\t4\t1\t1\tfc00:2::d6,fc00:b::1$' \
		"$DIR/got"
	run -0 --separate-stderr tshark -n -r "$DIR/pcap" -Y _ws.malformed
	[ -z "$output" ]
}

@test "wire: DSCP and ECN of IPv4 and IPv6 go outward" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	capture pcap
	on_a ping -q -c 1 -Q 0xb9 "$V4"
	on_a ping -q -c 1 -Q 0xb9 "$V6"
	poll 5 captured pcap 2
	decoded pcap ipv6.tclass.dscp ipv6.tclass.ecn >"$DIR/got"
	cat "$DIR/got"
	[ "$(grep -cP '^46(,46)?\t1(,1)?$' "$DIR/got")" -eq 2 ]
}

# The whole of finding 2: naive encapsulation carries nothing at all.
stream_arrives() {
	local address=$1 before report

	pools default=3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	before=$(spine_bytes 3)
	elephant bulk "$address"
	arrives bulk 10000000
	report=$(elephant_report bulk)
	echo "$report"
	[ "$(jq .whole <<<"$report")" = true ]
	# over the path it was given, and none of it too long for the link
	[ $(($(spine_bytes 3) - before)) -gt 10000000 ]
	[ "$(counter over_mtu)" -eq 0 ]
	[ "$(counter push_failed)" -eq 0 ]
	[ "$(counter steered)" -gt 100 ]	# trains, not segments
}

@test "wire: a GSO stream over IPv4 arrives whole at full size" {
	stream_arrives "$V4"
	[ "$(counter mss_set)" -ge 1 ]
}

@test "wire: a GSO stream over IPv6 arrives whole at full size" {
	stream_arrives "$V6"
}

# The device leaves the cutting to the kernel's software, which has to step
# over our header to do it.
@test "wire: trains are cut into segments that fill the MTU, no runts" {
	pools default=3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	fabric_in a ethtool -K eth0 tso off tx-ipxip6-segmentation off
	elephant bulk "$V4"
	arrives bulk 1000000
	spawn_on leaf1 tcpdump -q -U -s 128 -i a -w "$DIR/pcap" -c 400 \
		ip6 proto 43 2>"$DIR/tcpdump"
	poll 10 captured pcap 400
	decoded pcap frame.len | sort -n | uniq -c >"$DIR/got"
	cat "$DIR/got"
	# 1514: Ethernet and 1500. What an application left over may be small.
	[ "$(awk '$2 == 1514 { print $1 }' "$DIR/got")" -ge 380 ]
	[ "$(awk '$2 > 1514' "$DIR/got")" = "" ]
	arrives bulk 1000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

@test "wire: UDP is steered like the rest, and too long a datagram is not" {
	local udp=(iperf3 -u -c "$V4" -p 5399 -b 10M -n 500K)

	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	spawn_on b iperf3 -s -p 5399 --one-off -J --logfile "$DIR/sink"
	poll 5 listening 5399
	on_a "${udp[@]}" -l 1300 -J >"$DIR/sent"
	jq -e '.end.sum | .lost_packets == 0 and .packets > 300' "$DIR/sent"
	[ "$(counter over_mtu)" -eq 0 ]
	[ "$(spine_bytes 2)" -gt 500000 ]

	spawn_on b iperf3 -s -p 5399 --one-off -J --logfile "$DIR/sink"
	poll 5 listening 5399
	on_a "${udp[@]}" -l 1460 -J >"$DIR/sent"
	jq -e '.end.sum | .lost_packets == 0 and .packets > 300' "$DIR/sent"
	[ "$(counter over_mtu)" -gt 300 ]
}

@test "wire: a stream that began before the pools never stalls" {
	up
	elephant bulk "$V4"
	arrives bulk 1000000
	pools default=2 >"$DIR/pools.json"
	on_a srte-steer pool load "$DIR/pools.json"
	# its segments were cut for 1500: they go on as they are, counted
	poll 10 counter_is_past over_mtu 100
	arrives bulk 5000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
}

# Neighbours, multicast and hosts on the link lie inside the prefix, too.
@test "wire: a default pool for everything leaves the link alive" {
	pools default=2 | sed 's|fd00:2::/64|::/0|; s|10.0.2.0/24|0.0.0.0/0|' \
		>"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	fabric_in a ip neigh flush dev eth0
	fabric_in leaf1 ip neigh flush dev a
	on_a ping -q -c 2 -i 0.2 "$V6"
	on_a ping -q -c 2 -i 0.2 "$V4"
	[ "$(counter link_scope)" -ge 1 ]
	[ "$(counter steered)" -ge 4 ]
}

# No router stands between: a path would lead away from them.
@test "wire: hosts on a link stay reachable whatever prefix covers them" {
	in_ns "$NS_A" ip link add eth1 type veth peer name a1 \
		netns "$(fabric_ns b)"
	fabric_in a ip addr add 10.0.3.1/24 dev eth1
	fabric_in b ip addr add 10.0.3.2/24 dev a1
	fabric_in a ip link set eth1 up
	fabric_in b ip link set a1 up
	pools default=2 | sed 's|10.0.2.0/24|10.0.0.0/16|' >"$DIR/pools.json"
	on_a srte-attach up --dev eth0,eth1 --cgroup "$CGROUP" \
		--pools "$DIR/pools.json"
	on_a ping -q -c 2 -i 0.2 10.0.3.2
	[ "$(counter steered)" -eq 0 ]
	on_a ping -q -c 2 -i 0.2 "$V4"
	[ "$(counter steered)" -ge 2 ]
}

@test "wire: a path whose first segment has no route is not used" {
	pools default=2 | sed 's|fc00:b::1|fd99::1|' >"$DIR/pools.json"
	fabric_in a ip route add unreachable fd99::/16
	run -0 --separate-stderr up --pools "$DIR/pools.json"
	[[ $stderr == *"fd99::1: no route to it"* ]]
	on_a ping -q -c 2 -i 0.2 "$V6"
	[ "$(counter next_hop)" -ge 2 ]
}

# The cgroup may hold the sockets of other namespaces; they are not ours.
@test "wire: sockets of another namespace keep their MSS" {
	pools default=2 >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	spawn in_cgroup nsenter --net="/run/netns/$(fabric_ns b)" -- \
		iperf3 -s -p 5399 --one-off
	poll 5 listening 5399
	[ "$(counter mss_set)" -eq 0 ]
}
