#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tests/check in a tree of its own, over programs that each go wrong in one way:
# none of them may look passed.
set -u
cd "$(dirname "$0")/../.." || exit 2
n=0 bad=0
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-harness.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tests/fake"
cp tests/check "$work/tests/"
printf 'tool test-programs:\n' >"$work/Makefile"

# program NAME <<BODY: one more test program
program()
{
	{ echo '#!/bin/sh'; cat; } >"$work/tests/fake/$1.t"
	chmod +x "$work/tests/fake/$1.t"
}

# check NAME STATUS PATTERN...: run them; every pattern is in the output
check()
{
	name=$1 want=$2
	shift 2
	status=0 missing=
	LISTENQ_CACHE=$work/cache "$work/tests/check" >"$work/out" 2>&1 || status=$?
	for pattern; do
		grep -qE -- "$pattern" "$work/out" || missing="$missing '$pattern'"
	done
	n=$((n + 1))
	if [ "$status" = "$want" ] && [ -z "$missing" ]; then
		echo "ok - $name"
	else
		bad=1
		echo "not ok - $name"
		echo "# status $status, wanted $want; missing:$missing"
		sed 's/^/# /' "$work/out"
	fi
	rm -f "$work"/tests/fake/*
}

# The build of the tool counts as one passed
program good <<'EOF'
echo 'ok - a'; echo 'ok - b'; echo 1..2
EOF
check 'two passes' 0 '^ok +fake/good .* 2 ok$' '^3 passed, 0 failed$'

program bad <<'EOF'
echo 'not ok - a'; echo '# because'; echo 'ok - b'; echo 1..2
EOF
check 'a failure, shown with its reason' 1 'not ok - a$' '# because$' '^2 passed, 1 failed$'

program early <<'EOF'
echo 'ok - a'
EOF
check 'no plan' 1 'no plan' '^2 passed, 1 failed$'

program short <<'EOF'
echo 'ok - a'; echo 1..2
EOF
check 'fewer tests than planned' 1 'planned 2 tests, ran 1' '^2 passed, 1 failed$'

program none <<'EOF'
echo 1..0
EOF
check 'no tests at all' 1 'ran 0' '^1 passed, 1 failed$'

program status <<'EOF'
echo 'ok - a'; echo 1..1; echo trouble >&2; exit 3
EOF
check 'an exit status that no test explains' 1 'exit status 3' '[|] trouble' '1 failed$'

program skip <<'EOF'
echo 'ok - a # SKIP no such kernel'; echo 'ok - b'; echo 1..2
EOF
check 'a skip is shown and not counted' 0 'SKIP no such' '1 tests skipped' '^2 passed, 0 failed$'

program hang <<'EOF'
# timeout: 1
echo 'ok - a'; echo 1..1; sleep 100
EOF
check 'a program that does not end' 1 'still running after 1 s' '1 failed$'

program header <<'EOF'
# kernel: 6.1
echo 'ok - a'; echo 1..1
EOF
check 'a header nobody knows' 1 "unknown header '# kernel:'"

program asked <<'EOF'
# when: asked
echo 'not ok - a'; echo 1..1
EOF
program good <<'EOF'
echo 'ok - a'; echo 1..1
EOF
check 'one that only runs when asked' 0 '^2 passed, 0 failed$'

program good <<'EOF'
echo 'ok - a'; echo 1..1
EOF
printf 'tool test-programs:\n\tfalse\n' >"$work/Makefile"
check 'a build that fails, fails what needs it' 1 'not run: build/tool failed' '^0 passed, 2 failed$'

echo "1..$n"
exit $bad
