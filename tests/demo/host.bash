# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What runs on hosts a and b, where it lives, and how all of it goes away.

MICE_PORT=5202
BULK_PORT=5201
# Placement hashes the 5-tuple. Two flows meet on one of two spines in every
# second draw; with these source ports (this one over IPv4, the next one over
# IPv6) they do not, and each run is the same. Below the ephemeral range.
BULK_FROM=20000

declare -A PIDS		# of what runs in the background
BPF_PLACE=
WORK=
CGROUP=

fail() {
	echo "demo: $*" >&2
	[ ! -s "$WORK/errors" ] || cat "$WORK/errors" >&2
	exit 1
}

check_rights() {
	[ "$(id -u)" -eq 0 ] && return
	echo "demo: it makes network namespaces and loads programs;" \
		"run 'sudo make demo'" >&2
	exit 3
}

check_build() {
	local f

	for f in srte-{attach,flows,classify,steer,events} tools/{mice,bulk}; do
		[ -x "$O/$f" ] && continue
		echo "demo: $O/$f is missing; run 'sudo make demo'" >&2
		exit 3
	done
	PATH=$O:$PATH
}

# A directory, a bpffs below it and a cgroup that are this run's alone: a
# real instance on this machine, or a second demo, is never touched.
place_make() {
	local cgroup2

	cgroup2=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-")
		if ($(i + 1) == "cgroup2") { print $5; exit } }' \
		/proc/self/mountinfo)
	[ -n "$cgroup2" ] || fail "no cgroup2 mount in /proc/self/mountinfo"
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/srte-demo.XXXXXX")
	CGROUP=$cgroup2/srte-demo-$$
	mkdir "$CGROUP"
	BPF_PLACE=$WORK/bpf
	export SRTE_BPFFS=$BPF_PLACE
	cd "$WORK" || fail "cannot enter $WORK"
}

pools_write() {
	cat >"$1" <<-EOF
		{
		  "source": "fd00:1::1",
		  "endpoints": [
		    { "prefix": "fd00:2::/64", "sid": "fc00:2::d6" },
		    { "prefix": "10.0.2.0/24", "sid": "fc00:2::d4" }
		  ],
		  "pools": {
		    "heavy": [
		      { "name": "spine2", "segments": ["fc00:b::1"] },
		      { "name": "spine3", "segments": ["fc00:c::1"] }
		    ]
		  }
		}
	EOF
}

# Print a command line and run it on host a, as an operator would type it.
# Its own output may go elsewhere, the line goes where all the rest goes.
typed() {
	printf '   # %s\n' "$*" | sed 's/ --pools/ \\\n       --pools/' >&3
	fabric_in a bash -o pipefail -c "$*" 2>>errors ||
		fail "that command failed"
}

# start NODE COMMAND...: in the background, to be ended by clean_up. On host
# a it joins our cgroup, so that sock_ops sees this traffic and no other. It
# goes before other work on this machine, whose turns at the processor would
# pass for latency of the network.
start() {
	local node=$1

	shift
	(
		[ "$node" != a ] || echo "$BASHPID" >"$CGROUP/cgroup.procs"
		exec nice -n -10 nsenter --net="/run/netns/$(fabric_ns "$node")" -- "$@"
	) 2>>errors &
	PIDS[$!]=1
}

# stop PID: end it and wait until it is gone, by force after a second.
stop() {
	unset "PIDS[$1]"
	kill "$1" 2>/dev/null || :
	await 1 gone "$1" || kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# A sleep that a signal ends at once.
nap() {
	sleep "$1" &
	PIDS[$!]=1
	wait $!
	unset "PIDS[$!]"
}

# await SECONDS COMMAND...: poll until it succeeds.
await() {
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return
		sleep 0.02
	done
}

listening() {
	[ -n "$(fabric_in b ss -Hltn "sport = :$1")" ]
}

# Cubic on both, whatever this machine has as its default.
traffic_start() {
	local to=(--to 10.0.2.1 --to fd00:2::1 --cc cubic)

	start b "$O/tools/mice" serve --port "$MICE_PORT"
	start b "$O/tools/bulk" receive --port "$BULK_PORT" >bulk.jsonl
	BULK_PID=$!
	await 2 listening "$MICE_PORT" || fail "host b serves no mice"
	await 2 listening "$BULK_PORT" || fail "host b takes no elephants"
	start a "$O/tools/mice" call "${to[@]}" --port "$MICE_PORT" \
		--count 20 --request 2000 --every-us 40000 >mice.jsonl
	MICE_PID=$!
	start a "$O/tools/bulk" send "${to[@]}" --port "$BULK_PORT" \
		--count 2 --from-port "$BULK_FROM" --rate-mbit "$BULK_MBIT"
	PERIOD=-1
}

# On a stock host more than the timeout passes between the last byte and the
# first retransmission: the receiver delays its last ACK by up to 40 ms, and
# two round trips later TCP sends a tail loss probe, which starts the timeout
# anew. Without the two it is the timeout alone that is measured.
only_the_timeout() {
	fabric_in a sysctl -qw net.ipv4.tcp_early_retrans=0
	fabric_in b ip route change 0.0.0.0/0 via 10.0.2.254 quickack 1
	fabric_in b ip route change ::/0 via fd00:2::fe quickack 1
}

# Both as Linux comes. The routes of before had no such flag.
not_only_the_timeout() {
	fabric_in a sysctl -qw net.ipv4.tcp_early_retrans=3
	fabric_in b ip route change 0.0.0.0/0 via 10.0.2.254
	fabric_in b ip route change ::/0 via fd00:2::fe
}

spine_darken() {
	DARK_AT=$(date -u +%FT%T.%6NZ)
	spine_blackhole "$1"
}

# Until the queues are as they will stay.
settle() {
	nap 3
}

period_printed() {
	grep -q "\"period\",\"v\":1,\"period\":$PERIOD," bulk.jsonl &&
		grep -q "\"v\":1,\"period\":$PERIOD," mice.jsonl
}

period_end() {
	PERIOD=$((PERIOD + 1))
	kill -USR1 "$BULK_PID" "$MICE_PID" || fail "the traffic has stopped"
	await 3 period_printed || fail "the traffic does not report"
}

spines_now() {
	local n

	for n in 1 2 3; do
		spine_bytes "$n"
	done
}

# measure SECONDS: one period; the bytes of each spine meanwhile are kept.
measure() {
	local n before after

	period_end
	mapfile -t before < <(spines_now)
	nap "$1"
	period_end
	mapfile -t after < <(spines_now)
	for n in 0 1 2; do
		echo $((after[n] - before[n]))
	done >spines
}

every_second() {
	start a bash -c "while sleep 1; do $*; done" >/dev/null
}

events_start() {
	printf '   # srte-events\n'
	start a srte-events -j >events.jsonl
	EVENTS_PID=$!
	await 2 test -s events.jsonl || fail "srte-events does not start"
}

events_stop() {
	stop "$EVENTS_PID"
}

# The spine that an elephant travels over, as its flow record has it.
spine_of() {
	local spine

	spine=$(fabric_in a srte-flows -j 2>>errors | jq -r --arg f "$1" \
		--argjson p "$BULK_PORT" 'select(.type == "flow" and
		.dport == $p and .family == $f).path // empty |
		ltrimstr("heavy/spine")')
	[ -n "$spine" ] || fail "the elephant over $1 is not steered"
	echo "$spine"
}

# events_of NAME FAMILY: those of an elephant since the spine went dark; the
# ring has older ones.
events_of() {
	jq -c --arg e "$1" --arg f "$2" --arg t "$DARK_AT" \
		--argjson p "$BULK_PORT" 'select(.type == "event" and
		.event == $e and .family == $f and .dport == $p and
		.time >= $t)' events.jsonl 2>/dev/null
}

moved() {
	[ -n "$(events_of moved "$1")" ]
}

# ---- the end, however it comes ----

processes_end() {
	local pid

	kill "${!PIDS[@]}" 2>/dev/null
	for pid in "${!PIDS[@]}"; do
		stop "$pid"
	done
}

cgroup_end() {
	[ ! -d "$CGROUP" ] || await 2 rmdir "$CGROUP" 2>/dev/null ||
		echo "demo: cannot remove $CGROUP" >&2
}

# Nothing here may stop the rest, and nothing may interrupt it.
clean_up() {
	set +e
	trap '' INT TERM HUP PIPE
	processes_end
	if [ -n "$WORK" ]; then
		[ ! -d "$BPF_PLACE/v1" ] ||
			fabric_in a timeout 5 srte-attach down --all
		! mountpoint -q "$BPF_PLACE" || umount -l "$BPF_PLACE"
		cgroup_end
	fi
	fabric_down
	cd /
	[ -z "$WORK" ] || rm -rf --one-file-system "$WORK"
}
