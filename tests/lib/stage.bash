# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The stage of the end-to-end tests: the fabric of fabric.bash, real traffic
# between its hosts, and srte on host a, with a bpffs and a cgroup of the
# test's own. Sources netns.bash for poll, spawn and in_cgroup.
#
#	stage_setup, stage_teardown	in setup() and teardown()
#	stage_share			in setup_file(), for all tests of it
#	stage_join, stage_leave		then in setup() and teardown(): what
#					ran is ended, srte is down again
#	on_a COMMAND...			on host a, outside the cgroup
#	spawn_on NODE COMMAND...	in the background, on host a inside it
#	up [OPTION...]			srte-attach up on host a's eth0
#	up_on_b [OPTION...]		the same on host b, an instance of its
#					own: what arrives there
#	on_b COMMAND...			with the maps of that instance
#	spoil N mark|lose		what spine N does to what it forwards to
#					leaf2 from now on (spoil.bpf.c)
#	unspoil N
#	pools NAME...			a pools file with these pools; each NAME
#					is default or heavy, = spine,spine,...
#	elephant NAME ADDRESS [OPTION...]	a bulk stream a -> b, cubic
#	elephant_report NAME		its figures since the last report
#	arrives NAME BYTES		wait until that much more has arrived
#	any FILTER			is it true of any record on stdin?
#	event_told FILE FILTER		is it true of any event in $DIR/FILE?
#	spine_of PORT			of the flow to there: which one
#	note_spines, spent N		bytes of spine N since it was noted
#	counter NAME			of srte-attach status
#	entries				live steering entries

# shellcheck source=tests/lib/netns.bash
. "$SRTE_TOP/tests/lib/netns.bash"
# shellcheck source=tests/lib/fabric.bash
. "$SRTE_TOP/tests/lib/fabric.bash"

V4=10.0.2.1
V6=fd00:2::1

stage_setup() {
	local run=srte$$e${BATS_TEST_NUMBER:-0}

	NETNS_PIDS=()
	NEXT_PORT=5301
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/$run.XXXX") || return
	chmod 755 "$DIR"
	export SRTE_BPFFS=$DIR/bpf
	CGROUP=$(cgroup2_mount)/$run
	mkdir "$CGROUP" && fabric_up "$run" && NS_A=$(fabric_ns a)
}

stage_teardown() {
	netns_teardown
	fabric_down
}

# Each test is a process of its own.
stage_share() {
	declare -p DIR CGROUP NS_A FABRIC_PREFIX SRTE_BPFFS \
		>"$BATS_FILE_TMPDIR/stage"
}

stage_join() {
	# not what declare would make of them in here: locals
	# shellcheck source=/dev/null
	. <(sed 's/^declare -[-x]* /export /' "$BATS_FILE_TMPDIR/stage")
	NETNS_PIDS=()
	NEXT_PORT=$((5301 + 10 * BATS_TEST_NUMBER))
}

stage_leave() {
	local pid

	for pid in "${NETNS_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	on_a srte-attach -q down --all
}

on_a() {
	fabric_in a timeout 60 "$@"
}

up() {
	on_a srte-attach up --dev eth0 --cgroup "$CGROUP" "$@"
}

on_b() {
	SRTE_BPFFS=$DIR/bpf-b fabric_in b timeout 60 "$@"
}

# The cgroup on this host is the same; sock_ops tells namespaces apart.
up_on_b() {
	on_b srte-attach up --dev eth0 --cgroup "$CGROUP" "$@"
}

spoil() {
	fabric_in "spine$1" tc qdisc add dev leaf2 clsact &&
		fabric_in "spine$1" tc filter add dev leaf2 egress bpf da \
			obj "$SRTE_O/tests/spoil.bpf.o" sec "$2"
}

unspoil() {
	fabric_in "spine$1" tc qdisc del dev leaf2 clsact
}

# pools heavy=1,2 default=3 >FILE
pools() {
	local sids=(- a b c) pool n list out=

	for pool; do
		list=
		for n in $(tr , ' ' <<<"${pool#*=}"); do
			list+="${list:+, }{\"name\": \"spine$n\", "
			list+="\"segments\": [\"fc00:${sids[n]}::1\"]}"
		done
		out+="${out:+, }\"${pool%%=*}\": [$list]"
	done
	cat <<-EOF_POOLS
		{ "source": "fd00:1::1",
		  "endpoints": [
		    { "prefix": "fd00:2::/64", "sid": "fc00:2::d6" },
		    { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" } ],
		  "pools": { $out } }
	EOF_POOLS
}

listening() {
	[ -n "$(fabric_in b ss -Hltun "sport = :$1")" ]
}

# spawn_on NODE COMMAND...: an external command, so that PID is its own and
# not that of a shell that waits for it; on host a, in the cgroup.
spawn_on() {
	local net

	net=--net=/run/netns/$(fabric_ns "$1")
	if [ "$1" = a ]; then
		# shellcheck disable=SC2016 # for the inner shell
		spawn bash -c 'echo $$ >"$0/cgroup.procs" && exec nsenter "$@"' \
			"$CGROUP" "$net" -- "${@:2}"
	else
		spawn nsenter "$net" -- "${@:2}"
	fi
}

# Ends by itself after a minute, whatever happens to the test. Paced below what
# a spine carries: a flow that fills its queue has timeouts of its own, and the
# tests want to know where each one came from.
elephant() {
	local name=$1 address=$2 port=$NEXT_PORT

	shift 2
	NEXT_PORT=$((NEXT_PORT + 1))
	spawn_on b "$SRTE_O/tools/bulk" receive --port "$port" \
		${RECEIVE:-} >"$DIR/$name"
	eval "${name}_PID=$PID ${name}_PORT=$port"
	poll 5 listening "$port"
	spawn_on a "$SRTE_O/tools/bulk" send --to "$address" --port "$port" \
		--cc cubic --rate-mbit 60 --from-port 40000 "$@"
}

elephant_report() {
	local pid=${1}_PID lines

	lines=$(wc -l <"$DIR/$1")
	kill -USR1 "${!pid}"
	poll 5 grew "$DIR/$1" "$lines" || return
	tail -n +"$((lines + 1))" "$DIR/$1" | jq -c 'select(.type == "bulk")'
}

# A whole report: the line that closes it is there.
grew() {
	tail -n +"$(($2 + 1))" "$1" | grep -q '"type":"period"'
}

# arrived NAME: bytes since it began
arrived() {
	elephant_report "$1" >/dev/null
	jq -s 'map(.bytes // 0) | add' "$DIR/$1"
}

arrived_past() {
	[ "$(arrived "$1")" -gt "$2" ]
}

# arrives NAME BYTES: wait until that much more has arrived
arrives() {
	local so_far

	so_far=$(arrived "$1")
	poll 60 arrived_past "$1" $((so_far + $2))
}

# The spine of the path that flow_of PORT is on: "heavy/spine2" names 2.
spine_of() {
	flow_of "$1" | jq -r '.path // ""' | sed 's,.*spine,,'
}

note_spines() {
	BEFORE=(0 "$(spine_bytes 1)" "$(spine_bytes 2)" "$(spine_bytes 3)")
}

spent() {
	echo $(($(spine_bytes "$1") - BEFORE[$1]))
}

# jq has no more to say of a line that is still being written.
event_told() {
	jq -e "select(.type == \"event\" and ($2))" "$DIR/$1" 2>/dev/null |
		grep -q .
}

# any FILTER: is there a record on stdin that it is true of? (jq 1.6 tells
# only of the last one in its exit status.)
any() {
	jq -se "map(select($1)) | length > 0" >/dev/null
}

counter() {
	on_a srte-attach status -j | jq -r --arg n "$1" \
		'select(.what == "counter" and .name == $n).value'
}

counter_is_past() {
	[ "$(counter "$1")" -gt "$2" ]
}

entries() {
	on_a srte-steer show -j | jq -c 'select(.type == "action")'
}

# flow_of PORT: the record of the flow towards it
flow_of() {
	on_a srte-flows -j | jq -c --argjson p "$1" \
		'select(.type == "flow" and .dport == $p)'
}

# path_is PORT PATH
path_is() {
	[ "$(flow_of "$1" | jq -r '.path // "none"')" = "$2" ]
}

# Every flow so far is heavy: what a policy would say of real elephants.
steer_all() {
	on_a bash -o pipefail -c "srte-flows |
		srte-classify --link 1k --always-bytes 1 |
		srte-steer $*"
}
