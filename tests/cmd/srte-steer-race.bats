#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-steer against a kernel that moves flows meanwhile: the command is
# stopped between reading and writing, and the entry changed under it.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
	PINS=$SRTE_BPFFS/v1/default
	cat >"$DIR/pools.json" <<-'END'
	{ "source": "fd00:1::1",
	  "endpoints": [ { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
	  "pools": {
	    "heavy": [ { "name": "spine2", "segments": ["fc00:b::1"] },
	               { "name": "spine3", "segments": ["fc00:c::1"] } ] } }
	END
	printf '%s\n' '{"type":"header","v":1,"tool":"srte-classify"}' \
		'{"type":"class","v":1,"proto":"tcp","saddr":"10.9.0.1",
		"sport":40001,"daddr":"10.0.2.1","dport":5201,
		"class":"heavy"}' \
		'{"type":"trailer","v":1,"records":1,"complete":true}' |
		sed -z 's/,\n\t*/,/g' >"$DIR/round"
	up
	steer pool load "$DIR/pools.json"
	steer --lease 1h "$DIR/round" >/dev/null
}

teardown() {
	netns_teardown
}

steer() {
	in_a timeout 60 srte-steer "$@"
}

# entry FILTER: of the one there is.
entry() {
	bpftool -j map dump pinned "$PINS/srte_steering" |
		jq -ce ".[0].formatted.value | $1"
}

# What rule R1 does: the other path, one more move.
move() {
	local key bytes

	bytes=$(bpftool -j map dump pinned "$PINS/srte_steering" |
		jq -r '.[0].value[]')
	key=$(bpftool -j map dump pinned "$PINS/srte_steering" |
		jq -r '.[0].key[]')
	mapfile -t bytes <<<"$bytes"
	bytes[8]=0x2a			# moved_ns
	bytes[20]=$((bytes[20] ^ 1))	# active
	bytes[22]=0x07			# moves
	bytes[25]=0x03			# reason: rto
	# shellcheck disable=SC2086 # a byte a word
	bpftool map update pinned "$PINS/srte_steering" key $key \
		value "${bytes[@]}"
}

stopped() {
	grep -q 'stopped by SIGSTOP' "$DIR/log"
}

# The place of the first walk over the entries among the calls of a command.
walk_at() {
	in_a timeout 60 strace -e trace=bpf -o "$DIR/log" srte-steer "$@" \
		>/dev/null
	awk '/^bpf\(/ { n++ }
	     /BPF_MAP_LOOKUP_BATCH/ { print n; exit }' "$DIR/log"
}

# Stop a command after its walk, move the flow, let it go on.
move_under() {
	local at tracer child

	at=$(walk_at "$@")
	[ "$at" -gt 1 ]
	rm "$DIR/log"
	spawn in_a timeout 60 strace -e trace=bpf -o "$DIR/log" \
		-e "inject=bpf:signal=SIGSTOP:when=$at" srte-steer "$@" \
		>"$DIR/out"
	tracer=$PID
	poll 30 stopped
	child=$(pgrep -P "$(pgrep -P "$tracer" strace)" srte-steer)
	move
	kill -CONT "$child"
	wait "$tracer"
}

@test "apply: a renewal leaves a move alone that came meanwhile" {
	local path lease

	path=$(entry .active)
	lease=$(entry .lease_ns)
	move_under --lease 2h "$DIR/round"
	[ "$(jq -r 'select(.type == "action").op' "$DIR/out")" = renew ]
	entry .
	[ "$(entry .active)" -eq $((path ^ 1)) ]
	[ "$(entry '[.moves, .moved_ns, .reason]')" = "[7,42,3]" ]
	[ "$(entry .lease_ns)" -gt "$lease" ]
}

@test "pool load: a flow that moves meanwhile keeps the path it moved to" {
	local path

	path=$(entry .active)
	move_under pool load "$DIR/pools.json"
	entry .
	[ "$(entry .active)" -eq $((path ^ 1)) ]
	[ "$(entry '[.moves, .moved_ns, .reason]')" = "[7,42,3]" ]
}

# One whole round of 200 flows, the same for everybody.
big_round() {
	printf '%s\n' '{"type":"header","v":1,"tool":"srte-classify"}'
	jq -nc 'range(1; 201) | { type: "class", v: 1, proto: "tcp",
		saddr: "10.9.0.1", sport: ., daddr: "10.0.2.1", dport: 5201,
		class: "heavy" }'
	printf '%s\n' '{"type":"trailer","v":1,"records":200,"complete":true}'
}

# fifty: so many at once, each with a lease of its own; their exits
fifty() {
	local pids=() i

	for i in $(seq 50); do
		in_a timeout 60 srte-steer -q --lease "$((i + 10))m" \
			"$DIR/big" >/dev/null 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" && echo 0 || echo $?
	done
}

@test "apply: of fifty at once those that lose say 5, the rest are whole" {
	big_round >"$DIR/big"
	steer flush >/dev/null
	fifty >"$DIR/exits"
	sort "$DIR/exits" | uniq -c
	[ "$(wc -l <"$DIR/exits")" -eq 50 ]
	run ! grep -qvx '[05]' "$DIR/exits"
	grep -qx 0 "$DIR/exits"
	# one end of the lease is one round
	bpftool -j map dump pinned "$PINS/srte_steering" |
		jq -e 'length == 200 and
			(map(.formatted.value.lease_ns) | unique | length) == 1'
}

# pool_named NAME: which heavy path is in use
pool_named() {
	steer path show -j | jq -es --arg n "heavy/$1" \
		'map(select(.type == "path").path) == [$n]' >/dev/null
}

@test "pool load -: each document of a stream in its turn, while it flows" {
	local one='(.pools.heavy |= [.[0]])' status=0

	mkfifo "$DIR/pipe"
	steer pool load - <"$DIR/pipe" 2>"$DIR/said" &
	NETNS_PIDS+=($!)
	exec 9>"$DIR/pipe"
	jq "$one | .pools.heavy[0].name = \"first\"" "$DIR/pools.json" >&9
	poll 10 pool_named first
	jq -c "$one | .pools.heavy[0].name = \"second\"" "$DIR/pools.json" >&9
	poll 10 pool_named second
	# a bad one is told, and the last good one stays
	jq '.pools.heavy[0].segments = ["fe80::1"]' "$DIR/pools.json" >&9
	poll 10 grep -q 'BAD_SID: -: document 3: pools.heavy' "$DIR/said"
	pool_named second
	jq "$one | .pools.heavy[0].name = \"fourth\"" "$DIR/pools.json" >&9
	poll 10 pool_named fourth
	exec 9>&-
	# not by way of run: a subshell may wait for no child of its parent
	wait "${NETNS_PIDS[-1]}" || status=$?
	[ "$status" -eq 4 ]
	[ "$(wc -l <"$DIR/said")" -eq 1 ]
	pool_named fourth
}

@test "pool load -: nothing is no document" {
	run -4 --separate-stderr steer pool load - </dev/null
	[[ $stderr == *"POOLS_FILE: -: is empty"* ]]
	run -4 --separate-stderr steer pool load - <<<'no json'
	[[ $stderr == *"POOLS_FILE: -:1:"* ]]
}

locked() {
	! flock -n "$1" true
}

@test "apply: fifty end while the lock is held, and nothing is written" {
	local holder

	big_round >"$DIR/big"
	spawn flock --no-fork "$PINS" sleep 600
	holder=$PID
	poll 5 locked "$PINS"
	fifty >"$DIR/exits"
	[ "$(grep -cx 5 "$DIR/exits")" -eq 50 ]
	kill -0 "$holder"
	[ "$(bpftool -j map dump pinned "$PINS/srte_steering" |
		jq length)" -eq 1 ]
}
