# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the rows about the wire share: two namespaces with a link between them
# for each way of sending, so that no way stands in the path of another.
#
#	links_setup LINK...	link number i (from 1) has the network
#				10.9.i.0/24 fd00:9:i::/64; .1 is a, .2 is b.
#				10.8.i.0/24, fd00:8:i::/64 and all SIDs
#				fc00:i::/32 are behind b's end.
#	links_attach LINK [OPTION...]	srte-attach up there
#	links_pools I >FILE	one path of two segments for all behind link i
#	links_native I LINK	the kernel's seg6 for the same
#	links_far_end I LINK	b takes what comes off the tunnel, and answers
#				without one; on the other CPU, as another
#				machine would
#
# Sources netns.bash and hooks.bash; teardown and traps are set here.

# shellcheck source=tests/lib/netns.bash
. "$SRTE_TOP/tests/lib/netns.bash"
# shellcheck source=tests/lib/hooks.bash
. "$SRTE_TOP/tests/lib/hooks.bash"

links_clean_up() {
	trap '' INT TERM
	set +e
	netns_teardown
}

links_setup() {
	local i=0 link

	trap links_clean_up EXIT
	trap 'exit 143' TERM
	trap 'exit 130' INT
	netns_setup
	hooks_setup
	for link; do
		i=$((i + 1))
		links_add "$link" "$i"
	done
}

# links_add LINK I
links_add() {
	local mac_a mac_b

	ip link add "$1" netns "$NS_A" type veth peer name "$1" netns "$NS_B"
	mac_a=$(in_a ip -j link show "$1" | jq -r '.[0].address')
	mac_b=$(in_b ip -j link show "$1" | jq -r '.[0].address')
	in_b ip -batch - <<-EOF
		link set $1 up
		address add 10.9.$2.2/24 dev $1
		address add fd00:9:$2::2/64 dev $1 nodad
		neighbour add 10.9.$2.1 lladdr $mac_a dev $1
		neighbour add fd00:9:$2::1 lladdr $mac_a dev $1
	EOF
	in_a ip -batch - <<-EOF
		link set $1 up
		address add 10.9.$2.1/24 dev $1
		address add fd00:9:$2::1/64 dev $1 nodad
		neighbour add 10.9.$2.2 lladdr $mac_b dev $1
		neighbour add fd00:9:$2::2 lladdr $mac_b dev $1
		route add 10.8.$2.0/24 via 10.9.$2.2
		route add fd00:8:$2::/64 via fd00:9:$2::2
		route add fc00:$2::/32 via fd00:9:$2::2
	EOF
}

links_attach() {
	in_a timeout 60 srte-attach -q up --dev "$1" --cgroup "$CGROUP" \
		"${@:2}"
}

links_pools() {
	cat <<-EOF
		{ "source": "fd00:9:$1::1",
		  "endpoints": [
		    { "prefix": "10.8.$1.0/24", "sid": "fc00:$1::d4" },
		    { "prefix": "fd00:8:$1::/64", "sid": "fc00:$1::d6" } ],
		  "pools": { "default": [
		    { "name": "only", "segments": [ "fc00:$1::e" ] } ] } }
	EOF
}

links_native() {
	in_a ip sr tunsrc set "fd00:9:$1::1"
	in_a ip route replace "10.8.$1.0/24" encap seg6 mode encap \
		segs "fc00:$1::e,fc00:$1::d4" dev "$2"
	in_a ip route replace "fd00:8:$1::/64" encap seg6 mode encap \
		segs "fc00:$1::e,fc00:$1::d6" dev "$2"
}

links_far_end() {
	in_b bash -ec "
		echo 1 | tee /proc/sys/net/ipv6/conf/{all,$2}/seg6_enabled \
			/proc/sys/net/ipv6/conf/{all,$2}/forwarding
		echo 0 | tee /proc/sys/net/ipv4/conf/{all,$2}/rp_filter" >/dev/null
	in_b ip -batch - <<-EOF
		address add 10.8.$1.1/32 dev lo
		address add fd00:8:$1::1/128 dev lo nodad
		route add fc00:$1::e encap seg6local action End dev $2
		route add fc00:$1::d4 encap seg6local action End.DX4 nh4 0.0.0.0 dev $2
		route add fc00:$1::d6 encap seg6local action End.DT6 table 255 dev $2
	EOF
	in_b ethtool -K "$2" gro on >/dev/null
	# a /sys of its own; b works on the other CPU, as another machine would
	ip netns exec "$NS_B" sh -c "echo 1 >/sys/class/net/$2/queues/rx-0/rps_cpus"
}
