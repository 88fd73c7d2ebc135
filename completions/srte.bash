# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for the five srte commands. What they take is asked of them:
# `COMMAND --dump-options` prints verbs and options, one a line (cli.h).

# _srte_add WORDS CUR: those that begin with CUR
_srte_add() {
	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$1" -- "$2" |
		sort -u)
}

_srte_files() {
	compopt -o filenames 2>/dev/null || :	# outside of readline
	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$1")
}

# _srte_takes_value OPTION: does any verb's OPTION have a value?
_srte_takes_value() {
	local f letter name arg
	for f in "${_srte_opts[@]}"; do
		IFS=$'\x1f' read -r _ _ letter name arg _ <<<"$f"
		if [[ $1 == "$letter" || $1 == "$name" ]]; then
			[[ -n $arg ]]
			return
		fi
	done
	return 1
}

# _srte_value OPTION CUR: candidates for its value
_srte_value() {
	local f letter name arg choices
	for f in "${_srte_opts[@]}"; do
		IFS=$'\x1f' read -r _ _ letter name arg choices _ <<<"$f"
		[[ $1 == "$letter" || $1 == "$name" ]] || continue
		case $choices,$arg in
		,FILE | ,PATH | ,DIR) _srte_files "$2" ;;
		,DEV) _srte_add "$(command ls /sys/class/net)" "$2" ;;
		*) _srte_add "${choices//,/ }" "$2" ;;
		esac
		return
	done
}

# _srte_options VERB CUR: options of the verb and of every verb, long form first
_srte_options() {
	local f verb letter name names=
	for f in "${_srte_opts[@]}"; do
		IFS=$'\x1f' read -r _ verb letter name _ <<<"$f"
		[[ $verb == '*' || -z $1 || $verb == "$1" ]] || continue
		names+=" $name"
		[[ $2 != -? ]] || names+=" $letter"
	done
	_srte_add "$names" "$2"
}

# _srte_verbs FIRST CUR: verbs; behind the first word of two, the second
_srte_verbs() {
	local f verb names=
	for f in "${_srte_verbs[@]}"; do
		IFS=$'\x1f' read -r _ verb _ <<<"$f"
		if [[ -z $1 ]]; then
			names+=" ${verb%% *}"
		elif [[ $verb == "$1 "* ]]; then
			names+=" ${verb#* }"
		fi
	done
	_srte_add "$names" "$2"
}

# _srte_args VERB CUR: files, where the verb takes one
_srte_args() {
	local f verb args
	for f in "${_srte_verbs[@]}"; do
		IFS=$'\x1f' read -r _ verb args _ <<<"$f"
		[[ $verb == "$1" && $args == *FILE* ]] || continue
		_srte_files "$2"
	done
}

_srte() {
	local cur=$2 prev=${COMP_WORDS[COMP_CWORD - 1]} word verb='' i
	local -a _srte_opts=() _srte_verbs=() said=()
	local default='' line ended=
	COMPREPLY=()

	while IFS= read -r line; do
		line=${line//$'\t'/$'\x1f'}	# read would skip empty fields
		case $line in
		tool*) IFS=$'\x1f' read -r _ _ default _ <<<"$line" ;;
		verb*) _srte_verbs+=("$line") ;;
		opt*) _srte_opts+=("$line") ;;
		esac
	done < <("$1" --dump-options 2>/dev/null)

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -n $ended || $word == - || $word != -* ]]; then
			[[ $word == = ]] && ((i++)) || said+=("$word")
		elif [[ $word == -- ]]; then
			ended=1
		elif [[ ${COMP_WORDS[i + 1]} != = ]] &&
			_srte_takes_value "$word"; then
			((i++))
		fi
	done
	for line in "${_srte_verbs[@]}"; do
		IFS=$'\x1f' read -r _ word _ <<<"$line"
		[[ "${said[*]} " == "$word "* ]] && verb=$word
	done

	if [[ $cur == = ]]; then	# --opt=
		cur=
	elif [[ $prev == = ]]; then	# --opt=va
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ -z $ended && $prev == -?* ]] && _srte_takes_value "$prev"; then
		_srte_value "$prev" "$cur"
	elif [[ -z $ended && $cur == -* ]]; then
		_srte_options "$verb" "$cur"
	elif [[ -n $verb || -n $ended ]]; then
		_srte_args "${verb:-$default}" "$cur"
	else
		_srte_verbs "${said[0]}" "$cur"
		[[ -n ${said[0]} ]] || _srte_args "$default" "$cur"
	fi
}

complete -F _srte srte-attach srte-flows srte-classify srte-steer srte-events
