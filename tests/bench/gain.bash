# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the rows about gain share: the stage of the end-to-end tests with ways
# to spread a workload over its three spines, and things that happen to one.
#
#	gain_setup		stage, traps
#	gain_workload NAME	which one, and how its sizes are scaled
#	gain SCHEME CONDITION LOAD SEED		one run: JSON lines of fct and
#				{"type":"cpu","busy":..} go to $DIR/runs, each
#				with what run they are of
#
# Schemes, each set up and taken down by a run of its own:
#	plain		spine 1 alone
#	ecmp		the leaf hashes flows over the spines, all alike
#	flowlet		the leaf draws one for each burst (flowlet.bpf.c)
#	static		the host hashes them over seg6 routes of the kernel
#	cron		flows | classify | steer once in CRON_S seconds
#	follow		the same as a pipe, ten rounds a second
#	instant		srte-attach up --instant, no rule of reaction
#	react		--instant, all rules; spines 2 and 3 are the reserve of
#			1, at next to no weight
#	tuned		the same with timeouts for a datacenter (srte-events(8))
# Mice and all young flows of srte are on spine 1, heavy ones on 2 and 3.
#
# Conditions:
#	good		nothing
#	half		spine 2 carries half from the start
#	half1		spine 1 does: that of srte's mice
#	dead		spine 2 swallows what goes to b from half time on
#	dead1		spine 1 does
#
# Load is a percentage of what three good spines carry, of MBIT each: a spine
# that fails leaves more to the others. Sizes are SCALE times the published
# ones, for some hundred flows a second, and so is the size that makes a flow
# heavy, 1 MB. Answers always come back by spine 1, which carries nothing else that
# way and swallows nothing.

# shellcheck source=tests/lib/stage.bash
. "$SRTE_TOP/tests/lib/stage.bash"

MBIT=100
SECONDS_LOAD=${GAIN_SECONDS:-4}
SECONDS_DRAIN=${GAIN_DRAIN:-4}
CRON_S=1
TUNED=(rto_min=50ms syn_timeout=100ms)	# above others' delayed ACKs
SID=(- a b c)

gain_clean_up() {
	trap '' INT TERM
	set +e
	stage_teardown
}

gain_setup() {
	trap gain_clean_up EXIT
	trap 'exit 143' TERM
	trap 'exit 130' INT
	NS_B=
	PORT=6000
	stage_setup
	gain_workload websearch
	fabric_in leaf1 sysctl -qw net.ipv4.fib_multipath_hash_policy=1
	fabric_in a sysctl -qw net.ipv4.fib_multipath_hash_policy=1
}

gain_workload() {
	WORKLOAD=$1
	case $1 in
	websearch) SCALE=0.1 HEAVY_BYTES=100000 ;;
	vl2) SCALE=0.02 HEAVY_BYTES=20000 ;;
	hadoop) SCALE=1 HEAVY_BYTES=1000000 ;;
	rpc) SCALE=10 HEAVY_BYTES=10000000 ;;
	esac
}

gain() {
	PORT=$((PORT + 1))
	"scheme_$1" up
	condition "$2" up
	load "$2" "$3" "$4" >"$DIR/run"
	condition "$2" down
	"scheme_$1" down
	jq -c --arg w "$WORKLOAD" --arg s "$1" --arg c "$2" --argjson l "$3" \
		--argjson seed "$4" '. + { workload: $w, scheme: $s,
		condition: $c, load: $l, seed: $seed }' "$DIR/run" >>"$DIR/runs"
}

# gain_ratio SCHEME PEER CLASS: the p99 of a class beside that of a peer's run
# of the same seed, from $DIR/runs: samples and detail of a row
gain_ratio() {
	jq -sc --arg a "$1" --arg b "$2" --arg class "$3" '
		def mid: sort | .[length / 2 | floor];
		def of($s): map(select(.scheme == $s));
		(map(select(.type == "cpu").busy) | max) as $busy |
		(map(select(.type == "fct_sender").late_ms) | max) as $late |
		map(select(.type == "fct")) |
		(map(.broken) | add) as $broken |
		map(select(.class == $class)) |
		(of($b) | map({ (.seed | tostring): .p99_ms }) | add) as $peer |
		{ samples: (of($a) |
			map(.p99_ms / $peer[.seed | tostring])),
		  detail: ({ load_percent: .[0].load,
			condition: .[0].condition,
			class: $class, cpu_busy_max: $busy,
			sender_late_ms_max: $late, broken: $broken } + (
			group_by(.scheme) | map(.[0].scheme as $s |
			{ ($s + "_mean_ms"): (map(.mean_ms) | mid),
			  ($s + "_p50_ms"): (map(.p50_ms) | mid),
			  ($s + "_p99_ms"): (map(.p99_ms) | mid),
			  ($s + "_p99_ms_all"): map(.p99_ms),
			  ($s + "_flows"): (map(.flows) | add),
			  ($s + "_unfinished"): (map(.unfinished) | add)
			}) | add)) }' "$DIR/runs"
}

# load CONDITION LOAD SEED
load() {
	local line before

	before=$(cpu_ticks)
	in_cgroup "$SRTE_O/bench/fct" --from "/run/netns/$NS_A" \
		--to "/run/netns/$(fabric_ns b)" --address "$V4" \
		--port "$PORT" --workload "$WORKLOAD" --scale "$SCALE" \
		--load-mbit "$((3 * MBIT * $2 / 100))" --seed "$3" \
		--seconds "$SECONDS_LOAD" --drain "$SECONDS_DRAIN" |
		while read -r line; do
			case $line in
			*'"half"'*) condition "$1" half ;;
			*) echo "$line" ;;
			esac
		done
	cpu_busy "$before" "$(cpu_ticks)"
}

# Of all processors: ticks that they were not idle, and all ticks.
cpu_ticks() {
	awk '/^cpu / { all = $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9
		print all - $5 - $6, all }' /proc/stat
}

cpu_busy() {
	awk '{ printf "{\"type\":\"cpu\",\"busy\":%.2f}\n",
		($3 - $1) / ($4 - $2) }' <<<"$1 $2"
}

# ---- conditions: up, half (of the time is over), down ----

condition() {
	case $1-$2 in
	half-up) spine_rate 2 $((MBIT / 2)) ;;
	half-down) spine_rate 2 "$MBIT" ;;
	half1-up) spine_rate 1 $((MBIT / 2)) ;;
	half1-down) spine_rate 1 "$MBIT" ;;
	dead-half) swallow 2 add ;;
	dead-down) swallow 2 del ;;
	dead1-half) swallow 1 add ;;
	dead1-down) swallow 1 del ;;
	esac
}

# The queue stays as long as it was, in bytes.
spine_rate() {
	fabric_in leaf1 tc qdisc change dev "spine$1" root tbf \
		rate "${2}mbit" burst 16000 limit $((MBIT * 125 * 20))
}

swallow() {
	local family

	for family in -4 -6; do
		fabric_in "spine$1" ip "$family" rule "$2" pref 1 iif leaf1 \
			blackhole
	done
}

# ---- schemes: up, down ----

scheme_plain() {
	:
}

scheme_ecmp() {
	if [ "$1" = up ]; then
		fabric_in leaf1 ip route replace 10.0.2.0/24 \
			nexthop via inet6 fd00:11::2 \
			nexthop via inet6 fd00:12::2 \
			nexthop via inet6 fd00:13::2
	else
		fabric_in leaf1 ip route replace 10.0.2.0/24 \
			via inet6 fd00:11::2
	fi
}

scheme_flowlet() {
	local n

	if [ "$1" = up ]; then
		fabric_in leaf1 tc qdisc add dev a clsact
		fabric_in leaf1 tc filter add dev a ingress bpf da \
			obj "$SRTE_O/bench/flowlet.bpf.o" sec tc
	else
		fabric_in leaf1 tc qdisc del dev a clsact
	fi
	for n in 1 2 3; do
		if [ "$1" = up ]; then
			fabric_in leaf1 ip rule add fwmark "$n" table "10$n"
			fabric_in leaf1 ip route add 10.0.2.0/24 \
				table "10$n" via inet6 "fd00:1$n::2"
		else
			fabric_in leaf1 ip rule del fwmark "$n" table "10$n"
			fabric_in leaf1 ip route flush table "10$n"
		fi
	done
}

scheme_static() {
	local n hops=()

	for n in 1 2 3; do
		hops+=(nexthop encap seg6 mode encap \
			segs "fc00:${SID[n]}::1,fc00:2::d4" dev eth0)
	done
	if [ "$1" = up ]; then
		fabric_in a ip route add "$V4" "${hops[@]}"
	else
		fabric_in a ip route del "$V4"
	fi
}

srte_up() {
	pools default=1 heavy=2,3 >"$DIR/pools.json"
	up --pools "$DIR/pools.json" --link "${MBIT}M" \
		--heavy-bytes "$HEAVY_BYTES" "$@" >/dev/null
}

srte_down() {
	on_a srte-attach -q down --all
}

# Judged by size alone, as --instant does.
classify_command() {
	echo "srte-classify -j --enter-bytes $HEAVY_BYTES --enter-rate 1" \
		"--always-bytes $HEAVY_BYTES"
}

scheme_cron() {
	if [ "$1" = up ]; then
		srte_up --rules none
		spawn_on a bash -c "while :; do
			srte-flows -j | $(classify_command) |
				srte-steer -q -j --place load >/dev/null
			read -rt $CRON_S <> <(:) || :
		done"
	else
		end_spawned
		srte_down
	fi
}

scheme_follow() {
	if [ "$1" = up ]; then
		srte_up --rules none
		spawn_on a bash -c "srte-flows -j watch --min-bytes $HEAVY_BYTES |
			$(classify_command) | srte-steer -q -j --place load >/dev/null"
	else
		end_spawned
		srte_down
	fi
}

# All that it started goes with it.
end_spawned() {
	pkill -P "$PID" || :
	kill "$PID" 2>/dev/null || :
	wait "$PID" 2>/dev/null || :
	NETNS_PIDS=()
}

scheme_instant() {
	if [ "$1" = up ]; then
		srte_up --rules none --instant
	else
		srte_down
	fi
}

# Never the other way round: an elephant that fills its own two spines is not
# to go on to the mice.
reserve_pools() {
	pools default=1,2,3 heavy=2,3 | jq '
		.pools.default[0].weight = 65535'
}

scheme_react() {
	if [ "$1" = up ]; then
		reserve_pools >"$DIR/pools.json"
		up --pools "$DIR/pools.json" --link "${MBIT}M" \
			--heavy-bytes "$HEAVY_BYTES" --instant >/dev/null
	else
		srte_down
	fi
}

scheme_tuned() {
	scheme_react "$1"
	[ "$1" = down ] || on_a srte-events -q rules set "${TUNED[@]}" \
		>/dev/null
}
