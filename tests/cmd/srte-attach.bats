#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-attach: what it makes, what it refuses, and that nothing stays behind.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

status_value() {
	in_a srte-attach status -j |
		jq -ers --arg w "$1" --arg n "$2" 'map(select(
			.what == $w and .name == $n))[0].value'
}

pools() {
	echo '{"source":"fd00:9::1","endpoints":[{"prefix":"10.9.0.0/24",
		"sid":"fc00:2::d4"}],"pools":{"heavy":[{"name":"s2",
		"segments":["fc00:b::1"]}]}}' >"$DIR/pools.json"
}

@test "up attaches and pins, status tells, down leaves nothing" {
	local before pin

	before=$(snapshot)
	run -0 up
	[ -z "$output" ]
	in_a tc filter show dev va egress | grep -q 'pref 24160 .*srte_egress'
	bpftool cgroup show "$CGROUP" | grep -q srte_sockops
	for pin in srte_{meta,config,flows,steering,paths,sets,routes} \
		srte_{path_state,path_stats,devices,counters,events} \
		prog/srte_egress prog/srte_sockops link/srte_sockops; do
		[ -e "$SRTE_BPFFS/v1/default/$pin" ]
	done

	run -0 --separate-stderr in_a srte-attach status
	[ -z "$stderr" ]
	jq -es '.[0].type == "header" and .[-1].complete and
		.[-1].records == length - 2' <<<"$output"
	[ "$(status_value config window_us)" -eq 250000 ]
	[ "$(status_value config mtu)" -eq 1500 ]
	[ "$(status_value config rules)" -eq 511 ]
	status_value program srte_egress
	jq -es --arg cg "cgroup /${CGROUP##*/}" 'any(.[];
		.what == "link" and .text == $cg)' <<<"$output"
	jq -es '[.[] | select(.what == "counter")] | length > 20 and
		all(.[]; .text | length > 0)' <<<"$output"

	run -0 down
	[ -z "$output" ]
	[ "$(snapshot)" = "$before" ]
}

@test "status on a terminal is a table" {
	up
	run -0 in_a srte-attach status -f table
	[[ ${lines[0]} =~ ^WHAT\ +NAME\ +VALUE\ +TEXT ]]
	grep -q '^device  *va .*clsact' <<<"$output"
}

@test "status: leases, verdicts, and no counter that stands still" {
	pools
	up --pools "$DIR/pools.json"
	jq -nc '{type: "header", v: 1, tool: "test"},
		(range(3) | {type: "class", v: 1, proto: "udp",
			saddr: "10.9.0.1", sport: (. + 1),
			daddr: "10.9.0.2", dport: 7, class: "heavy"}),
		{type: "trailer", v: 1, records: 3, complete: true}' \
		>"$DIR/three"
	in_a srte-steer apply --lease 1h <"$DIR/three" >/dev/null
	[ "$(status_value map srte_steering)" -eq 3 ]
	[ "$(status_value lease expired)" -eq 0 ]
	in_a srte-steer apply --lease 1ns <"$DIR/three" >/dev/null
	[ "$(status_value map srte_steering)" -eq 0 ]
	[ "$(status_value lease expired)" -eq 3 ]
	in_a srte-steer path down heavy/s2 --for 1h
	run -0 in_a srte-attach status -f table
	grep -qE '^path .*down by an operator for (1h|59m)' <<<"$output"
	[ "${#lines[@]}" -le 44 ]
	run -1 grep -q '^counter  *retrans ' <<<"$output"
	run -0 in_a srte-attach status -v -f table
	grep -q '^counter  *retrans  *0 ' <<<"$output"
}

@test "status: what a packet costs, while the kernel takes the time" {
	local was

	up
	run -1 status_value runtime srte_egress
	was=$(sysctl -n kernel.bpf_stats_enabled)
	sysctl -qw kernel.bpf_stats_enabled=1
	in_a ping -qc 3 -i 0.01 10.9.0.2 >/dev/null || :
	sysctl -qw kernel.bpf_stats_enabled="$was"
	[ "$(status_value runtime srte_egress)" -gt 0 ]
	run -0 in_a srte-attach status -f table
	grep -qE '^runtime  *srte_egress .*ns a run, over [3-9] runs' \
		<<<"$output"
}

@test "options reach the maps" {
	up --window 100ms --heavy-bytes 2M --rules none --link 100M
	[ "$(status_value config window_us)" -eq 100000 ]
	[ "$(status_value config heavy_bytes)" -eq 2097152 ]
	[ "$(status_value config rules)" -eq 0 ]
	in_a srte-flows | jq -es '.[0].link_bps == 100000000'
}

@test "rules with their numbers, and timers, reach the map" {
	up --rules R1,R3,ce_rounds=6 --rto-min 20ms --syn-timeout 100ms
	in_a srte-events rules show -j | jq -es '
		map(select(.what == "rule" and .value == 1).name) ==
			["R1", "R2", "R3"] and
		any(.[]; .name == "ce_rounds" and .value == 6) and
		any(.[]; .name == "rto_min_us" and .value == 20000) and
		any(.[]; .name == "syn_timeout_us" and .value == 100000)'
	run -0 down --all
	attach_refused 2 USAGE up --rules R1,ce_rounds=0
	attach_refused 2 USAGE up --rto-min 300ms
	attach_refused 2 USAGE up --syn-timeout never
}

@test "several devices, one of them let go" {
	ip -n "$NS_A" link add vc type veth peer name vd
	ip -n "$NS_A" link set vc mtu 1400
	up --dev vc
	[ "$(status_value config mtu)" -eq 1400 ]
	status_value device va
	status_value device vc
	run -0 down --dev vc
	run -1 status_value device vc
	status_value device va
	[ -z "$(in_a tc qdisc show dev vc clsact)" ]
	attach_refused 3 NO_DEVICE down --dev vc
	run -0 down --dev va	# the last one takes the instance along
	[ ! -e "$SRTE_BPFFS" ]
}

@test "a device that is not there" {
	attach_refused 3 NO_DEVICE up --dev nosuch0
	attach_refused 3 NO_DEVICE up --dev averyveryverylongname,vb
}

@test "no device named, one named twice" {
	attach_refused 2 USAGE in_a srte-attach up
	attach_refused 2 USAGE up --dev va
}

@test "accounting that makes no sense" {
	attach_refused 2 USAGE up --window 0
	[[ $stderr == *"--window must not be 0"* ]]
	attach_refused 2 USAGE up --flows 0
	attach_refused 2 USAGE up --flows 16777217
	[[ $stderr == *"--flows: from 1 to 16777216"* ]]
	attach_refused 2 USAGE up --admit-bytes 0
	attach_refused 2 USAGE up --admit heavy=0
	attach_refused 2 USAGE up --admit heavy=1025M
	[[ $stderr == *"--admit-bytes: from 1 to 1073741824"* ]]
	attach_refused 2 USAGE up --admit some
	[[ $stderr == *"'some' is not auto, all, heavy or heavy=SIZE"* ]]
	attach_refused 2 USAGE up --admit all=1M
	attach_refused 2 USAGE up --admit heav
	attach_refused 2 USAGE up --admit heavy=
	attach_refused 2 USAGE up --admit heavy=much
	[[ $stderr == *"'much' is not a size"* ]]
	attach_refused 2 USAGE up --filter cuckoo
	attach_refused 2 USAGE up --account both
}

@test "masks of a mark that make no sense" {
	attach_refused 2 USAGE up --mark 0xff00
	[[ $stderr == *"--mark needs --account cgroup"* ]]
	attach_refused 2 USAGE up --account dev --mark 0xff00
	attach_refused 2 USAGE up --account cgroup --mark 0
	attach_refused 2 USAGE up --account cgroup --mark 0x0
	[[ $stderr == *"one run of bits"* ]]
	attach_refused 2 USAGE up --account cgroup --mark 0xf0f
	attach_refused 2 USAGE up --account cgroup --mark 0x100000000
	attach_refused 2 USAGE up --account cgroup --mark 255
}

@test "what accounting was asked for is what status says" {
	up --account cgroup --mark 0xff0 --flows 1000 --admit heavy=2K \
		--filter hashpipe
	in_a srte-attach status -j >"$DIR/status"
	jq -r '"\(.name) \(.value) \(.text)"' "$DIR/status" >"$DIR/said"
	cat "$DIR/said"
	grep -qx 'account 2 .*by srte_account, on the cgroup' "$DIR/said"
	grep -qx 'admit 2 .*heavy' "$DIR/said"
	grep -q '^admit_bytes 2048 ' "$DIR/said"
	grep -qx 'filter 1 .*hashpipe' "$DIR/said"
	grep -qx 'mark_mask 4080 .*0xff0' "$DIR/said"
	grep -qx 'srte_flows [0-9]* flows, of 1000 at most' "$DIR/said"
	grep -q '^filter_engaged 1 ' "$DIR/said"
	bpftool cgroup show "$CGROUP" | grep -q srte_account
}

@test "a cgroup that is none" {
	attach_refused 3 NO_CGROUP2 in_a srte-attach up --dev va --cgroup "$DIR"
	attach_refused 3 NO_CGROUP2 in_a srte-attach up --dev va --cgroup /nosuch
}

@test "a hybrid host's cgroup root: the cgroup2 below it is taken" {
	# shellcheck disable=SC2016 # for the inner shell
	run -0 --separate-stderr in_a unshare -m bash -ec '
		mkdir "$0/cg"
		mount -t tmpfs none "$0/cg"
		mkdir "$0/cg/unified"
		mount --bind "$1" "$0/cg/unified"
		srte-attach up --dev va --cgroup "$0/cg"
		srte-attach status
		srte-attach down' "$DIR" "$CGROUP"
	[[ $stderr == *"warning: $DIR/cg is not cgroup2 on this host,"* ]]
	jq -es 'any(.[]; .what == "link")' <<<"$output"
}

@test "a kernel without BTF" {
	# shellcheck disable=SC2016 # for the inner shell
	attach_refused 3 NO_BTF in_a unshare -m bash -c '
		mount -t tmpfs none /sys/kernel/btf
		srte-attach up --dev va --cgroup "$0"' "$CGROUP"
}

@test "capabilities: each one that is missing is named" {
	without() {
		in_a setpriv --bounding-set="$1" --inh-caps=-all \
			srte-attach up --dev va --cgroup "$CGROUP"
	}

	attach_refused 3 NO_CAPABILITY without -bpf,-sys_admin
	[[ $stderr == *CAP_BPF* ]]
	attach_refused 3 NO_CAPABILITY without -perfmon,-sys_admin
	[[ $stderr == *CAP_PERFMON* ]]
	attach_refused 3 NO_CAPABILITY without -net_admin
	[[ $stderr == *CAP_NET_ADMIN* ]]
	attach_refused 3 NO_CAPABILITY without -sys_admin	# to mount with
	[[ $stderr == *CAP_SYS_ADMIN* ]]
}

@test "without CAP_SYS_ADMIN, where a bpffs is mounted already" {
	local before caps=-all,+bpf,+perfmon,+net_admin

	mkdir "$SRTE_BPFFS"
	mount -t bpf "test$$" "$SRTE_BPFFS"
	before=$(snapshot)
	run -0 in_a setpriv --bounding-set="$caps" --inh-caps=-all \
		srte-attach up --dev va --cgroup "$CGROUP" --group root
	run -0 in_a setpriv --bounding-set="$caps" --inh-caps=-all \
		srte-attach down
	[ "$(snapshot)" = "$before" ]	# that mount is not ours to remove
}

@test "nothing is up: exit 3, and 0 for down --all" {
	attach_refused 3 NO_BPFFS down
	attach_refused 3 NO_BPFFS in_a srte-attach status
	mkdir "$SRTE_BPFFS"
	attach_refused 3 NO_BPFFS in_a srte-attach status
	run -0 --separate-stderr down --all
	[[ $stderr == *"nothing to do"* ]]
	run -0 --separate-stderr down --all -q
	[ -z "$stderr" ]
}

@test "an instance that is not up beside one that is" {
	up
	attach_refused 3 NO_PINS down --instance other
	attach_refused 3 NO_PINS in_a srte-attach status --instance other
}

@test "names of instances" {
	attach_refused 2 USAGE up --instance a.b
	attach_refused 2 USAGE up --instance ../a
	attach_refused 2 USAGE up --instance ""
	attach_refused 2 USAGE up --instance "$(printf '%040d' 0)"
}

@test "pools with a mistake change nothing" {
	echo '{"endpoints":[{"prefix":"10.9.0.0/24"}],"pools":{"default":
		[{"name":"x","segments":["fc00:a::1"],"wieght":1}]}}' \
		>"$DIR/key.json"
	attach_refused 4 POOLS_FILE up --pools "$DIR/key.json"
	[[ $stderr == *wieght* ]]
	echo '{"endpoints":[{"prefix":"10.9.0.0/24"}],"pools":{"default":
		[{"name":"x","segments":["ff02::1"]}]}}' >"$DIR/sid.json"
	attach_refused 4 BAD_SID up --pools "$DIR/sid.json"
	echo '{"pools":' >"$DIR/json.json"
	attach_refused 4 POOLS_FILE up --pools "$DIR/json.json"
	attach_refused 4 OPEN up --pools "$DIR/nosuch.json"
}

@test "pools are in force when up returns" {
	pools
	up --pools "$DIR/pools.json"
	status_value path heavy/s2
	[ "$(status_value config generation)" -eq 1 ]
	[ "$(status_value config push_max)" -eq 80 ]	# 40 + 8 + 2 * 16
}

@test "a second up on the same instance, on the same device" {
	up
	attach_refused 1 EXISTS up
	[[ $stderr == *": instance default is already up; run 'srte-attach "* ]]
	attach_refused 1 EXISTS up --pools "$DIR/nosuch.json" --group nosuchgroup
	attach_refused 1 TAKEN up --instance other
	run -0 in_a srte-attach status	# the first one is unharmed
}

@test "two instances side by side, down of one leaves the other" {
	ip -n "$NS_A" link add vc type veth peer name vd
	up
	run -0 in_a srte-attach up --dev vc --cgroup "$CGROUP" --instance two
	run -0 down
	run -0 in_a srte-attach status --instance two
	run -0 down --instance two
	[ ! -e "$SRTE_BPFFS" ]
}

@test "another srte-attach at work: exit 5" {
	ip -n "$NS_A" link add vc type veth peer name vd
	up
	spawn flock --no-fork "$SRTE_BPFFS" sleep 60
	locked() {
		! flock -n "$1" true
	}
	poll 5 locked "$SRTE_BPFFS"
	attach_refused 5 BUSY in_a srte-attach up --dev vc --cgroup "$CGROUP" \
		--instance two
	attach_refused 5 BUSY down
	kill "$PID"
	wait "$PID" || :
	spawn flock --no-fork "$SRTE_BPFFS/v1/default" sleep 60
	poll 5 locked "$SRTE_BPFFS/v1/default"
	attach_refused 5 BUSY down
}

@test "ten at once: one is up, the others say why not" {
	local i rc won=0

	for i in 0 1 2 3 4 5 6 7 8 9; do
		up 3>&- 4>&- 2>"$DIR/err$i" &
		pids[i]=$!
	done
	for i in 0 1 2 3 4 5 6 7 8 9; do
		rc=0
		wait "${pids[i]}" || rc=$?
		case $rc in
		0) won=$((won + 1)) ;;
		1) grep -qE 'EXISTS|TAKEN' "$DIR/err$i" ;;
		5) grep -q BUSY "$DIR/err$i" ;;
		*) false ;;
		esac
	done
	[ "$won" -eq 1 ]
	run -0 in_a srte-attach status
	run -0 down
	[ ! -e "$SRTE_BPFFS" ]
}

@test "other people's filters and qdiscs stay" {
	up
	in_a tc filter add dev va egress pref 10 bpf bytecode "1,6 0 0 0"
	run -0 down
	[[ $output == *"clsact stays"* ]]
	in_a tc filter show dev va egress | grep -q 'pref 10 bpf'
	[ -z "$(in_a tc filter show dev va egress pref 24160)" ]

	up	# clsact is there and somebody else's now
	run -0 down
	in_a tc filter show dev va egress | grep -q 'pref 10 bpf'
	in_a tc filter del dev va egress pref 10
	up
	run -0 down
	in_a tc qdisc show dev va | grep -q clsact
}

@test "somebody else at our place is not replaced" {
	in_a tc qdisc add dev va clsact
	up
	attach_refused 1 TAKEN up --instance other
	run -0 down
}

@test "down from another namespace is refused, and finds the way out" {
	up
	attach_refused 1 OTHER_NETNS srte-attach down
	ip -n "$NS_A" link del va
	run -0 down
	[ ! -e "$SRTE_BPFFS" ]
}

@test "down after the namespace is gone" {
	up
	ip netns del "$NS_A"
	# The kernel takes a moment to forget it.
	poll 10 srte-attach down 2>/dev/null
	[ ! -e "$SRTE_BPFFS" ]
}

@test "a renamed device is found again" {
	up
	ip -n "$NS_A" link set va down
	ip -n "$NS_A" link set va name vx
	run -0 down --dev vx
	[ -z "$(in_a tc qdisc show dev vx clsact)" ]
	ip -n "$NS_A" link set vx name va
}

@test "another ABI is refused by name" {
	up
	mkdir "$SRTE_BPFFS/v9"
	mkdir "$SRTE_BPFFS/v9/nine"
	attach_refused 3 OTHER_ABI in_a srte-attach status --instance nine
	[[ $stderr == *"ABI 9"* ]]
	# A map of our name with other sizes.
	rm "$SRTE_BPFFS/v1/default/srte_flows"
	bpftool map create "$SRTE_BPFFS/v1/default/srte_flows" type hash \
		key 4 value 4 entries 1 name srte_flows
	attach_refused 3 OTHER_ABI in_a srte-attach status
}

@test "a member of the group reads status without any capability" {
	attach_refused 2 USAGE up --group nosuchgroup
	up --group "$GROUP"
	run -0 --separate-stderr as_member srte-attach status
	[ -z "$stderr" ]
	jq -es '.[-1].complete and any(.[]; .what == "device" and
		(.text | contains("egress filter runs program")))' <<<"$output"
	attach_refused 3 NO_RIGHT as_stranger srte-attach status
	attach_refused 3 NO_CAPABILITY as_member srte-attach up --dev va
	attach_refused 3 NO_CAPABILITY as_member srte-attach down
	[[ $stderr == *"; run as root, or"* ]]
	run -0 in_a srte-attach status
}

# An `up` in strace: traced OPTION... [-- OPTION-OF-UP...]
traced() {
	local opts=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	timeout 200 strace -f "${opts[@]}" \
		nsenter --net="/run/netns/$NS_A" srte-attach up --dev va \
		--cgroup "$CGROUP" "$@"
}

# try_failure CALLS HOW N BEFORE [OPTION...]: what fails must leave nothing.
# What libbpf lives with, and a kill, must end in a clean down.
try_failure() {
	local calls=$1 how=$2 n=$3 before=$4 rc=0

	shift 4
	traced -o /dev/null -e "trace=$calls" -e "inject=$calls:$how:when=$n" \
		-- "$@" >"$DIR/out" 2>&1 || rc=$?
	echo "$calls, number $n: $rc"
	if [ "$rc" -eq 0 ] || [ "$rc" -ge 128 ]; then
		down --all
	fi
	if [ "$(snapshot)" != "$before" ]; then
		cat "$DIR/out"
		snapshot
		return 1
	fi
}

# each_failure CALLS HOW [OPTION...]: each of these calls that an up makes, in
# turn.
each_failure() {
	local calls=$1 how=$2 before total n

	shift 2
	before=$(snapshot)
	traced -o "$DIR/trace" -e "trace=$calls" -- "$@"
	down
	[ "$(snapshot)" = "$before" ]
	total=$(grep -cE '^[0-9]+ +[a-z_]+\(' "$DIR/trace")
	[ "$total" -gt 0 ]
	for ((n = 1; n <= total; n++)); do
		try_failure "$calls" "$how" "$n" "$before" "$@"
	done
}

@test "any bpf call that fails: nothing stays behind" {
	each_failure bpf error=EPERM
}

@test "any mount, directory, mode or lock that fails: nothing stays" {
	each_failure fsopen,fsconfig,fsmount,move_mount error=EPERM
	each_failure mkdir error=ENOSPC
	each_failure chmod,chown error=EPERM
	each_failure flock error=ENOLCK
}

@test "any netlink call that fails: nothing stays behind" {
	each_failure sendto,sendmsg error=ENOBUFS
}

@test "killed at any bpf call: down --all clears up" {
	each_failure bpf signal=SIGKILL
}

# A tun beside the veth, and the cgroup's program: more to attach and pin.
tun_device() {
	spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/tun" vt
	poll 5 ip -n "$NS_A" link show vt >/dev/null 2>&1
	ip -n "$NS_A" link set vt up
}

@test "counting on the cgroup, a tun too: nothing stays of a failure" {
	tun_device
	each_failure bpf error=EPERM --dev vt --account cgroup --mark 0xff00
	each_failure sendto,sendmsg error=ENOBUFS --dev vt --account cgroup
}

@test "counting on the cgroup, a tun too: down --all clears up a kill" {
	tun_device
	each_failure bpf signal=SIGKILL --dev vt --account cgroup --mark 0xff00
	each_failure sendto,sendmsg signal=SIGKILL --dev vt --account cgroup
}

# Writes that only a load makes; the reads before them are too many to try.
@test "pools that cannot be published: nothing stays behind" {
	local before n

	pools
	before=$(snapshot)
	traced -o "$DIR/trace" -e trace=bpf -- --pools "$DIR/pools.json"
	down
	points() {
		awk '/ bpf\(/ { n++ } / bpf\(BPF_MAP_UPDATE/ { print n }' \
			"$DIR/trace"
	}
	[ "$(points | wc -l)" -gt 5 ]
	for n in $(points | tail -6); do
		try_failure bpf error=EPERM "$n" "$before" \
			--pools "$DIR/pools.json"
	done
}

@test "fifty times up and down: every program is freed" {
	local before i id ids=()

	before=$(snapshot)
	for ((i = 0; i < 50; i++)); do
		up
		ids+=("$(status_value program srte_egress)")
		down
	done
	[ "$(snapshot)" = "$before" ]
	[ "${#ids[@]}" -eq 50 ]
	gone() {
		! bpftool prog show id "$1" >/dev/null 2>&1
	}
	for id in "${ids[@]}"; do
		poll 10 gone "$id"
	done
}
