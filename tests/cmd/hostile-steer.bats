#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What was made to hurt, at the command that writes: refused with exit 4, in
# 64 MiB, and the maps as they were. And no hash that a stranger can foresee.

bats_require_minimum_version 1.5.0

RSS_MAX=$((64 * 1024))	# KiB

setup() {
	load ../lib/netns
	netns_setup
	cat >"$DIR/pools.json" <<-'END'
	{ "source": "fd00:9::1",
	  "endpoints": [ { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
	  "pools": { "heavy": [ { "name": "s2", "segments": ["fc00:b::1"] } ] } }
	END
	up --pools "$DIR/pools.json"
}

teardown() {
	netns_teardown
}

maps() {
	local map

	for map in steering paths sets routes; do
		bpftool -j map dump pinned "$SRTE_BPFFS/v1/default/srte_$map"
	done | md5sum
}

# refused COMMAND... : what it writes, into the rest of the words after --
refused() {
	local before writer=() status=0

	while [ "$1" != -- ]; do
		writer+=("$1")
		shift
	done
	shift
	before=$(maps)
	"${writer[@]}" 2>/dev/null | in_a timeout 100 /usr/bin/time -q -f %M \
		-o "$DIR/rss" srte-steer "$@" >"$DIR/out" 2>"$DIR/err" ||
		status=$?
	echo "$status, $(cat "$DIR/rss") KiB: $(head -c 300 "$DIR/err")"
	[ "$status" -eq 4 ]
	[ "$(cat "$DIR/rss")" -le "$RSS_MAX" ]
	[ "$(maps)" = "$before" ]
}

header() {
	echo '{"type":"header","v":1,"tool":"t"}'
}

# class SOURCE [MEMBER]: of a flow that is heavy
class() {
	printf '{"type":"class","v":1,%b"family":"ipv4","proto":"tcp",' "${2:-}"
	printf '"saddr":"%s","sport":1,"daddr":"10.0.2.1","dport":2,' "$1"
	printf '"class":"heavy"}\n'
}

# round COMMAND...: a whole round but for what that writes in its middle
round() {
	header
	class 10.9.0.1
	"$@"
	echo '{"type":"trailer","v":1,"records":2,"complete":true}'
}

export -f header class round

# shellcheck disable=SC2016 # for the inner shells, here and below
@test "steer: a line of 1 GiB changes nothing" {
	refused bash -c 'round head -c 1G /dev/zero' --
	refused bash -c 'head -c 1G /dev/zero | tr "\0" "["' -- pool load -
}

@test "steer: a million levels change nothing" {
	refused bash -c 'deep() { printf "{\"type\":\"class\",\"v\":1,\"x\":"
		head -c 1000000 /dev/zero | tr "\0" "["; echo; }; round deep' --
	refused bash -c 'head -c 60000 /dev/zero | tr "\0" "["' -- pool load -
}

@test "steer: lines without end change nothing" {
	refused bash -c 'header; yes "" | head -n 100000000' --
	refused bash -c 'header
		yes "{\"type\":\"wind\",\"v\":2}" | head -n 5000000' --
}

@test "steer: NUL, bad UTF-8 and numbers past 64 bits change nothing" {
	local bad

	for bad in '"x":"\0",' '"x":"\377\376",' '"rate_bps":1e400,' \
		'"bytes":18446744073709551616,' '"bytes":-1,'; do
		refused round class 10.9.0.3 "$bad" --
	done
	round class 10.9.0.3 '"bytes":1,' | in_a srte-steer -q
	refused printf '{"source":"fd00:9::1","x":"\377"}' -- pool load -
}

seeds() {
	bpftool -j map dump pinned "$SRTE_BPFFS/v1/default/srte_config" |
		jq -c '.[0].formatted.value.seed'
}

@test "every up draws its own seeds" {
	local first

	first=$(seeds)
	[ "$(jq 'length > 3 and all(.[]; . != 0)' <<<"$first")" = true ]
	down --all
	up
	[ "$(seeds)" != "$first" ]
}
