#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Instant mode: the kernel itself calls a flow heavy, with nobody in user
# space that would.

bats_require_minimum_version 1.5.0
load ../lib/one_stage.bash

@test "instant: an elephant leaves the mice's path at its 256th kilobyte" {
	local address port=42300

	pools default=1 heavy=2 >"$DIR/pools.json"
	up --instant --heavy-bytes 256K --pools "$DIR/pools.json"
	for address in "$V4" "$V6"; do
		note_spines
		elephant bulk "$address" --from-port $((port++))
		arrives bulk 4000000
		on_a srte-steer show -j | any '.reason == "instant" and
			.class == "heavy" and (.path | startswith("heavy/"))'
		kill "$PID"
		[ "$(elephant_report bulk | jq .whole)" = true ]
		# one burst more than the line, at most, and the headers
		[ "$(spent 1)" -ge 200000 ]
		[ "$(spent 1)" -le 500000 ]
		[ "$(spent 2)" -ge 3500000 ]
	done
	[ "$(counter instant)" -eq 2 ]
}

@test "instant: mice stay where they are" {
	pools default=1 heavy=2 >"$DIR/pools.json"
	up --instant --heavy-bytes 1M --pools "$DIR/pools.json"
	note_spines
	on_a ping -q -c 20 -i 0.002 "$V4"
	[ "$(spent 2)" -lt 1000 ]
	[ "$(counter instant)" -eq 0 ]
	[ "$(counter steered)" -ge 20 ]
}

@test "instant: srte-steer has the last word" {
	pools default=1 heavy=2 >"$DIR/pools.json"
	up --instant --heavy-bytes 256K --pools "$DIR/pools.json"
	elephant bulk "$V4" --from-port 42302
	arrives bulk 1000000
	on_a srte-flows --class heavy -j >"$DIR/flows"
	jq -c 'if .type == "flow" then .type = "class" | .class = "rest" |
		.reason = "test" else . end' "$DIR/flows" >"$DIR/classes"
	on_a srte-steer apply "$DIR/classes" -j | any '.op == "remove"'
	note_spines
	arrives bulk 1000000
	[ "$(spent 1)" -ge 900000 ]
	[ "$(counter instant)" -eq 1 ]
}

@test "instant: it needs a size to go by" {
	run -2 up --instant --heavy-bytes 0
	[[ $output == *"--instant needs --heavy-bytes above 0"* ]]
}
