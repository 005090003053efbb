#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: 6.1
# timeout: 1200
# What make deb and make rpm build: complete, of one version, clean to lintian,
# the same bytes wherever and whenever; and the upgrade from the first release.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib.sh
. tests/fleet/tap.sh

work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# copy DIR: our sources, with no time of theirs
copy()
{
	mkdir -p "$1"
	packaging/build list | tar -cf - -T - | tar -xmf - -C "$1"
}

# build_ko DIR: listenq.ko in it, of the kernel 6.1
build_ko()
{
	copy "$1/in"
	enter "$kernel/root" "$1/in" make -s -C /mnt -j2 module KDIR="$(cat "$kernel/kdir")" >"$1/log" 2>&1 ||
		{ cat "$1/log" >&2 && return 2; }
	cp "$1/in/listenq.ko" "$1/"
	rm -r "$1/in"
}

# shellcheck disable=SC2317,SC2329 # called through is, as what follows
# carries LIST PATH...
carries()
{
	lq_list=$1
	shift
	for lq_path; do has "$lq_list" "[ /]$lq_path\$" || return; done
}

# shellcheck disable=SC2317,SC2329
# lintian_clean CHANGES: no error, no warning
lintian_clean()
{
	lintian --fail-on error,warning "$1" 2>&1
}

# shellcheck disable=SC2317,SC2329
# same DIR DIR PATTERN: the same files of this name, and at least two
same()
{
	lq_count=0
	for lq_file in "$1"/$3; do
		cmp "$lq_file" "$2/${lq_file##*/}" || return
		lq_count=$((lq_count + 1))
	done
	[ "$lq_count" -ge 2 ]
}

# shellcheck disable=SC2317,SC2329
# conf_version DIR: what dkms reads from our dkms.conf
conf_version()
{
	# shellcheck disable=SC2016 # bash's
	bash -c '. "$0/dkms.conf" && echo "$PACKAGE_VERSION"' "$1"
}

built=$(tests/fleet/packages) || exit 2
version=$(sed -n 's/^VERSION *:*= *//p' Kbuild)
deb=$built/deb rpm=$built/rpm

arch=$(dpkg --print-architecture)
for package in listenq_${version}_$arch listenq-dkms_${version}_all; do
	dpkg-deb -c "$deb/$package.deb" >"$work/${package%%_*}.list"
	is "$package.deb" [ -s "$work/${package%%_*}.list" ]
done
is 'listenq.deb: tool, man page, completion' carries "$work/listenq.list" usr/sbin/listenq \
	usr/share/man/man8/listenq.8.gz usr/share/bash-completion/completions/listenq
is 'listenq-dkms.deb: sources, dkms.conf, examples' carries "$work/listenq-dkms.list" \
	"usr/src/listenq-$version/dkms.conf" "usr/src/listenq-$version/Kbuild" \
	"usr/src/listenq-$version/module/main.c" usr/share/doc/listenq-dkms/examples/modprobe.conf \
	usr/share/doc/listenq-dkms/examples/modules-load.conf
is 'nothing is loaded or set by default' lacks "$work/listenq-dkms.list" 'etc/\|lib/modules-load.d\|lib/modprobe.d'
is 'nothing built is among the sources' lacks "$work/listenq-dkms.list" '\.o$\|\.ko$\|\.cmd$\|generated\.h'
is 'lintian has nothing to say' lintian_clean "$deb/listenq_${version}_$arch.changes"
for package in listenq listenq-dkms; do
	rpm -qpl "$rpm/$package-$version"-1.*.rpm >"$work/$package.list" 2>"$work/err"
done
is 'listenq.rpm: tool, man page, completion' carries "$work/listenq.list" usr/sbin/listenq \
	usr/share/man/man8/listenq.8 usr/share/bash-completion/completions/listenq
is 'listenq-dkms.rpm: sources, dkms.conf' carries "$work/listenq-dkms.list" \
	"usr/src/listenq-$version/dkms.conf" "usr/src/listenq-$version/module/main.c"
is 'CHANGELOG.md is headed by this version' [ "$(sed -n 's/^## //p' CHANGELOG.md | head -n 1 | cut -d' ' -f1)" = "$version" ]
is 'dkms.conf says this version' [ "$(conf_version .)" = "$version" ]
is 'and wherever it is read from' [ "$(cd / && conf_version "$OLDPWD")" = "$version" ]

# Again: elsewhere, now, for somebody else
mkdir "$work/a longer path"
copy "$work/a longer path/tree"
(umask 077 && cd "$work/a longer path/tree" && TZ=Asia/Tokyo packaging/build deb "$work/deb" &&
	TZ=Asia/Tokyo packaging/build rpm "$work/rpm") >"$work/log" 2>&1 || cat "$work/log" >&2
is 'the .debs built again are the same, to the byte' same "$deb" "$work/deb" '*.deb'
is 'and the .rpms' same "$rpm" "$work/rpm" '*.rpm'

kernel=$(tests/vm/kernel 6.1) || exit 2
# shellcheck disable=SC2046 # plain names
once "$LQ_CACHE/fleet/ko-$(digest_text "$(digest $(packaging/build list)) ${kernel##*/}")" build_ko || exit 2
first=$lq_dir
mkdir -p "$work/else/where"
build_ko "$work/else/where"
is 'listenq.ko built again is the same, to the byte' cmp "$first/listenq.ko" "$work/else/where/listenq.ko"
is 'no path of the build in it' lacks "$work/else/where/listenq.ko" /mnt
mv "$work/a longer path/tree" "$work/tree"
make -s -C "$work/tree" tool
is 'no path of the build in the tool' lacks "$work/tree/tool/listenq" "$work"

# The commit that the first release was built from
commit=$(sed '/^#/d' tests/fleet/first-release)
if git cat-file -e "$commit^{commit}" 2>/dev/null; then
	old=$(tests/fleet/packages "$commit") && run=$(tests/fleet/dkms-scenario 6.1 "$built" "$old") || exit 2
	before=$(git show "$commit:Kbuild" | sed -n 's/^VERSION *:*= *//p')
	is "upgrade: $before installs" [ "$(cat "$run/old.status")" = 0 ]
	is "upgrade: to $version" [ "$(cat "$run/new.status")" = 0 ]
	is "upgrade: $version is built and installed" has "$run/new-status.log" "listenq/$version, .*: installed"
	is "upgrade: nothing of $before is left" \
		[ "$before" = "$version" -o "$(grep -c "$before" "$run/versions")" = 0 ]
	guest upgrade -n -k 6.1 -t 120 -a "$run/old.tar" -a "$run/new.tar" tests/fleet/upgrade-guest
else
	n=$((n + 1))
	echo "ok - upgrade from the first release # SKIP this clone has no commit $commit"
fi
done_testing
