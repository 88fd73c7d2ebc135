#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Streams made to hurt: refused with exit 4, in 64 MiB, and nothing printed
# that a reader would act on.

bats_require_minimum_version 1.5.0

RSS_MAX=$((64 * 1024))	# KiB
HEADER='{"type":"header","v":1,"tool":"t"}'

setup() {
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$i$BATS_TEST_NUMBER.XXXX")
}

teardown() {
	rm -rf "$DIR"
}

# refused COMMAND...: what it writes, behind a header
refused() {
	local status=0

	{ echo "$HEADER"; "$@" 2>/dev/null; } |
		timeout 60 /usr/bin/time -q -f %M -o "$DIR/rss" \
			srte-classify >"$DIR/out" 2>"$DIR/err" || status=$?
	echo "$status, $(cat "$DIR/rss") KiB: $(head -c 300 "$DIR/err")"
	[ "$status" -eq 4 ]
	[ "$(cat "$DIR/rss")" -le "$RSS_MAX" ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
	run -1 grep -q '"trailer"' "$DIR/out"
}

@test "a line of 1 GiB" {
	refused head -c 1G /dev/zero
	refused bash -c 'head -c 1G /dev/zero | tr "\0" "{"'
}

@test "a million levels deep, in one line that is short enough and one not" {
	refused bash -c 'printf "{\"type\":\"flow\",\"v\":1,\"x\":"
		head -c 1000000 /dev/zero | tr "\0" "["; echo'
	refused bash -c 'printf "{\"type\":\"flow\",\"v\":1,\"x\":"
		head -c 60000 /dev/zero | tr "\0" "["; echo'
}

@test "ten million lines that say nothing" {
	refused bash -c 'yes "{\"type\":\"wind\",\"v\":2}" | head -n 10000000'
	refused bash -c 'yes "" | head -n 10000000'
}

@test "NUL, bad UTF-8 and numbers past 64 bits" {
	local flow='"proto":"tcp","saddr":"10.0.1.1","sport":1'

	flow+=',"daddr":"10.0.2.1","dport":2'
	refused printf '{"type":"flow","v":1,"x":"\0"}\n'
	refused printf '{"type":"flow","v":1,"x":"\377\376"}\n'
	refused printf '{"type":"flow","v":1,"bytes":%s,%s}\n' \
		18446744073709551616 "$flow"
	refused printf '{"type":"flow","v":1,"bytes":-1,%s}\n' "$flow"
}
