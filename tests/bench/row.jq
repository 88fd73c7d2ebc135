# SPDX-License-Identifier: GPL-2.0-only
# From what a row measured to what it says. A row prints
#
#	{"name":..,"unit":..,"goal":"<=45","peer":..,"samples":[..],"detail":{}}
#
# or, when it cannot be measured here, "reason" in place of the samples.
#
# A ratio that came out on both sides of 1 shows no difference between the two,
# whatever its median says: "no_difference" is then true.

def median: sort | if length == 0 then null
	elif length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# Five digits are more than any of this is good for.
def tidy: if type != "number" or . == 0 then . else
	(pow(10; 4 - (fabs | log10 | floor))) as $p |
	(. * $p | round) / $p end;

def reaches($goal):
	($goal | sub("^[<>]=? *"; "") | tonumber) as $n |
	if $goal | startswith("<=") then . <= $n
	elif $goal | startswith(">=") then . >= $n
	elif $goal | startswith("<") then . < $n
	else . > $n end;

def hides: (.unit == "ratio") and (.samples | min < 1 and max > 1);

def finish:
	. as $r | (.samples // []) as $s | ($s | median) as $mid |
	{ type: "bench", v: 1, name } +
	if $s == [] then
		{ unit, goal, met: null,
		  reason: (.reason // "measured nothing"), peer }
	else
		{ value: ($mid | tidy), unit, goal,
		  met: (if .goal then ($mid | reaches($r.goal)) else null end),
		  runs: ($s | length), min: ($s | min | tidy),
		  median: ($mid | tidy), max: ($s | max | tidy), peer,
		  no_difference: (if hides then true else null end) }
	end + { detail: ((.detail // {}) | walk(tidy)) };
