#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-attach upgrade: other programs, the same flows, entries and counts, and
# a stream of numbered datagrams that does not notice.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	load ../lib/stream
	netns_setup
}

teardown() {
	netns_teardown
}

# shellcheck disable=SC2120 # `refused` gives it some
upgrade() {
	in_a timeout 60 srte-attach upgrade "$@"
}

counter() {
	in_a srte-attach status -j | jq -r --arg n "$1" \
		'select(.what == "counter" and .name == $n).value'
}

# Ids of programs are not what has to stay, nor the order in a directory.
shape() {
	snapshot | sed -E 's/\[[0-9]+\]/[]/; s/ id [0-9]+//; s/^[0-9]+ +//' |
		sort
}

programs() {
	in_a srte-attach status -j |
		jq -r 'select(.what == "program") | "\(.name) \(.value)"'
}

# What the hooks run is what is pinned.
hooks_run_pins() {
	local egress ingress sockops pins

	egress=$(in_a tc filter show dev va egress | grep -o 'id [0-9]*')
	ingress=$(in_a tc filter show dev va ingress | grep -o 'id [0-9]*')
	sockops=$(bpftool cgroup show "$CGROUP" | awk '/srte_sockops/{print $1}')
	pins=$(programs)
	grep -qx "srte_egress ${egress#id }" <<<"$pins"
	grep -qx "srte_ingress ${ingress#id }" <<<"$pins"
	grep -qx "srte_sockops $sockops" <<<"$pins"
}

@test "upgrade: every hook runs another program, all else is as it was" {
	local before pins

	before=$(snapshot)
	up --account cgroup --flows 1000 --ring 8K
	shape >"$DIR/shape"
	pins=$(programs)
	run -0 upgrade
	[ -z "$output" ]
	shape | diff "$DIR/shape" -
	hooks_run_pins
	run -1 grep -Fxf <(programs) <<<"$pins"
	in_a srte-attach status -j | jq -es 'any(.[]; .what == "map" and
		.name == "srte_flows" and (.text | contains("1000")))'
	upgrade
	shape | diff "$DIR/shape" -
	hooks_run_pins
	run -0 down
	[ "$(snapshot)" = "$before" ]
}

@test "upgrade: under 10,000 packets a second nothing is lost, nor a count" {
	local i first

	stream_setup
	up --pools "$DIR/pools.json"
	first=$(programs)
	stream_start
	for ((i = 0; i < 10; i++)); do
		upgrade
	done
	stream_stop
	[ "$SENT" -gt 1000 ]
	[ "$(stream_flow packets)" -eq "$SENT" ]
	[ "$(stream_flow bytes)" -eq $((SENT * 228)) ]
	[ "$(stream_flow path)" = default/only ]
	[ "$(counter steered)" -eq "$SENT" ]
	run -1 grep -Fxf <(programs) <<<"$first"
}

@test "upgrade: entries, paths, verdicts and settings stay" {
	stream_setup
	jq '.pools.heavy = [{ name: "h", segments: ["fc00:2::1"] }]' \
		"$DIR/pools.json" >"$DIR/two.json"
	up --pools "$DIR/two.json" --window 100ms --rules R1
	jq -nc '{type: "header", v: 1, tool: "test"}, {type: "class", v: 1,
		proto: "udp", saddr: "10.9.0.1", sport: 1, daddr: "10.9.0.2",
		dport: 7, class: "heavy"},
		{type: "trailer", v: 1, records: 1, complete: true}' |
		in_a srte-steer apply --lease 1h >/dev/null
	in_a srte-steer path down heavy/h --for 1h
	facts() {
		in_a srte-attach status -j | jq -cS 'select(.what == ("config",
			"lease", "path", "instance")) | del(.text)'
		in_a srte-steer show -j | jq -cS 'select(.type == "action") |
			del(.lease_us)'
		in_a srte-steer path show -j | jq -cS 'select(.type == "path") |
			del(.down_us)'
	}
	facts >"$DIR/facts"
	upgrade
	facts | diff "$DIR/facts" -
	grep -q '"path":"heavy/h"' "$DIR/facts"
}

@test "upgrade: who reads events goes on, and stays the only one" {
	up --heavy-bytes 1
	spawn in_a srte-events -j >"$DIR/events"
	poll 5 test -s "$DIR/events"
	upgrade
	in_a ping -qc 1 10.9.0.2
	poll 5 grep -q '"event":"heavy"' "$DIR/events"
	run -5 in_a srte-events -j
	[[ $output == *BUSY* ]]
}

@test "upgrade: nothing is up, or another network namespace has it" {
	attach_refused 3 NO_BPFFS upgrade
	up
	attach_refused 3 NO_PINS upgrade --instance other
	attach_refused 1 OTHER_NETNS srte-attach upgrade
	attach_refused 3 NO_CAPABILITY in_a setpriv --bounding-set=-bpf,-sys_admin \
		--inh-caps=-all srte-attach upgrade
	spawn flock --no-fork "$SRTE_BPFFS/v1/default" sleep 60
	locked() {
		! flock -n "$SRTE_BPFFS/v1/default" true
	}
	poll 5 locked
	attach_refused 5 BUSY upgrade
}

@test "upgrade: an older tool refuses a newer ABI in one sentence" {
	local meta

	up
	meta=$(bpftool -j map dump pinned "$SRTE_BPFFS/v1/default/srte_meta" |
		jq -r '.[0].value | map(ltrimstr("0x")) | .[6] = "07" | join(" ")')
	# shellcheck disable=SC2086 # a byte a word
	bpftool map update pinned "$SRTE_BPFFS/v1/default/srte_meta" \
		key hex 0 0 0 0 value hex $meta
	attach_refused 3 OTHER_ABI upgrade
	[[ $stderr == *"has ABI 1.7, newer than this tool's 1."*\;* ]]
	mkdir -p "$SRTE_BPFFS/v9/nine"
	attach_refused 3 OTHER_ABI upgrade --instance nine
	attach_refused 1 EXISTS up --instance nine
	[[ $stderr == *"with ABI 9;"* ]]
}

@test "upgrade: a filter that is gone or not ours is left alone" {
	up
	in_a tc filter del dev va egress pref 24160
	in_a tc filter add dev va egress pref 24160 handle 0x5e6 \
		bpf bytecode "1,6 0 0 0"
	run -0 upgrade
	[[ $output == *"warning: va: its filter is gone, or not ours"* ]]
	in_a tc filter show dev va egress | grep -q bytecode
	run -0 down
	in_a tc filter show dev va egress | grep -q bytecode
}
