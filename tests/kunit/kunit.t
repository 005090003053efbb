#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: memory
# timeout: 900
# The module's insides, by KUnit inside a guest: each case of each suite in
# tests/kunit/*.c becomes a line of ours. KUNIT_KERNEL names another kernel.
set -u
cd "$(dirname "$0")/../.." || exit 2
kernel=${KUNIT_KERNEL:-memory}
work=$(mktemp -d "${TMPDIR:-/tmp}/listenq-kunit.XXXXXX")
trap 'rm -rf "$work"' EXIT

ko=$(tests/vm/module -x tests/kunit -o listenq_kunit.ko "$kernel" LISTENQ_KUNIT=1) || exit
tests/vm/run -n -k "$kernel" -t 600 -a "$ko" -x 'kunit.enable=1 kunit.autorun=1' \
	tests/kunit/guest.sh >"$work/out"
status=$?

# Suites and cases are known from the source, so none can go missing unseen
sed -n 's/^\t\.name = "\(.*\)",$/suite \1/p; s/^\tKUNIT_CASE(\(.*\)),$/case \1/p' \
	tests/kunit/*.c | awk '
	$1 == "case" { cases = cases " " $2 }
	$1 == "suite" { print $2 cases; cases = "" }' >"$work/want"

# What KUnit says of a case comes before its verdict
awk '
	FNR == NR {
		for (i = 2; i <= NF; i++)
			want[++n] = $1 ": " $i
		next
	}
	/^suite / { suite = $2; said = "" }
	/^    (not )?ok / {
		name = $0
		sub(/^    (not )?ok [0-9]+ /, "", name)
		sub(/ *#.*/, "", name)
		good[suite ": " name] = $1 == "ok" && !/# *SKIP/
		detail[suite ": " name] = said
		said = ""
	}
	/^ +#/ { sub(/^ +#/, "#"); if (!/# Subtest|# module:/) said = said $0 "\n" }
	/^ +[A-Z]/ && said { sub(/^ +/, "#   "); said = said $0 "\n" }
	END {
		for (i = 1; i <= n; i++) {
			ok = want[i] in good && good[want[i]]
			print (ok ? "ok - " : "not ok - ") want[i]
			if (!(want[i] in good))
				print "# it did not run"
			else if (!ok)
				printf "%s", detail[want[i]]
		}
		print "1.." n
	}
' "$work/want" "$work/out"
exit "$status"
