# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the rows about reaction share: the stage of the end-to-end tests, with a
# set of two spines and clocks to read what happened by.
#
#	react_setup [OPTION...]		stage, pools, srte-attach up
#	react_events			follow the events into $DIR/events
#	move_after LINE			wait for a move told after that line of
#					them, without a load of our own
#	spine_of PORT			spine that the flow towards it is on
#	gap_us NAME LINE		longest gap of a stream since that line of
#					its report
#	lines NAME			of its report so far
#	gap_row NAME FILE GOAL over|gap [DETAIL]	from "gap rto" lines
#	no_probes, stock		neither loss probes nor delayed ACKs, and
#					as the kernel has them
#	tuned FLOOR			under the RTO, on both sides
#	seg6_up, fwmark_up		what the kernel has: a route over spine 2,
#					and two that a socket's mark chooses from
#	end PID
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

move_after() {
	grep -qm 1 '"event":"moved"' \
		< <(timeout 10 tail -n "+$(($1 + 1))" -f "$DIR/events")
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

# gap_row NAME FILE GOAL over|gap [DETAIL]: the p99 of the gap, or of what it is
# over the timeout, in ms, of "gap rto" lines in us
gap_row() {
	jq -Rsc --arg name "$1" --arg goal "$3" --arg what "$4" \
		--argjson more "${5:-{\}}" '
		def p(f): sort | .[[(length * f | ceil) - 1, 0] | max];
		split("\n") | map(select(. != "") | split(" ") |
			map(tonumber / 1000)) |
		map(.[0]) as $gap | map(.[1]) as $rto |
		map(.[0] - .[1]) as $over |
		{ name: $name, unit: "ms",
		  goal: (if $goal == "" then null else $goal end),
		  peer: "seg6 route, seg6 + fwmark: rows of their own",
		  samples: [if $what == "gap" then $gap else $over end |
			p(0.99)],
		  detail: ({ gap_ms_p50: ($gap | p(0.5)),
			gap_ms_p99: ($gap | p(0.99)),
			over_rto_ms_p50: ($over | p(0.5)),
			over_rto_ms_p99: ($over | p(0.99)),
			rto_ms_p50: ($rto | p(0.5)),
			rounds: ($gap | length) } + $more) }' "$DIR/$2"
}

no_probes() {
	fabric_in a sysctl -qw net.ipv4.tcp_early_retrans=0
	fabric_in b ip route change 0.0.0.0/0 via 10.0.2.254 quickack 1
}

stock() {
	fabric_in a sysctl -qw net.ipv4.tcp_early_retrans=3
	fabric_in b ip route change 0.0.0.0/0 via 10.0.2.254
}

tuned() {
	on_a srte-events rules set "rto_min=$1"
	on_b srte-events rules set "rto_min=$1"
}

# The kernel's own way, without a reaction: host a has no srte any more.
seg6_up() {
	on_a srte-attach down --all >/dev/null
	fabric_in a ip route add "$V4" dev eth0 encap seg6 mode encap \
		segs fc00:b::1,fc00:2::d4
}

# And with the most that sock_ops can do about it.
fwmark_up() {
	local n sids=(- a b c)

	for n in 2 3; do
		fabric_in a ip rule add fwmark "$n" table "10$n"
		fabric_in a ip route add "$V4" table "10$n" dev eth0 encap seg6 \
			mode encap segs "fc00:${sids[n]}::1,fc00:2::d4"
	done
	fabric_in a ip rule add to "$V4" pref 40000 table 102
	mkdir -p "$DIR/peer"
	mount -t bpf bpf "$DIR/peer"
	bpftool prog load "$SRTE_O/bench/fwmark.bpf.o" "$DIR/peer/fwmark" \
		type sockops
	bpftool cgroup attach "$CGROUP" sock_ops pinned "$DIR/peer/fwmark" multi
}

end() {
	kill "$1"
	wait "$1" || :
}
