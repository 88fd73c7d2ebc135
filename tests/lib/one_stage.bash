# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One stage for all tests of a file, which sources this at its top. What a file
# adds to its stage it says in stage_more().

# shellcheck source=tests/lib/stage.bash
. "$SRTE_TOP/tests/lib/stage.bash"

stage_more() { :; }

setup_file() {
	stage_setup
	stage_more
	stage_share
}

teardown_file() {
	stage_join
	stage_teardown
}

setup() {
	stage_join
}

teardown() {
	stage_leave
}
