#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module's side as a healthy kernel never shows it: a fake one is put
# before the socket calls. A failure prints one line and no part of the table.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/tool/lib.sh
. tests/tool/lib.sh

# shellcheck disable=SC2046 # a list of words
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Iinclude/uapi -shared -fPIC \
	-o "$work/fake.so" tests/tool/fake_module.c $(pkg-config --cflags --libs libmnl)

# fake SCENARIO ARGS...
# shellcheck disable=SC2317 # reached through run and refuses
fake()
{
	scenario=$1
	shift
	FAKE_MODULE=$scenario LD_PRELOAD=$work/fake.so "$LISTENQ" "$@"
}

want='FULL 2(1) 5/4 2.0s 0 127.0.0.1:7998 -
busy 3(1) 0/4 - 0 127.0.0.1:7997 -
ok 1(1) 0/4 - 0 127.0.0.1:7999 -'
for module in good newer; do
	run fake "$module" -Hn
	is "a $module module: worst first, repeats dropped" \
		"$status|$(tr -s ' ' <"$work/out")|$err" "0|$want|"
done
run fake good -nH --full
is '--full' "$status|$(tr -s ' ' <"$work/out")" '0|FULL 2(1) 5/4 2.0s 0 127.0.0.1:7998 -'
run fake good -nHj
is '-j is sorted the same' "$(jq -r '.[].cookie' <"$work/out" | xargs)" '2 3 1'

# One that knows nothing of tracking
old='listenq: the loaded listenq module is older than this listenq and does not track drops'
run fake old -Hn
is 'an old module' "$status|$(tr -s ' ' <"$work/out")|$err" "0|$want|"
run fake old -Hns
is 'an old module, -s: what is not known, and why' \
	"$status|$(grep -c 'not tracked' "$work/out")|$err" "0|3|$old"
run fake old -j -s
is 'an old module, -s -j: null' "$status|$(jq -c 'map(.counters)' <"$work/out")|$err" \
	"0|[null,null,null]|$old"
for command in episodes track 'track on'; do
	# shellcheck disable=SC2086 # a list of words
	refuses "an old module: $command" 2 "$old" fake old $command
done
refuses 'an old module: monitor' 2 \
	'listenq: the listenq module sends no events here: it is too old, or its kernel cannot restrict who hears them' \
	fake old monitor

run fake old doctor -j
is 'an old module: doctor' "$(jq -c 'map(select(.topic == "tracking"))' <"$work/out")|$err" \
	'[{"status":"warning","topic":"tracking","text":"the loaded listenq module is older than this listenq and does not track drops","remedy":"install the module of listenq '"$("$LISTENQ" --version | cut -d' ' -f2)"', then rmmod listenq && modprobe listenq"}]|'

answer="listenq: the listenq module's answer"
garbage='Bad message'
refuses 'struct cut short' 2 "$answer: a listener that is cut short: $garbage" fake short
refuses 'message cut short' 2 "$answer: a truncated message: $garbage" fake truncated
refuses 'garbled attribute' 2 "$answer: an attribute longer than its message: $garbage" fake garbled
refuses 'no answer' 2 "$answer: reading the answer: Connection timed out" fake silent
refuses 'error in the middle of a dump' 2 \
	'listenq: error from the listenq module: Cannot allocate memory' fake error
refuses 'dump that ends with an error' 2 \
	'listenq: error from the listenq module: Input/output error' fake ended
refuses 'module gone' 2 \
	'listenq: the listenq module was unloaded while it was asked; run listenq again' fake gone
refuses 'all namespaces refused' 2 \
	'listenq: --all-netns: needs CAP_NET_ADMIN in the initial namespace: Operation not permitted' \
	fake eperm -a
refuses 'the kernel names the attribute' 2 \
	'listenq: error from the listenq module: port: port out of range: Invalid argument' \
	fake einval :80
for broken in short truncated garbled error ended gone; do
	run fake "$broken" -j
	is "$broken: no half JSON" "$status|$out" '2|'
done
plan
