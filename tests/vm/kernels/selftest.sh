#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: tests/vm/run -k FLAVOUR -c 2 -a .../defects.ko tests/vm/kernels/selftest.sh
#
# Does this debug kernel report what it is there to report? Commits one defect
# of selftest/defects.c after the other; each must bring exactly its own report.
set -eu
touch /tmp/expect-splat
debug=/sys/kernel/debug
n=0

ok()
{
	n=$((n + 1))
	echo "ok - $flavour: $*"
}

not_ok()
{
	n=$((n + 1))
	echo "not ok - $flavour: $*"
	log | head -n 40 | sed 's/^/# /'
}

# log: the kernel's since the last commit, without times
log()
{
	dmesg | sed 's/^\[[^]]*\] //' |
		awk '/defects: commit / { text = "" } { text = text $0 "\n" } END { printf "%s", text }'
}

# headlines: the reports in the log
headlines()
{
	log | grep -E '^(BUG|WARNING|UBSAN|INFO): |^Oops' || :
}

# commit DEFECT: 0 when it said that it succeeded
commit()
{
	echo "defects: commit $1" >/dev/kmsg
	# In a shell of its own: a report can kill who commits
	(echo 1 >"$debug/defects/$1") 2>/dev/null
}

# caught DEFECT PATTERN TEXT [REPORTS]: committing it brings one report (or as
# many as said), and PATTERN is in it
caught()
{
	commit "$1" || :
	if [ "$(headlines | wc -l)" = "${4:-1}" ] && log | grep -qE "$2"; then
		ok "$3 is caught"
	else
		not_ok "$3 is caught"
	fi
}

# leaks FUNCTION: how many objects kmemleak holds against it
leaks()
{
	awk -v by="$1" '/^unreferenced object/ { found = 0 }
		index($0, " " by "+0x") && !found { found = 1; n++ }
		END { print n + 0 }' $debug/kmemleak
}

# leak_caught: an object must be 5 s old and be missed by two scans
leak_caught()
{
	deadline=$(($(date +%s) + 60))
	while [ "$(date +%s)" -lt "$deadline" ]; do
		echo scan >$debug/kmemleak
		[ "$(leaks leak)" = 0 ] || break
	done
	if [ "$(leaks leak)" -gt 0 ]; then
		ok "a leak is caught"
	else
		not_ok "a leak is caught"
		sed 's/^/# /' $debug/kmemleak
	fi
	echo clear >$debug/kmemleak
}

# injected ATTRIBUTE DEFECT TEXT: it fails when asked to, and only then
injected()
{
	attr=$debug/$1
	for set in probability=100 interval=1 times=1 space=0 verbose=0 \
		task-filter=Y ignore-gfp-wait=N min-order=0; do
		# min-order is fail_page_alloc's alone
		[ ! -e "$attr/${set%=*}" ] || echo "${set#*=}" >"$attr/${set%=*}"
	done
	(
		# All is open before the first allocation may fail
		exec 3>"$debug/defects/$2" 4>/proc/self/make-it-fail
		echo 1 >&3 || exit 1
		echo 1 >&4
		! echo 1 >&3
	) 2>/dev/null && failed=1 || failed=
	echo 0 >"$attr/probability" || failed=
	if [ "$failed" ] && commit "$2"; then
		ok "$3 fails when asked to"
	else
		not_ok "$3 fails when asked to"
	fi
}

memory()
{
	commit leak
	caught use_after_free 'BUG: KASAN: (slab-)?use-after-free in use_after_free' \
		'a read after free'
	caught slab_out_of_bounds 'BUG: KASAN: slab-out-of-bounds in slab_out_of_bounds' \
		'a read behind a slab object'
	caught vmalloc_out_of_bounds 'BUG: KASAN: vmalloc-out-of-bounds in vmalloc_out' \
		'a read behind a vmalloc area'
	caught stack_out_of_bounds 'BUG: KASAN: stack-out-of-bounds in stack_out' \
		'a read behind a variable on the stack'
	caught shift 'UBSAN: shift-out-of-bounds in .*defects.c' 'a shift too wide'
	caught array_index 'UBSAN: array-index-out-of-bounds in .*defects.c' \
		'an index behind its array'
	injected failslab slab_alloc 'a slab allocation'
	injected fail_page_alloc page_alloc 'a page allocation'
	leak_caught
}

locking()
{
	caught sleep_in_atomic 'BUG: sleeping function called from invalid context' \
		'a sleep under a spinlock'
	caught rcu_outside 'WARNING: suspicious RCU usage' \
		'rcu_dereference outside of a reader'
	# call_rcu() asks twice: is it idle, is it not queued
	caught rcu_head_twice 'ODEBUG: activate active .* object type: rcu_head' \
		'call_rcu twice' 2
	caught free_active_timer 'ODEBUG: free active .* object type: timer_list' \
		'freeing an active timer'
	caught list_del_twice 'list_del corruption' 'list_del twice'
	caught put_net_twice 'reference already released' \
		'putting a network namespace twice'
	# The last: lockdep stops after its first report
	caught lock_inversion 'WARNING: possible circular locking dependency detected' \
		'a lock inversion'
}

race()
{
	# Only ours: the kernel has data races of its own
	echo '!race_on_cpu' >$debug/kcsan
	echo whitelist >$debug/kcsan
	echo on >$debug/kcsan
	deadline=$(($(date +%s) + 30))
	while [ "$(date +%s)" -lt "$deadline" ]; do
		commit unmarked_race || break
		[ -z "$(headlines)" ] || break
	done
	echo off >$debug/kcsan
	if [ "$(headlines | grep -vc 'BUG: KCSAN: data-race in race_on_cpu')" = 0 ] &&
		[ "$(headlines)" ]; then
		ok 'a data race of two CPUs is caught'
	else
		not_ok 'a data race of two CPUs is caught'
	fi
}

# The last part of every debug kernel's release
flavour=$(uname -r)
flavour=${flavour##*-}
case $flavour in
memory | locking | race) ;;
*)
	echo "not ok - $(uname -r) is no debug kernel: memory, locking or race"
	exit 1
	;;
esac
insmod /defects.ko
"$flavour"
echo "1..$n"
