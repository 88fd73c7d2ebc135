# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A leaf-spine fabric in network namespaces, one for each node:
#
#                            spine1 fc00:a::1
#                          /                  \
#     a ------- leaf1 ------ spine2 fc00:b::1 ------ leaf2 ------- b
#                          \                  /
#                            spine3 fc00:c::1
#
#     fd00:1::1  10.0.1.1                       10.0.2.1  fd00:2::1
#     fc00:1::d4 fc00:1::d6                   fc00:2::d4 fc00:2::d6
#
# Plain routing takes spine1 both ways; only a segment list reaches the other
# two. A spine's SID is an End; a host's are End.DX4 (d4) and End.DT6 (d6), so
# that IPv4 and IPv6 travel inside either way. A device is called after the
# node at its other end, on the hosts eth0. The core has IPv6 alone and routes
# IPv4 over it. Every MTU is 1500: who adds a header has to make the room.
#
#	fabric_up [PREFIX [MBIT]]	build; whatever fails, fabric_down
#	fabric_down			remove, also a fabric half built
#	fabric_check			ping both families over every spine
#	fabric_ns NODE			name of a node's namespace
#	fabric_in NODE COMMAND...	run a command there
#	in_ns NAMESPACE COMMAND...	the same for any namespace
#	spine_blackhole N		swallow what crosses spine N, links stay up
#	spine_heal N
#	spine_bytes N			bytes that left spine N for leaf2
#	spine_drops N			frames that the queue to spine N refused
#
# The caller ends its processes first: they would keep a namespace alive.

FABRIC_NODES=(a leaf1 spine1 spine2 spine3 leaf2 b)
FABRIC_PREFIX=

# Not `ip netns exec`: it mounts a /sys of its own, without bpffs and cgroups.
in_ns() {
	local ns=$1

	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

fabric_ns() {
	echo "$FABRIC_PREFIX-$1"
}

fabric_in() {
	local node=$1

	shift
	in_ns "$FABRIC_PREFIX-$node" "$@"
}

fabric_up() {
	local mbit=${2:-100} node n

	FABRIC_PREFIX=${1:-srte$$}
	for node in "${FABRIC_NODES[@]}"; do
		fabric_node "$node" || return
	done
	fabric_link a eth0 leaf1 a
	for n in 1 2 3; do
		fabric_link leaf1 "spine$n" "spine$n" leaf1
		fabric_link "spine$n" leaf2 leaf2 "spine$n"
	done
	fabric_link leaf2 b b eth0
	fabric_host a 1 && fabric_host b 2 &&
		fabric_leaf leaf1 1 2 a "$mbit" &&
		fabric_leaf leaf2 2 1 b "$mbit" || return
	for n in 1 2 3; do
		fabric_spine "$n" "$mbit" || return
	done
}

fabric_down() {
	local node

	[ -n "$FABRIC_PREFIX" ] || return 0
	for node in "${FABRIC_NODES[@]}"; do
		[ ! -e "/run/netns/$FABRIC_PREFIX-$node" ] ||
			ip netns del "$FABRIC_PREFIX-$node"
	done
	FABRIC_PREFIX=
}

# The kernel takes an SRH only where `all` and the device allow it; devices
# copy `default` when they are made, hence before any link. Metrics that TCP
# remembers would let one run colour the next.
fabric_node() {
	local v4=/proc/sys/net/ipv4 v6=/proc/sys/net/ipv6/conf

	ip netns add "$FABRIC_PREFIX-$1" || return
	fabric_in "$1" bash -ec "
		echo 1 | tee $v6/{all,default}/{seg6_enabled,forwarding} \
			$v4/ip_forward $v4/tcp_no_metrics_save
		echo 0 | tee $v6/{all,default}/accept_dad \
			$v4/conf/{all,default}/rp_filter
		ip link set lo up" >/dev/null
}

# fabric_link NODE DEVICE NODE DEVICE
fabric_link() {
	fabric_in "$1" ip link add name "$2" type veth \
		peer name "$4" netns "$FABRIC_PREFIX-$3"
}

# fabric_host NODE N
# End.DT4 would need a VRF; End.DX4 towards 0.0.0.0 looks up the inner
# address and needs none. Table 255 is the local one.
fabric_host() {
	fabric_in "$1" ip -batch - <<-EOF
		link set dev eth0 up
		address add fd00:$2::1/64 dev eth0 nodad
		address add 10.0.$2.1/24 dev eth0
		route add ::/0 via fd00:$2::fe
		route add 0.0.0.0/0 via 10.0.$2.254
		route add fc00:$2::d4 encap seg6local action End.DX4 nh4 0.0.0.0 dev eth0
		route add fc00:$2::d6 encap seg6local action End.DT6 table 255 dev eth0
	EOF
}

# fabric_leaf NODE N FAR DEVICE MBIT
fabric_leaf() {
	fabric_in "$1" ip -batch - <<-EOF || return
		link set dev $4 up
		link set dev spine1 up
		link set dev spine2 up
		link set dev spine3 up
		address add fd00:$2::fe/64 dev $4 nodad
		address add 10.0.$2.254/24 dev $4
		address add fd00:${2}1::1/64 dev spine1 nodad
		address add fd00:${2}2::1/64 dev spine2 nodad
		address add fd00:${2}3::1/64 dev spine3 nodad
		route add fc00:$2::/64 via fd00:$2::1
		route add fc00:a::/64 via fd00:${2}1::2
		route add fc00:b::/64 via fd00:${2}2::2
		route add fc00:c::/64 via fd00:${2}3::2
		route add fd00:$3::/64 via fd00:${2}1::2
		route add fc00:$3::/64 via fd00:${2}1::2
		route add 10.0.$3.0/24 via inet6 fd00:${2}1::2
	EOF
	fabric_shape "$1" "$5" spine1 spine2 spine3
}

# fabric_spine N MBIT
fabric_spine() {
	local sids=(- a b c)

	fabric_in "spine$1" ip -batch - <<-EOF || return
		link set dev leaf1 up
		link set dev leaf2 up
		address add fd00:1$1::2/64 dev leaf1 nodad
		address add fd00:2$1::2/64 dev leaf2 nodad
		route add fc00:${sids[$1]}::1 encap seg6local action End dev leaf1
		route add fd00:1::/64 via fd00:1$1::1
		route add fc00:1::/64 via fd00:1$1::1
		route add fd00:2::/64 via fd00:2$1::1
		route add fc00:2::/64 via fd00:2$1::1
		route add 10.0.1.0/24 via inet6 fd00:1$1::1
		route add 10.0.2.0/24 via inet6 fd00:2$1::1
	EOF
	fabric_shape "spine$1" "$2" leaf1 leaf2
}

# fabric_shape NODE MBIT DEVICE...
# The queue holds 20 ms, 250 KB at 100 Mbit/s: what the mice behind an
# elephant feel. Not more: an RTO is 200 ms plus the round trip, and past
# 255 ms the kernel's timers get 32 ms coarse.
# The burst is below the 64 KB of a GSO train, so that tbf cuts trains into
# frames; a train let through whole would arrive at the speed of veth.
fabric_shape() {
	local node=$1 mbit=$2 dev

	shift 2
	for dev; do
		echo "qdisc add dev $dev root tbf rate ${mbit}mbit" \
			"burst 16000 limit $((mbit * 125 * 20))"
	done | fabric_in "$node" tc -batch -
}

# Each spine must carry both families with the kernel's own encapsulation.
fabric_check() {
	local sids=(- a b c) n rc=0

	for n in 1 2 3; do
		fabric_check_one 10.0.2.1 "fc00:${sids[n]}::1,fc00:2::d4" "$n" &&
			fabric_check_one fd00:2::1 \
				"fc00:${sids[n]}::1,fc00:2::d6" "$n" || rc=1
	done
	return "$rc"
}

# fabric_check_one ADDRESS SEGMENTS N
fabric_check_one() {
	local before after rc=0

	before=$(spine_bytes "$3")
	fabric_in a ip route add "$1" encap seg6 mode encap \
		segs "$2" dev eth0 || return
	fabric_in a ping -q -c 1 -W 2 "$1" >/dev/null || rc=$?
	fabric_in a ip route del "$1"
	after=$(spine_bytes "$3")
	[ "$rc" -eq 0 ] && [ $((after - before)) -ge 140 ] && return
	echo "fabric: no echo from $1 by way of $2" >&2
	return 1
}

# A rule, not a filter: it works on every kernel, says nothing to anybody and
# leaves the links and the neighbours as they are.
spine_blackhole() {
	spine_rules "$1" add
}

spine_heal() {
	spine_rules "$1" del
}

spine_rules() {
	local family

	for family in -4 -6; do
		fabric_in "spine$1" ip "$family" -batch - <<-EOF || return
			rule $2 pref 1 iif leaf1 blackhole
			rule $2 pref 1 iif leaf2 blackhole
		EOF
	done
}

spine_bytes() {
	fabric_in "spine$1" sed -n 's/^ *leaf2: *//p' /proc/net/dev |
		awk '{ print $9 }'
}

spine_drops() {
	fabric_in leaf1 tc -s -j qdisc show dev "spine$1" |
		jq '[.[].drops // 0] | add'
}
