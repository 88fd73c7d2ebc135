#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The systemd units: how exposed they are, what install puts where, and that
# they work, in a guest whose init is systemd.

bats_require_minimum_version 1.5.0

setup() {
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$u$BATS_TEST_NUMBER.XXXX")
}

teardown() {
	rm -rf "$DIR"
}

made() {
	env -u MAKEFLAGS -u MFLAGS timeout 300 make -s -C "$SRTE_TOP" \
		O="$SRTE_O" DESTDIR="$DIR" prefix=/usr "$@"
}

exposure() {
	systemd-analyze security --offline=true --root="$DIR" --no-pager \
		--threshold="$1" "$2"
}

@test "units: the exposure of each is 2.0 at most" {
	local unit n=0

	made install
	for unit in "$DIR"/usr/lib/systemd/system/*.service; do
		run -0 exposure 20 "${unit##*/}"
		tail -1 <<<"$output"
		n=$((n + 1))
	done
	[ "$n" -eq 3 ]
	# and without what they share it would not be
	rm "$DIR"/usr/lib/systemd/system/srte-.service.d/sandbox.conf
	run -1 exposure 20 srte-attach.service
}

@test "units: uninstall takes away what install brought" {
	made install
	[ -x "$DIR/usr/sbin/srte-attach" ]
	run -1 grep -rl '@[a-z]*dir@' "$DIR/usr/lib"
	made uninstall
	[ -z "$(find "$DIR" ! -type d)" ]
	[ ! -e "$DIR/usr/lib/systemd/system/srte-.service.d" ]
}

@test "units: they do their job under systemd" {
	run timeout 600 "$SRTE_TOP/tests/vm/run" 6.12 -s -t 500 -- \
		bats "$SRTE_TOP/tests/vm/guest/units.bats"
	echo "$output"
	[ "$status" -eq 0 ]
}
