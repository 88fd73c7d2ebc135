#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The units, installed, under the init of a guest of tests/vm/run -s: they do
# their job inside their sandbox, on a link between two namespaces. systemd
# itself sits in the first of them.

bats_require_minimum_version 1.5.0

setup_file() {
	env -u MAKEFLAGS make -s -C "$SRTE_TOP" O="$SRTE_O" install
	systemd-sysusers
	systemd-tmpfiles --create /usr/local/lib/tmpfiles.d/srte.conf
	systemctl daemon-reload
	ip netns add far
	ip link add va type veth peer name vb netns far
	ip addr add 10.9.0.1/24 dev va
	ip link set va up
	ip -n far addr add 10.9.0.2/24 dev vb
	ip -n far link set vb up
	ip -n far link set lo up
	ip -6 addr add fd00:9::1/64 dev va nodad
	ip -6 -n far addr add fd00:9::2/64 dev vb nodad
	ip route add fc00::/16 via fd00:9::2
	cat >/etc/srte/pools.json <<-'END'
	{ "source": "fd00:9::1",
	  "endpoints": [ { "prefix": "10.9.0.0/24", "sid": "fc00:2::d4" } ],
	  "pools": { "heavy": [ { "name": "s2", "segments": ["fc00:b::1"] } ] } }
	END
	cat >/etc/srte/srte.conf <<-'END'
	SRTE_UP="--dev va --link 1M --pools /etc/srte/pools.json"
	SRTE_CLASSIFY="--always-bytes 10K"
	END
	# Where a journal would be read.
	for unit in attach steer follow; do
		mkdir -p "/run/units/srte-$unit.service.d"
		printf '[Service]\nStandardError=append:/run/errors\n' \
			>"/run/units/srte-$unit.service.d/errors.conf"
	done
	systemctl daemon-reload
}

setup() {
	load ../../lib/netns
	: >/run/errors
}

teardown() {
	cat /run/errors
	systemctl stop srte-steer.timer srte-follow srte-attach run-srte.mount
}

traffic() {
	"$SRTE_O/tools/spray" --count 100000 --every-us 1000 \
		--bytes 1000-1000 10.9.0.2 "$1" 3>&- 4>&- &
	SPRAY=$!
	poll 30 has_rate "$1"
}

has_rate() {
	srte-flows --dport "$1" -j | grep -q '"rate_bps":[1-9]'
}

steered() {
	srte-steer show -j | jq -se --argjson p "$1" 'any(.[];
		.op == "entry" and .dport == $p and .path == "heavy/s2")'
}

@test "units: srte-attach is up, with three capabilities, and leaves nothing" {
	systemctl start srte-attach
	[ "$(systemctl is-active srte-attach run-srte.mount)" = \
		$'active\nactive' ]
	# seen by the host, and by nobody else
	[ "$(stat -c '%a %U:%G' /run/srte/v1)" = "750 root:srte" ]
	tc filter show dev va egress | grep -q srte_egress
	bpftool cgroup show /sys/fs/cgroup | grep -q srte_sockops
	srte-attach status -j | jq -se 'any(.[]; .what == "device" and
		.name == "va")'
	[ "$(srte-steer pool show -j | grep -c heavy/s2)" -ge 1 ]
	systemctl stop srte-attach
	[ -z "$(tc qdisc show dev va clsact)" ]
	[ -z "$(find /run/srte -mindepth 1 ! -name '*.debug')" ]
	systemctl stop run-srte.mount
	run ! mountpoint -q /run/srte
}

@test "units: a mistake in SRTE_UP fails the unit, in words" {
	sed -i.good s/va/nosuchdevice/ /etc/srte/srte.conf
	run ! systemctl start srte-attach
	mv /etc/srte/srte.conf.good /etc/srte/srte.conf
	grep -q "NO_DEVICE: .*nosuchdevice" /run/errors
	systemctl reset-failed srte-attach
}

@test "units: srte-steer steers what is heavy, once" {
	systemctl start srte-attach
	traffic 7001
	systemctl start srte-steer
	kill "$SPRAY"
	steered 7001
	run ! grep error: /run/errors
}

@test "units: without anything up, srte-steer has nothing to do" {
	systemctl start srte-steer
	[ "$(systemctl show -P ConditionResult srte-steer)" = no ]
	[ "$(systemctl is-failed srte-steer)" = inactive ]
}

@test "units: the timer does it by itself" {
	systemctl start srte-attach
	traffic 7002
	systemctl start srte-steer.timer
	poll 90 steered 7002	# at the next full minute
	kill "$SPRAY"
}

@test "units: srte-follow goes on, comes again, and ends with srte-attach" {
	local pid

	systemctl start srte-attach srte-follow
	traffic 7003
	poll 30 steered 7003
	pid=$(systemctl show -P MainPID srte-follow)
	kill -9 "$pid"
	poll 30 another_pid "$pid"
	kill "$SPRAY"
	systemctl stop srte-attach
	[ "$(systemctl is-active srte-follow)" = inactive ]
}

another_pid() {
	local now

	now=$(systemctl show -P MainPID srte-follow)
	[ "$now" -gt 0 ] && [ "$now" -ne "$1" ]
}

@test "units: what they run as" {
	systemctl start srte-attach srte-follow
	poll 10 follows
	[ "$(cap Bnd "$(systemctl show -P MainPID srte-follow)")" = \
		0000000000000000 ]
	grep -q "^Groups:.*\b$(getent group srte | cut -d: -f3)\b" \
		"/proc/$(systemctl show -P MainPID srte-follow)/status"
	run -0 systemctl show -P CapabilityBoundingSet srte-attach
	[ "$(tr ' ' '\n' <<<"$output" | sort | tr '\n' ' ')" = \
		"cap_bpf cap_net_admin cap_perfmon " ]
}

follows() {
	[ "$(systemctl show -P MainPID srte-follow)" -gt 0 ]
}

# cap SET PID
cap() {
	sed -n "s/^Cap$1:\t//p" "/proc/$2/status"
}
