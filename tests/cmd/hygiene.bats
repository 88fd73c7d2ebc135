#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What is shipped: hardened, and the same bytes wherever it was built.

bats_require_minimum_version 1.5.0

setup() {
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/srte$$h$BATS_TEST_NUMBER.XXXX")
	TOOLS=(srte-attach srte-flows srte-classify srte-steer srte-events)
}

teardown() {
	rm -rf "$DIR"
}

# soft FILE: what it lacks, one word each
soft() {
	local head dynamic segments symbols

	head=$(readelf -hW "$1")
	dynamic=$(readelf -dW "$1")
	segments=$(readelf -lW "$1")
	symbols=$(readelf --dyn-syms -W "$1")
	grep -q 'Type: .*DYN' <<<"$head" &&
		grep -q 'FLAGS_1.* PIE' <<<"$dynamic" || echo pie
	grep -q 'GNU_RELRO' <<<"$segments" || echo relro
	grep -qE '\(FLAGS\).*BIND_NOW|\(BIND_NOW\)' <<<"$dynamic" ||
		echo bind_now
	grep -q 'GNU_STACK.* RW ' <<<"$segments" || echo stack_exec
	! grep -q ' RWE ' <<<"$segments" || echo rwx
	! grep -qE 'TEXTREL|RUNPATH|RPATH' <<<"$dynamic" || echo paths
	grep -q ' __stack_chk_fail' <<<"$symbols" || echo stack_protector
	grep -qE ' __[a-z]+_chk@' <<<"$symbols" || echo fortify
}

@test "every command is PIE, full RELRO, fortified, its stack guarded" {
	local t

	for t in "${TOOLS[@]}"; do
		echo "$t: $(soft "$SRTE_O/$t" | tr '\n' ' ')"
		[ -z "$(soft "$SRTE_O/$t")" ]
	done
}

@test "and a program without all that is told from them" {
	echo 'int main(void) { return 0; }' >"$DIR/soft.c"
	gcc -fno-pie -no-pie -fno-stack-protector -U_FORTIFY_SOURCE \
		-Wl,-z,lazy,-z,norelro,-z,execstack,-rpath,/tmp \
		"$DIR/soft.c" -o "$DIR/soft"
	run -0 soft "$DIR/soft"
	[ "$(tr '\n' ' ' <<<"$output")" = \
		"pie relro bind_now stack_exec rwx paths stack_protector fortify " ]
}

# build SOURCES O [TARGET]: as a stranger's shell would, whatever make runs us
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u O \
		timeout 300 make -s -C "$1" O="$2" "${3:-all}"
}

@test "built twice, in other places: the same, bit by bit" {
	local t other=$DIR/a/rather/long/way/down pid

	mkdir -p "$other"
	(cd "$SRTE_TOP" && cp -a Makefile bpf cmd common "$other")
	build "$other" "$DIR/one" 3>&- &
	pid=$!
	build "$SRTE_TOP" "$DIR/another-place/two"
	wait "$pid"
	for t in "${TOOLS[@]}" srte.bpf.o srte.skel.h; do
		cmp "$DIR/one/$t" "$DIR/another-place/two/$t"
	done
	# and nobody learns where
	run -1 grep -c "$DIR" "$DIR/one/srte-attach" "$DIR/one/srte.bpf.o"
}

@test "the analyzers find what is planted" {
	mkdir "$DIR/src"
	(cd "$SRTE_TOP" && cp -a Makefile .clang-tidy bpf cmd common "$DIR/src")
	cat >"$DIR/src/common/leak.c" <<-'END'
		#include <stdlib.h>
		char *leak(int n);
		char *leak(int n)
		{
			char *p = malloc(n), *q = malloc(n);

			return p && n > 5 ? q : NULL;
		}
	END
	cat >"$DIR/src/common/twice.c" <<-'END'
		int twice(const int *at, int n);
		int twice(const int *at, int n)
		{
			int sum;

			if (n > 3 && n > 3)
				sum = at[n];
			return sum;
		}
	END
	run -2 build "$DIR/src" "$DIR/o" "$DIR/o/analyzed/common/leak"
	[[ $output == *analyzer-malloc-leak* ]]
	run -2 build "$DIR/src" "$DIR/o" "$DIR/o/analyzed/common/twice"
	[[ $output == *"[misc-redundant-expression"* ||
		$output == *"-Werror"* ]]
	run -0 build "$DIR/src" "$DIR/o" "$DIR/o/analyzed/common/usid"
}
