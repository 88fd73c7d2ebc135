#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# tests/vm/run itself: what it tells of a command, and of a guest that fails.

bats_require_minimum_version 1.5.0

setup() {
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$v$BATS_TEST_NUMBER.XXXX")
}

teardown() {
	rm -rf "$DIR"
}

vm() {
	timeout 300 "$SRTE_TOP/tests/vm/run" "$@"
}

@test "vm: another kernel, the same files, the command's words and status" {
	run -3 vm 6.12 -t 120 -- bash -c '
		uname -r; pwd; printf "<%s>" "$@"; echo; echo SRTE_O=$SRTE_O
		echo oops >&2; exit 3' - 'two words' "it's" ''
	echo "$output"
	[[ ${lines[0]} == 6.12.* ]]
	[ "${lines[1]}" = "$PWD" ]
	[ "${lines[2]}" = "<two words><it's><>" ]
	[ "${lines[3]}" = "SRTE_O=$SRTE_O" ]
	[ "${lines[4]}" = oops ]
}

@test "vm: what the guest writes is forgotten" {
	echo before >"$DIR/file"
	run -0 vm 6.12 -t 120 -- bash -c "cat $DIR/file
		echo inside >$DIR/file && cat $DIR/file; rm \$0 && ! test -e \$0" \
		"$SRTE_TOP/tests/vm/run.bats"
	[ "${lines[0]},${lines[1]}" = before,inside ]
	[ "$(cat "$DIR/file")" = before ]
	[ -e "$SRTE_TOP/tests/vm/run.bats" ]
}

@test "vm: a long output arrives whole" {
	run -0 vm 6.12 -t 120 -- seq 20000
	[ "${#lines[@]}" -eq 20000 ]
	[ "${lines[19999]}" = 20000 ]
}

@test "vm: out of time is 124" {
	run -124 vm 6.12 -t 10 -- sleep 600
	[[ $output == *"out of time (10 s)"* ]]
}

@test "vm: a guest that dies is 125, with its last words" {
	run -125 vm 6.12 -t 120 -- bash -c 'echo c >/proc/sysrq-trigger'
	[[ $output == *"Kernel panic"* ]]
	[[ $output == *"told no exit status"* ]]
}

@test "vm: a kernel that nobody has is 77, and nothing is kept" {
	SRTE_VM_CACHE=$DIR/cache run -77 vm 5.99 -- true
	[[ $output == *"no suite has a kernel 5.99"* ]]
	[ -z "$(find "$DIR/cache" -mindepth 1 ! -name '*.lock')" ]
}

@test "vm: wrong usage is 2" {
	run -2 vm
	run -2 vm 6.12
	run -2 vm 6.12 true
	run -2 vm 6.12 -t 1h -- true
	run -2 vm ../6.12 -- true
	run -2 vm 6.12 -t 5 --
}

@test "vm: it leaves nothing behind, also when it is ended" {
	local pid status=0

	mkdir "$DIR/tmp"
	TMPDIR=$DIR/tmp "$SRTE_TOP/tests/vm/run" 6.12 -t 60 -- \
		bash -c 'echo up; sleep 600' >"$DIR/out" 2>&1 3>&- 4>&- &
	pid=$!
	timeout 60 tail -n +1 -f --pid="$pid" "$DIR/out" | grep -q up
	kill "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ -z "$(ls "$DIR/tmp")" ]
	run ! pgrep -f "$DIR/tmp"
}
