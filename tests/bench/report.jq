# SPDX-License-Identifier: GPL-2.0-only
# One page of all that a run has measured: jq -rs -L DIR 'include "report";
# report' report.jsonl. It stands alone: no scripts, nothing to fetch.
include "plot";

def style: "
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 62em;
	padding: 0 1em; color: #222; }
h1, h2, h3 { font-weight: 600; } h3 { margin-bottom: .3em; }
table { border-collapse: collapse; margin: .6em 0; font-size: 13px; }
td, th { padding: .2em .7em .2em 0; text-align: left; vertical-align: top;
	border-bottom: 1px solid #ddd; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.met { color: #2a7f4f; } .not { color: #b3261e; } .none { color: #666; }
.note { color: #555; font-size: 13px; }
svg { display: block; max-width: 100%; height: auto; }
td svg { width: 140px; }
svg .grid { stroke: #ddd; } svg .spread { stroke: #222; stroke-width: 1.2; }
svg .range { stroke: #1b6ca8; stroke-width: 3; }
svg .goal { stroke: #b3261e; stroke-width: 1.5; }
svg .tick { font: 11px system-ui, sans-serif; fill: #333; }
svg .label { font: 12px system-ui, sans-serif; fill: #333; }
details { margin: .3em 0; } pre { font-size: 12px; white-space: pre-wrap; }
";

def verdict:
	(if .met == null then "none" elif .met then "met" else "not"
		end) as $class |
	"<span class=\"\($class)\">" +
	(if .reason then "not measured" elif .met == null then "no goal"
	 elif .met then "met" else "not met" end) + "</span>" +
	(if .no_difference then "<br>no difference seen" else "" end);

def cell: if type == "number" then "<td class=\"n\">\(short | esc)</td>"
	elif . == null then "<td></td>" else "<td>\(esc)</td>" end;

# An array of objects with the same keys.
def object_table:
	(map(keys_unsorted) | add | reduce .[] as $k ([];
		if index([$k]) then . else . + [$k] end)) as $keys | . as $rows |
	"<table><tr>" + ([$keys[] as $k | "<th class=\"\(if $rows[0][$k] |
		type == "number" then "n" else "" end)\">\($k | gsub("_"; " ") |
		esc)</th>"] | join("")) + "</tr>" +
	([$rows[] | . as $r | "<tr>" + ([$keys[] | $r[.] | cell] | join("")) +
		"</tr>"] | join("\n")) + "</table>";

def overview:
	"<table><tr><th>row</th><th class=\"n\">median</th><th>unit</th>" +
	"<th>goal</th><th></th><th>spread, goal</th><th class=\"n\">runs</th>" +
	"<th>beside</th></tr>" + (map("<tr><td><a href=\"#\(.name)\">\(.name |
		esc)</a></td><td class=\"n\">\(if .value == null then "–" else
		.value | short end)</td><td>\(.unit // "" | esc)</td><td>\(.goal //
		"" | esc)</td><td>\(verdict)</td><td>\(if .value == null then ""
		else spread_svg end)</td><td class=\"n\">\(.runs // "")</td><td>\(
		.peer // "" | esc)</td></tr>") | join("\n")) + "</table>";

# What is left of the detail once tables and figures are drawn.
def remainder: .detail // {} | del(.table, .curve, .bars, .note) |
	if . == {} then "" else "<details><summary>figures</summary><pre>" +
	(to_entries | map("\(.key): \(.value | tojson)") | join("\n") | esc) +
	"</pre></details>" end;

def section:
	"<h3 id=\"\(.name)\">\(.name | esc)</h3>" +
	"<p>" + (if .value == null then "Not measured: \(.reason | esc)."
		else "\(.value | short) \(.unit // "" | esc), between \(.min |
		short) and \(.max | short) in \(.runs) runs" +
		(if .goal then "; goal \(.goal | esc)" else "" end) +
		(if .peer then "; beside: \(.peer | esc)" else "" end) + ". " +
		verdict end) + "</p>" +
	(if .detail.note then "<p class=\"note\">\(.detail.note | esc)</p>"
	 else "" end) +
	(if .detail.bars then .detail.bars | bars_svg else "" end) +
	(if .detail.curve then .detail.curve | curve_svg else "" end) +
	(if .detail.table then .detail.table | object_table else "" end) +
	remainder;

def machine:
	"<table>" + (to_entries | map(select(.key | IN("type", "v", "tool") |
		not) | "<tr><th>\(.key | gsub("_"; " ") | esc)</th><td>\(.value |
		if type == "string" then . else tojson end | esc)</td></tr>") |
		join("\n")) + "</table>";

def count_of(f): map(select(f)) | length;

def report:
	(map(select(.type == "header"))[0] // {}) as $header |
	(map(select(.type == "trailer"))[0] // {}) as $trailer |
	map(select(.type == "bench")) as $rows |
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" +
	"<meta name=\"viewport\" content=\"width=device-width\">" +
	"<title>srte: what it costs and gains</title><style>\(style)</style>" +
	"</head>\n<body><h1>srte: what it costs and gains</h1>\n" +
	"<p>\($rows | count_of(.met == true)) goals met, \($rows |
		count_of(.met == false)) not met, \($rows |
		count_of(.value != null and .met == null)) rows without a goal, \(
		$rows | count_of(.value == null)) not measured.</p>\n" +
	"<h2>Where and how</h2>\n" + ($header + ($trailer |
		with_entries(select(.key == "seconds"))) | machine) +
	"<p>Values are medians; the line in the table goes from the least to the
most that was seen, red is the goal. Each is measured in turn with what stands
beside it, in the same run on the same machine, warmed up and pinned where it
is one process: so ratios and differences are what counts here, absolute times
only tell where they come from. A ratio that came out on both sides of 1 shows
no difference, whatever its median says. What could not be measured here says
why and has met nothing.</p>\n" +
	"<h2>All rows</h2>\n" + ($rows | overview) +
	"\n<h2>Each row</h2>\n" + ([$rows[] | section] | join("\n")) +
	"\n</body></html>";
