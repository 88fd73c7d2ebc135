# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs of tests/tools/hooks.bpf.c on devices of a test's namespaces; after
# netns.bash, whose $DIR and teardown it uses.
#
#	hooks_setup			load them
#	hook NS DEV SIDE PROGRAM [PREF]	SIDE is ingress or egress
#	unhook NS DEV SIDE [PREF]
#	hooks_seen KEY			what they counted in all, see struct seen

# Relative names: libbpf makes "_" of the dots in the names of pins.
hooks_setup() {
	mkdir "$DIR/hooks" && mount -t bpf bpf "$DIR/hooks" &&
		(cd "$DIR" && bpftool prog loadall \
			"$SRTE_O/tools/hooks.bpf.o" hooks/prog type tc \
			pinmaps hooks/map)
}

hook() {
	in_ns "$1" tc qdisc add dev "$2" clsact 2>/dev/null || :
	in_ns "$1" tc filter add dev "$2" "$3" pref "${5:-1}" bpf da \
		pinned "$DIR/hooks/prog/$4"
}

unhook() {
	in_ns "$1" tc filter del dev "$2" "$3" pref "${4:-1}"
}

hooks_seen() {
	bpftool -j map dump pinned "$DIR/hooks/map/seen" |
		jq --arg k "$1" '[.[].formatted.values[].value[$k]] | add'
}
