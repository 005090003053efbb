#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command line: what is refused says why in one line, with the right status.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/tool/lib.sh
. tests/tool/lib.sh

see='listenq --help lists the options'
refuses 'unknown option' 1 "listenq: unknown option -x; $see" "$LISTENQ" -x
refuses 'unknown option among others' 1 "listenq: unknown option -x; $see" "$LISTENQ" -jxn
refuses 'unknown long option' 1 "listenq: unknown option --nope; $see" "$LISTENQ" --nope
refuses 'ambiguous long option' 1 "listenq: unknown option --n; $see" "$LISTENQ" --n
refuses 'value where none belongs' 1 "listenq: unknown option --json=1; $see" \
	"$LISTENQ" --json=1
refuses 'value is missing' 1 "listenq: a value is missing after --source; $see" \
	"$LISTENQ" --source
refuses 'value of -N is missing' 1 "listenq: a value is missing after -N; $see" "$LISTENQ" -N
refuses 'unknown source' 1 'listenq: --source x: accepted are module and diag' \
	"$LISTENQ" --source x
refuses '-a with -N' 1 'listenq: --all-netns and --netns exclude each other' \
	"$LISTENQ" -a -N x
refuses 'net with an option of show' 1 'listenq: --ipv4 means nothing to listenq net' \
	"$LISTENQ" net -4
refuses 'net with words' 1 \
	'listenq: net takes no words, only options: ":80"; see listenq --help' \
	"$LISTENQ" net :80

refuses 'show with an option of episodes' 1 'listenq: --since means nothing to listenq show' \
	"$LISTENQ" --since 1d
refuses 'doctor with an option of show' 1 'listenq: --all-netns means nothing to listenq doctor' \
	"$LISTENQ" doctor -a
refuses 'episodes with a source' 1 'listenq: --source means nothing to listenq episodes' \
	"$LISTENQ" episodes --source diag
for time in '' 0s 10 1w -1s 1.5h; do
	refuses "--since '$time'" 1 "listenq: --since $time: accepted are 30s, 10min, 2h, 1d" \
		"$LISTENQ" episodes --since "$time"
done
for count in 0 -1 x 1x ''; do
	refuses "-c '$count'" 1 "listenq: --count $count: accepted is a number above 0" \
		"$LISTENQ" monitor -c "$count"
done
for command in episodes monitor doctor; do
	refuses "$command with words" 1 \
		"listenq: $command takes no words, only options: \":80\"; see listenq --help" \
		"$LISTENQ" $command :80
done
refuses 'track with a word it does not know' 1 \
	'listenq: track: "maybe": accepted are on, off, or nothing to ask' "$LISTENQ" track maybe
refuses 'track with two words' 1 \
	'listenq: track: "off": accepted are on, off, or nothing to ask' "$LISTENQ" track on off
refuses 'stats of nothing' 1 \
	'listenq: stats: which listener? Accepted are a FILTER that one listener passes and sk:COOKIE' \
	"$LISTENQ" stats
for cookie in sk: sk:0 sk:-1 sk:xyz 'sk: 1'; do
	refuses "stats of $cookie" 1 \
		"listenq: stats: \"$cookie\": accepted is sk: and the one hexadecimal number that ss -e prints" \
		"$LISTENQ" stats "$cookie"
done

accepted='accepted: :443, 10.0.0.1:80, [::1]:80, 10.0.0.0/8, *:80, sport = :443, src 10.0.0.1, dev eth0, and, or'
refuses 'bad filter' 1 "listenq: filter: \"bogus\" is no address; $accepted" "$LISTENQ" bogus
refuses 'bad filter after show' 1 "listenq: filter: \"bogus\" is no address; $accepted" \
	"$LISTENQ" show bogus
refuses 'bad port' 1 \
	"listenq: filter: \"99999\" is no port (1 to 65535 or a service name); $accepted" \
	"$LISTENQ" sport = :99999
refuses 'device with all namespaces' 1 \
	'listenq: filter: a device is one of a single network namespace: not with --all-netns' \
	"$LISTENQ" -a dev lo

ns='accepted are a name in /var/run/netns, a pid, a path'
refuses 'unknown namespace' 2 "listenq: no network namespace \"nope\": $ns" "$LISTENQ" -N nope
refuses 'unknown namespace of net' 2 "listenq: no network namespace \"nope\": $ns" \
	"$LISTENQ" net -N nope
refuses 'empty namespace' 2 "listenq: no network namespace \"\": $ns" "$LISTENQ" -N ''
refuses 'pid that is none' 2 "listenq: no network namespace \"999999999\": $ns" \
	"$LISTENQ" -N 999999999
refuses 'path that is no namespace' 2 'listenq: /etc/passwd is no network namespace' \
	"$LISTENQ" -N /etc/passwd

run "$LISTENQ" --version
is '--version' "$status|$out|$err" \
	"0|listenq $(sed -n 's/^VERSION *:*= *//p' Kbuild)|"
run "$LISTENQ" --help
is '--help succeeds' "$status|$err" '0|'
is '--help is one screen of 80 columns' \
	"$(awk 'length > 80 { print } END { if (NR > 30) print NR }' "$work/out")" ''
cp "$work/out" "$work/help"
run "$LISTENQ" help
is 'help and --help are the same' "$status|$out" "0|$(cat "$work/help")"

# Every option is in the help, the man page and the completion.
sed 's/Fl -\([a-z0-9]\)/--\1/g' Documentation/man/listenq.8 >"$work/man"
cp tool/listenq.bash-completion "$work/completion"
sed -n 's/^\t{ { "\([a-z0-9-]*\)".*/\1/p' tool/listenq.c >"$work/options"
is 'the options were found' "$(grep -c . "$work/options")" 18
while read -r option; do
	[ "$option" != net ] || continue # what ss calls --netns, too
	for file in help man completion; do
		if grep -qe "--$option\>" "$work/$file"; then
			ok "--$option is in the $file"
		else
			not_ok "--$option is in the $file"
		fi
	done
done <"$work/options"
plan
