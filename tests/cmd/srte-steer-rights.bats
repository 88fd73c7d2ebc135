#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Who may say where traffic goes: the pools file's own rights, and the list of
# SIDs that root keeps.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
	up
	cat >"$DIR/pools.json" <<-'END'
	{ "source": "fd00:1::1",
	  "endpoints": [ { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
	  "pools": {
	    "heavy": [ { "name": "spine2", "segments": ["fc00:a::1"] },
	               { "name": "spine3", "segments": ["fc00:b::1"] } ] } }
	END
}

teardown() {
	netns_teardown
}

steer() {
	in_a timeout 60 srte-steer "$@"
}

@test "pool load: a file that others can write is refused" {
	for mode in 664 646 666; do
		chmod "$mode" "$DIR/pools.json"
		run -4 steer pool load "$DIR/pools.json"
		[[ $output == "error: srte-steer: POOLS_RIGHTS: $DIR/pools.json:"* ]]
		[[ $output == *"(mode 0$mode)"* ]]
	done
	run -4 steer pool load "$DIR/pools.json" # once more, by name only:
	steer -q pool load - <"$DIR/pools.json"  # this one the caller opened
	chmod 644 "$DIR/pools.json"
	steer -q pool load "$DIR/pools.json"
}

# A private /etc, since the list has one place only.
with_allow_list() {
	local etc=$DIR/etc

	cp -a /etc "$etc"
	mkdir -p "$etc/srte"
	cat >"$etc/srte/sid-allow"
	chmod 644 "$etc/srte/sid-allow"
	in_a timeout 60 unshare -m sh -c \
		'mount --bind "$1" /etc && shift && exec "$@"' sh "$etc" "$@"
}

@test "pool load: the allow-list binds root and the group" {
	run -4 with_allow_list srte-steer pool load "$DIR/pools.json" \
		<<<$'fc00:2::/32\nfc00:a::/32'
	[ "$output" = "error: srte-steer: NOT_ALLOWED: fc00:b::1 is in no prefix \
of /etc/srte/sid-allow; use another SID, or have root add its prefix" ]
	run -3 with_allow_list srte-steer pool load "$DIR/pools.json" \
		<<<'everything'
	[[ $output == *"ALLOW_LIST: /etc/srte/sid-allow:1: 'everything'"* ]]
	with_allow_list srte-steer -q pool load "$DIR/pools.json" \
		<<<'fc00::/16 # ours'
}
