# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC1091
# A line of candidates for each command line on stdin, its words between tabs.
source "$SRTE_TOP/completions/srte.bash"

while IFS= read -r text; do
	mapfile -t -d $'\t' COMP_WORDS < <(printf %s "$text")
	# mapfile drops an empty last word
	[[ $text != *$'\t' ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_srte "${COMP_WORDS[0]}"
	printf '%s\n' "${COMPREPLY[*]}"	# echo would take -n
done
