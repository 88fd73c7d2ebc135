# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian's kernels for tests/vm/run, by way of apt and nothing else:
#
#	kernel_get NAME		have it unpacked in $KERNEL_DIR
#
# NAME is the beginning of a version, 6.12 or 7: the newest build of it that
# the suites below have. Kernels stay in $SRTE_VM_CACHE, by default vm/ of the
# build directory: KERNEL_DIR is its directory NAME, and holds
#
#	release		what uname -r will say
#	vmlinuz
#	lib/modules/	with modules.dep
#
# apt works on lists of its own, with the mirror and the keys of this machine:
# what is installed here, and from which suite, stays as it is.

KERNEL_FLAVOUR=cloud-amd64	# the smallest
# Small suites; the second line is asked when the first one has no such kernel.
KERNEL_SUITES=(
	"bookworm-security bookworm-backports trixie-security trixie-backports"
	"bookworm bookworm-updates trixie trixie-updates"
)
KERNEL_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# Where this machine gets suite $1 from. The lists need not be there yet.
kernel_site() {
	local release=bookworm

	[[ $1 != *-security ]] || release=bookworm-security
	# shellcheck disable=SC2016 # for apt
	apt-get indextargets --format '$(SITE) $(RELEASE)' \
		'Created-By: Packages' |
		awk -v r="$release" '$2 == r { print $1; exit }'
}

# kernel_apt DIR TOOL WORD...
kernel_apt() {
	local dir=$1 tool=$2

	shift 2
	"$tool" -qq -o Dir::Etc::SourceList="$dir/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$dir/lists" \
		-o Dir::State::Status=/dev/null \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=3 \
		-o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
		"$@" </dev/null
}

# kernel_lists DIR SUITE...
kernel_lists() {
	local dir=$1 suite site

	shift
	rm -rf "$dir"
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" || return
	for suite; do
		site=$(kernel_site "$suite")
		[ -n "$site" ] || return
		echo "deb [signed-by=$KERNEL_KEYS] $site $suite main"
	done >"$dir/sources.list"
	kernel_apt "$dir" apt-get update >&2
}

# kernel_newest DIR NAME: such as 6.1.0-50-cloud-amd64
kernel_newest() {
	local start=${2//./\\.}

	kernel_apt "$1" apt-cache pkgnames linux-image- |
		sed -nE "s/^linux-image-(${start}[.-][0-9].*-$KERNEL_FLAVOUR)\$/\1/p" |
		sort -V | tail -n 1
}

# kernel_download DIR NAME: the packages into DIR/debs. The newer ones are cut
# in three.
kernel_download() {
	local dir=$1 name=$2 suites part release=''

	for suites in "${KERNEL_SUITES[@]}"; do
		# shellcheck disable=SC2086 # words
		kernel_lists "$dir" $suites || return
		release=$(kernel_newest "$dir" "$name")
		[ -z "$release" ] || break
	done
	if [ -z "$release" ]; then
		echo "vm: no suite has a kernel $name" >&2
		return 1
	fi
	mkdir "$dir/debs" || return
	for part in image base binary modules; do
		[ -n "$(kernel_apt "$dir" apt-cache pkgnames \
			"linux-$part-$release" | grep -Fx \
			"linux-$part-$release")" ] || continue
		(cd "$dir/debs" && kernel_apt "$dir" apt-get download \
			"linux-$part-$release") >&2 || return
	done
}

# kernel_unpack DIR
kernel_unpack() {
	local dir=$1 deb release

	mkdir -p "$dir/tree/usr/lib" && ln -s usr/lib "$dir/tree/lib" || return
	for deb in "$dir"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir/tree" --keep-directory-symlink || return
	done
	release=$(ls "$dir/tree/lib/modules") &&
		depmod -b "$dir/tree" "$release" &&
		mkdir -p "$dir/new/lib" &&
		find "$dir/tree" -name 'vmlinuz*' -type f \
			-exec mv {} "$dir/new/vmlinuz" \; &&
		mv "$dir/tree/usr/lib/modules" "$dir/new/lib" &&
		[ -s "$dir/new/vmlinuz" ] && echo "$release" >"$dir/new/release"
}

# Whole or not at all, and once, whoever else asks at the same time.
kernel_get() {
	local cache=${SRTE_VM_CACHE:-${SRTE_O:?}/vm} dir

	KERNEL_DIR=$cache/$1
	mkdir -p "$cache" || return
	exec 7>"$cache/$1.lock"
	flock 7 || return
	dir=$cache/$1.tmp
	if [ ! -e "$KERNEL_DIR/release" ]; then
		if ! { kernel_download "$dir" "$1" && kernel_unpack "$dir"; }; then
			rm -rf "$dir"
			return 1
		fi
		rm -rf "$KERNEL_DIR"
		mv "$dir/new" "$KERNEL_DIR" || return
		rm -rf "$dir"
	fi
	exec 7>&-
}
