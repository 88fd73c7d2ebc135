#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# srte-classify: a pure filter. Needs no map and no privilege, so everything
# here would pass without root too.

bats_require_minimum_version 1.5.0

setup() {
	GOLDEN=$BATS_TEST_DIRNAME/../golden
	SCHEMA=$BATS_TEST_DIRNAME/../../common/schema
	FLOWS=$GOLDEN/flows.jsonl
	NOBODY_DIR=
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[ -z "$NOBODY_DIR" ] || rm -rf "$NOBODY_DIR"
}

classify() {
	timeout 20 srte-classify "$@"
}

# What follows the header, which differs from host to host.
body() {
	classify "$@" | tail -n +2
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# refused STATUS NAME WORDS COMMAND...: exit status, one line on stderr with
# the fault and the words, and nothing that looks like a whole stream.
refused() {
	local status=$1 name=$2 words=$3
	shift 3
	run -"$status" --separate-stderr "$@"
	# shellcheck disable=SC2154 # bats sets it
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" == "error: srte-classify: $name: "* ]]
	[[ "$stderr" == *"$words"* ]]
	[[ "$output" != *'"trailer"'* ]]
}

@test "classify: the three policies give the golden verdicts" {
	run -0 diff <(body "$FLOWS") "$GOLDEN/classify-threshold.jsonl"
	run -0 diff <(body --policy share --share 75 "$FLOWS") \
		"$GOLDEN/classify-share.jsonl"
	run -0 diff <(body --policy top --top 1 "$GOLDEN/follow.jsonl") \
		"$GOLDEN/classify-top.jsonl"
}

@test "classify: file, dash, no argument and the verb are the same" {
	local want="$GOLDEN/classify-threshold.jsonl"
	run -0 diff <(body "$FLOWS") "$want"
	run -0 diff <(body - <"$FLOWS") "$want"
	run -0 diff <(body <"$FLOWS") "$want"
	run -0 diff <(body classify -j -- "$FLOWS") "$want"
}

@test "classify: the header is its own and keeps the link speed" {
	run -0 --separate-stderr classify "$FLOWS"
	[ -z "$stderr" ]
	run -0 jq -r '.type, .v, .tool, .link_bps' <<<"${lines[0]}"
	[ "$output" = $'header\n1\nsrte-classify\n1000000000' ]
	run -0 --separate-stderr classify --link 10G "$FLOWS"
	run -0 jq .link_bps <<<"${lines[0]}"
	[ "$output" = 10000000000 ]
}

@test "classify: every line is JSON, type and v first, numbers survive jq" {
	classify "$FLOWS" >out
	run -0 jq -ce 'select(keys_unsorted[0:2] == ["type", "v"])' out
	[ "${#lines[@]}" -eq 9 ]	# all but the foreign one
	jq -c 'select(.type == "class") | del(.labels)' out >through
	grep '"type":"class"' out | sed 's/,"labels":.*/}/' >as_written
	run -0 diff through as_written
	# strict: our own reader takes it again
	run -0 --separate-stderr classify out
	[ -z "$stderr" ]
}

@test "classify: unknown fields and types go through letter for letter" {
	classify "$FLOWS" >out
	run -0 grep -cF ',"tenant":"blue","labels":{"a":[1.50,null]}}' out
	[ "$output" = 1 ]
	run -0 grep -cxF '{"v":1, "type":"weather", "sky":"blue"}' out
	run -0 diff <(grep '"event"' out) <(grep '"event"' "$FLOWS")
}

@test "classify: fields that the input lacks are not invented" {
	run -0 body "$GOLDEN/follow.jsonl"
	[[ "$output" != *packets* ]]
	[[ "$output" != *idle_us* ]]
}

@test "classify: csv has one header line, the class records and no others" {
	run -0 diff <(classify -f csv "$FLOWS") "$GOLDEN/classify.csv"
}

@test "classify: a table with human units, on a terminal too" {
	run -0 --separate-stderr classify -f table "$FLOWS"
	[ "${#lines[@]}" -eq 7 ]
	[[ "${lines[0]}" == PROTO*SADDR*RATE*BYTES*CLASS*REASON* ]]
	[[ "${lines[1]}" == tcp*81.0M*2.0M*heavy*bytes_rate* ]]
	run -0 timeout 20 script -qec "srte-classify '$FLOWS'" /dev/null
	[[ "${lines[0]}" == PROTO*REASON* ]]
}

@test "classify: a terminal as input is refused, not waited for" {
	run -2 timeout 20 script -qec srte-classify /dev/null
	[[ "$output" == *"STDIN_TERMINAL: standard input is a terminal; "* ]]
}

@test "classify: thresholds follow the options" {
	heavy() {
		body "$@" "$FLOWS" |
			jq -r 'select(.class == "heavy") | .sport' | xargs
	}
	[ "$(heavy)" = "40000 40001 4791" ]
	[ "$(heavy --link 100G)" = "" ]
	[ "$(heavy --link 100M)" = "40000 40001 40002 4791" ]
	[ "$(heavy --enter-share 10)" = "" ]
	[ "$(heavy --enter-share 8.1%)" = "40000" ]
	[ "$(heavy --enter-rate 80M --leave-rate 7M)" = "40000 40001" ]
	[ "$(heavy --enter-bytes 3M --leave-rate 8M)" = "" ]
	[ "$(heavy --always-bytes 1G)" = "40000 40001" ]
	[ "$(heavy --idle 3s)" = "40000 40001 4791 22" ]
	[ "$(heavy --policy top --top 2)" = "40000 40001" ]
	[ "$(heavy --policy share --share 100)" = "40000 40001 40002 4791 null" ]
}

@test "classify: without a link speed the bytes decide, and -v says so" {
	sed '1s/,"link_bps":[0-9]*//' "$FLOWS" >no_link
	run -0 --separate-stderr classify no_link
	[ -z "$stderr" ]
	[[ "${lines[1]}" == *'"class":"rest","reason":"small"'* ]]
	[[ "${lines[3]}" == *'"class":"heavy","reason":"bytes"'* ]]
	run -0 --separate-stderr classify -v no_link
	[[ "$stderr" == *"link speed not known"* ]]
}

@test "classify: options without effect or sense are usage errors" {
	refused 2 USAGE "--policy top" classify --top 3 "$FLOWS"
	refused 2 USAGE "--policy share" classify --share 50 "$FLOWS"
	refused 2 USAGE "--policy threshold" \
		classify --policy top --enter-rate 1M "$FLOWS"
	refused 2 USAGE "exclude each other" \
		classify --enter-rate 1M --enter-share 1 "$FLOWS"
	refused 2 USAGE "more than 0" classify --policy top --top 0 "$FLOWS"
	refused 2 USAGE "is above" \
		classify --enter-rate 1M --leave-rate 2M "$FLOWS"
	run -2 classify --policy fastest "$FLOWS"
	run -2 classify --enter-bytes 1X "$FLOWS"
	run -2 classify "$FLOWS" "$FLOWS"
	run -2 classify --polcy top "$FLOWS"
}

@test "classify: a bad line is named, and no trailer follows" {
	bad() { sed "$1" "$FLOWS" >bad.jsonl; }
	bad '3s/"heavy"/"elephant"/'
	refused 4 BAD_RECORD "bad.jsonl: line 3: class: expected" \
		classify bad.jsonl
	refused 4 BAD_RECORD "stdin: line 3: class" classify - <bad.jsonl
	bad '4s/10.0.2.1/10.0.2.256/'
	refused 4 BAD_RECORD "line 4: daddr: expected" classify bad.jsonl
	bad '5s/"udp"/"upd"/'
	refused 4 BAD_RECORD "line 5: proto: expected" classify bad.jsonl
	bad '6s/,"bytes":104//'
	refused 4 BAD_RECORD 'line 6: flow record without "bytes"' \
		classify bad.jsonl
	bad '7s/}$//'
	refused 4 BAD_RECORD "line 7: not JSON" classify bad.jsonl
	bad '8s/$/\n/'
	refused 4 BAD_RECORD "line 9: empty" classify bad.jsonl
	bad '2s/"v":1/"v":2/'
	refused 4 NEWER_RECORD "line 2: record version 2" classify bad.jsonl
	bad '10s/$/\n{"type":"wind","v":1}/'
	refused 4 BAD_RECORD "line 11: something after" classify bad.jsonl
	bad 1d
	refused 4 BAD_RECORD "line 1: expected a header" classify bad.jsonl
	head -c 100000 /dev/zero | tr '\0' x >bad.jsonl
	refused 4 BAD_RECORD "line 1: longer than 64 KiB" classify bad.jsonl
	refused 4 BAD_RECORD "line 1: a NUL byte" classify /bin/sh
	refused 4 OPEN "No such file" classify ./missing
	refused 4 OPEN "Is a directory" classify /
}

@test "classify: a stream that was cut is no whole stream" {
	local size cut
	size=$(stat -c %s "$FLOWS")
	for cut in 0 1 100 700 $((size / 2)) $((size - 20)) $((size - 2)); do
		head -c "$cut" "$FLOWS" >cut.jsonl
		refused 4 TRUNCATED_STREAM "cut.jsonl" classify cut.jsonl
	done
	head -c $((size - 1)) "$FLOWS" >cut.jsonl	# the newline alone
	run -0 classify cut.jsonl
	sed '3d' "$FLOWS" >short.jsonl
	refused 4 TRUNCATED_STREAM "8 records announced, 7 came" \
		classify short.jsonl
	sed '$s/true/false/' "$FLOWS" >told.jsonl
	refused 4 TRUNCATED_STREAM "missing" classify --policy top told.jsonl
}

@test "classify: rounds go out as they come in" {
	mkfifo in out
	timeout 20 srte-classify --policy top <in >out 3>&- &
	local pid=$!
	exec 4>in 5<out
	head -n 4 "$GOLDEN/follow.jsonl" >&4
	local line n=0
	while read -r -t 10 -u 5 line; do
		n=$((n + 1))
		[[ "$line" != *'"mark"'* ]] || break
	done
	[ "$n" -eq 4 ]
	[[ "$line" == *'"mark","v":1,"records":2,"complete":true'* ]]
	exec 4>&-
	local status=0
	wait "$pid" || status=$?
	exec 5<&-
	[ "$status" -eq 4 ]	# cut off after the first round
}

@test "classify: an output that fails is an error" {
	run -1 --separate-stderr bash -c "srte-classify '$FLOWS' >/dev/full"
	[[ "$stderr" == "error: srte-classify: OUTPUT: cannot write: No space"* ]]
	run -1 --separate-stderr bash -c \
		"srte-classify --schema flow >/dev/full"
	[[ "$stderr" == *"OUTPUT: "* ]]
}

@test "classify: needs no privilege and no libbpf" {
	local bin
	bin=$(command -v srte-classify)
	run -0 ldd "$bin"
	[[ "$output" == *libyajl* ]]
	[[ "$output" != *libbpf* ]]
	[[ "$output" != *libelf* ]]
	[ "$(id -u)" -eq 0 ] || return 0	# then the rest was just shown
	NOBODY_DIR=$(mktemp -d "${BATS_TMPDIR:-/tmp}/srte-classify.XXXXXX")
	chmod 755 "$NOBODY_DIR"
	install -m 755 "$bin" "$NOBODY_DIR/srte-classify"
	timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups \
		--bounding-set=-all --no-new-privs \
		"$NOBODY_DIR/srte-classify" <"$FLOWS" >out
	run -0 diff <(tail -n +2 out) "$GOLDEN/classify-threshold.jsonl"
}

# To write them anew: srte-classify --schema TYPE >common/schema/TYPE.v1.json
@test "classify: the schemas in the tree are those of the tables" {
	local type n=0
	for type in header trailer mark flow class action event path status \
		rule check; do
		run -0 diff <(classify --schema "$type") \
			"$SCHEMA/$type.v1.json"
		jq -e --arg t "$type" '.properties.type.const == $t' \
			"$SCHEMA/$type.v1.json" >/dev/null
		n=$((n + 1))
	done
	[ "$(find "$SCHEMA" -name '*.json' | wc -l)" -eq "$n" ]
	run -2 classify --schema wind
}

# Every key of a real record is in its schema, every required key in it.
@test "classify: records keep to their schema" {
	classify "$FLOWS" >out
	local type
	for type in header class event trailer; do
		# shellcheck disable=SC2016 # jq expands them
		run -0 jq -se --arg t "$type" --slurpfile s \
			"$SCHEMA/$type.v1.json" '
			map(select(.type == $t) | del(.tenant, .labels)) |
			length > 0 and all(.[];
				(keys - ($s[0].properties | keys) == []) and
				($s[0].required - keys == []))' out
	done
}

@test "classify: srte-json(5) has every type and key, with the words used" {
	local man="$BATS_TEST_DIRNAME/../../man/srte-json.5" type want
	for type in header trailer flow action event path status rule; do
		sed -n "/^\.Ss $type\$/,/^\.El/p" "$man" |
			awk '/^\.It/ { k = $3; getline; print k "\t" $0 }' >has
		jq -r '.properties | to_entries[] |
			select(.value.description) |
			"\(.key)\t\(.value.description)"' \
			"$SCHEMA/$type.v1.json" >want
		[ -s want ]
		run -0 diff has want
	done
	for type in mark class; do
		run -0 grep -x ".Ss $type" "$man"
	done
}

@test "classify: its manual has every option and reason" {
	local man="$BATS_TEST_DIRNAME/../../man/srte-classify.8" word
	classify --help | grep -o -- '--[a-z-]*' | sort -u >options
	[ "$(wc -l <options)" -gt 15 ]
	while read -r word; do
		grep -q "Fl -${word#--}\b" "$man" || {
			echo "not in the manual: $word"
			return 1
		}
	done <options
	for word in bytes_rate bytes share top heat notice incumbent \
		below_rate idle outranked cooled small young dwell capped; do
		run -0 grep -x ".It Li $word" "$man"
	done
}

# The README's promise that each step can be replaced.
@test "classify: the manual's classifier in jq makes records that are taken" {
	jq -c 'if .type == "flow" then
		.type = "class" | .reason = "port" |
		.class = (if .dport == 5201 then "heavy" else "rest" end)
		else . end' "$FLOWS" >own
	run -0 --separate-stderr classify own
	[ -z "$stderr" ]
	[ "$(grep -c '"class":"heavy".*"reason":"port"' own)" -eq 3 ]
}
