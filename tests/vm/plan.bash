# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What tests/vm/plan says:
#
#	plan_kernels		all of them, one a line
#	plan_optional KERNEL	may it be missing?
#	plan_runs		FILE REGEX, one a line
#	plan_lacks KERNEL	what it is not up to
#	plan_check		every name in it is that of a test

PLAN=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/plan

plan_kernels() {
	sed -n 's/^kernel \([0-9.]*\)?*$/\1/p' "$PLAN"
}

plan_optional() {
	grep -qxF "kernel $1?" "$PLAN"
}

plan_runs() {
	sed -n 's/^run //p' "$PLAN"
}

plan_lacks() {
	sed -n "s/^lacks ${1//./\\.} \(.*\): .*/\1/p" "$PLAN"
}

# A test that took another name would be left out without a word.
plan_check() {
	local file regex part top=${PLAN%/tests/vm/plan} bad=0

	while read -r file regex; do
		while read -rd '|' part; do
			sed -n 's/^@test "\(.*\)" {$/\1/p' "$top/$file" |
				grep -qE -- "$part" && continue
			echo "plan: no test of $file is called '$part'" >&2
			bad=1
		done <<<"${regex:-.}|"
	done < <(plan_runs)
	return $bad
}
