# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Figures: read them, judge them, print them, and keep them as JSON Lines.

REPORT=
RECORDS=0
UNMET=0
declare -A PLAIN STEERED DARK STOCK

report_open() {
	mkdir -p "$(dirname "$1")"
	REPORT=$1
	jq -nc --arg version "$("$O/srte-attach" --version | cut -d' ' -f2)" \
		--arg host "$(uname -n)" --arg time "$(date -u +%FT%T.%6NZ)" \
		--arg boot_id "$(cat /proc/sys/kernel/random/boot_id)" \
		'{type: "header", v: 1, tool: "demo", version: $version,
		host: $host, boot_id: $boot_id, time: $time}' >"$REPORT"
}

report_close() {
	printf '{"type":"trailer","v":1,"records":%d,"complete":true}\n' \
		"$RECORDS" >>"$REPORT"
	echo "The figures are in ${REPORT#"$PWD/"}."
	[ "$UNMET" -ne 0 ] || return 0
	echo "$UNMET of the goals not met." >&2
	return 1
}

# record JSON-MEMBERS: one line of the report.
record() {
	printf '{"type":"demo","v":1,%s}\n' "$1" >>"$REPORT"
	RECORDS=$((RECORDS + 1))
}

# verdict CONDITION: sets MET to true or false and counts what is not met.
verdict() {
	MET=true
	(($1)) && return
	MET=false
	UNMET=$((UNMET + 1))
}

met_text() {
	[ "$MET" = true ] && echo met || echo "NOT MET"
}

# The figures of the period just over, one "name value" a line.
period_figures() {
	jq -r --argjson p "$PERIOD" 'select(.period == $p) |
		if .type == "mice" then
			"mice.p50_us \(.p50_us)", "mice.p99_us \(.p99_us)"
		elif .type == "bulk" then
			(.saddr | if contains(":") then "ipv6" else "ipv4" end)
			as $f | "elephant.\($f).bps \(.bps)",
			"elephant.\($f).gap_us \(.gap_us)",
			"elephant.\($f).gap_at_us \(.gap_at_us)",
			"elephant.\($f).whole \(if .whole then 1 else 0 end)"
		else empty end' mice.jsonl bulk.jsonl
	awk '{ print "spine" NR ".bytes", $1 }' spines
}

# read_period NAME: into that array.
read_period() {
	local -n into=$1
	local key value

	while read -r key value; do
		into["$key"]=$value
	done < <(period_figures)
	for key in mice.p99_us elephant.ipv{4,6}.bps spine{1,2,3}.bytes; do
		[ -n "${into["$key"]:-}" ] || fail "no figure for $key"
	done
	[ "${into[mice.p99_us]}" -gt 0 ] || fail "the mice stand still"
}

# show NUMBER UNIT
show() {
	case $2 in
	us) printf '%d.%02d ms' $(($1 / 1000)) $(($1 % 1000 / 10)) ;;
	bps) printf '%d.%d Mbit/s' $(($1 / 1000000)) \
		$(($1 % 1000000 / 100000)) ;;
	bytes) printf '%d.%d MB' $(($1 / 1000000)) $(($1 % 1000000 / 100000)) ;;
	esac
}

# row LABEL NAME [half|more]: plain and steered, with the goal if there is one.
row() {
	local before=${PLAIN[$2]} after=${STEERED[$2]}
	local unit=${2##*[._]} goal='' text='' more=''

	case ${3:-} in
	half)
		goal='<= 0.5' text='at most half'
		verdict '2 * after <= before'
		;;
	more)
		goal='> 1' text='more'
		verdict 'after > before'
		;;
	esac
	if [ -n "$goal" ]; then
		more=",\"goal\":\"$goal\",\"met\":$MET"
		text=$(printf '%-13s %s' "$text" "$(met_text)")
	fi
	record "\"name\":\"$2\",\"before\":$before,\"after\":$after$more"
	printf '   %-20s %14s %14s   %s\n' "$1" "$(show "$before" "$unit")" \
		"$(show "$after" "$unit")" "$text" | sed 's/ *$//'
}

table_load() {
	printf '   %-20s %14s %14s   %s\n' '' 'plain routing' steered goal
	row 'mice, p50' mice.p50_us
	row 'mice, p99' mice.p99_us half
	row 'elephant, IPv4' elephant.ipv4.bps more
	row 'elephant, IPv6' elephant.ipv6.bps more
	row 'spine1 to leaf2' spine1.bytes
	row 'spine2 to leaf2' spine2.bytes
	row 'spine3 to leaf2' spine3.bytes
}

# dark_row LABEL TIMEOUT MEASURED [GOAL]
dark_row() {
	printf '   %-20s %14s %14s   %-13s %s\n' "$1" "$2" "$3" "${4:-}" \
		"${4:+$(met_text)}" | sed 's/ *$//'
}

# The timeout as the kernel set it and when it fired: what lies between is
# the lateness of the timer, what comes after it the way over the new path.
table_dark() {
	local gap=${DARK[elephant.$1.gap_us]} rto fired whole

	read -r rto fired < <(events_of rto "$1" | head -n 1 |
		jq -r '"\(.rto_us) \(.time)"')
	fired=$(date -d "$fired" +%s%6N)
	fired=$((fired - ${DARK[elephant.$1.gap_at_us]}))
	printf '   %-20s %14s %14s   %s\n' '' timeout measured goal
	dark_row 'the timeout fired' "$(show "$rto" us)" "$(show "$fired" us)"
	verdict 'gap <= rto + 10000'
	dark_row 'elephant stood still' "$(show "$rto" us)" \
		"$(show "$gap" us)" 'RTO + 10 ms'
	record "\"name\":\"standstill_us\",\"after\":$gap,\"rto_us\":$rto,\
\"fired_us\":$fired,\"goal\":\"<= rto_us + 10000\",\"met\":$MET"
	whole=$((${DARK[elephant.ipv4.whole]} & ${DARK[elephant.ipv6.whole]}))
	verdict 'whole == 1'
	dark_row 'both streams intact' '' \
		"$( ((whole)) && echo yes || echo no)" 'every byte'
	record "\"name\":\"elephants.whole\",\"after\":$whole,\
\"goal\":\"= 1\",\"met\":$MET"
}

# As Linux comes: for information, without a goal.
table_stock() {
	local gap=${STOCK[elephant.$1.gap_us]} rto

	rto=$(events_of rto "$1" | head -n 1 | jq .rto_us)
	printf '   %-20s %14s %14s\n' '' timeout measured
	dark_row 'elephant stood still' "$(show "$rto" us)" "$(show "$gap" us)"
	record "\"name\":\"standstill_stock_us\",\"after\":$gap,\"rto_us\":$rto"
}

flow_text='def flow: "\(.proto) \(if .family == "ipv6" then "[\(.saddr)]"
	else .saddr end):\(.sport) > \(if .family == "ipv6" then "[\(.daddr)]"
	else .daddr end):\(.dport)";'

print_actions() {
	jq -r "$flow_text"'select(.type == "action" and .op == "add") |
		"     \(.op)  \(flow)  \(.path)"' "$1"
}

print_events() {
	local event

	for event in rto moved; do
		events_of "$event" "$1" | head -n 1 | jq -r "$flow_text"'
		"     \(.event + "  " | .[0:5])  \(flow)  \(.path)\(
		if .path_to then " > \(.path_to)" else "  \(.rto_us / 1000) ms"
		end)"'
	done
}
