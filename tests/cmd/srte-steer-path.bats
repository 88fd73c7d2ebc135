#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-steer path up|down and events by file, on maps without traffic.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns.bash
	netns_setup
	up
	cat >"$DIR/pools.json" <<-EOF
		{ "source": "fd00:1::1",
		  "endpoints": [ { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
		  "pools": { "default": [
		    { "name": "p1", "segments": ["fc00:a::1"] },
		    { "name": "p2", "segments": ["fc00:b::1"] },
		    { "name": "p3", "segments": ["fc00:c::1"] } ] } }
	EOF
	in_a srte-steer -q pool load "$DIR/pools.json"
}

teardown() {
	netns_teardown
}

# event KIND PATH [SPORT]
event() {
	printf '{"type":"event","v":1,"event":"%s","proto":"tcp",' "$1"
	printf '"saddr":"10.0.1.1","sport":%s,' "${3:-40000}"
	printf '"daddr":"10.0.2.1","dport":80,"path":"%s"}\n' "$2"
}

# stream LINE...: with header and trailer
stream() {
	printf '{"type":"header","v":1,"tool":"srte-events"}\n'
	printf '%s\n' "$@"
	printf '{"type":"trailer","v":1,"records":%d,"complete":true}\n' $#
}

steer() {
	in_a srte-steer -j "$@" | jq -c 'select(.type == "action") |
		[.op, .reason, .path_was, .path]'
}

down_paths() {
	in_a srte-steer path show -j |
		jq -r 'select(.type == "path" and .down).path' | tr '\n' ' '
}

@test "path: down, down for a time, and up" {
	run -0 in_a srte-steer path down default/p2
	[ -z "$output" ]
	[ "$(down_paths)" = "default/p2 " ]
	in_a srte-steer path down default/p3 --for 1h
	in_a srte-steer path show -j | jq -es 'any(.[]; .path == "default/p3" and
		.down_us > 3500000000 and .down_us <= 3600000000)'
	in_a srte-steer path up default/p2
	in_a srte-steer path up default/p3
	[ -z "$(down_paths)" ]
}

@test "path: a name that is none is refused, and changes nothing" {
	run -4 --separate-stderr in_a srte-steer path down default/p9
	[[ $stderr == "error: srte-steer: NO_PATH: "*"path show"* ]]
	[ -z "$(down_paths)" ]
	run -4 --separate-stderr in_a srte-steer path up p1
	[[ $stderr == *NO_PATH* ]]
}

@test "path: while another writes it is busy, exit 5" {
	spawn flock --no-fork "$SRTE_BPFFS/v1/default" sleep 60
	poll 5 busy
}

busy() {
	run --separate-stderr in_a srte-steer path down default/p1
	[ "$status" -eq 5 ] && [[ $stderr == *BUSY* ]]
}

@test "events: an rto moves its flow to the next path, the same again stays" {
	[ "$(stream "$(event rto default/p2)" | steer)" = \
		'["add","rto",null,"default/p3"]' ]
	[ "$(stream "$(event rto default/p2)" | steer)" = \
		'["keep","moved_already","default/p3","default/p3"]' ]
	[ "$(stream "$(event rto default/p3)" | steer)" = \
		'["change","rto","default/p3","default/p1"]' ]
}

@test "events: paths that are down are passed over" {
	in_a srte-steer path down default/p3
	[ "$(stream "$(event ecn default/p2)" | steer)" = \
		'["add","ecn",null,"default/p1"]' ]
	in_a srte-steer path down default/p1
	[ "$(stream "$(event rto default/p2 41000)" | steer)" = \
		'["none","no_path",null,null]' ]
}

@test "events: only the kinds asked for, only flows on a path" {
	[ -z "$(stream "$(event retrans default/p2)" \
		"$(event rto "")" '{"type":"event","v":1,"event":"lost"}' |
		steer)" ]
	[ "$(stream "$(event retrans default/p2)" |
		steer --on-event retrans)" = '["add","retrans",null,"default/p3"]' ]
	[ -z "$(stream "$(event rto default/p2 41000)" |
		steer --on-event none)" ]
}

@test "events: several of one flow in a round count once" {
	[ "$(stream "$(event rto default/p2)" "$(event rto default/p2)" \
		"$(event ecn default/p2)" | steer)" = \
		'["add","rto",null,"default/p3"]' ]
}

@test "events: a kind that is none is wrong usage" {
	run -2 --separate-stderr in_a srte-steer --on-event rto,,ecn </dev/null
	[[ $stderr == *"--on-event"* ]]
	run -2 in_a srte-steer --on-event moved </dev/null
}

@test "events: dry-run says it and does not" {
	stream "$(event rto default/p2)" | in_a srte-steer -j --dry-run |
		jq -es 'any(.[]; .op == "add" and .dry_run)'
	[ -z "$(in_a srte-steer show -j | jq -c 'select(.type == "action")')" ]
}

# class SPORT RATE
class() {
	printf '{"type":"class","v":1,"proto":"tcp","saddr":"10.0.1.1",'
	printf '"sport":%s,"daddr":"10.0.2.1","dport":80,"bytes":1,' "$1"
	printf '"rate_bps":%s,"class":"heavy","reason":"bytes"}\n' "$2"
}

heavy_pool() {
	sed 's/"default"/"heavy"/' "$DIR/pools.json" >"$DIR/heavy.json"
	in_a srte-steer -q pool load "$DIR/heavy.json"
}

@test "place: by load, the flows of one round spread over the paths" {
	heavy_pool
	stream "$(class 1 9000000)" "$(class 2 5000000)" "$(class 3 6000000)" \
		"$(class 4 2000000)" "$(class 5 1000000)" >"$DIR/round"
	[ "$(steer --place load <"$DIR/round" | jq -r '.[3]' | tr '\n' ' ')" = \
		"heavy/p1 heavy/p2 heavy/p3 heavy/p2 heavy/p3 " ]
}

@test "place: by load, a path that is down gets nothing" {
	heavy_pool
	in_a srte-steer path down heavy/p1
	stream "$(class 1 9000000)" "$(class 2 5000000)" | steer --place load |
		jq -se 'map(.[3]) == ["heavy/p2", "heavy/p3"]'
}
