#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every form of segment list, byte by byte on the wire, carried by the kernel's
# own endpoints to the far side and answered.

bats_require_minimum_version 1.5.0
load ../lib/one_stage.bash

# More SIDs on spine 2, an End each, so that lists can be long; an End.X, uSIDs
# there and on leaf2; End.DX6 on leaf2: it hands on to a neighbour, not to
# its own host.
stage_more() {
	local k

	for k in {1..16}; do
		printf 'route replace fc00:b::%x encap seg6local action End dev leaf1\n' \
			"$((k))"
	done | fabric_in spine2 ip -batch -
	fabric_in spine2 ip -batch - <<-EOF
		route add fc00:b::cc encap seg6local action End.X nh6 fd00:22::1 dev leaf2
		route add fcbb:bb00:200::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev leaf1
		route add fcbb:bb00:900::/48 via fd00:22::1
		route add fc00:f::/64 via fd00:22::1
	EOF
	fabric_in leaf1 ip route add fcbb:bb00::/32 via fd00:12::2
	fabric_in leaf2 ip route add fcbb:bb00:900::/48 encap seg6local \
		action End flavors next-csid lblen 32 nflen 16 dev b
	fabric_in leaf2 ip route add fc00:f::6 encap seg6local \
		action End.DX6 nh6 fd00:2::1 dev b
}

# list SEGMENT... >FILE: one path for everything, these and the endpoint
list() {
	printf '%s\n' "$@" | jq -Rn '{ source: "fd00:1::1", endpoints: [
		{ prefix: "fd00:2::/64", sid: "fc00:2::d6" },
		{ prefix: "10.0.2.0/24", sid: "fc00:2::d4" } ],
		pools: { default: [{ name: "only", segments: [inputs] }] } }'
}

load_list() {
	list "$@" | on_a srte-steer -q pool load -
}

# capture NAME FILTER...: what enters leaf1 from a, whole frames
capture() {
	local name=$1

	shift
	spawn_on leaf1 tcpdump -q -U -i a -w "$DIR/$name" "$@" \
		2>"$DIR/tcpdump"
	poll 5 grep -q 'listening on' "$DIR/tcpdump"
}

captured() {
	[ "$(tcpdump -nr "$DIR/$1" 2>/dev/null | wc -l)" -ge "$2" ]
}

# frames NAME: each in hex on a line, from the IP header on
frames() {
	tcpdump -nr "$DIR/$1" -xx 2>/dev/null | awk '
		!/^\t/ { if (hex) print substr(hex, 29); hex = ""; next }
		{ for (i = 2; i <= NF; i++) hex = hex $i }
		END { if (hex) print substr(hex, 29) }'
}

# golden N INNER NEXT LAST: the outer header of a list of N segments, behind
# traffic class, label and length, which the packet decides
golden() {
	local n=$1 k

	printf 2b40					# routing, hop limit
	printf 'fd000001000000000000000000000001'	# source
	printf 'fc00000b0000000000000000000000%02x' 1	# first segment
	printf '%s%02x04%02x%02x000000' "$2" $((2 * (n + 1))) "$n" "$n"
	printf 'fc0000020000000000000000000000%s' "$3"	# the endpoint is [0]
	for ((k = n; k >= 1; k--)); do
		printf 'fc00000b0000000000000000000000%02x' "$k"
	done
}

# check_frame FRAME N: the header that it begins with, and no byte between
# that and the packet inside
check_frame() {
	local frame=$1 n=$2 outer=$((40 + 8 + 16 * ($2 + 1))) want inner len

	inner=${frame:$((2 * outer))}
	len=$((16#${frame:8:4}))
	case ${inner:0:1} in
	4) want=$(golden "$n" 04 d4); [ "${inner:4:4}" = 0054 ] ;;
	6) want=$(golden "$n" 29 d6); [ "${inner:8:4}" = 0040 ] ;;
	*) false ;;
	esac || return
	[ "${frame:0:1}" = 6 ] && [ "$len" -eq $((${#frame} / 2 - 40)) ] &&
		[ "${frame:12:$((2 * outer - 12))}" = "$want" ] && return
	printf 'frame %s\nwant  %s\n' "${frame:12}" "$want"
	return 1
}

# tshark_says N: segments left, last entry, next header, list
tshark_says() {
	local k list=

	for ((k = $1; k >= 1; k--)); do
		list+=,fc00:b::$(printf %x "$k")
	done
	printf '4\t%d\t%d\tfc00:2::d4%s\n' "$1" "$1" "$list"
	printf '4\t%d\t%d\tfc00:2::d6%s\n' "$1" "$1" "$list"
}

@test "carry: lists of 2 to 10 segments, to the byte, answered" {
	local n k segments=() i=0 frame

	up
	capture golden 'ip6 proto 43'
	for n in {1..9}; do
		segments+=("fc00:b::$(printf %x "$n")")
		load_list "${segments[@]}"
		on_a ping -q -c 1 -W 2 "$V4"
		on_a ping -q -c 1 -W 2 "$V6"
		tshark_says "$n" >>"$DIR/want"
	done
	poll 5 captured golden 18
	frames golden >"$DIR/frames"
	while read -r frame; do
		n=$((i / 2 + 1))
		i=$((i + 1))
		check_frame "$frame" "$n"
	done <"$DIR/frames"
	[ "$i" -eq 18 ]
	tshark -n -r "$DIR/golden" -T fields -e ipv6.routing.type \
		-e ipv6.routing.segleft -e ipv6.routing.srh.last_entry \
		-e ipv6.routing.srh.addr 2>/dev/null >"$DIR/got"
	diff "$DIR/want" "$DIR/got"
	run -0 --separate-stderr tshark -n -r "$DIR/golden" -Y _ws.malformed
	[ -z "$output" ]
}

udp_came() {
	kill -USR1 "$SINK"
	[ "$(tail -1 "$DIR/sink" | jq '.packets // 0')" -ge "$1" ]
}

# Ports differ from test to test: what ended is still in TIME_WAIT.
# carries ADDRESS PORT: TCP in trains and UDP arrive whole, over spine 2
carries() {
	local before steered

	before=$(spine_bytes 2)
	elephant bulk "$1" --from-port "$(($2 + 36000))"
	arrives bulk 2000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	kill "$PID"	# room for the datagrams
	spawn_on b "$SRTE_O/tools/sink" "$2" >"$DIR/sink"
	SINK=$PID
	poll 5 listening "$2"
	steered=$(counter steered)
	on_a "$SRTE_O/tools/spray" --count 500 --bytes 100-1300 \
		--every-us 200 "$1" "$2"
	poll 5 udp_came 500
	[ "$(counter steered)" -ge $((steered + 500)) ]
	[ $(($(spine_bytes 2) - before)) -gt 2300000 ]
	[ "$(counter over_mtu)" -eq 0 ]
	[ "$(counter push_failed)" -eq 0 ]
	# nor back on plain routing, where it would arrive as well
	[ "$(counter gave_up)" -eq 0 ]
}

@test "carry: End and End.DX4" {
	up
	load_list fc00:b::1
	carries "$V4" 5391
}

@test "carry: End and End.DT6" {
	up
	load_list fc00:b::1
	carries "$V6" 5392
}

@test "carry: End.X and End.DX6" {
	up
	list fc00:b::cc | sed 's/fc00:2::d6/fc00:f::6/' |
		on_a srte-steer -q pool load -
	carries "$V6" 5393
}

@test "carry: End.X and End.DX4, IPv4" {
	up
	load_list fc00:b::cc
	carries "$V4" 5394
}

# Spine 2 and leaf2 each shift their own 16 bits out of the address; leaf2 is
# the last of the carrier, and goes on to the segment behind it.
@test "carry: a carrier of two uSIDs, as an ordinary segment, IPv4" {
	up
	load_list fcbb:bb00:200:900::
	carries "$V4" 5395
}

@test "carry: a carrier of two uSIDs, as an ordinary segment, IPv6" {
	up
	load_list fcbb:bb00:200:900::
	carries "$V6" 5396
}

@test "carry: a mixed list, carrier behind an ordinary segment" {
	up
	load_list fc00:b::2 fcbb:bb00:200:900::
	carries "$V6" 5397
}

# One path alone, no endpoint behind it: the last waypoint decapsulates.
@test "carry: a single segment" {
	up
	list fc00:2::d4 | jq '.endpoints = [{ prefix: "10.0.2.0/24" }]' |
		on_a srte-steer -q pool load -
	elephant bulk "$V4" --from-port 42001
	arrives bulk 1000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	# the fewest bursts of 64 KiB that a megabyte takes
	[ "$(counter steered)" -ge 16 ]
}

@test "carry: one flow keeps its label, over retransmissions too" {
	up
	load_list fc00:b::1
	elephant bulk "$V4" --from-port 42002
	arrives bulk 500000
	capture labels -c 300 'ip6 proto 43 and greater 500'
	fabric_in spine2 bash -c "tc qdisc replace dev leaf2 root tbf \
		rate 20mbit burst 16000 limit 32000"
	poll 20 captured labels 300
	tshark -n -r "$DIR/labels" -T fields -e ipv6.flow 2>/dev/null |
		sort | uniq -c >"$DIR/got"
	cat "$DIR/got"
	[ "$(wc -l <"$DIR/got")" -eq 1 ]
	poll 20 counter_is_past retrans 0
	fabric_in spine2 tc qdisc replace dev leaf2 root tbf rate 100mbit \
		burst 16000 limit 250000
}

@test "carry: flows have labels of their own" {
	up
	load_list fc00:b::1
	capture labels 'ip6 proto 43'
	on_a "$SRTE_O/tools/spray" --count 1024 --flows 16 "$V6" 9
	poll 5 captured labels 1024
	[ "$(tshark -n -r "$DIR/labels" -T fields -e ipv6.flow 2>/dev/null |
		cut -d, -f1 | sort -u | wc -l)" -ge 15 ]
}
