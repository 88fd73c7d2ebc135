# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for the five srte commands, which know it themselves:
# `COMMAND --complete WORD...` prints what may stand in place of the last WORD,
# one a line; @files stands for names of files (cli_complete.c).

_srte() {
	local cur=${COMP_WORDS[COMP_CWORD]} line i glued=
	local -a words=()

	COMPREPLY=()
	for ((i = 1; i <= COMP_CWORD; i++)); do	# bash splits --opt=value
		if [[ -n $glued || ${COMP_WORDS[i]} == = ]] && ((${#words[@]})); then
			words[-1]+=${COMP_WORDS[i]}
			glued=${glued:+}
			[[ ${COMP_WORDS[i]} != = ]] || glued=1
		else
			words+=("${COMP_WORDS[i]}")
		fi
	done
	[[ $cur != = ]] || cur=
	while IFS= read -r line; do
		if [[ $line == @files ]]; then
			compopt -o filenames 2>/dev/null || :	# no readline
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \
				< <(compgen -f -- "$cur")
		else
			[[ ${words[-1]} != --*=* ]] || line=${line#*=}
			COMPREPLY+=("$line")
		fi
	done < <("$1" --complete "${words[@]}" 2>/dev/null)
}

complete -F _srte srte-attach srte-flows srte-classify srte-steer srte-events
