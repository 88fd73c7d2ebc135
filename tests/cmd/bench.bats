#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# `make bench`, after the build: what a row looks like. What its figures are
# is the machine's business, and no test's.

bats_require_minimum_version 1.5.0

setup() {
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$b$BATS_TEST_NUMBER.XXXX")
	# a report of its own: a benchmark that runs beside keeps build/bench
	mkdir -p "$DIR/o/bench"
	ln -s "$SRTE_O"/bench/* "$DIR/o/bench"
	ln -s "$SRTE_O/tools" "$DIR/o"
	rm -f "$DIR/o/bench/report.jsonl"
}

teardown() {
	rm -rf "$DIR"
}

bench() {
	TMPDIR=$DIR O=$DIR/o ONLY=$1 BENCH_PAIRS=2 \
		timeout 120 "$SRTE_TOP/tests/bench/run"
}

@test "bench: a row is one line with figure, goal, spread and peer" {
	run -0 --separate-stderr bench 'account.h?t'
	[ -z "$stderr" ]
	jq -se '.[0].type == "header" and .[0].only == "account.h?t" and
		.[2].type == "trailer" and length == 3' \
		"$DIR/o/bench/report.jsonl"
	jq -se '.[1] | .type == "bench" and .v == 1 and .runs == 2 and
		.name == "account.hit" and .unit == "ns" and
		.goal == "<=45" and .met == (.value <= 45) and .value > 0 and
		.min <= .median and .median <= .max and .value == .median and
		(.peer | length > 0) and .detail.empty_ns > 0' \
		"$DIR/o/bench/report.jsonl"
	grep -q '^ *account.hit .* empty program$' <<<"$output"
	[ -z "$(find "$DIR" -name 'srte-bench.*')" ]
}

@test "bench: what cannot be measured says why, and is not met" {
	# a namespace of users without a root in it
	TMPDIR=$DIR O=$DIR/o ONLY=account.hit run -0 --separate-stderr \
		timeout 60 unshare -U "$SRTE_TOP/tests/bench/run"
	jq -se '.[1] | .name == "account.hit" and .met == null and
		(has("value") | not) and (.reason | test("needs root"))' \
		"$DIR/o/bench/report.jsonl"
}

@test "bench: a row that is not there is an error that names those that are" {
	run -1 --separate-stderr bench no.such.row
	[[ $stderr == *"no row is called no.such.row"*account.hit* ]]
}

@test "bench: rows of the wire measure what they say, and leave nothing" {
	run -0 --separate-stderr bench 'encap.ns.*'
	[ -z "$stderr" ]
	jq -se 'map(select(.type == "bench")) |
		map(.name) == ["encap.ns.v4", "encap.ns.v6"] and
		all(.[]; .value > 0) and
		(.[0].detail | .plain_ns > 0 and .seg6_ns > .plain_ns)' \
		"$DIR/o/bench/report.jsonl"
	[ -z "$(find "$DIR" -name 'srte-bench.*')" ]
}

@test "bench: a ratio on both sides of 1 is no difference" {
	finish() {
		jq -c -L "$SRTE_TOP/tests/bench" 'include "row"; finish |
			.no_difference' <<<"{\"name\":\"x\",\"unit\":\"$1\",
			\"goal\":\">=0.9\",\"samples\":$2}"
	}
	[ "$(finish ratio '[0.98, 0.99, 1.01]')" = true ]
	[ "$(finish ratio '[0.97, 0.98, 0.99]')" = null ]
	[ "$(finish ratio '[1.02, 1.03]')" = null ]
	[ "$(finish ns '[0.98, 1.01]')" = null ]
}
