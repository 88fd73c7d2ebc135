#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The examples of the manual are true: each one runs, as typed.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/stage.bash
	stage_setup
	unset SRTE_BPFFS	# the reader has the default place
	pools heavy=2,3 >"$DIR/pools.json"
}

teardown() {
	stage_teardown
}

# examples PAGE: one after the other, each behind a line "%%": displayed lines
# of EXAMPLES, and blocks; of the cookbook all.
examples() {
	awk -v all="$([[ $1 != *cookbook* ]] || echo 1)" '
	/^\.Sh/ { on = all || /EXAMPLES/ }
	!on { next }
	/^\.Dl / { print "%%"; print substr($0, 5) }
	/^\.Bd -literal/ { block = 1; print "%%"; next }
	/^\.Ed/ { block = 0 }
	block' "$SRTE_TOP/man/$1" | sed "s/\\\\(aq/'/g; s/\\\\e/\\\\/g"
}

# What goes on until it is interrupted may; the rest has to end well.
endless() {
	grep -qE '^watch |srte-flows watch|srte-events( --event [a-z]+)? \|' "$1" &&
		! grep -q -e '--for' "$1"
}

# run_as_typed PAGE: as in the README's test, a machine of its own. An example
# of the page may bring the instance up; others find it there.
run_as_typed() {
	local n=0 text

	examples "$1" >"$DIR/all"
	csplit -sz -f "$DIR/example." "$DIR/all" '/^%%$/' '{*}'
	for text in "$DIR"/example.*; do
		sed -i 1d "$text"
		n=$((n + 1))
		! endless "$text" || touch "$text.endless"
	done
	[ "$n" -ge 3 ]
	# shellcheck disable=SC2016 # for the inner shell
	on_a unshare -m bash -ec '
		mount --bind "$1" /sys/fs/cgroup
		for dir in /run /etc/cron.d /etc/systemd/system; do
			[ ! -d "$dir" ] || mount -t tmpfs tmpfs "$dir"
		done
		mkdir -p /etc/cron.d /etc/systemd/system
		cd "$0"
		export TERM=xterm TMUX_TMPDIR=$0
		grep -qs "^srte-attach up" example.00 ||
			srte-attach up --dev eth0 --cgroup /sys/fs/cgroup \
				--pools pools.json
		for text in example.??; do
			status=0
			timeout 5 bash -e -o pipefail "./$text" >>out 2>err ||
				status=$?
			[ "$status" -ne 124 ] || [ ! -e "$text.endless" ] ||
				status=0
			[ "$status" -eq 0 ] || {
				cat "$text" err
				echo "exit status $status"
				exit 1
			}
		done
		[ ! -e "$2" ] || . "$2"
		srte-attach -q down --all' "$DIR" "$CGROUP" "${2:-/nonexistent}"
}

@test "manual: examples of the commands' pages run as typed" {
	elephant bulk "$V4"
	arrives bulk 4000000
	for page in srte.7 srte-attach.8 srte-flows.8 srte-classify.8 \
		srte-steer.8; do
		rm -f "$DIR"/example.*
		run_as_typed "$page"
	done
}

# What the recipes wrote down for cron and systemd runs too.
@test "manual: the cookbook runs as typed, and what it makes others run" {
	cat >"$DIR/after" <<-'END'
		sed -n 's/^\(\* \)\{5\}root //p' /etc/cron.d/srte >cron
		sed -n 's/^ExecStart=//p' /etc/systemd/system/srte.service \
			>service
		for text in cron service; do
			grep -q srte-steer "$text"
			timeout 5 bash -e -o pipefail "./$text" >>out
		done
	END
	elephant bulk "$V4"
	arrives bulk 12000000
	run_as_typed srte-cookbook.7 "$DIR/after"
	grep '^{' "$DIR/out" | any '.type == "action" and .op != "none"'
	grep -q '^10.0.2.1\|10\.0\.2\.1$' "$DIR/out"
	grep -qx "run 'srte-attach up' first" "$DIR/out"
}
