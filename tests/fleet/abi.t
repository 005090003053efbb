#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: 5.10 7.3
# timeout: 1200
# Tools and modules of different ages and suites in one guest: what both know
# reads the same, what only one knows is unknown, and nothing is zero in silence.
# tests/fleet/abi-newer makes what a later version would be.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib.sh
. tests/tool/lib.sh

need jq tar
# With which tests/vm/tool builds: the chroot that has its libraries, too
BUILD=gcc,make,libc6-dev,pkg-config,libmnl-dev

# copy DIR: our sources
copy()
{
	mkdir "$1"
	find Kbuild Makefile include module tool -type f ! -name '*.[od]' ! -name '.*' \
		! -name '*.mod.c' ! -name generated.h ! -path tool/listenq ! -path '*probe*log' |
		tar -cf - -T - | tar -xf - -C "$1"
}

# shellcheck disable=SC2317,SC2329 # called by once
# build SOURCES DIR: the tool, here
build()
{
	cp -a "$1/." "$2"
	make -s -C "$2" tool 'CFLAGS=-O1 -Werror' >&2
}

# pack NAME TOOL [ROOT]: a tool with the libraries that it has in the chroot ROOT, or here
pack()
{
	mkdir -p "$work/abi/$1"
	cp "$2" "$work/abi/$1/listenq"
	# shellcheck disable=SC2016 # for another shell
	libraries='for lib in $(ldd "$1/listenq" | grep -o "/[^ ]*"); do cp -L "$lib" "$1/"; done'
	if [ -n "${3-}" ]; then
		enter "$3" "$work/abi/$1" sh -euc "$libraries" sh /mnt
	else
		sh -euc "$libraries" sh "$work/abi/$1"
	fi
}

# suite NAME: pack the tool as it is built in that suite
suite()
{
	pack "$1" "$(tests/vm/tool "$1")" "$(tests/vm/chroot "$1" "$BUILD")"
}

# guest KERNEL: what every tool says of every module there, a file each
guest()
{
	tar -cf "$work/abi.tar" -C "$work" abi
	tests/vm/run -k "$1" -l "build/log/fleet_abi_$1.klog" -a "$work/abi.tar" \
		tests/fleet/abi-guest >"$work/said" ||
		not_ok "the guest with $1" "$(tail -n 20 "$work/said")"
	mkdir "$work/$1"
	# Waits go on from one tool to the next
	tr -d '\r' <"$work/said" | sed -E -e 's/("oldest_wait_us":)[0-9]+/\1 1/' \
		-e 's/\b[0-9.]+(us|ms|s)\b/WAIT/g' |
		awk -v dir="$work/$1/" '/^@@ / { close(file); file = dir $2; next } file { print >file }'
}

# said KERNEL MODULE TOOL COMMAND: in one line, without what was asked to be left out
said()
{
	case $4 in
	*j) jq -cS "${drop:-.}" "$work/$1/$2-$3-$4" ;;
	*) tr -s ' ' <"$work/$1/$2-$3-$4" ;;
	esac
}

# same NAME KERNEL MODULE TOOL OTHER: two tools say the same, extra left out
COMMANDS='show showe showj shows showsj stats statsj net netj track trackj episodes episodesj'
same()
{
	for command in $COMMANDS; do
		drop='walk(if type == "object" then del(.extra) else . end)'
		one=$(said "$2" "$3" "$4" "$command" | grep -v '^extra ' || :)
		two=$(said "$2" "$3" "$5" "$command" | grep -v '^extra ' || :)
		if [ -z "$one" ] || [ "$one" != "$two" ]; then
			not_ok "$1" "$command:" "$one" "$two"
			return 0
		fi
	done
	ok "$1"
}

# extra KERNEL MODULE TOOL: the values of that name: of all objects of -j, the rows of net
extra()
{
	drop='[.. | objects | select(has("extra")).extra] | unique'
	{
		for command in showj showsj statsj netj; do
			said "$1" "$2" "$3" "$command"
		done
		said "$1" "$2" "$3" net | sed -n 's/^extra [^ ]* //p'
	} | xargs
}

copy "$work/newer"
tests/fleet/abi-newer "$work/newer"
copy "$work/shorter"
sed -i -E 's/(LISTENQ_A_[A-Z_]+, sizeof\([^)]*\))/\1 - 8/' "$work"/shorter/module/netlink_*.c
content=$(cd "$work/newer" && find . -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-12)
newer=$LQ_CACHE/tool/newer-$content
once "$newer" build "$work/newer"
touch "$newer"

mkdir "$work/abi"
pack ours tool/listenq
pack newer "$newer/tool/listenq"
suite bullseye
for module in newer shorter; do
	cp "$(tests/vm/module -s "$work/$module" 7.3)" "$work/abi/$module.ko"
done
guest 7.3
same "a tool of 5.10's suite, our module, 7.3" 7.3 ours ours bullseye
same "a tool of 5.10's suite, a newer module, 7.3" 7.3 newer ours bullseye
same 'a newer tool, our module: all that both know' 7.3 ours ours newer
is 'a newer tool, our module: what it lacks is unknown' "$(extra 7.3 ours newer)" \
	'[null] [null] [null] [null] - -'
same 'our tool, a newer module: all that both know' 7.3 newer ours newer
is 'a newer tool and its module: the new value' "$(extra 7.3 newer newer)" \
	'[4242] [4242] [4242] [4242] 4242 4242'
is 'our tool does not know it' "$(extra 7.3 newer ours)" '[] [] [] []'
for tool in ours newer bullseye; do
	is "a module that says less than any ever did: refused, nothing half-said ($tool)" \
		"$(for command in $COMMANDS; do
			grep -h . "$work/7.3/shorter-$tool-$command" || echo "nothing of $command"
		done | sed -E "s/^= 2 listenq: the listenq module's answer: .* cut short: Bad message$//" | grep . | head -n 5)" ''
done

rm -rf "$work/abi"
mkdir "$work/abi"
pack ours tool/listenq
suite bullseye
suite trixie
guest 5.10
same "a tool of this machine's suite, 5.10" 5.10 ours bullseye ours
same "a tool of 7.3's suite, 5.10" 5.10 ours bullseye trixie
plan
