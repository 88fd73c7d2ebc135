# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A pair of network namespaces for one bats test, and all that srte needs to
# run in the first of them without touching the host:
#
#	$NS_A: va 10.9.0.1/24 fd00:9::1/64 --- $NS_B: vb 10.9.0.2/24 fd00:9::2/64
#
# 10.9.0.99 and fd00:9::99 are holes: b gets the packets and drops them, where
# a closed port would answer and make the next send fail.
#
#	netns_setup		in setup(); netns_teardown in teardown()
#	in_ns NS COMMAND...	run a command there
#	in_a, in_b COMMAND...	the same for the two
#	in_cgroup COMMAND...	run a command as a member of $CGROUP
#	poll SECONDS COMMAND...	until it succeeds; 1 when it never did
#	spawn COMMAND...	in the background, ended by the teardown; sets PID
#	as_member COMMAND...	as nobody, in group $GROUP, without capabilities
#	as_stranger COMMAND...	the same, in no group that matters
#	up [OPTION...]		srte-attach up --dev va --cgroup $CGROUP ... in a
#	snapshot		all that an `up` could leave behind
#
# SRTE_BPFFS is a directory of the test's own. Names hold the pid and the
# number of the test, so that any number of runs may share a machine.

GROUP=daemon	# any that exists everywhere and is not nobody's own

in_ns() {
	local ns=$1

	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

in_a() {
	in_ns "$NS_A" "$@"
}

in_b() {
	in_ns "$NS_B" "$@"
}

in_cgroup() {
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$CGROUP" "$@"
}

poll() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		read -rt 0.02 <> <(:) || :
	done
}

# Away from bats' own descriptors, which would keep it waiting. A function
# would run in a shell that is killed in place of what it waits for, so those
# of this file are put in full; others must not be spawned.
spawn() {
	# shellcheck disable=SC2016 # for the inner shell
	case $1 in
	in_a) set -- nsenter --net="/run/netns/$NS_A" -- "${@:2}" ;;
	in_b) set -- nsenter --net="/run/netns/$NS_B" -- "${@:2}" ;;
	in_cgroup) set -- bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' \
		"$CGROUP" "${@:2}" ;;
	esac
	if [ "$(type -t "$1")" != file ]; then
		echo "spawn: $1 is not a program" >&2
		return 1
	fi
	"$@" 3>&- 4>&- &
	PID=$!
	NETNS_PIDS+=("$PID")
}

# setpriv takes no bounding set away from a root without CAP_SETPCAP, so all
# of it in one go; the tools are copied to where nobody may run them.
as_user() {
	local groups=$1 tool=$2

	shift 2
	install -D -m 755 "$SRTE_O/$tool" "$DIR/bin/$tool"
	in_a setpriv --reuid nobody --regid nogroup "$groups" \
		--inh-caps=-all --bounding-set=-all --no-new-privs \
		"$DIR/bin/$tool" "$@"
}

as_member() {
	as_user "--groups=$GROUP" "$@"
}

as_stranger() {
	as_user --clear-groups "$@"
}

up() {
	in_a timeout 60 srte-attach up --dev va --cgroup "$CGROUP" "$@"
}

down() {
	in_a timeout 60 srte-attach down "$@"
}

# Filters, qdiscs, programs on the cgroup, pins and mounts.
snapshot() {
	in_a tc qdisc show
	in_a tc filter show dev va egress
	in_a tc filter show dev va ingress
	bpftool cgroup show "$CGROUP"
	grep -F " $DIR/" /proc/self/mountinfo
	find "$DIR/run" "$DIR/bpf" 2>/dev/null
	return 0
}

cgroup2_mount() {
	awk '{ for (i = 7; i < NF; i++) if ($i == "-") break
	       if ($(i + 1) == "cgroup2") { print $5; exit } }' \
		/proc/self/mountinfo
}

netns_link() {
	local mac_a mac_b ns

	ip link add va netns "$NS_A" type veth peer name vb netns "$NS_B" ||
		return
	ip -n "$NS_A" addr add 10.9.0.1/24 dev va
	ip -n "$NS_B" addr add 10.9.0.2/24 dev vb
	ip -n "$NS_A" addr add fd00:9::1/64 dev va nodad
	ip -n "$NS_B" addr add fd00:9::2/64 dev vb nodad
	for ns in "$NS_A" "$NS_B"; do
		ip -n "$ns" link set lo up
	done
	ip -n "$NS_A" link set va up
	ip -n "$NS_B" link set vb up
	mac_a=$(ip -n "$NS_A" -br link show dev va | awk '{ print $3 }')
	mac_b=$(ip -n "$NS_B" -br link show dev vb | awk '{ print $3 }')
	ip -n "$NS_A" neigh add 10.9.0.2 lladdr "$mac_b" dev va
	ip -n "$NS_A" neigh add fd00:9::2 lladdr "$mac_b" dev va
	ip -n "$NS_A" neigh add 10.9.0.99 lladdr "$mac_b" dev va
	ip -n "$NS_A" neigh add fd00:9::99 lladdr "$mac_b" dev va
	# towards the SIDs of the tests' pools
	ip -n "$NS_A" route add fc00::/16 via fd00:9::2
	ip -n "$NS_B" neigh add 10.9.0.1 lladdr "$mac_a" dev vb
	ip -n "$NS_B" neigh add fd00:9::1 lladdr "$mac_a" dev vb
}

netns_setup() {
	local run=srte$$x${BATS_TEST_NUMBER:-0}

	NETNS_PIDS=()
	NS_A=$run-a
	NS_B=$run-b
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/$run.XXXX") || return
	chmod 755 "$DIR"
	export SRTE_BPFFS=$DIR/bpf
	CGROUP=$(cgroup2_mount)/$run
	mkdir "$CGROUP" && ip netns add "$NS_A" && ip netns add "$NS_B" &&
		netns_link
}

# Whatever the test left: processes, hooks, pins, mounts, namespaces.
netns_teardown() {
	local pid mnt

	for pid in "${NETNS_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	for mnt in $(grep -F " $DIR/" /proc/self/mountinfo |
		awk '{ print $5 }' | tac); do
		rm -rf "$mnt"/v1 2>/dev/null	# pins hold links and programs
		umount -l "$mnt"
	done
	ip netns del "$NS_A" 2>/dev/null
	ip netns del "$NS_B" 2>/dev/null
	poll 5 rmdir "$CGROUP" 2>/dev/null
	rm -rf "$DIR"
}

# attach_refused STATUS NAME COMMAND...: srte-attach fails in one line of that
# name, and changes nothing.
attach_refused() {
	local status_wanted=$1 name=$2 before

	shift 2
	before=$(snapshot)
	run "-$status_wanted" --separate-stderr "$@"
	# shellcheck disable=SC2154 # bats sets both
	echo "$stderr (${#stderr_lines[@]} lines)"
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ ${stderr_lines[0]} == "error: srte-attach: $name: "*\;* ]]
	[ "$(snapshot)" = "$before" ]
}
