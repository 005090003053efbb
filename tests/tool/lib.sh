# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# TAP for the tool's shell tests. Sourced at the top of the tree.

n=0
bad=0
LISTENQ=${LISTENQ:-tool/listenq}
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-tool.XXXXXX")
trap 'rm -rf "$work"' EXIT

# ok NAME / not_ok NAME [DETAIL...]
ok()
{
	n=$((n + 1))
	echo "ok - $1"
}

not_ok()
{
	n=$((n + 1))
	bad=1
	echo "not ok - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got:" "$2" "wanted:" "$3"
	fi
}

# run COMMAND...: leaves $status, $out and $err
run()
{
	status=0
	"$@" >"$work/out" 2>"$work/err" || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

# refuses NAME STATUS MESSAGE COMMAND...: this status, this one line on stderr,
# and nothing on stdout
refuses()
{
	name=$1 want=$2 message=$3
	shift 3
	run "$@"
	is "$name" "$status|$out|$err" "$want||$message"
}

# plan: the last line
plan()
{
	echo "1..$n"
	exit "$bad"
}
