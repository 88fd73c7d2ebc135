#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What the option tables say must be what help and the manual say.
bats_require_minimum_version 1.5.0

TOOLS="srte-attach srte-flows srte-classify srte-steer srte-events"

# dump TOOL: the tables, with a field separator that read does not fold
dump() {
	timeout 10 "$1" --dump-options | tr '\t' '\037'
}

setup() {
	cd "$SRTE_TOP" || return
}

# words_of PAGE: the page as a terminal would show it, hyphens as typed
words_of() {
	mandoc -T ascii "$1" | sed 's|.\x08||g'
}

@test "options: every tool dumps itself, its verbs and its options" {
	for tool in $TOOLS; do
		run -0 dump "$tool"
		[[ ${lines[0]} == $'tool\037'"$tool"$'\037'* ]]
		[[ $output == *$'\n'verb$'\037'* ]]
		[[ $output == *$'\037'--instance$'\037'NAME$'\037'* ]]
	done
}

@test "options: no two options of a verb share a letter or a name" {
	for tool in $TOOLS; do
		for verb in $(dump "$tool" | awk -F '\037' \
			'$1 == "verb" { gsub(" ", "_", $2); print $2 }'); do
			run -0 bash -c "timeout 10 $tool --dump-options |
				awk -F '\t' -v v='${verb//_/ }' '\$1 == \"opt\" &&
				(\$2 == \"*\" || \$2 == v) {
					print \$3; print \$4 }' |
				grep . | sort | uniq -d"
			[ -z "$output" ] || { echo "$tool $verb: $output"; false; }
		done
	done
}

# The parser meets options before it knows the verb.
@test "options: an option takes a value in all verbs of a tool or in none" {
	for tool in $TOOLS; do
		run -0 bash -c "timeout 10 $tool --dump-options |
			awk -F '\t' '\$1 == \"opt\" {
				print \$4, \$5 != \"\"
				if (\$3 != \"\") print \$3, \$5 != \"\" }' |
			sort -u | cut -d ' ' -f 1 | uniq -d"
		[ -z "$output" ] || { echo "$tool: $output"; false; }
	done
}

@test "options: the manual names every verb and option of each tool" {
	for tool in $TOOLS; do
		page=$(words_of "man/$tool.8")
		missing=
		while IFS=$'\037' read -r kind verb letter name _; do
			if [ "$kind" = verb ]; then
				grep -qw -e "$verb" <<<"$page" ||
					missing+=" $verb"
			elif [ "$kind" = opt ]; then
				grep -qE -e "(^|[^-a-z])$name([^-a-z]|\$)" \
					<<<"$page" || missing+=" $name"
				[ -z "$letter" ] || grep -qE -e \
					"(^|[^-a-zA-Z])$letter([^-a-zA-Z]|\$)" \
					<<<"$page" || missing+=" $letter"
			fi
		done < <(dump "$tool")
		[ -z "$missing" ] || { echo "$tool.8 lacks$missing"; false; }
	done
}

# faults: NAME<TAB>FIX, as the table in common/fault.h has them
faults() {
	printf '#include "fault.h"\n#define X(n, s, e, f) @ n @ f\n%s\n' \
		'SRTE_FAULTS(X)' | gcc -E -P -I common -x c - |
		grep -o '@ [A-Z0-9_]* @ "[^@]*"' |
		sed 's/^@ //; s/ @ /\t/g; s/"//g'
}

@test "options: the sample in srte-errors(7) is what is printed" {
	sample=$(words_of man/srte-errors.7 | sed -n '/error: srte-steer:/,/^$/p' |
		xargs -d '\n' | tr -s ' ' | sed 's| *$||')
	[[ ${sample# } =~ ^"error: srte-steer: "([A-Z_]*)": "(.*)"; "(.*)$ ]]
	grep -qF "\"${BASH_REMATCH[2]}\"" common/steer_round.c
	faults | grep -qxP "${BASH_REMATCH[1]}\t${BASH_REMATCH[3]}"
}

@test "options: every manual page passes mandoc" {
	n=0
	for page in man/*.[0-9]; do
		run -0 mandoc -T lint -W warning "$page"
		[ -z "$output" ] || { echo "$output"; false; }
		n=$((n + 1))
	done
	[ "$n" -ge 10 ]
}

@test "options: --help is what tests/golden/help-TOOL.txt says" {
	for tool in $TOOLS; do
		timeout 10 "$tool" --help >"$BATS_TEST_TMPDIR/help"
		diff -u "tests/golden/help-$tool.txt" "$BATS_TEST_TMPDIR/help"
	done
}

@test "options: --help and --version exit 0 and print on stdout alone" {
	for tool in $TOOLS; do
		run -0 --separate-stderr timeout 10 "$tool" --version
		[[ $output =~ ^$tool\ [0-9.]+\ \(abi\ [0-9]+\.[0-9]+\)$ ]]
		[ -z "$stderr" ]
		run -0 --separate-stderr timeout 10 "$tool" --help
		[ -n "$output" ] && [ -z "$stderr" ]
	done
}

@test "options: an unknown option exits 2, in one line, with the nearest" {
	for tool in $TOOLS; do
		run -2 --separate-stderr timeout 10 "$tool" --instanse x
		[ -z "$output" ]
		[[ $stderr == *--instance* && $stderr != *$'\n'* ]]
	done
}

@test "options: the page shows what --help shows of each option's value" {
	for tool in $TOOLS; do
		page=$(words_of "man/$tool.8")
		while IFS=$'\037' read -r kind _ _ name arg _; do
			[ "$kind" = opt ] && [ -n "$arg" ] || continue
			grep -qiE -e "${name}[= ]+$arg" <<<"$page" ||
				{ echo "$tool.8: $name lacks $arg"; false; }
		done < <(dump "$tool")
	done
}
