#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# srte-classify: heat, aggregates, limits, memory in a follow stream, notices,
# bad lines, explanations. Needs no map and no privilege.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

classify() {
	timeout 20 srte-classify "$@"
}

# header [INTERVAL_US]
header() {
	printf '{"type":"header","v":1,"tool":"srte-flows","link_bps":1000000000'
	[ $# -eq 0 ] || printf ',"interval_us":%d' "$1"
	printf '}\n'
}

# flow PORT BYTES RATE_BPS [MEMBERS]: TCP to 10.0.PORT.1
flow() {
	printf '{"type":"flow","v":1,"proto":"tcp","saddr":"10.0.0.1",'
	printf '"sport":%d,"daddr":"10.0.%d.1","dport":80,"bytes":%d,' \
		"$1" "$1" "$2"
	printf '"rate_bps":%d,"age_us":5000000%s}\n' "$3" "${4-}"
}

# end TYPE RECORDS
end() {
	printf '{"type":"%s","v":1,"records":%d,"complete":true}\n' "$1" "$2"
}

# once: a single round of the flows on stdin
once() {
	local lines
	lines=$(cat)
	header
	printf '%s\n' "$lines"
	end trailer "$(wc -l <<<"$lines")"
}

# verdicts ARGS...: "port class reason" of each
verdicts() {
	classify "$@" | jq -r 'select(.type == "class") |
		"\(.sport) \(.class) \(.reason)"'
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "rules: a heavy aggregate makes all of its flows heavy" {
	{
		flow 1 700000 6000000 ',"cgroup":"/a"'
		flow 2 700000 6000000 ',"cgroup":"/a"'
		flow 3 700000 6000000 ',"cgroup":"/b"'
	} | once >in
	[ "$(verdicts in | grep -c heavy)" -eq 0 ]
	run -0 verdicts --by cgroup in
	[ "${lines[0]}" = "1 heavy bytes_rate" ]
	[ "${lines[1]}" = "2 heavy bytes_rate" ]
	[ "${lines[2]}" = "3 rest small" ]
	classify --by prefix/16 in | jq -es 'map(select(.type == "class")) |
		length == 3 and all(.[]; .class == "heavy" and
			.group == "10.0.0.0/16" and .score == 18000000)'
	classify --by cgroup in |
		jq -es '.[1].group == "/a" and .[3].group == "/b"'
}

@test "rules: UDP has marks of its own" {
	{
		flow 1 2000000 20000000
		flow 2 2000000 20000000 | sed 's/"tcp"/"udp"/'
	} | once >in
	[ "$(verdicts in | grep -c heavy)" -eq 2 ]
	run -0 verdicts --udp-enter-rate 50M in
	[ "${lines[0]}" = "1 heavy bytes_rate" ]
	[ "${lines[1]}" = "2 rest small" ]
}

@test "rules: --apart gives each protocol its own first" {
	{
		flow 1 1 900
		flow 2 1 800
		flow 3 1 7 | sed 's/"tcp"/"udp"/'
	} | once >in
	[ "$(verdicts -p top --top 1 --apart in)" = "1 heavy top
2 rest small
3 heavy top" ]
}

@test "rules: limits on heavy flows and on changes" {
	{
		flow 1 20000000 20000000
		flow 2 20000000 40000000
		flow 3 20000000 30000000
		flow 4 20000000 1 ',"class":"heavy"'
	} | once >in
	run -0 verdicts --max-heavy 2 in
	[ "${lines[0]}" = "1 rest capped" ]
	[ "${lines[1]}" = "2 heavy bytes" ]
	[ "${lines[2]}" = "3 heavy bytes" ]
	run -0 verdicts --max-changes 2 in
	[ "${lines[0]}" = "1 rest capped" ]
	[ "${lines[1]}" = "2 heavy bytes" ]
	[ "${lines[2]}" = "3 rest capped" ]
	[ "${lines[3]}" = "4 rest below_rate" ]
	classify --max-heavy 2 in | jq -es '.[1].limit_flows == 2'
}

@test "rules: the young wait" {
	flow 1 20000000 40000000 | once >in
	[ "$(verdicts --min-age 4s in)" = "1 heavy bytes" ]
	[ "$(verdicts --min-age 6s in)" = "1 rest young" ]
	[ "$(verdicts -p top --min-age 6s in)" = "1 rest young" ]
}

# Rounds of 100 ms: rate of one flow in each.
rounds() {
	local rate
	header 100000
	for rate; do
		flow 1 2000000 "$rate"
		end mark 1
	done
	end trailer 0
}

@test "rules: in a follow stream the verdict before counts, not the record" {
	# 10 Mbit/s enters, 5 leaves; the record says rest all the time
	rounds 20000000 7000000 7000000 >in
	[ "$(verdicts in | cut -d' ' -f2- | xargs)" = \
		"heavy bytes_rate heavy incumbent heavy incumbent" ]
}

@test "rules: a class that was changed stays for --dwell" {
	rounds 20000000 1000 1000 1000 >in
	[ "$(verdicts --dwell 300ms in | cut -d' ' -f2- | xargs)" = \
		"heavy bytes_rate heavy dwell heavy dwell rest below_rate" ]
	[ "$(verdicts --dwell 0s in | cut -d' ' -f2- | xargs | cut -c-40)" = \
		"heavy bytes_rate rest below_rate rest sm" ]
}

# 60 s of a rate that swings by 30 % round the mark, from 9 to 17 Mbit/s.
@test "rules: a rate that swings round the threshold enters once" {
	local i
	{
		header 100000
		for ((i = 0; i < 600; i++)); do
			flow 1 2000000 $((10000000 + 3000000 * (i % 2 * 2 - 1)))
			end mark 1
		done
		end trailer 0
	} >in
	[ "$(verdicts in | cut -d' ' -f2 | uniq | xargs)" = "rest heavy" ]
	# without two marks it does flap: the test can see it
	[ "$(verdicts --leave-rate 10M --dwell 0s in | cut -d' ' -f2 | uniq |
		wc -l)" -gt 500 ]
}

@test "rules: heat follows the mean, and needs rounds to look back on" {
	local i
	{
		header 100000
		for ((i = 0; i < 12; i++)); do
			flow 1 1 $((i == 6 ? 1 : 80000000))
			flow 2 1 20000000
			flow 3 1 $((i == 6 ? 90000000 : 1))
			end mark 3
		done
		end trailer 0
	} >in
	run -0 verdicts -p heat --dwell 0s in
	# share: the odd round takes the first one out and lets the last in
	[ "$(verdicts -p share --dwell 0s in | grep '^3' | grep -c heavy)" -eq 1 ]
	[ "$(grep -c '^3 heavy' <<<"$output")" -eq 0 ]
	flow 1 1 1 | once >once
	run -2 --separate-stderr classify -p heat once
	[[ $stderr == *"USAGE: --policy heat"*"srte-flows watch"* ]]
	run -2 --separate-stderr classify --dwell 1s once
	[[ $stderr == *"USAGE: --dwell"*"srte-flows watch"* ]]
}

@test "rules: what the kernel notices is heavy at once" {
	{
		printf '{"type":"header","v":1,"tool":"srte-events"}\n'
		printf '{"type":"event","v":1,"event":"heavy","proto":"tcp",'
		printf '"saddr":"10.0.0.1","sport":7,"daddr":"10.0.1.1",'
		printf '"dport":80,"cgroup":"/a","bytes":1048576}\n'
		printf '{"type":"event","v":1,"event":"rto","proto":"tcp",'
		printf '"saddr":"10.0.0.1","daddr":"10.0.1.1"}\n'
		end mark 2
		end trailer 0
	} >in
	run -0 --separate-stderr classify in
	[ -z "$stderr" ]
	jq -es 'map(.type) ==
			["header", "class", "event", "mark", "trailer"] and
		(.[1] | .class == "heavy" and .reason == "notice" and
			.score == 1048576 and .cgroup == "/a" and
			(has("rate_bps") | not)) and
		.[2].event == "rto" and .[3].records == 2' <<<"$output"
}

@test "rules: the same flow twice in a round is refused" {
	{
		flow 1 1 1
		flow 1 2 2
	} | once >in
	run -4 --separate-stderr classify in
	[[ $stderr == "error: srte-classify: BAD_RECORD: in: line 3: the same "* ]]
	[[ $output != *trailer* ]]
	rounds 1 1 >in	# but not in two rounds
	run -0 classify in
}

@test "rules: --skip-bad drops and counts, but never a cut stream" {
	{
		flow 1 20000000 20000000
		echo '{"type":"flow","v":1'
		head -c 70000 /dev/zero | tr '\0' x
		echo
		echo '{"type":"flow","v":1,"proto":"tcp","saddr":"1.2.3"}'
		flow 2 20000000 20000000
		flow 2 20000000 20000000
		printf 'a\0b\n'
	} >body
	{ header; cat body; end trailer 7; } >in
	run -4 --separate-stderr classify in
	run -0 --separate-stderr classify --skip-bad in
	[[ $stderr == *"in: 5 bad lines skipped"* ]]
	jq -es 'map(.sport // 0) == [0, 1, 2, 0] and .[-1].records == 2' \
		<<<"$output"
	# two of the five were not even counted by the producer
	{ header; cat body; end trailer 5; } >in
	run -0 classify --skip-bad in
	{ header; cat body; end trailer 8; } >in
	run -4 --separate-stderr classify --skip-bad in
	[[ $stderr == *TRUNCATED_STREAM* ]]
	{ header; cat body; } >in
	run -4 --separate-stderr classify --skip-bad in
	[[ $stderr == *TRUNCATED_STREAM* ]]
	[[ $output != *trailer* ]]
}

@test "rules: explain tells what each rule says, and which won" {
	{
		flow 1 20000000 7000000
		flow 2 2000000 20000000 ',"class":"heavy"'
	} | once >in
	run -0 --separate-stderr classify explain tcp 10.0.0.1:1 10.0.1.1:80 in
	[ -z "$stderr" ]
	jq -es 'map(select(.type == "rule")) as $r |
		($r | map(.rule)) == ["idle", "below_rate", "young", "bytes",
			"bytes_rate", "incumbent", "small", "verdict"] and
		($r | map(select(.won)) | map(.rule)) == ["bytes"] and
		($r[3] | .value == 20000000 and .limit == 10485760 and
			.unit == "bytes" and .says == "heavy") and
		($r[1] | .holds == false and .value == 7000000 and
			.limit == 5000000) and
		($r[7] | .says == "heavy" and .reason == "bytes")' <<<"$output"
	classify explain -p top --top 1 tcp 10.0.0.1:1 10.0.1.1:80 in |
		jq -es '.[1].rule == "top" and .[1].holds == false and
			.[2].reason == "small"'
	classify explain --max-heavy 1 tcp 10.0.0.1:1 10.0.1.1:80 in |
		jq -es 'map(select(.won)) | length == 1 and
			.[0].rule == "verdict" and .[0].reason == "capped"'
	run -4 --separate-stderr classify explain tcp 10.0.0.1:9 10.0.1.1:80 in
	[[ $stderr == "error: srte-classify: NO_FLOW: in: no flow tcp "* ]]
	run -2 --separate-stderr classify explain tcp 10.0.0:9 10.0.1.1:80 in
	[[ $stderr == *"'10.0.0:9' is no source"* ]]
	run -2 classify explain tpc 10.0.0.1:9 10.0.1.1:80 in
	run -2 classify explain tcp 10.0.0.1:9 '[fd00::1' in
}

@test "rules: options without effect are refused" {
	flow 1 1 1 | once >in
	local args
	for args in "-p heat --top 3" "--bonus 10" "--apart" "--by racks" \
		"-p heat --by cgroup" "-p top --udp-enter-rate 1M" \
		"--max-heavy 0" "--max-changes 0" \
		"--udp-enter-rate 1M --udp-leave-rate 2M"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr classify $args in
		[[ $stderr == "error: srte-classify: USAGE: "* ]]
		[ -z "$output" ]
	done
}
