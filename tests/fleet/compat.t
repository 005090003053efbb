#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: 5.10 6.1 6.12
# A kernel that compat does not know stops the build and says at what; so does
# a toolchain that makes probes lie. One that it knows costs one line of the log.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib.sh
n=0
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-compat.XXXXXX")
trap 'rm -rf "$work"' EXIT
kernel=$(tests/vm/kernel 6.1) || exit 2

# build: the sources as COMMANDS on stdin change them, in a chroot of
# 6.1's suite; leaves $status and $work/log
build()
{
	rm -rf "$work/tree"
	mkdir "$work/tree"
	cp -a Kbuild include "$work/tree"
	(find module -name '*.[ch]' ! -name generated.h -o -name '*.sh' -o -name 'Kbuild*' \
		-o -name differences) | tar -cf - -T - | tar -xf - -C "$work/tree"
	(cd "$work/tree/module/compat" && sh -eu) || exit 2
	status=0
	enter "$kernel/root" "$work/tree" make -C "$(cat "$kernel/kdir")" M=/mnt -j2 \
		>"$work/log" 2>&1 || status=$?
}

# check NAME COMMAND...
check()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# status $status, and: $*"
		grep -v '^  ' "$work/log" | tail -n 20 | sed 's/^/# /'
	fi
}

# stopped TEXT: the build failed with it, said once, and compiled nothing
stopped()
{
	[ "$status" != 0 ] && [ "$(grep -c -- "$1" "$work/log")" = 1 ] &&
		! grep -q ' CC .*walk\.o' "$work/log"
}

build <<'EOC'
sed -i 's/^sk_drops:.*/sk_drops: read/' differences
rm probes/sk_drops_atomic.c
EOC
check 'a difference whose ways are all unknown has a name, and where to report it' \
	stopped 'error: #error "listenq: compat: sk_drops: .* open an issue .*probes/sk_drops_\*.log'

build <<'EOC'
sed -i 's/->sk_ack_backlog/->sk_renamed/' probes/control_pass.c
EOC
check 'with a toolchain that compiles nothing no probe is believed' \
	stopped 'compat: plain code does not compile .*control_pass.probe.log'

build <<'EOC'
sed -i 's/lq_no_such_function(sk)/0/' probes/control_fail.c
EOC
check 'with one that compiles everything neither' \
	stopped 'compat: wrong code compiles'

build <<'EOC'
cp probes/sk_drops_read.c probes/forgotten.c
EOC
check 'a probe that no difference uses is noticed' stopped 'compat: probes/forgotten.c'

build <<'EOC'
rm probes/sk_drops_atomic.c
EOC
check 'and a way without a probe' stopped 'names sk_drops_atomic, but there is no'

# knows KERNEL WAYS: its build says these in one line
knows()
{
	log=$(dirname "$(tests/vm/module "$1")")/build.log
	status=0
	cp "$log" "$work/log"
	[ "$(grep -c 'listenq: compat:' "$log")" = 1 ] && grep -q "listenq: compat: $2\$" "$log"
}
check '5.10 is known, in one line' knows 5.10 \
	'dump=dumpit_info mcast=uns migrate=absent sk_drops=atomic sk_ino=socket table=listening_hash transparent=bit'
check '6.1 is known' knows 6.1 \
	'dump=dumpit_info mcast=cap migrate=present sk_drops=atomic sk_ino=socket table=lhash2 transparent=bit'
check '6.12 is known' knows 6.12 \
	'dump=info mcast=cap migrate=present sk_drops=atomic sk_ino=socket table=lhash2 transparent=flag'
echo 1..$n
