#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-flows: real traffic, counted right and shown right.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

flows() {
	in_a timeout 20 srte-flows -j "$@"
}

# One flow as an object: flow JQ-CONDITION
flow() {
	flows | jq -ers "map(select(.type == \"flow\" and ($1)))[0]"
}

# udp ADDRESS PORT SIZE COUNT [COMMAND...]: datagrams from a to b.
udp() {
	local addr=$1 port=$2 size=$3 count=$4

	shift 4
	# shellcheck disable=SC2016 # for the inner shell
	in_a "$@" bash -c 'exec 9>"/dev/udp/$0/$1"
		printf -v data "%*s" "$2" ""
		for ((i = 0; i < $3; i++)); do
			printf "%s" "$data" >&9
		done' "$addr" "$port" "$size" "$count"
}

@test "nothing is up: exit 3 and one line" {
	run -3 --separate-stderr flows
	[ -z "$output" ]
	# shellcheck disable=SC2154 # bats sets it
	[ "${#stderr_lines[@]}" -eq 1 ]
	jq -e '.tool == "srte-flows" and .name == "NO_BPFFS"' <<<"$stderr"
}

@test "list is the default; header, whole trailer, nothing on stderr" {
	up --link 100M
	run -0 --separate-stderr in_a srte-flows
	[ -z "$stderr" ]
	jq -es '.[0].type == "header" and .[0].tool == "srte-flows" and
		.[0].link_bps == 100000000 and .[-1].type == "trailer" and
		.[-1].complete and .[-1].records == length - 2' <<<"$output"
	run -0 in_a srte-flows list
}

@test "link rate is the device's own where it knows one" {
	up
	flows | jq -es '.[0].link_bps == 10000000000'
}

@test "one record for each five-tuple, both families" {
	up
	udp 10.9.0.99 7001 100 5
	udp fd00:9::99 7002 200 3
	# 28 and 48 bytes of headers.
	flow '.dport == 7001' | jq -e '.family == "ipv4" and .proto == "udp"
		and .saddr == "10.9.0.1" and .daddr == "10.9.0.99" and
		.packets == 5 and .bytes == 640 and .class == "rest" and
		(has("path") | not) and .age_us >= .idle_us'
	flow '.dport == 7002' | jq -e '.family == "ipv6" and
		.saddr == "fd00:9::1" and .packets == 3 and .bytes == 744'
	flows | jq -es 'map(select(.type == "flow") |
		[.proto, .saddr, .sport, .daddr, .dport]) |
		length == (unique | length)'
}

sent() {
	in_a ip -s -j link show dev va |
		jq -r '.[0].stats64.tx | "\(.packets) \(.bytes)"'
}

# The same from the flows: the device's bytes have an Ethernet header each.
counted() {
	flows | jq -rs 'map(select(.type == "flow")) |
		(map(.packets) | add // 0) as $n |
		"\($n) \((map(.bytes) | add // 0) + 14 * $n)"'
}

# What the device had sent before the flows began to count, into a file.
# Kernel chatter between two readings spoils them: then again.
ahead() {
	local before p b fp fb

	before=$(sent)
	read -r p b <<<"$before"
	read -r fp fb < <(counted)
	[ "$(sent)" = "$before" ] && echo $((p - fp)) $((b - fb)) >"$1"
}

still_ahead() {
	ahead "$DIR/now" && cmp "$DIR/ahead" "$DIR/now"
}

@test "the sum of all flows is what the device sent" {
	# Without segmentation offload a packet is a packet to both.
	in_a ethtool -K va tso off gso off >/dev/null
	ip -n "$NS_A" link set va addrgenmode none
	ip -n "$NS_A" -6 addr flush dev va scope link
	up
	poll 10 ahead "$DIR/ahead"
	spawn in_b timeout 60 iperf3 -s -1 -p 7003
	poll 10 in_a timeout 60 iperf3 -c 10.9.0.2 -p 7003 -n 10M >/dev/null
	udp 10.9.0.99 7001 1000 50
	udp fd00:9::99 7001 1 50
	poll 10 still_ahead
	flow '.proto == "tcp" and .bytes > 1000000' |
		jq -e '.packets > 700'
}

@test "a burst by segmentation offload counts as it goes on the wire" {
	up
	spawn in_b timeout 60 iperf3 -s -1 -p 7003
	poll 10 in_a timeout 60 iperf3 -c fd00:9::2 -p 7003 -n 10M >/dev/null
	# At most 1428 bytes of data in a segment of 1500, 72 of headers; a
	# sender that has nothing to wait for fills nearly all of them.
	flow '.dport == 7003 and .bytes > 1000000' >"$DIR/flow"
	cat "$DIR/flow"
	jq -e '(.bytes - 72 * .packets) as $data |
		.packets >= $data / 1428 and .packets < $data / 1428 * 1.3' \
		"$DIR/flow"
}

@test "the cgroup of the sender is named" {
	up
	# shellcheck disable=SC2016 # for the inner shell
	udp 10.9.0.99 7005 10 1 bash -c 'echo $$ >"$0/cgroup.procs" &&
		exec "$@"' "$CGROUP"
	flow '.dport == 7005' | jq -e --arg cg "/${CGROUP##*/}" --arg id \
		"$(printf '0x%x' "$(stat -c %i "$CGROUP")")" \
		'.cgroup == $cg and .cgroup_id == $id'
}

@test "--top and --sort" {
	up
	udp 10.9.0.99 7001 100 1
	udp 10.9.0.99 7002 900 1
	udp 10.9.0.99 7003 500 1
	flows --sort bytes | jq -es 'map(select(.type == "flow") | .bytes) |
		. == (sort | reverse) and length >= 3'
	flows -n 2 | jq -es '.[-1].records == 2 and
		.[1].dport == 7002 and .[2].dport == 7003'
	flows -n 0 | jq -es 'length == 2 and .[-1].complete'
	flows --sort rate --top 1 | jq -es '.[-1].records == 1'
	run -2 flows --sort size
	run -2 flows --top -1
}

@test "a table on a terminal, largest first" {
	up
	udp 10.9.0.99 7001 100 1
	udp 10.9.0.99 7002 900 1
	run -0 in_a srte-flows -f table
	[[ ${lines[0]} == PROTO*SADDR*BYTES*RATE*CLASS* ]]
	[[ ${lines[1]} == udp*7002* ]]
}

@test "a rate fades when the flow stops" {
	up --window 100ms
	spawn in_b timeout 60 iperf3 -s -1 -p 7003
	poll 10 in_a timeout 60 iperf3 -c 10.9.0.2 -p 7003 -t 1 >/dev/null
	flow '.proto == "tcp" and .bytes > 1000000' | jq -e '.rate_bps > 0'
	faded() {
		flow '.proto == "tcp" and .bytes > 1000000' |
			jq -e '.rate_bps == 0'
	}
	poll 20 faded
}

@test "thousands of flows, each one once" {
	up --admit all
	# shellcheck disable=SC2016 # for the inner shell
	in_a bash -c 'for ((p = 10000; p < 15000; p++)); do
		echo >"/dev/udp/10.9.0.99/$p"; done'
	flows | jq -es 'map(select(.dport >= 10000 and .dport < 15000) |
		.dport) | length == 5000 and (unique | length) == 5000'
}

@test "a member of the group reads without any capability" {
	up --group "$GROUP"
	udp 10.9.0.99 7001 100 1
	run -0 --separate-stderr as_member srte-flows
	[ -z "$stderr" ]
	jq -es 'any(.[]; .dport == 7001) and .[-1].complete' <<<"$output"
	run -3 --separate-stderr as_stranger srte-flows
	[[ $stderr == *NO_RIGHT* ]]
}

@test "a closed pipe ends it quietly, a full disk does not" {
	up
	udp 10.9.0.99 7001 100 1
	run -0 --separate-stderr bash -c 'srte-flows | head -c 1'
	[ -z "$stderr" ]
	# shellcheck disable=SC2016 # for the inner shell
	run -1 --separate-stderr bash -c 'srte-flows >/dev/full'
	[[ $stderr == *OUTPUT* ]]
}

# steering up: pools with a heavy path, and a way for what is steered.
steering() {
	echo '{"source":"fd00:9::1","endpoints":[{"prefix":"10.9.0.0/24",
		"sid":"fc00:2::d4"}],"pools":{"heavy":[{"name":"s2",
		"segments":["fc00:b::1"]}]}}' >"$DIR/pools.json"
	ip -n "$NS_A" route replace fc00::/16 via fd00:9::2
	up --pools "$DIR/pools.json" --link 100M
}

# One UDP socket that sends on and on. Pauses of $1 seconds.
stream() {
	# shellcheck disable=SC2016 # for the inner shell
	spawn in_a bash -c 'exec 9>/dev/udp/10.9.0.99/7009
		while printf "%1000s" "" >&9; do
			read -rt "$0" <> <(:) || :
		done' "$1"
}

@test "flows, classify, steer: the pipe as typed" {
	steering
	stream 0.0001
	heavy() {
		flow '.dport == 7009 and .bytes > 100000 and
			.rate_bps > 10000' >/dev/null
	}
	poll 20 heavy
	# shellcheck disable=SC2016 # for the inner shell
	run -0 --separate-stderr in_a bash -o pipefail -c \
		'srte-flows | srte-classify --enter-bytes 64K --enter-rate \
		1k | srte-steer'
	[ -z "$stderr" ]
	echo "$output"
	jq -es 'any(.[]; .op == "add" and .class == "heavy" and
		.dport == 7009 and .path == "heavy/s2")' <<<"$output"
	shown() {
		flow '.dport == 7009' | jq -e '.path == "heavy/s2" and
			.class == "heavy"' >/dev/null
	}
	poll 10 shown
}

@test "a steered flow shows its path and class" {
	steering
	stream 0.001
	seen() {
		flow '.dport == 7009' >"$DIR/flow"
	}
	poll 10 seen
	{
		flows | head -1
		jq -c '.type = "class" | .class = "heavy" | .reason = "test"' \
			"$DIR/flow"
		echo '{"type":"trailer","v":1,"records":1,"complete":true}'
	} | in_a srte-steer
	steered() {
		flow '.dport == 7009' | jq -e '.path == "heavy/s2" and
			.class == "heavy"'
	}
	poll 10 steered
}

ports() {
	flows "$@" | jq -r 'select(.type == "flow") | .dport' | sort | xargs
}

@test "filters: the same flag twice is either, different flags are all" {
	up
	udp 10.9.0.99 7101 100 5
	udp 10.9.0.99 7102 900 5
	udp fd00:9::99 7103 100 5
	local here=(--dport 7100-7199)
	[ "$(ports "${here[@]}")" = "7101 7102 7103" ]
	[ "$(ports --dport 7101 --dport 7103)" = "7101 7103" ]
	[ "$(ports "${here[@]}" --dst 10.9.0.0/24)" = "7101 7102" ]
	[ "$(ports "${here[@]}" --dst 10.9.0.98 --dst fd00::/16)" = "7103" ]
	[ "$(ports "${here[@]}" --src 10.9.0.1 --min-bytes 1000)" = "7102" ]
	[ "$(ports "${here[@]}" --proto tcp)" = "" ]
	[ "$(ports "${here[@]}" --class heavy)" = "" ]
	[ "$(ports "${here[@]}" --class rest --idle 1h)" = "7101 7102 7103" ]
	[ "$(ports "${here[@]}" --path heavy/none)" = "" ]
	[ "$(ports "${here[@]}" --cgroup /no-such)" = "" ]
	[ "$(ports "${here[@]}" --top 1)" = "7102" ]
	[ "$(flows "${here[@]}" --limit 2 | jq -s '.[-1].records')" -eq 2 ]
}

@test "filters: a wrong word is named, before anything is printed" {
	up
	run -2 --separate-stderr flows --dport 99999
	[ -z "$output" ]
	jq -e '.cause | startswith("--dport: \u002799999\u0027 is not ")' \
		<<<"$stderr"
	run -2 --separate-stderr flows --src 10.0.0.1/8
	[[ $stderr == *"--src: '10.0.0.1/8' is not "* ]]
}

@test "watch: rounds of the same flows, a mark after each" {
	up --link 100M
	udp 10.9.0.99 7201 100 5
	run -0 --separate-stderr flows watch --count 3 --interval 10ms \
		--dport 7201
	[ -z "$stderr" ]
	jq -es '(.[0] | .type == "header" and .interval_us == 10000 and
		.link_bps == 100000000) and
		(map(.type) == ["header", "flow", "mark", "flow", "mark",
			"flow", "mark", "trailer"]) and
		all(.[] | select(.type == "mark"); .records == 1) and
		.[-1].complete and .[-1].records == 0' <<<"$output"
}

@test "watch: a signal ends it with a whole stream" {
	up
	spawn nsenter --net="/run/netns/$NS_A" srte-flows watch -j \
		--interval 20ms >"$DIR/watched"
	local pid=$!
	poll 10 grep -q '"mark"' "$DIR/watched"
	kill -TERM "$pid"
	wait "$pid"
	jq -es '.[-1].type == "trailer" and .[-1].complete' "$DIR/watched"
}

@test "watch: ends when nobody reads, and with --for" {
	up
	run -0 --separate-stderr bash -c "nsenter --net=/run/netns/$NS_A \
		timeout 20 srte-flows watch -j --interval 10ms | head -n 1"
	[ -z "$stderr" ]
	[[ $output == *'"header"'* ]]
	run -0 flows watch --for 30ms --interval 10ms
	jq -es '.[-1].type == "trailer" and (map(select(.type == "mark")) |
		length >= 1 and length <= 4)' <<<"$output"
}

@test "watch: what goes on in a pipe is steered, and its lease is short" {
	up
	run -0 --separate-stderr bash -c "nsenter --net=/run/netns/$NS_A \
		timeout 20 srte-flows watch -j --interval 10ms --count 2 |
		srte-classify"
	[ -z "$stderr" ]
	jq -es '.[0].interval_us == 10000 and
		(map(select(.type == "mark")) | length == 2)' <<<"$output"
}

hex() {
	od -An -v -tx1 | tr '\n' ' '
}

# Nobody's stack sends it, but a raw socket or a guest may. It would be a
# record of no family, at which every reader stops.
@test "an IPv6 packet that claims an IPv4 source stops no pipeline" {
	local key

	up
	key=$({ head -c 10 /dev/zero; printf '\377\377\012\011\0\1\375\0\0\11'
		head -c 11 /dev/zero; printf '\2\0\7\0\7\21\0\0\0'; } | hex)
	# shellcheck disable=SC2046,SC2086 # words
	bpftool map update pinned "$SRTE_BPFFS/v1/default/srte_flows" \
		key hex $key value hex $(head -c 80 /dev/zero | hex)
	udp 10.9.0.99 7001 100 1
	run -0 --separate-stderr bash -c "nsenter --net=/run/netns/$NS_A \
		timeout 20 srte-flows | srte-classify --link 1G"
	[ -z "$stderr" ]
	# the host may have sent a packet of its own meanwhile
	jq -es 'any(.[]; .type == "class" and .dport == 7001) and
		all(.[]; .saddr != "10.9.0.1" or .family == "ipv4")' \
		<<<"$output"
}
