#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What is counted is what was sent: against the counters of the device.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns.bash
	netns_setup
}

teardown() {
	[ ! -d "$CGROUP/one" ] || poll 5 rmdir "$CGROUP/one" "$CGROUP/two"
	netns_teardown
}

spray() {
	in_a timeout 240 "$SRTE_O/tools/spray" "$@"
}

flows() {
	in_a timeout 60 srte-flows -j
}

# tx KEY: packets, bytes or dropped, of va
tx() {
	ip -n "$NS_A" -s -j link show dev va | jq ".[0].stats64.tx.$1"
}

# An up with nothing sent while it was made: neighbour discovery and the like
# come when they like.
up_quiet() {
	local before

	ip netns exec "$NS_A" sysctl -qw net.ipv6.conf.va.router_solicitations=0
	quiet() {
		before="$(tx packets) $(tx bytes)"
		up "$@" && [ "$before" = "$(tx packets) $(tx bytes)" ] &&
			return
		down
		return 1
	}
	poll 20 quiet "$@"
	PACKETS=${before% *} BYTES=${before#* }
}

# What the device sent since then, and what srte says of it; bytes without
# the 14 of Ethernet.
sent() {
	local packets

	packets=$(($(tx packets) - PACKETS))
	echo "$packets $(($(tx bytes) - BYTES - 14 * packets))"
}

counted() {
	flows | jq -rs '(map(select(.type == "flow"))) as $f | .[-1] as $t |
		"\(($f | map(.packets) | add // 0) + $t.filtered_packets) " +
		"\(($f | map(.bytes) | add // 0) + $t.filtered_bytes)"'
}

exact() {
	SENT=$(sent) COUNTED=$(counted)
	[ "$SENT" = "$COUNTED" ] && [ "$SENT" = "$(sent)" ]
}

# is_exact PACKETS: it is, and there were at least so many
is_exact() {
	poll 5 exact || {
		echo "sent $SENT, counted $COUNTED"
		return 1
	}
	[ "${SENT% *}" -ge "$1" ]
	[ "$(tx dropped)" -eq 0 ]
	in_a srte-attach status -j | jq -es 'map(select(.what == "counter" and
		(.name | IN("not_ip", "truncated", "unknown_header",
		"flow_insert_failed", "fragment"))).value) | add == 0'
}

# TCP of both families, and more than a million packets in all
mixed_traffic() {
	local to

	for to in 10.9.0.2 fd00:9::2; do
		spawn in_b timeout 60 iperf3 -s -1 -p 7001
		poll 10 in_a timeout 60 iperf3 -c "$to" -p 7001 -n 50M \
			-P 4 >/dev/null
	done
	spray --count 1000000 --flows 500 --bytes 1-1400 \
		10.9.0.99 7002 fd00:9::99 7003
}

@test "account: a million packets, to the byte, no segmentation offload" {
	in_a ethtool -K va tso off gso off tx-udp-segmentation off
	up_quiet --admit all
	mixed_traffic
	is_exact 1000000
	[ "$(flows | tail -1 | jq .evicted)" -eq 0 ]
	[ "$(flows | jq -s 'map(select(.dport == 7002 or .dport == 7003)) |
		length')" -eq 500 ]
}

@test "account: the same through the filter" {
	in_a ethtool -K va tso off gso off tx-udp-segmentation off
	up_quiet --admit heavy=1M
	mixed_traffic
	is_exact 1000000
	# The eight streams at least. A CPU counts by itself, so of the sprayed
	# flows it depends on where the sender ran.
	flows | jq -es '.[-1] | .filter_engaged and .admitted >= 8 and
		.filtered_packets > 0'
}

# status NAME: the figure of that name
status() {
	in_a srte-attach status -j | jq -e --arg n "$1" \
		'select(.name == $n).value'
}

@test "account: what the table forgot, in the trailer and in status" {
	local live inserted evicted

	up --admit all --flows 128
	spray --count 64000 --flows 1000 --bytes 100-100 10.9.0.99 7015
	flows >"$DIR/flows"
	live=$(grep -c '"type":"flow"' "$DIR/flows")
	inserted=$(tail -1 "$DIR/flows" | jq .inserted)
	evicted=$(tail -1 "$DIR/flows" | jq .evicted)
	[ "$live" -le 128 ]
	[ "$inserted" -ge 1000 ]
	[ "$evicted" -eq $((inserted - live)) ]
	# the host may have said something of its own since
	[ "$(status flow_inserted)" -ge "$inserted" ]
	[ "$(status evicted)" -ge "$evicted" ]
	tail -1 "$DIR/flows" | jq -e '(.insert_failed // 0) == 0 and
		.filter_engaged != true'
	[ "$(status flow_insert_failed)" -eq 0 ]
}

@test "account: a flood engages the filter by itself" {
	up --flows 3000		# for 30 s: 100 a second
	[ "$(status filter_engaged)" -eq 0 ]
	spray --count 64000 --flows 1000 --bytes 100-100 10.9.0.99 7016
	flows | tail -1 >"$DIR/trailer"
	jq -e .filter_engaged "$DIR/trailer"
	[ "$(status filter_engaged)" -eq 1 ]
	[ "$(status filtered)" -ge "$(jq .filtered_packets "$DIR/trailer")" ]
	[ "$(jq .filtered_packets "$DIR/trailer")" -gt 10000 ]
}

# The kernel cuts what passed our hook in one piece: after it, in software.
@test "account: bursts count as the segments that they become" {
	in_a ethtool -K va tso off gso on tx-udp-segmentation off
	up_quiet --admit all
	mixed_traffic
	spray --count 1000 --gso 1000 --bytes 30500-30500 \
		10.9.0.99 7004 fd00:9::99 7004
	is_exact 1030000
	# 30 of 1028 bytes at the IP layer, and one of 528
	flows | jq -es 'map(select(.dport == 7004))[0] |
		.packets == 31000 and .bytes == 1000 * (30 * 1028 + 528)'
}

@test "account: fragments, all to one flow" {
	up_quiet --admit all
	spray --count 10 --bytes 4000-4000 10.9.0.99 7005
	spray --count 10 --bytes 4000-4000 fd00:9::99 7005
	is_exact 60
	flows | jq -es 'map(select(.dport == 7005)) |
		length == 2 and all(.[]; .packets == 30)'
}

@test "account: a v4-mapped socket sends IPv4" {
	up
	spray --count 3 --bytes 100-100 ::ffff:10.9.0.99 7006
	flows | jq -es 'map(select(.dport == 7006))[0] | .family == "ipv4" and
		.daddr == "10.9.0.99" and .bytes == 384 and .hook == "dev"'
}

# In the background, by a pid of its own.
tool() {
	spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/$1" "${@:2}"
}

# What the sender says that it has sent: "bytes us", headers counted.
told() {
	local n

	n=$(wc -l <"$DIR/told")
	kill -USR1 "$SENDER"
	answered() {
		[ "$(wc -l <"$DIR/told")" -gt "$1" ]
	}
	poll 5 answered "$n" || return
	tail -1 "$DIR/told" | jq -r '"\(.bytes + 28 * .packets) \(.us)"'
}

# aged US: the flow is so much older than it was
aged() {
	flow "$1" ".age_us >= $2"
}

# flow PORT FILTER: is it true of the flow to there?
flow() {
	flows | jq -s --argjson p "$1" 'map(select(.dport == $p))[0] //
		empty' | jq -e "$2" >/dev/null
}

# For three windows, what the kernel says against what the sender says. That a
# busy machine disturbs the sender changes both, though not in the same
# moment.
rate_is_true() {
	local age before after rate

	age=$(flows | jq 'select(.dport == 7007).age_us')
	before=$(told) && poll 10 aged 7007 $((age + 3 * 250000)) || return
	after=$(told) || return
	rate=$(flows | jq 'select(.dport == 7007).rate_bps')
	echo "$before $after $rate"
	awk '{ true_bps = ($3 - $1) * 8e6 / ($4 - $2)
	       exit !($5 > .95 * true_bps && $5 < 1.05 * true_bps) }' \
		<<<"$before $after $rate"
}

@test "account: the rate of a steady flow, and how it fades" {
	up
	spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/spray" --report \
		--count 60000 --every-us 1000 --bytes 1000-1000 \
		10.9.0.99 7007 >"$DIR/told"
	SENDER=$PID
	poll 10 aged 7007 500000	# two windows
	poll 20 rate_is_true
	kill "$SENDER"
	poll 10 flow 7007 '.idle_us > 500000 and .rate_bps < 7000000'
	poll 30 flow 7007 '.rate_bps == 0'
}

@test "account: on the cgroup, each flow has its own" {
	mkdir "$CGROUP/one" "$CGROUP/two"
	up --account cgroup --admit all
	CGROUP=$CGROUP/one in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --count 10 10.9.0.99 7008
	CGROUP=$CGROUP/two in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --count 20 fd00:9::99 7009
	spray --count 5 10.9.0.99 7010	# in neither
	flows >"$DIR/flows"
	cat "$DIR/flows"
	jq -es --arg c "${CGROUP##*/}" 'map(select(.type == "flow")) |
		(map(select(.dport == 7008 and .family == "ipv4"))[0] |
		 .packets == 10 and (.cgroup | endswith($c + "/one"))) and
		(map(select(.dport == 7009))[0] |
		 (.cgroup | endswith($c + "/two"))) and
		all(.[]; .hook == "cgroup" and .dport != 7010)' "$DIR/flows"
}

# shoot MARK: drop what has exactly this mark, behind our program
shoot() {
	in_a tc filter add dev va egress pref 30000 bpf da bytecode \
		"4,32 0 0 4294963220,21 0 1 $1,6 0 0 2,6 0 0 4294967295"
}

@test "account: the mark tells the cgroup and keeps the other bits" {
	local id before

	mkdir "$CGROUP/one" "$CGROUP/two"
	up_quiet --account cgroup --mark 0xff00
	id=$(stat -c %i "$CGROUP/one")
	shoot $(((id & 255) << 8 | 0x50012))
	# 0xab are bits of ours, 0x50012 those of others
	CGROUP=$CGROUP/two in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --count 7 --mark 0x5ab12 10.9.0.99 7011
	before=$(tx packets)
	[ "$before" -ge $((PACKETS + 7)) ]
	CGROUP=$CGROUP/one in_cgroup nsenter --net="/run/netns/$NS_A" \
		"$SRTE_O/tools/spray" --count 700 --mark 0x5ab12 10.9.0.99 7011
	[ "$(tx packets)" -lt $((before + 700)) ]
	flows | jq -es 'map(select(.dport == 7011) | .packets) |
		sort == [7, 700]'
}

@test "account: a device without Ethernet" {
	tool tun vt
	poll 5 ip -n "$NS_A" link show vt >/dev/null 2>&1
	ip -n "$NS_A" addr add 10.8.0.1/24 dev vt
	ip -n "$NS_A" link set vt up
	in_a srte-attach up --dev vt --cgroup "$CGROUP"
	spray --count 5 --bytes 100-100 10.8.0.2 7012
	flows | jq -es 'map(select(.dport == 7012))[0] |
		.packets == 5 and .bytes == 640 and .daddr == "10.8.0.2"'
	run -0 in_a tc filter show dev vt egress
	[[ $output == *srte_egress_l3* ]]
	run -0 down
	[ -z "$(in_a tc qdisc show dev vt clsact)" ]
}

@test "account: a link type that nobody knows is refused" {
	tool tun vg 512	# PPP
	poll 5 ip -n "$NS_A" link show vg >/dev/null 2>&1
	run -3 in_a timeout 60 srte-attach up --dev vg --cgroup "$CGROUP"
	[[ $output == *DEVICE_TYPE* ]]
}

@test "account: the cgroup hook under seg6 routes of the kernel" {
	ip -n "$NS_A" route add fd00:a::/64 encap seg6 mode encap \
		segs fd00:9::99 dev va
	ip -n "$NS_A" route add fd00:b::/64 encap seg6 mode inline \
		segs fd00:9::99 dev va
	up --account cgroup
	in_cgroup nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/spray" \
		--count 4 --bytes 100-100 fd00:a::1 7013
	in_cgroup nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/spray" \
		--count 4 --bytes 100-100 fd00:b::1 7014
	# 148 inside; 64 of outer header and SRH, or 40 of SRH
	flows | jq -es --arg c "/${CGROUP##*/}" 'map(select(.type == "flow" and
		.daddr == "fd00:9::99" and .cgroup == $c)) |
		(map(select(.proto == "41"))[0] | .bytes == 4 * 212) and
		(map(select(.dport == 7014))[0] | .bytes == 4 * 188)'
}
