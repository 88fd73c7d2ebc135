#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# srte-attach --netns: from outside, with the mounts of whoever calls.

bats_require_minimum_version 1.5.0

setup() {
	load ../lib/netns
	netns_setup
}

teardown() {
	netns_teardown
}

# outside NETNS: up, traffic that is seen, status, doctor and down from here
outside() {
	local before

	before=$(snapshot)
	timeout 60 srte-attach up --netns "$1" --dev va --cgroup "$CGROUP"
	[[ "$(in_a tc filter show dev va egress)" == *srte_egress* ]]
	in_a ping -q -c 2 -i 0.2 10.9.0.2
	srte-flows -j | jq -se 'map(select(.daddr == "10.9.0.2")) |
		length == 1 and .[0].packets == 2'
	timeout 60 srte-attach status --netns "$1" -j |
		jq -se 'map(select(.what == "device")) | length == 1'
	run ! timeout 60 srte-attach down	# not here
	[[ $output == *OTHER_NETNS* ]]
	timeout 60 srte-attach down --netns "$1"
	[ "$(snapshot)" = "$before" ]
}

@test "attach: --netns NAME works in a namespace of ip netns" {
	outside "$NS_A"
}

@test "attach: --netns FILE works in that of a process" {
	spawn in_a sleep 60
	poll 5 in_same_netns
	outside "/proc/$PID/ns/net"
}

in_same_netns() {
	[ "/proc/$PID/ns/net" -ef "/run/netns/$NS_A" ]
}

@test "attach: --netns that is none is refused, nothing changed" {
	local before verb

	before=$(snapshot)
	for verb in "up --dev va" down status doctor; do
		# shellcheck disable=SC2086 # words are meant
		run -3 --separate-stderr timeout 60 srte-attach $verb \
			--netns "$NS_A-none"
		[[ $stderr == *NO_NETNS*"/run/netns/$NS_A-none"* ]]
	done
	run -3 --separate-stderr timeout 60 srte-attach up --dev va \
		--netns "$DIR/../../etc/passwd"
	[[ $stderr == *NO_NETNS* ]]
	run -3 --separate-stderr timeout 60 srte-attach up --dev va \
		--netns /proc/self/ns/uts
	[[ $stderr == *"not a network namespace"* ]]
	[ "$(snapshot)" = "$before" ]
}

@test "attach: --netns without the right to enter says which is missing" {
	run -3 --separate-stderr setpriv --bounding-set=-sys_admin \
		--inh-caps=-sys_admin timeout 60 \
		srte-attach down --netns "$NS_A"
	[[ $stderr == *NO_CAPABILITY*CAP_SYS_ADMIN* ]]
}
