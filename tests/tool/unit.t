#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds the tool's objects and every unit_*.c with ASan and UBSan, runs them,
# and turns cmocka's TAP into ours.
set -eu
cd "$(dirname "$0")/../.."

out=$(mktemp -d "${TMPDIR:-/tmp}/listenq-unit.XXXXXX")
trap 'rm -rf "$out"' EXIT
echo '#define LISTENQ_VERSION "1.2.3"' >"$out/version.h"
flags="-std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
	-D_GNU_SOURCE -include $out/version.h -Iinclude -Iinclude/uapi -Itool
	$(pkg-config --cflags libmnl json-c cmocka)"
libs=$(pkg-config --libs libmnl json-c cmocka)

for c in tool/*.c; do
	# shellcheck disable=SC2086 # a list of words
	${CC:-cc} $flags -Dmain=listenq_main -c -o "$out/$(basename "$c" .c).o" "$c"
done
n=0
bad=0
for c in tests/tool/unit_*.c; do
	name=$(basename "$c" .c)
	# shellcheck disable=SC2086
	${CC:-cc} $flags -Wall -Wextra -o "$out/$name" "$c" "$out"/*.o $libs
	status=0
	CMOCKA_MESSAGE_OUTPUT=TAP "$out/$name" >"$out/$name.tap" 2>"$out/$name.err" ||
		status=$?
	sed -n "s/^\(not ok\|ok\) [0-9]* - /\1 - ${name#unit_}: /p" "$out/$name.tap"
	n=$((n + $(grep -c '^\(not \)\{0,1\}ok ' "$out/$name.tap" || :)))
	if [ "$status" != 0 ]; then
		bad=1
		sed 's/^/# /' "$out/$name.tap" "$out/$name.err"
		grep -q '^not ok' "$out/$name.tap" || {
			n=$((n + 1))
			echo "not ok - ${name#unit_}: ended with status $status"
		}
	fi
done
echo "1..$n"
exit "$bad"
