# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# What the fleet's test programs print TAP with. Sourced at the top of the tree.
n=0 bad=0

# is NAME COMMAND...: ok when COMMAND succeeds; what it prints is shown if not
is()
{
	lq_name=$1
	shift
	n=$((n + 1))
	if lq_said=$("$@" 2>&1); then
		echo "ok - $lq_name"
	else
		bad=1
		echo "not ok - $lq_name"
		echo "# failed: $*"
		echo "$lq_said" | tail -n 20 | sed 's/^/# /'
	fi
}

# has FILE PATTERN: a line of FILE matches; or shows FILE
has()
{
	grep -q -- "$2" "$1" || { cat "$1" && false; }
}

# lacks FILE PATTERN
lacks()
{
	! grep -i -- "$2" "$1"
}

# guest NAME OPTIONS... SCRIPT: pass on the TAP of a guest
guest()
{
	lq_guest=$1 lq_status=0
	shift
	lq_tap=$(tests/vm/run "$@") || lq_status=$?
	printf '%s\n' "$lq_tap"
	n=$((n + $(printf '%s\n' "$lq_tap" | grep -cE '^(not )?ok ')))
	! printf '%s\n' "$lq_tap" | grep -q '^not ok' || bad=1
	is "$lq_guest: its guest ended well" [ "$lq_status" = 0 ]
}

# done_testing: the plan, and leave
done_testing()
{
	echo "1..$n"
	exit $bad
}
