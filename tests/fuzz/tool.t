#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: [FUZZ_SECONDS=N] tests/fuzz/tool.t [netlink|filter|proc]...
#
# The tool's parsers under libFuzzer, AddressSanitizer and UBSan: first every
# input in tests/fuzz/corpus, then new ones for FUZZ_SECONDS (60) each. What is
# found is kept: build/fuzz/corpus has the inputs that reach new code,
# build/fuzz/NAME-crash-... those that must not be.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.sh
. tests/lib.sh

seconds=${FUZZ_SECONDS:-60}
case $seconds in
'' | 0* | *[!0-9]*) die 1 "FUZZ_SECONDS takes a number above 0, not '$seconds'" ;;
esac
[ $# != 0 ] || set -- netlink filter proc
for target; do
	[ -d "tests/fuzz/corpus/$target" ] || die 1 "no fuzz target '$target': netlink, filter, proc"
done
need clang make od
make -s fuzz-targets >&2
export UBSAN_OPTIONS=print_stacktrace=1

# fuzz NAME TARGET ARGS...: run it; what it says about a bad input, and the
# input itself, under "not ok"
fuzz()
{
	name=$1 target=$2 log=build/fuzz/$2.log
	shift 2
	rm -f "build/fuzz/$target-new-"*
	if nice "build/fuzz/tool_$target" -timeout=20 -rss_limit_mb=2048 -max_len=2048 \
		-artifact_prefix="build/fuzz/$target-new-" "$@" >"$log" 2>&1; then
		runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
		[ "${runs:-0}" -ge "$least" ] && echo "ok - $target: $name, $runs runs" && return
		echo "not ok - $target: $name: only ${runs:-0} runs, $least are the least"
		return
	fi
	echo "not ok - $target: $name"
	grep -E 'ERROR: |runtime error: |does not hold: |^SUMMARY: |^ *#[0-9] .* in lq_' "$log" |
		head -n 8 | sed 's/^/# /'
	for input in "build/fuzz/$target-new-"*; do
		[ -e "$input" ] || continue
		kept=build/fuzz/$target-${input##*-new-}
		mv "$input" "$kept"
		echo "# again: build/fuzz/tool_$target $kept"
		od -A d -v -t x1 "$kept" | head -n 10 | sed 's/^/# /'
	done
}

for target; do
	corpus=tests/fuzz/corpus/$target
	mkdir -p "build/fuzz/corpus/$target"
	least=$(find "$corpus" -type f | wc -l)
	fuzz 'what was found before' "$target" -runs=0 "$corpus"
	least=1000
	fuzz "$seconds s of new inputs" "$target" -max_total_time="$seconds" \
		"build/fuzz/corpus/$target" "$corpus"
done
echo "1..$(($# * 2))"
