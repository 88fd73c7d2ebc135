#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# bash, zsh and fish complete all that the option tables have, and values.

bats_require_minimum_version 1.5.0

TOOLS="srte-attach srte-flows srte-classify srte-steer srte-events"

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	[ -z "${SOCKET:-}" ] || tmux -L "$SOCKET" kill-server 2>/dev/null || :
	netns_teardown
}

# dump TOOL: the tables, with a field separator that read does not fold
dump() {
	timeout 10 "$1" --dump-options | tr '\t' '\037'
}

# offered [SHELL...]: each line on stdin is a CANDIDATE, a tab, and the words
# of a command line with tabs between them. "!" is for: nothing. Each shell has
# to offer it, in the network namespace.
offered() {
	local shell

	[ $# -gt 0 ] || set -- bash zsh fish
	cat >"$DIR/cases"
	[ -s "$DIR/cases" ]
	for shell; do
		cut -f 2- "$DIR/cases" | in_a timeout 120 "$shell" \
			"$SRTE_TOP/tests/lib/complete.$shell" >"$DIR/$shell"
		[ "$(wc -l <"$DIR/$shell")" -eq "$(wc -l <"$DIR/cases")" ]
		paste "$DIR/cases" "$DIR/$shell" | awk -F '\t' -v s="$shell" '
			$1 == "!" ? $NF !~ /^ *$/ : !index(" " $NF " ",
				" " $1 " ") {
				print s ": " $0
				bad = 1
			}
			END { exit bad }'
	done
}

@test "completion: every verb, in each shell" {
	for tool in $TOOLS; do
		dump "$tool" | awk -F '\037' -v OFS='\t' -v t="$tool" '
		$1 == "verb" {
			two = split($2, w, " ") == 2
			print w[1], t, substr($2, 1, 1)
			if (two)
				print w[2], t, w[1], ""
		}'
	done >"$DIR/all"
	[ "$(wc -l <"$DIR/all")" -gt 20 ]
	offered <"$DIR/all"
}

@test "completion: every option, letter and choice, in each shell" {
	for tool in $TOOLS; do
		dump "$tool" | awk -F '\037' -v OFS='\t' -v t="$tool" '
		$1 == "opt" {
			line = t
			if ($2 != "*") {
				gsub(" ", OFS, $2)
				line = line OFS $2
			}
			print $4, line, substr($4, 1, 4)
			if ($3 != "")
				print $3, line, $3
			n = split($6, choice, ",")
			for (i = 1; i <= n; i++)
				print choice[i], line, $4, ""
		}'
	done >"$DIR/all"
	[ "$(wc -l <"$DIR/all")" -gt 200 ]
	offered <"$DIR/all"
}

@test "completion: values that only the host knows" {
	mkdir "$CGROUP/inner"
	echo '{"source":"fd00:9::1","endpoints":[{"prefix":"10.9.0.0/24",
		"sid":"fc00:2::d4"}],"pools":{"heavy":[{"name":"s2",
		"segments":["fc00:b::1"]}]}}' >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	offered <<-END
	va	srte-attach	up	--dev	v
	va	srte-attach	down	-d	
	heavy/s2	srte-flows	--path	h
	heavy/s2	srte-steer	path	down	
	heavy/s2	srte-events	--path	
	/${CGROUP##*/}	srte-flows	--cgroup	/srte
	/${CGROUP##*/}/inner	srte-events	--cgroup	/${CGROUP##*/}/
	$CGROUP	srte-attach	up	--cgroup	$(dirname "$CGROUP")/srte
	default	srte-steer	--instance	
	heavy	srte-flows	--class	h
	END
}

@test "completion: nothing attached is no error" {
	offered <<-'END'
	!	srte-flows	--path	h
	!	srte-steer	path	up	
	!	srte-flows	--instance	
	END
	run -0 --separate-stderr srte-flows --complete --nosuch --path ''
	[ -z "$output$stderr" ]
}

@test "completion: what belongs to another verb, and behind an equals sign" {
	offered <<-'END'
	!	srte-steer	flush	--k
	--keep	srte-steer	apply	--k
	--keep	srte-steer	-v	--instance	x	apply	--k
	!	srte-flows	--instance	x	--instance	y	--zz
	END
	offered bash <<-'END'
	csv	srte-flows	--format	=	c
	csv	srte-flows	--format	=	
	load	srte-steer	--format	=	csv	pool	l
	END
	offered zsh fish <<-'END'
	--format=csv	srte-flows	--format=c
	load	srte-steer	--format=csv	pool	l
	END
}

@test "completion: files, where there can be one" {
	touch "$DIR/pools-of-mine"
	offered bash fish <<-END
	$DIR/pools-of-mine	srte-attach	up	--pools	$DIR/pools
	$DIR/pools-of-mine	srte-steer	pool	load	$DIR/pools
	$DIR/pools-of-mine	srte-classify	$DIR/pools
	END
	offered zsh <<-END
	@files	srte-attach	up	--pools	$DIR/pools
	@files	srte-steer	pool	load	$DIR/pools
	@files	srte-classify	$DIR/pools
	END
}

shown() {
	tmux -L "$SOCKET" capture-pane -p | grep -qF -e "$1"
}

# The shell itself, as installed, with a key pressed. A server each: one that is
# about to end takes a new session with it.
@test "completion: installed, each shell has it at the tab key" {
	make -s -C "$SRTE_TOP" O="$SRTE_O" DESTDIR="$DIR/root" prefix=/usr install
	share=$DIR/root/usr/share
	echo "source $share/bash-completion/completions/srte-flows" >"$DIR/rc"
	echo "fpath=($share/zsh/site-functions \$fpath)
		autoload -Uz compinit; compinit -u -D" >"$DIR/.zshrc"
	for shell in "bash --rcfile $DIR/rc" "zsh" \
		"fish --no-config -C 'source $share/fish/vendor_completions.d/srte-flows.fish'"; do
		SOCKET=$NS_A.${shell%% *}
		tmux -L "$SOCKET" -f /dev/null new-session -d -x 80 -y 24 \
			"env ZDOTDIR=$DIR HOME=$DIR $shell"
		tmux -L "$SOCKET" send-keys "echo rea''dy" Enter
		poll 10 shown ready
		tmux -L "$SOCKET" send-keys "srte-flows --min-ra" Tab
		poll 10 shown "--min-rate"
		tmux -L "$SOCKET" kill-server
	done
}
