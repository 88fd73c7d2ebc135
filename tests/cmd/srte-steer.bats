#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-steer: class records become steering entries, a round at a time; pools
# become paths, whole or not at all.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
	PINS=$SRTE_BPFFS/v1/default
	cat >"$DIR/pools.json" <<-'END'
	{ "source": "fd00:1::1",
	  "endpoints": [
	    { "prefix": "fd00:2::/64", "sid": "fc00:2::d6" },
	    { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
	  "pools": {
	    "default": [ { "name": "spine1", "segments": ["fc00:a::1"] } ],
	    "heavy": [ { "name": "spine2", "segments": ["fc00:b::1"] },
	               { "name": "spine3", "segments": ["fc00:c::1"] } ] } }
	END
}

teardown() {
	netns_teardown
}

steer() {
	in_a timeout 60 srte-steer "$@"
}

# round RECORD...: a whole stream. record CLASS SPORT [DADDR]: one flow.
round() {
	printf '%s\n' '{"type":"header","v":1,"tool":"srte-classify"}' "$@" \
		"{\"type\":\"trailer\",\"v\":1,\"records\":$#,\"complete\":true}"
}

record() {
	printf '{"type":"class","v":1,"proto":"tcp","saddr":"10.9.0.1",'
	printf '"sport":%d,"daddr":"%s","dport":5201,"class":"%s"}\n' \
		"$2" "${3:-10.0.2.1}" "$1"
}

mark() {
	echo "{\"type\":\"mark\",\"v\":1,\"records\":$1,\"complete\":true}"
}

# All that srte-steer may write, but for the counters: of the arrays the
# first 24 slots, where whatever is new would go.
maps() {
	local map id

	for map in steering routes config; do
		echo "map dump pinned $PINS/srte_$map"
	done >"$DIR/batch"
	for map in paths sets path_state; do
		for id in {0..23}; do
			echo "map lookup pinned $PINS/srte_$map key $id 0 0 0"
		done
	done >>"$DIR/batch"
	# Its status and last record may be of an errno left from before, so
	# what counts is that each command has its output.
	bpftool -j batch file "$DIR/batch" |
		jq -c --argjson n "$(wc -l <"$DIR/batch")" \
		'map(select(has("command"))) | if length == $n and
		all(.[]; .output | type == "array" or has("key")) then .
		else "maps: no batch" end'
}

entries() {
	bpftool -j map dump pinned "$PINS/srte_steering" | jq length
}

entries_are() {
	[ "$(entries)" -eq "$1" ]
}

# ops: "add heavy/spine2" and so on, of the actions in $output.
ops() {
	jq -r 'select(.type == "action") | "\(.op) \(.path // "plain")"' \
		<<<"$output"
}

whole() {
	jq -es '.[0].type == "header" and .[-1].complete and
		.[-1].records == length - 2' <<<"$output" >/dev/null
}

# refused STATUS NAME COMMAND...: one line that says so, and no map changes.
refused() {
	local status_wanted=$1 name=$2 before

	shift 2
	before=$(maps)
	[[ $before == "["* ]]
	run "-$status_wanted" --separate-stderr "$@"
	# shellcheck disable=SC2154 # bats sets it
	echo "$stderr"
	[ -z "$output" ]
	# shellcheck disable=SC2154
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ ${stderr_lines[0]} == "error: srte-steer: $name: "*\;* ]]
	[ "$(maps)" = "$before" ]
}

pool_load() {
	steer pool load "$DIR/pools.json"
}

up_loaded() {
	up && pool_load
}

apply() {
	round "${@:2}" | steer apply ${1:+"$1"}
}

@test "pool load: silent, and pool show tells all of it" {
	up
	run -0 --separate-stderr pool_load
	[ -z "$output$stderr" ]
	run -0 --separate-stderr steer pool show
	[ -z "$stderr" ]
	whole
	run -0 jq -r 'select(.type == "path") | "\(.path) \(.prefix) " +
		"\(.source) \(.segments | join(",")) \(.weight) " +
		"\(.header_bytes) \(.down)"' <<<"$output"
	[ "$output" = "\
default/spine1 fd00:2::/64 fd00:1::1 fc00:a::1,fc00:2::d6 1 80 false
heavy/spine2 fd00:2::/64 fd00:1::1 fc00:b::1,fc00:2::d6 1 80 false
heavy/spine3 fd00:2::/64 fd00:1::1 fc00:c::1,fc00:2::d6 1 80 false
default/spine1 10.0.2.0/24 fd00:1::1 fc00:a::1,fc00:2::d4 1 80 false
heavy/spine2 10.0.2.0/24 fd00:1::1 fc00:b::1,fc00:2::d4 1 80 false
heavy/spine3 10.0.2.0/24 fd00:1::1 fc00:c::1,fc00:2::d4 1 80 false" ]
}

@test "pool load: from a pipe, and the source from the device" {
	up
	jq 'del(.source)' "$DIR/pools.json" | steer pool load -
	run -0 steer pool show
	[ "$(jq -r 'select(.type == "path").source' <<<"$output" |
		sort -u)" = fd00:9::1 ]
}

@test "pool load: a bad document leaves the maps as they were" {
	up_loaded
	change() { jq "$1" "$DIR/pools.json" >"$DIR/bad.json"; }

	change '.pools.heavy[1].segments[0] = "fe80::1"'
	refused 4 BAD_SID steer pool load "$DIR/bad.json"
	[[ $stderr == *"bad.json: pools.heavy[1].segments[0]: fe80::1 is link-local"* ]]
	change '.pools.heavy[0].wieght = 2'
	refused 4 POOLS_FILE steer pool load "$DIR/bad.json"
	change '.pools.heavy[1].name = "spine2"'
	refused 4 POOLS_FILE steer pool load "$DIR/bad.json"
	change '.pools.bulk = .pools.heavy'
	refused 4 POOLS_FILE steer pool load "$DIR/bad.json"
	change '.pools.heavy[0].segments = [range(11) | "fc00:b::1"]'
	refused 4 TOO_LONG steer pool load "$DIR/bad.json"
	[[ $stderr == *"heavy/spine2 to fd00:2::/64: a header of 240 bytes is 20 too long for MTU 1500"* ]]
	head -c 100 "$DIR/pools.json" >"$DIR/bad.json"
	refused 4 POOLS_FILE steer pool load "$DIR/bad.json"
	refused 4 OPEN steer pool load "$DIR/none.json"
	refused 2 USAGE steer pool load

	ip -n "$NS_A" addr flush dev va
	change 'del(.source)'
	refused 3 NO_SOURCE steer pool load "$DIR/bad.json"
}

@test "pool load: more than fits is refused before the first write" {
	up_loaded
	jq '.endpoints = [range(1400) | {prefix:
		"fd00:\(. / 256 | floor):\(. % 256)::/48"}]' \
		"$DIR/pools.json" >"$DIR/many.json"
	refused 4 TOO_MANY steer pool load "$DIR/many.json"
	# These fit alone, but the 2000 before them are still in use.
	jq '.endpoints |= .[:1000] | del(.pools.default)' "$DIR/many.json" \
		>"$DIR/half.json"
	steer pool load "$DIR/half.json"
	jq '.pools.heavy += [{name: "x", segments: ["fc00:d::1"]}]' \
		"$DIR/half.json" >"$DIR/more.json"
	refused 4 TOO_MANY steer pool load "$DIR/more.json"
	[[ $stderr == *"3000 paths to load, 2095 fit beside those in use"* ]]
}

@test "pool load: --dry-run checks and writes nothing" {
	up
	refused 4 BAD_SID steer pool load -n - <<<'{"endpoints":[{"prefix":
		"10.0.2.0/24","sid":"::"}],"pools":{}}'
	run -0 --separate-stderr steer pool load -v -n "$DIR/pools.json"
	[ -z "$output" ]
	[[ $stderr == *"6 paths in 4 sets to 2 prefixes would fit"* ]]
	run -0 steer pool show
	whole
	[ "${#lines[@]}" -eq 2 ]
}

@test "pool load: the documents of srte-pools(5) load" {
	local page=$SRTE_TOP/man/srte-pools.5

	up
	[ "$(sed -n '/^{/,/^}/p' "$page" | jq -s length)" -eq 2 ]
	for i in 0 1; do
		sed -n '/^{/,/^}/p' "$page" | jq -s ".[$i]" | steer pool load -
	done
	[ "$(steer pool show | jq -r 'select(.id) | "\(.path) \(.prefix)"')" = \
		"heavy/bulk 10.0.2.7/32" ]
}

@test "apply: adds, renews and removes" {
	up_loaded
	run -0 --separate-stderr apply "" "$(record heavy 1)" \
		"$(record heavy 2 fd00:2::1 | sed s/10.9.0.1/fd00:9::1/)" \
		"$(record rest 3)"
	[ -z "$stderr" ]
	whole
	[ "$(ops | sed 's/spine.$/spineN/')" = $'add heavy/spineN\nadd heavy/spineN' ]
	jq -es 'all(.[1:-1][]; .lease_us == 180000000 and .dry_run == null)' \
		<<<"$output"
	entries_are 2
	run -0 steer show
	whole
	[ "$(jq -r 'select(.type == "action") | "\(.op) \(.class) \(.reason)"' \
		<<<"$output" | sort -u)" = "entry heavy class" ]

	run -0 apply "" "$(record heavy 1)"
	[[ $(ops) == "renew heavy/spine"? ]]
	entries_are 2	# the other is not named, so it is left to its lease
	run -0 apply "" "$(record rest 1)"
	[ "$(ops)" = "remove plain" ]
	entries_are 1
	run -0 apply "" "$(record rest 1)"
	[ -z "$(ops)" ]
}

@test "apply: the entry is what the programs read" {
	local set path

	up_loaded
	apply --keep "$(record heavy 258)" >"$DIR/out"
	bpftool -j map dump pinned "$PINS/srte_steering" >"$DIR/dump"
	# ::ffff:10.9.0.1 > ::ffff:10.0.2.1, port 258 > 5201, tcp
	[ "$(jq -r '.[0].key | join("")' "$DIR/dump" | sed 's/0x//g')" = \
00000000000000000000ffff0a09000100000000000000000000ffff0a00020101021451\
06000000 ]
	[ "$(jq -r '.[0].value[:8] | unique | join("")' "$DIR/dump")" = 0xff ]
	set=$(jq -r '.[0].value[16]' "$DIR/dump")
	path=$(bpftool -j map lookup pinned "$PINS/srte_sets" key \
		"$((set))" 0 0 0 | jq -r '.value[8]')
	[ "$((path))" -gt 0 ]
	[ "$(steer pool show | jq -r --argjson id "$((path))" \
		'select(.id == $id).prefix')" = 10.0.2.0/24 ]
}

@test "apply: heavy without a pool is told, not steered" {
	up
	jq 'del(.pools.heavy)' "$DIR/pools.json" | steer pool load -
	run -0 apply "" "$(record heavy 1)" "$(record heavy 2 10.0.9.9)"
	[ "$(jq -r 'select(.op) | "\(.op) \(.reason)"' <<<"$output")" = \
		$'none no_pool\nnone no_route' ]
	entries_are 0
}

@test "apply: without pools, pins or rights it says which" {
	up
	refused 3 NO_POOLS apply "" "$(record heavy 1)"
	run -3 --separate-stderr as_stranger srte-steer show
	[[ $stderr == "error: srte-steer: NO_RIGHT: "* ]]
	down --all
	run -3 --separate-stderr apply "" "$(record heavy 1)"
	[[ $stderr =~ ^"error: srte-steer: NO_"(PINS|BPFFS)": " ]]
}

@test "apply: a member of the group needs no capability" {
	up --group "$GROUP"
	chmod 644 "$DIR/pools.json"
	as_member srte-steer pool load "$DIR/pools.json"
	round "$(record heavy 1)" | as_member srte-steer >"$DIR/out"
	entries_are 1
	as_member srte-steer flush >"$DIR/out"
	entries_are 0
	as_member srte-steer pool show >"$DIR/out"
}

@test "apply: nothing of a stream that ends early" {
	local n

	up_loaded
	round "$(record heavy 1)" "$(record heavy 2)" "$(record heavy 3)" \
		>"$DIR/in"
	for n in 0 1 2 3 4; do
		head -n "$n" "$DIR/in" >"$DIR/cut"
		refused 4 TRUNCATED_STREAM steer "$DIR/cut"
	done
	for n in 2 50 200 300; do	# and in the middle of a line
		head -c "-$n" "$DIR/in" >"$DIR/cut"
		run -4 steer "$DIR/cut"
		[[ $output == *"; the last round was not applied"* ]]
		entries_are 0
	done
	sed -i 's/"complete":true/"complete":false/' "$DIR/in"
	refused 4 TRUNCATED_STREAM steer "$DIR/in"
	sed -i 's/"complete":false/"complete":true/; /"sport":2,/d' "$DIR/in"
	run -4 steer "$DIR/in"
	entries_are 0
}

@test "apply: nothing of a round with a bad record" {
	up_loaded
	refused 4 BAD_RECORD apply "" "$(record heavy 1)" "$(record heavy 2)" \
		"$(record rest 1)"
	[[ $stderr == *"line 4: tcp 10.9.0.1:1 > 10.0.2.1:5201 was in line 2 already"* ]]
	refused 4 BAD_RECORD apply "" "$(record heavy 1)" \
		"$(record heavy 2 | sed 's/"class",/"flow","bytes":1,"rate_bps":1,/')"
	[[ $stderr == *"srte-classify"* ]]
	refused 4 BAD_RECORD apply "" "$(record heavy 1)" '{"type":"class"'
	refused 4 BAD_RECORD apply "" "$(record heavy 1)" "$(record fat 2)"
	# What is for others is passed over.
	run -0 apply "" "$(record heavy 1)" '{"type":"weather","v":1}' \
		"$(record heavy 2 | sed 's/class/event/; s/}$/,"event":"rto"}/')"
	[[ $(ops) == "add heavy/"* ]]
	entries_are 1
}

@test "apply: a table that is full takes nothing of the round" {
	up_loaded
	apply "" "$(record heavy 1)" >"$DIR/out"
	awk 'BEGIN {
		print "{\"type\":\"header\",\"v\":1,\"tool\":\"test\"}"
		for (i = 0; i < 65537; i++)
			printf "{\"type\":\"class\",\"v\":1,\"proto\":\"tcp\"," \
				"\"saddr\":\"10.9.%d.1\",\"sport\":%d," \
				"\"daddr\":\"10.0.2.1\",\"dport\":1," \
				"\"class\":\"heavy\"}\n", i / 1000, 1 + i % 1000
		print "{\"type\":\"trailer\",\"v\":1,\"records\":65537," \
			"\"complete\":true}" }' >"$DIR/in"
	refused 4 TOO_MANY steer "$DIR/in"
	entries_are 1
}

@test "plan and --dry-run: the same words, and no call that writes" {
	up_loaded
	apply "" "$(record heavy 1)" >"$DIR/out"
	round "$(record rest 1)" "$(record heavy 2)" >"$DIR/in"
	before=$(maps)
	in_a timeout 60 strace -f -e trace=bpf,flock,unlink,mount -o "$DIR/trace" \
		srte-steer --dry-run "$DIR/in" >"$DIR/out"
	[ "$(jq -r 'select(.op) | "\(.op) \(.dry_run)"' "$DIR/out")" = \
		$'remove true\nadd true' ]
	[ "$(maps)" = "$before" ]
	grep -q BPF_MAP_LOOKUP_ELEM "$DIR/trace"
	run ! grep -E 'UPDATE|DELETE|CREATE|LOAD|flock|unlink|mount' "$DIR/trace"

	run -0 steer plan "$DIR/in"
	[ "$(grep '"action"' <<<"$output")" = "$(grep '"action"' "$DIR/out")" ]
	run -0 steer "$DIR/in"	# and so it comes to pass
	[ "$(ops | sed 's/ .*//')" = $'remove\nadd' ]
}

@test "busy: exit 5 at once, and nothing changes" {
	up_loaded
	exec 8<"$PINS"
	flock -n 8
	refused 5 BUSY apply "" "$(record heavy 1)"
	refused 5 BUSY pool_load
	refused 5 BUSY steer flush
	steer show >"$DIR/out"	# readers take no lock
	steer pool show >"$DIR/out"
	round "$(record heavy 1)" | steer -n >"$DIR/out"
	exec 8<&-
	apply "" "$(record heavy 1)" >"$DIR/out"
	entries_are 1
}

@test "busy: a producer that takes its time holds no lock" {
	up_loaded
	mkfifo "$DIR/fifo"
	spawn in_a timeout 60 srte-steer "$DIR/fifo" >"$DIR/out"
	exec 9>"$DIR/fifo"
	round "$(record heavy 1)" | head -n 2 >&9
	apply "" "$(record heavy 2)" >"$DIR/out2"
	round "$(record heavy 1)" | tail -n 1 >&9
	exec 9>&-
	wait "$PID"
	entries_are 2
}

shows() {
	[ "$(steer show | jq -s 'length - 2')" -eq "$1" ]
}

@test "leases: an entry ends by itself, and a later round sweeps it" {
	up_loaded
	apply --keep "$(record heavy 1)" >"$DIR/out"
	round "$(record heavy 2)" | steer --lease 200ms >"$DIR/out"
	[ "$(jq 'select(.op).lease_us' "$DIR/out")" -eq 200000 ]
	poll 10 shows 1
	entries_are 2	# still in the map, but over
	run -0 apply "" "$(record heavy 3)"
	[[ $(ops) == add* ]]
	entries_are 2
	run -0 apply --keep "$(record heavy 1)"
	[[ $(ops) == keep* ]]
	run -0 apply "" "$(record heavy 2)"	# over means absent
	[[ $(ops) == add* ]]
}

@test "leases: three intervals unless told otherwise" {
	up_loaded
	for args in "-f jsonl 180000000" "-i 2m 360000000" \
		"--interval 100ms 300000" \
		"--interval 1m --lease 5s 5000000"; do
		# shellcheck disable=SC2086 # words
		set -- $args
		round "$(record heavy 1)" | steer "${@:1:$#-1}" >"$DIR/out"
		[ "$(jq 'select(.op).lease_us' "$DIR/out")" -eq "${!#}" ]
	done
	refused 2 USAGE steer --keep --lease 5s /dev/null
	refused 2 USAGE steer --lease 0 /dev/null
	refused 2 USAGE steer --interval 0 /dev/null
}

@test "follow: each mark applies its round" {
	local status=0

	up_loaded
	mkfifo "$DIR/fifo"
	spawn in_a timeout 60 srte-steer "$DIR/fifo" >"$DIR/out"
	exec 9>"$DIR/fifo"
	round | head -n 1 >&9
	{ record heavy 1; mark 1; } >&9
	poll 10 entries_are 1
	{ record rest 1; record heavy 2; record heavy 3; mark 2; } |
		sed '/"sport":3/d' >&9
	poll 10 grep -q '"op":"remove"' "$DIR/out"
	entries_are 1
	record heavy 4 >&9	# and the end without a mark or trailer
	exec 9>&-
	wait "$PID" || status=$?
	[ "$status" -eq 4 ]
	entries_are 1
	[ "$(grep -c '"type":"mark"' "$DIR/out")" -eq 2 ]
	run ! grep -q '"type":"trailer"' "$DIR/out"
}

@test "flush: removes every entry" {
	up_loaded
	apply --keep "$(record heavy 1)" "$(record heavy 2)" >"$DIR/out"
	run -0 steer flush -n
	[ "$(ops)" = $'remove plain\nremove plain' ]
	entries_are 2
	run -0 steer flush
	whole
	[ "$(ops)" = $'remove plain\nremove plain' ]
	entries_are 0
	run -0 steer flush
	whole
}

@test "reload: entries follow their path by name" {
	local i before after

	up_loaded
	records=()
	for i in {1..40}; do
		records+=("$(record heavy "$i")")
	done
	apply --keep "${records[@]}" >"$DIR/out"
	before=$(steer show | jq -c 'select(.op) | [.sport, .path]' | sort)
	grep -q spine2 <<<"$before"
	grep -q spine3 <<<"$before"
	pool_load
	after=$(steer show | jq -c 'select(.op) | [.sport, .path]' | sort)
	[ "$after" = "$before" ]

	# spine2 gone, spine4 new: what was on spine3 stays there.
	jq '.pools.heavy[0] = {name: "spine4", segments: ["fc00:d::1"]}' \
		"$DIR/pools.json" | steer pool load -
	after=$(steer show | jq -c 'select(.op) | [.sport, .path]' | sort)
	[ "$(wc -l <<<"$after")" -eq 40 ]
	run ! grep spine2 <<<"$after"
	grep -q spine4 <<<"$after"
	run -0 comm -23 <(grep spine3 <<<"$before") <(grep spine3 <<<"$after")
	[ -z "$output" ]
	# The old ids are free again: as many paths as before, no more.
	run -0 slots
	[ "$output" = $'6\n4' ]
}

@test "reload: entries without a pool are removed, with their routes" {
	up_loaded
	apply --keep "$(record heavy 1)" \
		"$(record heavy 2 fd00:2::1 | sed s/10.9.0.1/fd00:9::1/)" \
		>"$DIR/out"
	jq '.endpoints |= .[1:]' "$DIR/pools.json" | steer pool load -
	[ "$(steer show | jq -r 'select(.op).sport')" -eq 1 ]
	[ "$(bpftool -j map dump pinned "$PINS/srte_routes" | jq length)" -eq 1 ]
	jq 'del(.pools.heavy)' "$DIR/pools.json" | steer pool load -
	entries_are 0
}

# Every entry must lead to a whole path of the pool's at every moment.
@test "reload: no reader ever sees an entry without a path" {
	local i

	up_loaded
	apply --keep "$(record heavy 1)" "$(record heavy 2)" >"$DIR/out"
	(
		for i in {1..20}; do
			pool_load || exit 1
		done
		touch "$DIR/done"
	) &
	until [ -e "$DIR/done" ]; do
		[ "$(steer show | jq -r 'select(.op) | .path // "none"' |
			grep -c '^heavy/spine[23]$')" -eq 2 ]
	done
	wait $!
}

# Slots in use, of paths and sets.
slots() {
	local map

	for map in paths sets; do
		bpftool -j map dump pinned "$PINS/srte_$map" |
			jq '[.[] | select(.value[0] != "0x00")] | length'
	done
}

@test "reload: killed at any write, nothing is torn and the next one heals" {
	local n first last

	up_loaded
	apply --keep "$(record heavy 1)" "$(record heavy 2)" >"$DIR/out"
	in_a timeout 60 strace -e trace=bpf -o "$DIR/trace" \
		srte-steer pool load "$DIR/pools.json"
	first=$(grep -n -m 1 UPDATE "$DIR/trace" | cut -d : -f 1)
	last=$(grep -c '^bpf' "$DIR/trace")
	[ "$((last - first))" -gt 30 ]
	for ((n = first; n <= last; n += 8)); do
		run -137 in_a timeout 60 strace -e trace=bpf -o /dev/null -e \
			"inject=bpf:signal=KILL:when=$n" \
			srte-steer pool load "$DIR/pools.json"
		[ "$(steer show | grep -c '"path":"heavy/spine[23]"')" -eq 2 ]
		pool_load
		run -0 slots
		[ "$output" = $'6\n4' ]
		[ "$(steer show | grep -c '"path":"heavy/spine[23]"')" -eq 2 ]
	done
}

@test "a misspelt verb is no file" {
	run -2 --separate-stderr steer shwo
	[[ $stderr == *": 'shwo' is not a verb, the nearest is 'show'; "* ]]
	cd "$DIR"
	: >shwo
	run -3 --separate-stderr steer shwo	# now it is a file
	[[ $stderr != *verb* ]]
}

@test "table: names for people" {
	up_loaded
	run -0 apply "" "$(record heavy 1)"
	run -0 steer show -f table
	[[ ${lines[0]} == OP*PROTO*SADDR*PATH* ]]
	[ "${#lines[@]}" -eq 2 ]
	run -0 steer pool show -f csv
	[ "${lines[0]%%,*}" = path ]
	[ "${#lines[@]}" -eq 7 ]
}
