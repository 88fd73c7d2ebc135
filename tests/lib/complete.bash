#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ask the completion: each line of standard input is CANDIDATE, a tab, and the
# words of a command line with tabs between them. What is not offered is named;
# exit 1. "!" as the candidate: nothing may be offered. A process of its own,
# because bats traces every command of a function and is slow at it.
# shellcheck source=/dev/null
source "$SRTE_TOP/completions/srte.bash"

status=0
n=0
while IFS= read -r line; do
	n=$((n + 1))
	mapfile -t -d $'\t' COMP_WORDS < <(printf %s "$line")
	# mapfile drops an empty last word
	[[ $line != *$'\t' ]] || COMP_WORDS+=("")
	want=${COMP_WORDS[0]}
	COMP_WORDS=("${COMP_WORDS[@]:1}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_srte "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}"
	found=0
	for c in "${COMPREPLY[@]}"; do
		[ "$c" != "$want" ] || found=1
	done
	if [ "$want" = '!' ]; then
		found=$((${#COMPREPLY[@]} == 0))
	fi
	if [ "$found" -eq 0 ]; then
		echo "'${COMP_WORDS[*]}' offers '${COMPREPLY[*]}', not '$want'"
		status=1
	fi
done
[ "$n" -gt 0 ] || status=1
exit $status
