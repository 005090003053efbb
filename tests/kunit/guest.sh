# SPDX-License-Identifier: GPL-2.0
# In the guest of kunit.t: run the suites, print what KUnit kept of each.
insmod /listenq_kunit.ko || exit
for suite in /sys/kernel/debug/kunit/listenq_*; do
	echo "suite ${suite##*/}"
	cat "$suite/results"
done
rmmod listenq_kunit
