#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-attach doctor: each fault is really made, named, and left as it is.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

# Only looked at: what an up could leave, and what the checks read.
state() {
	snapshot
	stat -c '%n %a %u %g' "$SRTE_BPFFS" "$SRTE_BPFFS"/v*/* 2>/dev/null
	in_a sysctl -a -r 'net.ipv6.conf.(va|all)\.' 2>/dev/null
	in_a ip -d link show dev va | sed 's/qlen.*//'
}

doctor() {
	in_a timeout 60 srte-attach doctor "$@"
}

# found RESULT NAME TEXT [COMMAND...]: the doctor, or the command that runs
# it, says so in a line with cause and fix, and changes nothing.
found() {
	local result=$1 name=$2 text=$3 before status_wanted=0

	shift 3
	[ $# -gt 0 ] || set -- doctor --dev va -j
	before=$(state)
	run --separate-stderr "$@"
	printf '%s\n' "$output" "$stderr"
	[ -z "$stderr" ]
	# shellcheck disable=SC2016 # jq expands them
	jq -es --arg n "$name" --arg r "$result" --arg t "$text" '
		any(.[]; .type == "check" and .name == $n and .result == $r
			and (.cause | contains($t)) and
			(($r == "ok" or $r == "skip") == (has("fix") | not)))' \
		<<<"$output"
	! jq -es 'any(.[]; .result == "fail")' <<<"$output" >/dev/null ||
		status_wanted=3
	[ "$status" -eq "$status_wanted" ]
	[ "$(state)" = "$before" ]
}

# in_view SCRIPT [ARG...]: the doctor in a mount namespace that SCRIPT spoils
in_view() {
	in_a timeout 60 unshare -m bash -ec "$1
		exec srte-attach doctor --dev va -j" "${@:2}"
}

@test "doctor: a host that is ready, before up and after" {
	in_a sysctl -qw net.ipv6.conf.all.seg6_enabled=1 \
		net.ipv6.conf.va.seg6_enabled=1
	found ok seg6 accepted
	found warn bpffs "nothing is there yet"
	found skip pins "instance default is not up"
	jq -es '.[0].type == "header" and .[-1].complete and
		(map(select(.type == "check")) | length > 20 and
		all(.[]; .result != "fail"))' <<<"$output"
	up
	found ok pins "is up"
	for name in kernel capabilities btf modules view cgroup2 bpffs abi \
		modes devices ipv6 mtu queue place order hooks table steering \
		events; do
		jq -es --arg n "$name" 'any(.[]; .name == $n and
			.result == "ok")' <<<"$output"
	done
}

@test "doctor: a table for people, one line a check" {
	run -0 --separate-stderr doctor -f table
	[[ ${lines[0]} =~ ^RESULT\ +NAME\ +CAUSE\ +FIX ]]
	[ "$(grep -cE '^(ok|warn|fail|skip) ' <<<"$output")" -eq \
		$((${#lines[@]} - 1)) ]
	run -2 doctor --nosuch
}

@test "doctor: an old kernel" {
	found fail kernel "older than 6.1" \
		in_a setarch --uname-2.6 srte-attach doctor -j
}

@test "doctor: each capability that is missing" {
	without() {
		in_a setpriv --bounding-set="$1" --inh-caps=-all \
			srte-attach doctor -j
	}

	found fail capabilities CAP_BPF without -bpf,-sys_admin
	found fail capabilities CAP_PERFMON without -perfmon,-sys_admin
	found fail capabilities CAP_NET_ADMIN without -net_admin
}

@test "doctor: lockdown" {
	local spoil='mount -t tmpfs none /sys/kernel/security
		echo "none integrity [confidentiality]" \
			>/sys/kernel/security/lockdown'

	found warn lockdown confidentiality in_view "$spoil"
	found ok lockdown "[integrity]" in_view \
		"${spoil/integrity \[confidentiality\]/[integrity] confidentiality}"
}

@test "doctor: no BTF" {
	found fail btf vmlinux in_view 'mount -t tmpfs none /sys/kernel/btf'
}

@test "doctor: a module that is missing" {
	# shellcheck disable=SC2016 # for the inner shell
	local spoil='grep -v "$0" /proc/kallsyms >/dev/shm/"$1"
		mount --bind /dev/shm/"$1" /proc/kallsyms
		rm /dev/shm/"$1"
		[ ! -d /lib/modules ] || mount -t tmpfs none /lib/modules'

	found fail modules cls_bpf in_view "$spoil" cls_bpf_classify "$NS_A"
	found fail modules sch_ingress in_view "$spoil" clsact_init "$NS_A"
}

# Only the first network namespace has the file.
@test "doctor: programs that are interpreted" {
	# shellcheck disable=SC2016 # for the inner shell
	run -0 timeout 60 unshare -m bash -ec '
		echo 0 >"$0"
		mount --bind "$0" /proc/sys/net/core/bpf_jit_enable
		srte-attach doctor -j' "$DIR/jit"
	jq -es 'any(.[]; .name == "jit" and .result == "warn")' <<<"$output"
}

@test "doctor: a slow clock, one that went back" {
	# shellcheck disable=SC2016 # for the inner shell
	found warn clock "acpi_pm takes" in_view 'echo acpi_pm >"$0/clock"
		mount --bind "$0/clock" /sys/devices/system/clocksource/clocksource0/current_clocksource' \
		"$DIR"
	up
	# created_ns, eight bytes from the eighth on: far from now
	pin=$SRTE_BPFFS/v1/default/srte_meta
	bpftool -j map dump pinned "$pin" | jq -r '.[0].value[]' \
		>"$DIR/meta"
	sed -i '15s/.*/0x3f/;16s/.*/0x3f/' "$DIR/meta"
	# shellcheck disable=SC2046 # one word a byte
	bpftool map update pinned "$pin" key 0 0 0 0 value $(cat "$DIR/meta")
	found warn clock "the clock went back"
}

@test "doctor: the view of ip netns exec" {
	found fail view "'ip netns exec $NS_A'" \
		timeout 60 ip netns exec "$NS_A" srte-attach doctor -j
}

@test "doctor: no cgroup2, a directory of another kind" {
	found fail cgroup2 "no cgroup2 file system" in_view 'while read -r dir
		do umount -l "$dir"
		done < <(awk '\''$3 == "cgroup2" { print $2 }'\'' /proc/mounts)'
	found fail cgroup2 "not in a cgroup2" doctor -j --cgroup "$DIR"
	found ok cgroup2 "$CGROUP" doctor -j --cgroup "$CGROUP"
}

@test "doctor: a hybrid host, and one that is not" {
	# shellcheck disable=SC2016 # for the inner shell
	found warn hybrid "version 1" in_view '
		grep -q " cgroup " /proc/mounts || {
			mkdir "$0/one"
			mount -t cgroup -o none,name="$1" none "$0/one"
		}' "$DIR" "$NS_A"
	found ok hybrid alone in_view 'while read -r dir
		do umount -l "$dir"
		done < <(awk '\''$3 == "cgroup" { print $2 }'\'' /proc/mounts)'
}

@test "doctor: no bpffs where one should be" {
	mkdir "$SRTE_BPFFS"
	found warn bpffs "no bpffs is mounted here"
	found fail bpffs "Not a directory" doctor -j --bpffs /proc/version/x
}

@test "doctor: a kernel that has none" {
	# shellcheck disable=SC2016 # for the inner shell
	found fail bpffs CONFIG_BPF_SYSCALL in_view \
		'grep -vw bpf /proc/filesystems >"$0/kinds"
		mount --bind "$0/kinds" /proc/filesystems' "$DIR"
}

@test "doctor: maps of another ABI" {
	up
	mkdir "$SRTE_BPFFS/v9"
	mkdir "$SRTE_BPFFS/v9/nine"
	found fail abi "ABI 9" doctor -j --instance nine
	rm "$SRTE_BPFFS/v1/default/srte_routes"
	bpftool map create "$SRTE_BPFFS/v1/default/srte_routes" type hash \
		key 4 value 4 entries 1 name srte_routes
	found fail abi srte_routes
}

@test "doctor: pins that an up left half way, or lost" {
	up
	mkdir "$SRTE_BPFFS/v1/half"
	found fail pins "never finished" doctor -j --instance half
	rm "$SRTE_BPFFS/v1/default/srte_routes"
	found fail pins srte_routes
}

@test "doctor: a device that went, or took another name" {
	up
	ip -n "$NS_A" link set va down
	ip -n "$NS_A" link set va name vx
	found fail pins "va is gone" doctor -j
	ip -n "$NS_A" link set vx name va
	ip -n "$NS_A" link set va up
	ip -n "$NS_A" link del va
	found fail pins "va is gone" doctor -j
}

@test "doctor: modes that let in everybody, or not the group" {
	up
	chmod 666 "$SRTE_BPFFS/v1/default/srte_config"
	found fail modes "0666, not 0660"
	chmod 660 "$SRTE_BPFFS/v1/default/srte_config"
	chmod 600 "$SRTE_BPFFS/v1/default/srte_flows"
	found fail modes "0600, not 0640"
	chmod 640 "$SRTE_BPFFS/v1/default/srte_flows"
	chmod 755 "$SRTE_BPFFS/v1/default"
	found fail modes "0755, not 0750"
	chmod 750 "$SRTE_BPFFS/v1/default"
	chown nobody "$SRTE_BPFFS/v1/default/srte_flows"
	found fail modes "not to root"
}

@test "doctor: a user who may not look" {
	up
	run -3 --separate-stderr as_stranger srte-attach doctor -j
	jq -es 'any(.[]; .name == "pins" and .result == "fail" and
		(.fix | contains("group srte")))' <<<"$output"
}

@test "doctor: devices that are not there, or of no use" {
	found fail devices nosuch0 doctor --dev nosuch0 -j
	spawn nsenter --net="/run/netns/$NS_A" "$SRTE_O/tools/tun" vt
	poll 5 ip -n "$NS_A" link show vt >/dev/null 2>&1
	found warn devices "not steered" doctor --dev vt -j
}

@test "doctor: IPv6 off, or without an address" {
	ip -n "$NS_A" addr flush dev va scope global
	found warn ipv6 "no global IPv6 address"
	in_a sysctl -qw net.ipv6.conf.va.disable_ipv6=1
	found fail ipv6 "IPv6 is off"
}

@test "doctor: an MTU without room for the header" {
	ip -n "$NS_A" link set va mtu 1300
	found fail mtu "MTU 1300 has no room"
}

@test "doctor: SRv6 that arrives is dropped" {
	in_a sysctl -qw net.ipv6.conf.all.seg6_enabled=1 \
		net.ipv6.conf.va.seg6_enabled=0
	found warn seg6 "va: SRv6 that arrives"
	in_a sysctl -qw net.ipv6.conf.all.seg6_enabled=0 \
		net.ipv6.conf.va.seg6_enabled=1
	found warn seg6 "va: SRv6 that arrives"
}

@test "doctor: a queue that all flows share" {
	in_a tc qdisc add dev va root pfifo
	found warn queue "queue 'pfifo'"
}

@test "doctor: somebody else at our place, or before it" {
	ip -n "$NS_A" link add vc type veth peer name vd
	up
	found fail place "not this instance's" doctor --dev va --instance two -j
	in_a tc filter add dev va egress pref 10 bpf bytecode "1,6 0 0 0"
	found warn order "'bpf' of preference 10"
	in_a tc filter del dev va egress pref 10
	in_a tc filter add dev va egress pref 30000 bpf bytecode "1,6 0 0 0"
	found ok order "no filter"
}

@test "doctor: our filter was removed" {
	up
	in_a tc filter del dev va ingress pref 24160
	found fail hooks "ingress filter was removed"
}

@test "doctor: a full flow table, events that nobody read" {
	up --flows 32 --ring 4096 --heavy-bytes 1 --admit all
	in_a timeout 20 "$SRTE_O/tools/spray" --flows 500 --count 32000 \
		10.9.0.99 7001	# 64 in a row are of one flow
	found warn table "in a table of 32"
	found warn events "events were lost"
}

@test "doctor: a full table of steered flows" {
	echo '{"source":"fd00:9::1","endpoints":[{"prefix":"10.9.0.0/24",
		"sid":"fc00:2::d4"}],"pools":{"heavy":[{"name":"s2",
		"segments":["fc00:b::1"]}]}}' >"$DIR/pools.json"
	up --pools "$DIR/pools.json"
	jq -nc '60000 as $n | {type: "header", v: 1, tool: "test"},
		(range($n) | {type: "class", v: 1, proto: "udp",
			saddr: "10.9.0.1", sport: (. % 50000 + 1),
			daddr: "10.9.0.\(. / 50000 | floor + 2)", dport: 7,
			class: "heavy"}),
		{type: "trailer", v: 1, records: $n, complete: true}' |
		in_a timeout 60 srte-steer apply >"$DIR/actions"
	found warn steering "60000 entries in a table"
}
