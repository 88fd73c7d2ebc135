#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Matches: traffic in pools of its own, from the first packet on.

bats_require_minimum_version 1.5.0
load ../lib/one_stage.bash

stage_more() {
	mkdir "$CGROUP/tenant"
}

# matched MATCH: spine1 for all, spine2 for what the match fits, spine3 for
# what is heavy of it
matched() {
	pools default=1 tenant=2 big=3 | jq --argjson m "$1" \
		'.matches = [$m + {pool: "tenant", heavy: "big"}]' \
		>"$DIR/pools.json"
}

# ping_in CGROUP ADDRESS: 20 packets
ping_in() {
	# shellcheck disable=SC2016 # for the inner shell
	on_a bash -c 'echo $$ >"$0/cgroup.procs" && exec ping -q "$@"' \
		"$1" -c 20 -i 0.002 "$2"
}

# tenant_elephant NAME ADDRESS [OPTION...]
tenant_elephant() {
	local CGROUP=$CGROUP/tenant

	elephant "$@"
}

@test "match: a tenant's first packet takes its spine, another's does not" {
	local address

	matched "{\"cgroup\": \"/${CGROUP##*/}/tenant\"}"
	up --pools "$DIR/pools.json"
	for address in "$V4" "$V6"; do
		note_spines
		ping_in "$CGROUP/tenant" "$address"
		[ "$(spent 2)" -ge 2000 ]
		[ "$(spent 1)" -lt 1000 ]
		note_spines
		ping_in "$CGROUP" "$address"
		[ "$(spent 1)" -ge 2000 ]
		[ "$(spent 2)" -lt 1000 ]
	done
}

@test "match: instant mode keeps a tenant's elephant to its own pools" {
	matched "{\"cgroup\": \"/${CGROUP##*/}/tenant\"}"
	up --instant --heavy-bytes 256K --pools "$DIR/pools.json"
	note_spines
	tenant_elephant bulk "$V4" --from-port 42400
	arrives bulk 4000000
	on_a srte-steer show -j | any '.reason == "instant" and
		.path == "big/spine3"'
	[ "$(spent 1)" -lt 20000 ]
	[ "$(spent 2)" -ge 200000 ]
	[ "$(spent 3)" -ge 3500000 ]
}

@test "match: srte-steer puts a tenant's heavy flow into its own pool" {
	matched "{\"cgroup\": \"/${CGROUP##*/}/tenant\"}"
	up --pools "$DIR/pools.json"
	tenant_elephant bulk "$V4" --from-port 42401
	arrives bulk 2000000
	path_is "$bulk_PORT" tenant/spine2
	steer_all -j | any ".op == \"add\" and .dport == $bulk_PORT and
		.path == \"big/spine3\""
	poll 5 path_is "$bulk_PORT" big/spine3
	# another load keeps it there
	on_a srte-steer pool load "$DIR/pools.json"
	path_is "$bulk_PORT" big/spine3
	on_a srte-steer path show -j | any '.path == "tenant/spine2"'
}

@test "match: by protocol, and by the mark of a packet" {
	matched '{"proto": "icmp", "mark": "0x10/0xf0"}'
	up --pools "$DIR/pools.json"
	note_spines
	on_a ping -q -m 31 -c 20 -i 0.002 "$V4"
	[ "$(spent 2)" -ge 2000 ]
	[ "$(spent 1)" -lt 1000 ]
	note_spines
	on_a ping -q -m 47 -c 20 -i 0.002 "$V4"
	[ "$(spent 1)" -ge 2000 ]
	[ "$(spent 2)" -lt 1000 ]
}

@test "match: by prefix and port" {
	matched "{\"src\": \"fd00:1::/64\", \"dport\": \"5000-5999\"}"
	up --pools "$DIR/pools.json"
	elephant bulk "$V6" --from-port 42402
	arrives bulk 500000
	path_is "$bulk_PORT" tenant/spine2
	elephant other "$V4" --from-port 42404
	arrives other 500000
	path_is "$other_PORT" default/spine1
}

@test "match: a flow in a pool of its own is moved within it" {
	pools default=1 tenant=2,3 | jq '.matches =
		[{"dport": "5000-5999", "pool": "tenant"}]' >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	elephant bulk "$V4" --from-port 42403
	arrives bulk 500000
	SPINE=$(flow_of "$bulk_PORT" | jq -r .path | sed 's,tenant/spine,,')
	spine_blackhole "$SPINE"
	poll 10 path_is "$bulk_PORT" "tenant/spine$((5 - SPINE))"
	arrives bulk 500000
	spine_heal "$SPINE"
}

@test "match: a cgroup that is not there refuses the load" {
	matched '{"cgroup": "/srte-nowhere"}'
	run -4 --separate-stderr up --pools "$DIR/pools.json"
	[[ $stderr == *"matches[0].cgroup: /srte-nowhere: No such file"* ]]
}
