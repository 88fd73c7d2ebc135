#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-flows top: on a terminal (tmux) and in batches, beside golden screens.
# To write them anew: GOLDEN_WRITE=1 bats tests/cmd/srte-flows-top.bats

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
	GOLDEN=$BATS_TEST_DIRNAME/../golden
	export LC_ALL=C.UTF-8
	up
	"$SRTE_O/bench/replay" fill \
		"$SRTE_BPFFS/v1/default/srte_flows" 50
}

teardown() {
	tmux -L "$NS_A" kill-server 2>/dev/null
	netns_teardown
}

# screen COLUMNS LINES [OPTION...]: top in a terminal of that size. The clock
# of a test must not redraw under its eyes: one refresh, then by key.
screen() {
	local command

	printf -v command '%q ' srte-flows top -d 1h --proto tcp "${@:3}"
	timeout 20 tmux -L "$NS_A" -f /dev/null new-session -d -x "$1" -y "$2" \
		-e "SRTE_BPFFS=$SRTE_BPFFS" -e LC_ALL=C.UTF-8 \
		"$command 2>$DIR/err; echo \$? >$DIR/rc"
}

capture() {
	timeout 20 tmux -L "$NS_A" capture-pane -p
}

press() {
	timeout 20 tmux -L "$NS_A" send-keys "$@"
}

shows() {
	capture | grep -qE "$1"
}

# What changes from run to run: the time, rates and what counts them.
masked() {
	sed -E '1s/^[0-9:]{8}/TIME/; 1s/of [0-9]+/of N/; 1s/[0-9.]+[KMG]?bit/RATEbit/
		s/▁|▂|▃|▄|▅|▆|▇|█/#/g
		4,$s/  +[0-9.]+[kKMGT]?  +([0-9.]+[KMGT]? (heavy|rest))/ RATE \1/'
}

golden() {
	masked >"$DIR/screen"
	[ -z "${GOLDEN_WRITE:-}" ] || cp "$DIR/screen" "$GOLDEN/$1"
	diff -u "$GOLDEN/$1" "$DIR/screen"
}

@test "top: batches, as many as asked for, no wider than asked for" {
	run -0 --separate-stderr timeout 20 srte-flows top --proto tcp -b -n 2 -d 10ms \
		--width 80 --lines 24 --sort bytes
	[ -z "$stderr" ]
	[ "$(timeout 20 srte-flows top --proto tcp -b -n 2 -d 10ms --lines 24 | wc -l)" \
		-eq 48 ]
	[[ $output == *"50 of "*" flows"* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	timeout 20 srte-flows top --proto tcp -b -n 1 --width 80 --lines 24 --sort bytes |
		golden top-batch.txt
}

@test "top: largest first, by bytes and by rate; cgroups and paths add up" {
	timeout 20 srte-flows -j --proto tcp --sort bytes | jq -r 'select(.type == "flow") |
		"\(.daddr):\(.dport)"' | head -3 >"$DIR/want"
	timeout 20 srte-flows top --proto tcp -b -n 1 -s bytes |
		sed -n 5,7p |
		awk '{ gsub("[][]", "", $3); print $3 }' >"$DIR/got"
	diff <(tr -d '[]' <"$DIR/want") "$DIR/got"
	run -0 timeout 20 srte-flows top --proto tcp -b -n 1 --by path --lines 10
	[[ ${lines[*]} =~ FLOWS\ +RATE\ +BYTES\ PATH.*\ 50\ .*\(plain\) ]]
	run -0 timeout 20 srte-flows top --proto tcp -b -n 1 --by cgroup --lines 10
	[[ ${lines[*]} =~ CGROUP.*\ 50\ .*\(unknown\) ]]
}

@test "top: what makes no sense is refused, and no terminal" {
	run -2 --separate-stderr timeout 20 srte-flows top </dev/null
	[[ $stderr == "error: srte-flows: USAGE: top needs a terminal"*\;* ]]
	run -2 timeout 20 srte-flows top -b -d 0
	run -2 timeout 20 srte-flows top -b --width 10
	run -2 timeout 20 srte-flows top -b --lines 4
	run -2 timeout 20 srte-flows top -b --by wind
	run -3 timeout 20 srte-flows top -b --instance nosuch
	run -1 timeout 20 bash -c 'srte-flows top --proto tcp -b -n 1 >/dev/full'
}

@test "top: 80 columns by 24 lines, and 200 by 60" {
	screen 80 24 --sort bytes
	poll 10 shows '^PROTO'
	capture | golden top-80x24.txt
	press q
	poll 10 test -s "$DIR/rc"
	[ "$(cat "$DIR/rc")" -eq 0 ]
	[ ! -s "$DIR/err" ]
	screen 200 60 --sort bytes
	poll 10 shows '^PROTO'
	capture | golden top-200x60.txt
}

@test "top: views, order, pause and search by key" {
	screen 80 24
	poll 10 shows 'flows by rate'
	press b
	poll 10 shows 'flows by bytes'
	press p
	poll 10 shows 'paths by bytes'
	shows '50 .*\(plain\)'
	press c
	poll 10 shows 'cgroups by bytes'
	press f
	poll 10 shows '^PROTO'
	press Space
	poll 10 shows PAUSED
	press Space
	poll 10 shows 'by bytes$'
	press / nosuch
	poll 10 shows '^only: nosuch_'
	poll 10 shows ' 0 of [0-9]+ flows'
	press BSpace Enter
	poll 10 shows '^only: nosuc$'
	press / Escape
	poll 10 shows ' 50 of [0-9]+ flows'
}

@test "top: follows the size of the terminal" {
	screen 200 60
	poll 10 shows 'CGROUP'
	timeout 20 tmux -L "$NS_A" resize-window -x 80 -y 24
	wide() {
		[ "$(capture | wc -L)" -gt 80 ]
	}
	narrow() {
		! wide && shows '^PROTO' && ! shows CGROUP
	}
	poll 10 narrow
	timeout 20 tmux -L "$NS_A" resize-window -x 200 -y 60
	poll 10 wide
}
