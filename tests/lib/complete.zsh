# SPDX-License-Identifier: GPL-2.0-only
# A line of candidates for each command line on stdin, its words between tabs.
# What the completion system would do with them is put on the line.
compadd() { [[ $1 == -- ]] && shift; print -rn -- "${(M)@:#${words[CURRENT]}*} "; }
_files() { print -rn -- "@files "; }
compset() { return 0; }
fpath=($SRTE_TOP/completions)
autoload -Uz _srte

while IFS= read -r text; do
	words=("${(@ps:\t:)text}")
	CURRENT=$#words
	_srte
	print
done
