#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: 6.1
# timeout: 900
# tests/vm/run keeps its word: output, exit status, and every way a guest can go
# wrong has a status of its own. A harness that calls a crash a success makes
# every other test worthless.
set -u
cd "$(dirname "$0")/../.." || exit 2
n=0 bad=0
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-harness.XXXXXX")
trap 'rm -rf "$work"' EXIT

# guest OPTIONS... <<SCRIPT: run it; leaves $status, $work/out and $work/err
guest()
{
	cat >"$work/script"
	status=0
	tests/vm/run -n "$@" "$work/script" >"$work/out" 2>"$work/err" || status=$?
}

# expect NAME STATUS: of the last guest, and COMMAND must hold too
expect()
{
	name=$1 want=$2
	shift 2
	n=$((n + 1))
	if [ "$status" = "$want" ] && "$@" >/dev/null; then
		echo "ok - $name"
	else
		bad=1
		echo "not ok - $name"
		echo "# status $status, wanted $want, and: $*"
		sed 's/^/# /' "$work/out" "$work/err" | tail -n 30
	fi
}

# shellcheck disable=SC2317,SC2329 # called through expect
only_output()
{
	[ "$(cat "$work/out")" = "$1" ] && [ ! -s "$work/err" ]
}

# shellcheck disable=SC2317,SC2329
says()
{
	grep -q -- "$1" "$work/err"
}

printf 'with\tspaces \n' >"$work/given"
guest -c 2 -a "$work/given" <<'EOF'
cat /given
printf 'cpus %s\n' "$(nproc)"
for program in ss nstat ip traffic; do command -v $program >/dev/null || echo no $program; done
ip -V | grep -q iproute2 || echo not the real ip
for dir in /proc/1 /sys/class /sys/kernel/debug/sched /sys/kernel/tracing/events; do
	[ -e $dir ] || echo no $dir
done
grep -q cgroup2 /proc/mounts || echo no cgroup2
ip -br link show lo | grep -q LOOPBACK,UP || echo lo is down
id -u
EOF
expect 'files, CPUs, programs, mounts, lo; output as written' 0 \
	only_output "$(printf 'with\tspaces \ncpus 2\n0')"

guest <<'EOF'
i=0
while [ $i -lt 3000 ]; do i=$((i + 1)); echo "line $i of the output, long enough to fill buffers"; done
echo to stderr >&2
exit 37
EOF
expect 'the exit status and all of 3,000 lines' 37 \
	test "$(wc -l <"$work/out")" = 3001
seq -f 'line %.0f of the output, long enough to fill buffers' 3000 | cat - >"$work/lines"
echo 'to stderr' >>"$work/lines"
expect 'each of them whole' 37 cmp "$work/lines" "$work/out"

guest -t 15 <<'EOF'
echo begun
sleep 1000
EOF
expect 'a script that does not end: 124' 124 says 'ran out of its 15 s'
expect 'with what it said until then' 124 grep -qx begun "$work/out"

guest <<'EOF'
echo c >/proc/sysrq-trigger
EOF
expect 'a panic: 125 and its log' 125 says 'sysrq triggered crash'

guest -m 40 -t 20 <<'EOF'
echo up
EOF
expect 'a guest that cannot boot: 125' 125 test ! -s "$work/out"

guest <<'EOF'
poweroff -f
EOF
expect 'a guest that ends before its script: 125' 125 says 'died'

guest <<'EOF'
echo 'BUG: a splat, or what looks like one' >/dev/kmsg
exit 0
EOF
expect 'a splat under a content script: 120 and the excerpt' 120 says 'BUG: a splat'

guest <<'EOF'
echo 'WARNING: possible trouble' >/dev/kmsg
exit 5
EOF
expect 'a splat under a failing script: its own status, and the excerpt' 5 says 'WARNING: possible'

guest <<'EOF'
echo 1 >/proc/sys/kernel/tainted 2>/dev/null || echo 512 >/proc/sys/kernel/tainted
EOF
expect 'a taint: 120' 120 says taint

guest <<'EOF'
echo 'BUG: one on purpose' >/dev/kmsg
touch /tmp/expect-splat
EOF
expect 'a splat that the script expects: 0' 0 test ! -s "$work/err"

status=0
tests/vm/run -k 9.9 "$work/script" >"$work/out" 2>"$work/err" || status=$?
expect 'an unknown kernel: 1 and the known ones' 1 says "unknown kernel '9.9'.*6.1"

status=0
tests/vm/run -c none "$work/script" >"$work/out" 2>"$work/err" || status=$?
expect 'a bad number: 1, named' 1 says "not 'none'"

status=0
tests/vm/run "$work/nothing" >"$work/out" 2>"$work/err" || status=$?
expect 'no such script: 1, named' 1 says "no script '$work/nothing'"

echo "1..$n"
exit $bad
