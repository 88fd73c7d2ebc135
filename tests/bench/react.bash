# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the rows about reaction share: the stage of the end-to-end tests, with a
# set of two spines and clocks to read what happened by.
#
#	react_setup [OPTION...]		stage, pools, srte-attach up
#	react_events			follow the events into $DIR/events
#	spine_of PORT			spine that the flow towards it is on
#	gap_us NAME LINE		longest gap of a stream since that line of
#					its report
#	lines NAME			of its report so far
#	row NAME UNIT GOAL PEER [DETAIL]	from samples on stdin, one a line

# shellcheck source=tests/lib/stage.bash
. "$SRTE_TOP/tests/lib/stage.bash"

react_clean_up() {
	trap '' INT TERM
	set +e
	stage_teardown
}

react_setup() {
	trap react_clean_up EXIT
	trap 'exit 143' TERM
	trap 'exit 130' INT
	NS_B=
	stage_setup
	pools default=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" "$@" >/dev/null
}

react_events() {
	spawn_on a srte-events -j --new >"$DIR/events"
	poll 5 test -s "$DIR/events"
}

spine_of() {
	flow_of "$1" | jq -r '.path // ""' | sed 's,.*spine,,'
}

lines() {
	elephant_report "$1" >/dev/null
	wc -l <"$DIR/$1"
}

gap_us() {
	tail -n +"$(($2 + 1))" "$DIR/$1" | jq -s 'map(.gap_us // 0) | max'
}

# DETAIL is JSON; "p99" in it is filled in.
row() {
	jq -sc --arg name "$1" --arg unit "$2" --arg goal "$3" \
		--arg peer "$4" --argjson detail "${5:-{\}}" '
		sort as $s | { name: $name, unit: $unit, goal: $goal,
		peer: $peer, samples: $s, detail: ($detail + { p99:
			$s[([length * 0.99 | ceil, 1] | max) - 1] }) }'
}
