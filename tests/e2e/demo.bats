#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# `make demo`, after the build: it reaches its goals and leaves nothing.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns.bash
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$d$BATS_TEST_NUMBER.XXXX")
	# a report of its own: a demo that runs beside keeps its build/demo
	mkdir "$DIR/o"
	ln -s "$SRTE_O"/* "$DIR/o"
	rm -f "$DIR/o/demo"
	NETNS_PIDS=()
}

teardown() {
	local pid

	for pid in "${NETNS_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	rm -rf "$DIR"
}

# What a demo with this pid could leave.
left_by() {
	ip netns list | grep -F "srte-demo-$1"
	grep -F "$DIR" /proc/self/mountinfo
	find "$(cgroup2_mount)" -maxdepth 1 -name "srte-demo-$1"
	find "$DIR" -name 'srte-demo.*'
}

# What the figures are is the machine's business, and not a test's: this one
# asks that they are all there and judged as they are.
@test "demo: it runs to its end, judges its figures and leaves nothing" {
	local report=$DIR/o/demo/report.jsonl status=0

	TMPDIR=$DIR O=$DIR/o timeout 120 "$SRTE_TOP/tests/demo/run" \
		>"$DIR/out" 2>&1 || status=$?
	cat "$DIR/out"
	jq -se '.[0].type == "header" and .[-1].type == "trailer"' "$report"
	jq -se 'map(select(has("met"))) | length >= 4' "$report"
	jq -se 'any(.[]; .name == "standstill_stock_us" and .after > 0 and
		has("met") == false)' "$report"
	met=$(jq -s 'map(select(has("met")).met) | all' "$report")
	[ "$status,$met" = 0,true ] || [ "$status,$met" = 1,false ]
	grep -q '# srte-flows | srte-classify' "$DIR/out"
	grep -q '# srte-events' "$DIR/out"
	[ -z "$(find "$DIR" -name 'srte-demo.*')" ]
}

@test "demo: Ctrl-C half way leaves nothing" {
	local status=0

	# a shell's background starts with this signal ignored
	TMPDIR=$DIR O=$DIR/o spawn env --default-signal=INT \
		"$SRTE_TOP/tests/demo/run" >"$DIR/out" 2>&1
	poll 20 grep -q 'Plain routing' "$DIR/out"
	kill -INT "$PID"
	wait "$PID" || status=$?
	[ "$status" -eq 130 ]
	[ -z "$(left_by "$PID")" ]
}

@test "demo: without root it says so in one line" {
	install -d -m 755 "$DIR/src"
	cp -r "$SRTE_TOP/tests" "$DIR/src"
	chmod -R a+rX "$DIR"
	run -3 setpriv --reuid nobody --regid nogroup --clear-groups \
		"$DIR/src/tests/demo/run"
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} == *"sudo make demo"* ]]
}
