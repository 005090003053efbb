# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# What the harness's shell scripts share. Sourced after `cd` to the top of the
# tree; a script names itself by $0 in messages.

# Where kernels, chroots, images and built modules are kept between runs.
# shellcheck disable=SC2034 # for who sources this
LQ_CACHE=${LISTENQ_CACHE:-$HOME/.cache/listenq}

# say TEXT...: progress, on stderr so that stdout stays an answer
say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die STATUS TEXT...
die()
{
	lq_status=$1
	shift
	say "$*"
	exit "$lq_status"
}

# need PROGRAM...: all of them, or one clear line
need()
{
	for lq_prog; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$lq_prog" >/dev/null ||
			die 2 "no '$lq_prog' here; tests/setup installs what the tests need"
	done
}

# digest FILE...: one short hash over the names and contents of files
digest()
{
	sha256sum -- "$@" | sha256sum | cut -c1-12
}

# digest_text TEXT
digest_text()
{
	printf '%s' "$1" | sha256sum | cut -c1-12
}

# once DIR COMMAND...: make DIR by running COMMAND with a fresh directory as
# its last argument, then renaming that into place. Parallel callers wait for
# the first; a failed COMMAND leaves nothing behind.
once()
{
	lq_dir=$1
	shift
	[ ! -d "$lq_dir" ] || return 0
	mkdir -p "${lq_dir%/*}"
	(
		flock 9
		[ ! -d "$lq_dir" ] || exit 0
		lq_tmp=$(mktemp -d "${lq_dir%/*}/.tmp.XXXXXX")
		chmod 755 "$lq_tmp"
		trap 'rm -rf "$lq_tmp"' EXIT
		trap 'exit 130' INT TERM
		# Not `( ) || exit`: that would turn set -e off inside COMMAND
		set +e
		(
			set -e
			exec 9>&-
			"$@" "$lq_tmp"
		)
		lq_status=$?
		set -e
		[ "$lq_status" = 0 ] || exit "$lq_status"
		mv "$lq_tmp" "$lq_dir"
	) 9>"${lq_dir%/*}/.lock.${lq_dir##*/}"
}

# enter ROOT WORK COMMAND...: run COMMAND in the chroot ROOT, WORK seen as /mnt
enter()
{
	lq_user=
	[ "$(id -u)" = 0 ] || lq_user=-r
	# shellcheck disable=SC2016,SC2086 # the inner shell expands; -r or nothing
	unshare -m $lq_user sh -euc '
		mount --rbind /dev "$1/dev"
		mount --rbind /proc "$1/proc"
		mount --bind "$2" "$1/mnt"
		root=$1
		shift 2
		PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C exec chroot "$root" "$@"
	' sh "$@"
}

# skeleton ROOT: the directories every archive of an initramfs agrees on
skeleton()
{
	for lq_part in bin sbin lib lib64; do
		mkdir -p "$1/usr/$lq_part"
		ln -s "usr/$lq_part" "$1/$lq_part"
	done
	mkdir -p "$1/etc"
}

# with_libraries ROOT FILE...: copy what these binaries load at run time into
# ROOT, at the same paths
with_libraries()
{
	lq_root=$1
	shift
	# ldd fails on a static binary, which needs nothing
	for lq_file; do
		ldd "$lq_file" 2>/dev/null || :
	done | grep -o '/[^ ]*' | sort -u | while read -r lq_lib; do
		mkdir -p "$lq_root${lq_lib%/*}"
		cp -Lu "$lq_lib" "$lq_root$lq_lib"
	done
}

# cpio_of DIR: DIR as an initramfs archive, everything root's
cpio_of()
{
	(cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0)
}
