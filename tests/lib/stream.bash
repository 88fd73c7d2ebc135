# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A stream of numbered datagrams from a to b of netns.bash, in both families'
# stead IPv4, whatever happens to srte meanwhile. b takes it off any header.
#
#	stream_setup [FILE]	b ends the path; a pools file that puts all that
#				goes to b on it, $DIR/pools.json by default
#	stream_start [PPS]	10,000 a second by default
#	stream_stop		wait for the last one; sets SENT, and fails, with
#				the figures, unless each came, and came once
#	stream_flow FIELD	of the flow's record

STREAM_PORT=4444

stream_setup() {
	in_b bash -ec '
		echo 1 | tee /proc/sys/net/ipv6/conf/{all,vb}/seg6_enabled \
			/proc/sys/net/ipv6/conf/{all,vb}/forwarding
		echo 0 | tee /proc/sys/net/ipv4/conf/{all,vb}/rp_filter' \
		>/dev/null
	in_b ip -batch - <<-END
		route add fc00:2::e encap seg6local action End dev vb
		route add fc00:2::d4 encap seg6local action End.DX4 nh4 0.0.0.0 dev vb
	END
	cat >"${1:-$DIR/pools.json}" <<-'END'
	{ "source": "fd00:9::1",
	  "endpoints": [ { "prefix": "10.9.0.2/32", "sid": "fc00:2::d4" } ],
	  "pools": { "default": [
		{ "name": "only", "segments": [ "fc00:2::e" ] } ] } }
	END
}

stream_came() {
	kill -USR1 "$STREAM_SINK"
	[ "$(tail -1 "$DIR/came" | jq '.packets // 0')" -ge "$1" ]
}

stream_listens() {
	[ -n "$(in_b ss -Hlun "sport = :$STREAM_PORT")" ]
}

stream_start() {
	spawn in_b "$SRTE_O/tools/sink" "$STREAM_PORT" >"$DIR/came"
	STREAM_SINK=$PID
	poll 5 stream_listens
	spawn in_a "$SRTE_O/tools/spray" --stamp --report --count 60000000 \
		--bytes 200-200 --every-us 1000 --burst "$((${1:-10000} / 1000))" \
		10.9.0.2 "$STREAM_PORT" >"$DIR/sent"
	STREAM_SPRAY=$PID
	poll 5 stream_came 1
}

stream_stop() {
	kill -TERM "$STREAM_SPRAY"
	wait "$STREAM_SPRAY"
	SENT=$(tail -1 "$DIR/sent" | jq .packets)
	poll 5 stream_came "$SENT" || :
	kill -TERM "$STREAM_SINK"
	wait "$STREAM_SINK" || :
	echo "sent $(tail -1 "$DIR/sent"), came $(tail -1 "$DIR/came")"
	tail -1 "$DIR/came" | jq -e --argjson n "$SENT" \
		'.packets == $n and .distinct == $n' >/dev/null
}

stream_flow() {
	in_a srte-flows -j --dport "$STREAM_PORT" |
		jq -r "select(.type == \"flow\").$1"
}
