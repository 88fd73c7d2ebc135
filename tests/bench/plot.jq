# SPDX-License-Identifier: GPL-2.0-only
# Figures as inline SVG, from what rows put into their detail:
#
#	"curve": { "x": LABEL, "y": LABEL, "log": "x"|"y"|"xy"|"",
#		   "series": [ { "name": .., "points": [ [X, Y], .. ] }, .. ] }
#	"bars":  { "unit": .., "bars": [ { "name": .., "value": ..,
#		   "min": .., "max": .. }, .. ] }
#
# No scripts: what is drawn is what was measured, and the table beside it.

def esc: tostring | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");

def px: . * 10 | round / 10;

# 12345 -> "12.3 k"
def short:
	if type != "number" then tostring
	elif fabs >= 1e9 then "\(. / 1e9 * 100 | round / 100) G"
	elif fabs >= 1e6 then "\(. / 1e6 * 100 | round / 100) M"
	elif fabs >= 1e4 then "\(. / 1e3 * 10 | round / 10) k"
	elif fabs >= 100 then "\(round)"
	elif fabs >= 1 then "\(. * 100 | round / 100)"
	else "\(. * 1e4 | round / 1e4)" end;

def colours: ["#1b6ca8", "#c8553d", "#2a7f4f", "#8a5fb0", "#b5851a", "#4a4a4a",
	"#d0699a", "#3aa6a6", "#7a8b2c", "#a33b3b", "#5b7fd0", "#8c6d4f"];

def colour($i): colours[$i % (colours | length)];

# One axis: { log, from, to, ticks }. A log axis shows powers of ten.
def axis($values; $log):
	($values | min) as $lo | ($values | max) as $hi |
	if $log then
		($lo | log10 | floor) as $a | ([($hi | log10 | ceil), $a + 1] |
			max) as $b |
		{ log: true, from: $a, to: $b,
		  ticks: [range($a; $b + 1) | pow(10; .)] }
	else
		([$lo, 0] | min) as $a | (if $hi > $a then $hi else $a + 1 end) as $b |
		($b - $a) as $span | pow(10; $span / 4 | log10 | floor) as $unit |
		([1, 2, 5, 10] | map(select(. * $unit >= $span / 5))[0] * $unit) as $step |
		{ log: false, from: $a, to: ($b / $step | ceil * $step),
		  ticks: [range(($a / $step | floor);
			($b / $step | ceil) + 1) | . * $step] }
	end;

# 0 to 1 along the axis
def along($axis): ((if $axis.log then log10 else . end) - $axis.from) /
	($axis.to - $axis.from);

def text($x; $y; $anchor; $class):
	"<text x=\"\($x | px)\" y=\"\($y | px)\" text-anchor=\"\($anchor)\" " +
	"class=\"\($class)\">\(. | esc)</text>";

def line($x1; $y1; $x2; $y2; $class):
	"<line x1=\"\($x1 | px)\" y1=\"\($y1 | px)\" x2=\"\($x2 | px)\" " +
	"y2=\"\($y2 | px)\" class=\"\($class)\"/>";

def svg($width; $height; $title; $body):
	"<svg viewBox=\"0 0 \($width) \($height)\" width=\"\($width)\" " +
	"height=\"\($height)\" role=\"img\" aria-label=\"\($title | esc)\">" +
	"\($body)</svg>";

# The frame of a plot is 60..500 by 10..250; the legend is to its right.
def frame($x; $y; $curve):
	([$x.ticks[] | . as $t | (60 + 440 * along($x)) as $at |
		line($at; 10; $at; 250; "grid"),
		($t | short | text($at; 265; "middle"; "tick"))] +
	[$y.ticks[] | . as $t | (250 - 240 * along($y)) as $at |
		line(60; $at; 500; $at; "grid"),
		($t | short | text(55; $at + 4; "end"; "tick"))] +
	[($curve.x | text(280; 284; "middle"; "label")),
	 ($curve.y | text(60; 300; "start"; "label"))]) | join("");

def series($x; $y; $i):
	[.points[] | [60 + 440 * (.[0] | along($x)),
		250 - 240 * (.[1] | along($y))]] as $at |
	"<polyline fill=\"none\" stroke=\"\(colour($i))\" stroke-width=\"1.6\" " +
	"points=\"\([$at[] | "\(.[0] | px),\(.[1] | px)"] | join(" "))\"/>" +
	([$at[] | "<circle cx=\"\(.[0] | px)\" cy=\"\(.[1] | px)\" r=\"2.4\" " +
		"fill=\"\(colour($i))\"/>"] | join("")) +
	"<rect x=\"512\" y=\"\(14 + 17 * $i)\" width=\"10\" height=\"10\" " +
	"fill=\"\(colour($i))\"/>" +
	(.name | text(528; 23 + 17 * $i; "start"; "tick"));

# A logarithm has no zero: such points are left out, and stay in the table.
def plottable($log):
	map(.points |= map(select(
		(.[0] != null and .[1] != null) and
		(($log | contains("x") | not) or .[0] > 0) and
		(($log | contains("y") | not) or .[1] > 0)))) |
	map(select(.points | length > 0));

def curve_svg:
	. as $curve | (.log // "") as $log | (.series | plottable($log)) as $s |
	if $s == [] then "" else
		axis([$s[].points[][0]]; $log | contains("x")) as $x |
		axis([$s[].points[][1]]; $log | contains("y")) as $y |
		svg(740; ([306, 30 + 17 * ($s | length)] | max);
			"\($curve.y) over \($curve.x)";
			frame($x; $y; $curve) + ([$s | to_entries[] | .key as $i |
				.value | series($x; $y; $i)] | join("")))
	end;

# Bars from 250 to 560, with what was least and most.
def bars_svg:
	. as $all | ([.bars[] | .max // .value] | max | if . > 0 then . else 1
		end) as $most |
	def at: 250 + 310 * . / $most;
	svg(740; 12 + 24 * (.bars | length); "\(.unit) of each";
		[.bars | to_entries[] | (6 + 24 * .key) as $y | .key as $i |
			.value | (.name | text(244; $y + 13; "end"; "tick")) +
			"<rect x=\"250\" y=\"\($y)\" width=\"\([.value, 0] |
				max | at - 250 | px)\" height=\"16\" fill=\"\(
				colour($i))\" opacity=\"0.75\"/>" +
			(if .min != null and .max != null then
				line(.min | at; $y + 8; .max | at; $y + 8; "spread")
			 else "" end) +
			("\(.value | short) \($all.unit)" |
				text((.max // .value) | at + 6; $y + 13;
					"start"; "tick"))] | join(""));

# A row's spread beside its goal, in a cell of the table.
def spread_svg:
	(.goal // "" | sub("^[<>]=? *"; "") | tonumber? // null) as $goal |
	([.max, $goal, 0] | map(select(. != null)) | max) as $hi |
	([.min, 0] | min) as $lo |
	(if $hi > $lo then $hi - $lo else 1 end) as $span |
	def at: 4 + 132 * (. - $lo) / $span;
	svg(140; 16; "spread";
		line(4; 8; 136; 8; "grid") +
		line(.min | at; 8; .max | at; 8; "range") +
		(if $goal != null then line($goal | at; 1; $goal | at; 15; "goal")
		 else "" end) +
		"<circle cx=\"\(.median | at | px)\" cy=\"8\" r=\"3\"/>");
