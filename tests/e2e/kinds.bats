#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every kind of packet on a real device, each counted to its own flow.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns.bash
	load ../lib/hooks.bash
	netns_setup
}

teardown() {
	netns_teardown
}

flows() {
	in_a timeout 60 srte-flows -j
}

status_counter() {
	in_a srte-attach status -j | jq -e --arg n "$1" \
		'select(.what == "counter" and .name == $n).value'
}

# frames DEVICE [HOW]: send them, and keep what has to be counted
frames() {
	in_a timeout 60 "$SRTE_O/tools/frames" "$@" >"$DIR/expected"
	[ -s "$DIR/expected" ]
}

# Each line that was expected is a flow with these figures, on that hook.
all_counted() {
	flows | jq -c 'select(.type == "flow")' >"$DIR/flows"
	jq -nr --slurpfile flows "$DIR/flows" \
		--slurpfile expected "$DIR/expected" '
		def figures: {family, proto, saddr, daddr, sport, dport, bytes,
			packets};
		($flows | map(select(.hook == "dev") | figures)) as $counted |
		$expected[] | select(figures as $f |
			$counted | index($f) | not) |
		"not counted as it should be: \(.)"' >"$DIR/missing"
	cat "$DIR/missing"
	[ ! -s "$DIR/missing" ]
}

@test "kinds: each is counted to its flow, to the byte" {
	up --admit all
	frames va
	[ "$(wc -l <"$DIR/expected")" -eq 20 ]
	all_counted
	[ "$(status_counter fragment)" -eq 1 ]
	[ "$(status_counter unknown_header)" -eq 0 ]
	[ "$(status_counter truncated)" -eq 0 ]
}

@test "kinds: a tag beside the frame, as a VLAN device puts it" {
	hooks_setup
	hook "$NS_A" va egress tag	# before ours, which is at 24160
	up --admit all
	frames va
	all_counted
	[ "$(hooks_seen packets)" -ge "$(jq -s 'map(.packets) | add' \
		"$DIR/expected")" ]
}

@test "kinds: cut short at every length" {
	up --admit all
	frames va cut
	[ "$(status_counter truncated)" -eq "$(jq .truncated "$DIR/expected")" ]
	[ "$(flows | jq -s 'map(select(.dport == 5201 or .dport == 2) |
		.packets) | add')" -eq "$(jq .whole "$DIR/expected")" ]
}

# attached_l3 DEVICE: all kinds but tags, and both families
attached_l3() {
	ip -n "$NS_A" link set "$1" up
	in_a timeout 60 srte-attach up --dev "$1" --cgroup "$CGROUP" \
		--admit all
	run -0 in_a tc filter show dev "$1" egress
	[[ $output == *srte_egress_l3* ]]
	frames "$1" bare
	all_counted
	down
}

# tun can say that it is any of them: none, raw IP, ipip, ip6tnl, sit
@test "kinds: link types that begin with the IP header" {
	local type

	for type in 65534 519 768 769 776; do
		spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/tun" \
			vt "$type"
		poll 5 ip -n "$NS_A" link show vt >/dev/null 2>&1
		echo "link type $type"
		attached_l3 vt
		kill "$PID"
		wait "$PID" || :
	done
}

# gre 778, ip6gre 823, PPP 512, Infiniband 32: nobody's guess
@test "kinds: link types that may begin with anything are refused" {
	local type

	for type in 778 823 512 32; do
		spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/tun" \
			vt "$type"
		poll 5 ip -n "$NS_A" link show vt >/dev/null 2>&1
		run -3 in_a timeout 60 srte-attach up --dev vt \
			--cgroup "$CGROUP"
		[[ $output == *DEVICE_TYPE* ]]
		kill "$PID"
		wait "$PID" || :
	done
}

@test "kinds: tunnels of the kernel, those that it has" {
	local type

	for type in ipip sit; do
		ip -n "$NS_A" link add vl type "$type" remote 10.9.0.99 \
			local 10.9.0.1 2>/dev/null || continue
		attached_ip "$type" vl
		ip -n "$NS_A" link del vl
	done
	if ip -n "$NS_A" link add vl type wireguard 2>/dev/null; then
		attached_ip wireguard vl
	fi
}

# What goes into it is counted, whether or not it comes out: a real sender, for
# such a device takes one family only.
attached_ip() {
	local to=10.8.0.2

	echo "a device of type $1"
	[ "$1" != sit ] || to=fd00:8::2
	ip -n "$NS_A" addr add 10.8.0.1/24 dev "$2"
	ip -n "$NS_A" addr add fd00:8::1/64 dev "$2" nodad
	ip -n "$NS_A" link set "$2" up
	in_a timeout 60 srte-attach up --dev "$2" --cgroup "$CGROUP" \
		--admit all
	in_a timeout 60 "$SRTE_O/tools/spray" --count 5 --bytes 100-100 \
		"$to" 7012 || :
	flows | jq -es --arg to "$to" 'map(select(.dport == 7012))[0] |
		.daddr == $to and .packets >= 1 and
		.bytes == .packets * (if $to == "10.8.0.2" then 128 else 148
			end)'
	down
}
