#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The other forms of a path, carried by the kernel's own endpoints: reduced,
# inline, and uSIDs that srte packs itself.

bats_require_minimum_version 1.5.0
load ../lib/one_stage.bash

stage_more() {
	fabric_in leaf1 ip route add fcbb:bb00::/32 via fd00:12::2
	fabric_in spine2 ip -batch - <<-EOF_R
		route add fcbb:bb00:200::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev leaf1
		route add fcbb:bb00:900::/48 via fd00:22::1
	EOF_R
	fabric_in leaf2 ip route add fcbb:bb00:900::/48 encap seg6local \
		action End flavors next-csid lblen 32 nflen 16 dev b
}

# path JSON [ENDPOINTS]: a pool of that one entry
path() {
	local ends='[{ "prefix": "fd00:2::/64", "sid": "fc00:2::d6" },
		{ "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" }]'

	jq -n --argjson entry "$1" --argjson ends "${2:-$ends}" \
		'{ source: "fd00:1::1", usid_block: "fcbb:bb00::/32",
		   endpoints: $ends, pools: { default: [$entry] } }' |
		on_a srte-steer -q pool load -
}

# sees NAME FILTER ADDRESS FIELD...: what leaf1 gets of a ping, decoded
sees() {
	local name=$1 filter=$2 address=$3 field args=()

	shift 3
	for field; do
		args+=(-e "$field")
	done
	spawn_on leaf1 tcpdump -q -U -i a -w "$DIR/$name" -c 1 "$filter" \
		2>"$DIR/tcpdump"
	poll 5 grep -q 'listening on' "$DIR/tcpdump"
	on_a ping -q -c 1 -W 2 ${QOS:-} "$address" >/dev/null
	poll 5 one_frame "$name"
	tshark -n -r "$DIR/$name" -T fields "${args[@]}" 2>/dev/null
}

one_frame() {
	[ "$(tcpdump -nr "$DIR/$1" 2>/dev/null | wc -l)" -ge 1 ]
}

# carries ADDRESS PORT: TCP in trains arrives whole over spine 2
carries() {
	local before

	before=$(spine_bytes 2)
	elephant bulk "$1" --from-port "$2"
	arrives bulk 2000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ $(($(spine_bytes 2) - before)) -gt 2000000 ]
	[ "$(counter over_mtu)" -eq 0 ]
	[ "$(counter push_failed)" -eq 0 ]
	[ "$(counter gave_up)" -eq 0 ]
}

RED='{ "name": "p", "mode": "encap.red", "segments": ["fc00:b::1"] }'

@test "modes: encap.red leaves the first segment out of the list" {
	up
	path "$RED"
	run -0 sees red 'ip6 proto 43' "$V4" ipv6.dst ipv6.routing.segleft \
		ipv6.routing.srh.last_entry ipv6.routing.srh.addr
	[ "$output" = $'fc00:b::1\t1\t0\tfc00:2::d4' ]
	carries "$V4" 42201
	carries "$V6" 42202
}

@test "modes: encap.red of one segment has no SRH" {
	up
	path "${RED/fc00:b::1/fc00:2::d4}" '[{ "prefix": "10.0.2.0/24" }]'
	run -0 sees one 'ip6 proto 4' "$V4" ipv6.dst ipv6.nxt ip.dst
	[ "$output" = $'fc00:2::d4\t4\t10.0.2.1' ]
	elephant bulk "$V4" --from-port 42203
	arrives bulk 1000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ "$(counter steered)" -ge 16 ]	# trains of up to 64 KiB
}

@test "modes: inline keeps the packet's own header, its destination last" {
	up
	path '{ "name": "p", "mode": "inline", "segments": ["fc00:b::1"] }' \
		'[{ "prefix": "fd00:2::/64" }]'
	run -0 sees inline 'ip6 proto 43' "$V6" ipv6.src ipv6.dst \
		ipv6.routing.segleft ipv6.routing.srh.last_entry \
		ipv6.routing.srh.addr icmpv6.type
	[ "$output" = $'fd00:1::1\tfc00:b::1\t1\t1\tfd00:2::1,fc00:b::1\t128' ]
	carries "$V6" 42204
}

@test "modes: usids are packed into one carrier" {
	up
	path '{ "name": "p", "segments": [{ "usids": ["0200", "0900"] }] }'
	run -0 sees usid 'ip6 proto 43' "$V4" ipv6.dst ipv6.routing.srh.addr
	[ "$output" = $'fcbb:bb00:200:900::\tfc00:2::d4,fcbb:bb00:200:900::' ]
	carries "$V4" 42205
	carries "$V6" 42206
}

@test "modes: the header is DSCP, ECN, label and hop limit in each of them" {
	local entry

	up
	for entry in "$RED" "${RED/encap.red/encap}"; do
		path "$entry"
		QOS="-Q 0xb9" run -0 sees tos 'ip6 proto 43' "$V4" ipv6.tclass.dscp \
			ipv6.tclass.ecn ipv6.hlim
		[ "$output" = $'46\t1\t64' ]
	done
}
