#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# README.md is true: every command in it runs, as typed.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
	unset SRTE_BPFFS	# the reader has the default place
	README=$SRTE_TOP/README.md
}

teardown() {
	stage_teardown
}

# The commands of the console blocks: lines that begin with the prompt, and
# the lines of a here-document.
commands() {
	awk '/^```/ { console = $0 == "```console"; next }
	     !console { next }
	     here { print; here = $0 != "END"; next }
	     sub(/^# /, "") { print; here = /<</ }' "$README"
}

# After `up` the reader's traffic begins: wait for the test to start it.
script() {
	echo 'set -e -o pipefail'
	commands | sed '/^srte-attach up/a : >"$DIR/is_up"; await "$DIR/traffic"'
}

# A machine of its own as far as these commands can see: cgroup2 where the
# README says, and no srte anywhere.
run_as_typed() {
	cat >"$DIR/typed" <<-EOF
		await() { until [ -e "\$1" ]; do read -rt 0.05 <> <(:) || :; done; }
		$(script)
	EOF
	# shellcheck disable=SC2016 # for the inner shell
	spawn_on a unshare -m bash -e -c '
		mount --bind "$1" /sys/fs/cgroup
		mount -t tmpfs tmpfs /run
		cd "$0"
		DIR=$0 timeout 60 bash ./typed >out 2>err
		echo "$?" >status' "$DIR" "$CGROUP"
}

@test "readme: there are commands to run, all five of ours among them" {
	local tool

	for tool in attach flows classify steer events; do
		commands | grep -q "srte-$tool"
	done
}

@test "readme: the console blocks run as typed" {
	run_as_typed
	poll 20 test -e "$DIR/is_up"
	elephant bulk "$V4"
	arrives bulk 12000000
	touch "$DIR/traffic"
	poll 40 test -e "$DIR/status"
	cat "$DIR/typed" "$DIR/err"
	[ "$(cat "$DIR/status")" -eq 0 ]
	# what it says happens: steered, found again, and nothing left
	grep '^{' "$DIR/out" | any '.type == "action" and .op == "add"'
	grep '^{' "$DIR/out" | any '.type == "action" and .op == "entry"'
	grep -q '^\["10.0.2.1",[0-9]*,' "$DIR/out"
	[ -z "$(fabric_in a tc qdisc show dev eth0 clsact)" ]
}

@test "readme: CI runs the test command that it names" {
	local line

	grep -qx '    sudo make check' "$README"
	line=$(grep -c 'make check' "$SRTE_TOP/.ci/run")
	[ "$line" -ge 1 ]
	run -0 make -C "$SRTE_TOP" -n check-unit demo-built
}
