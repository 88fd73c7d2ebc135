#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The five commands together: account, classify, steer, decay, detach.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
	pools heavy=2,3 >"$DIR/pools.json"
}

teardown() {
	stage_teardown
}

# An elephant that the default policy calls one, beside some mice.
traffic() {
	spawn_on b "$SRTE_O/tools/mice" serve --port 5298
	poll 5 listening 5298
	spawn_on a "$SRTE_O/tools/mice" call --to "$V4" --port 5298 --count 4 \
		>/dev/null
	elephant bulk "$1"
	arrives bulk 12000000
}

pipeline() {
	on_a bash -o pipefail -c \
		"srte-flows | srte-classify --link 100M | srte-steer $*"
}

@test "pipeline: the elephant is steered, the mice are not" {
	up --pools "$DIR/pools.json"
	traffic "$V4"
	pipeline -j >"$DIR/actions"
	cat "$DIR/actions"
	[ "$(jq -c 'select(.op == "add")' "$DIR/actions" | wc -l)" -eq 1 ]
	any ".op == \"add\" and .dport == $bulk_PORT and .class == \"heavy\" and
		(.path | startswith(\"heavy/spine\"))" <"$DIR/actions"
	arrives bulk 1000000
	flow_of "$bulk_PORT" | any '.class == "heavy"'
	[ "$(flow_of 5298 | jq -r '.path // "none"' | sort -u)" = none ]
}

@test "pipeline: a second run renews, and changes nothing" {
	up --pools "$DIR/pools.json"
	traffic "$V6"
	pipeline -j >"$DIR/first"
	pipeline -j >"$DIR/second"
	any '.op == "add"' <"$DIR/first"
	any '.op == "renew"' <"$DIR/second"
	run ! any '.op == "add" or .op == "change"' <"$DIR/second"
	[ "$(jq -r 'select(.op == "add").path' "$DIR/first")" = \
		"$(entries | jq -r .path)" ]
}

# The controller dies: entries end by themselves, traffic goes on plain.
@test "pipeline: without renewal the lease ends and routing is plain" {
	up --pools "$DIR/pools.json"
	traffic "$V4"
	pipeline --lease 1s
	poll 5 path_is "$bulk_PORT" "$(entries | jq -r .path)"
	poll 3 path_is "$bulk_PORT" none
	[ "$(counter lease_over)" -ge 1 ]
	[ "$(entries | wc -l)" -eq 0 ]
	arrives bulk 1000000
}

@test "pipeline: a producer that dies half way changes nothing" {
	up --pools "$DIR/pools.json"
	traffic "$V4"
	on_a srte-flows -j >"$DIR/whole"
	head -n -1 "$DIR/whole" >"$DIR/cut"
	run -4 --separate-stderr on_a bash -o pipefail -c \
		"srte-classify --link 100M <$DIR/cut | srte-steer"
	[ -z "$(entries)" ]
	grep -q TRUNCATED_STREAM <<<"$stderr"
}

@test "pipeline: a member of the group needs no capability" {
	local steps=(srte-flows srte-classify srte-steer) tool

	up --pools "$DIR/pools.json" --group "$GROUP"
	traffic "$V4"
	as_member srte-flows -j >"$DIR/flows"
	as_member srte-classify --link 100M <"$DIR/flows" >"$DIR/classes"
	as_member srte-steer -j <"$DIR/classes" >"$DIR/actions"
	any '.op == "add"' <"$DIR/actions"
	as_member srte-attach status -j | any '.what == "counter"'
	as_member srte-events --for 100ms -j |
		any '.type == "trailer" and .complete'
	for tool in "${steps[@]}"; do
		[ "$tool" = srte-classify ] && continue
		run -3 as_stranger "$tool" </dev/null
	done
}

# Fail open: what remains after `down` is the host as it was.
@test "pipeline: down under load loses nothing and leaves nothing" {
	up --pools "$DIR/pools.json"
	traffic "$V4"
	pipeline
	poll 5 path_is "$bulk_PORT" "$(entries | jq -r .path)"
	on_a srte-attach down --all
	arrives bulk 1000000
	[ "$(elephant_report bulk | jq .whole)" = true ]
	[ -z "$(fabric_in a tc qdisc show dev eth0 clsact)" ]
	run grep -F " $DIR/" /proc/self/mountinfo
	[ -z "$output" ]
}

# A stream that watches every 50 ms until it is told to end.
@test "pipeline: watch steers as long as it runs, and no longer" {
	up --pools "$DIR/pools.json"
	traffic "$V4"
	mkfifo "$DIR/flows"
	spawn_on a bash -c "srte-classify --link 100M <'$DIR/flows' |
		srte-steer -j >'$DIR/actions'"
	spawn_on a srte-flows watch -j --interval 50ms >"$DIR/flows"
	local watch=$PID
	poll 10 on_heavy "$bulk_PORT"
	poll 5 grep -q '"op":"renew"' "$DIR/actions"
	# of rounds below a second the lease is that of a second's
	[ "$(jq -r 'select(.op == "add").lease_us' "$DIR/actions")" -eq 3000000 ]
	[ "$(grep -c '"op":"add"' "$DIR/actions")" -eq 1 ]
	kill -TERM "$watch"
	poll 5 grep -q '"trailer"' "$DIR/actions"
	poll 10 path_is "$bulk_PORT" none
}

@test "pipeline: a notice of the kernel steers a flow at its first megabyte" {
	up --pools "$DIR/pools.json" --heavy-bytes 1000000
	mkfifo "$DIR/events"
	spawn_on a bash -c "srte-classify <'$DIR/events' |
		srte-steer -j --lease 1m >'$DIR/actions'"
	spawn_on a srte-events -j --event heavy >"$DIR/events"
	poll 5 grep -q '"mark"' "$DIR/actions"	# the ring is theirs
	elephant bulk "$V6"
	poll 10 on_heavy "$bulk_PORT"
	jq -c 'select(.op == "add")' "$DIR/actions" |
		any '.reason == "notice" and .class == "heavy"'
}

on_heavy() {
	flow_of "$1" | any '.path // "" | startswith("heavy/spine")'
}
