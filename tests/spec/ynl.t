#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: tests/spec/ynl.t [KERNEL]...
# kernels: 6.1 7.3
# image: yes
# timeout: 900
# The kernel tree's own netlink client does everything the spec has, on each
# kernel in a guest; and the spec has the module's policies.
set -eu
cd "$(dirname "$0")/../.."
[ $# != 0 ] || set -- 6.1 7.3
client=$(tests/spec/ynl-client)
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-ynl.XXXXXX")
trap 'rm -rf "$work"' EXIT
tar -cf "$work/ynl.tar" --exclude='__pycache__' -C "$client" tools/net/ynl/pyynl \
	Documentation/netlink/specs/nlctrl.yaml

for kernel; do
	status=0
	tests/vm/run -i -k "$kernel" -t 400 -a "$work/ynl.tar" -a tests/vm/genl.py \
		-a tests/spec/ynl.py -a Documentation/netlink/specs/listenq.yaml \
		tests/spec/ynl.sh >"$work/out" || status=$?
	# Its plan becomes a test, so that ours can count those of all kernels
	tr -d '\r' <"$work/out" | awk -v kernel="$kernel" -v status="$status" '
		/^(not )?ok / { n++; sub(/ok - /, "ok - " kernel ": ") }
		/^not ok / { bad = 1 }
		/^1\.\./ { plan = substr($0, 4); next }
		{ print }
		END {
			print (plan && plan == n && (bad || status == 0) ? "ok - " : "not ok - ") \
				kernel ": it ran to its end"
			print "# " n + 0 " tests, planned " plan + 0 ", exit status " status
		}' >>"$work/tap"
done
cat "$work/tap"
echo "1..$(grep -cE '^(not )?ok ' "$work/tap")"
! grep -q '^not ok ' "$work/tap"
