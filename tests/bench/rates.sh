# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# In a guest with two CPUs and a real clock: what others get done beside a loop of
# dumps of 100,000 listeners. tests/bench/run puts KERNEL above this.
# shellcheck disable=SC2154
set -eu
PATH=/:$PATH
seconds=3

sysctl -qw net.ipv4.tcp_max_tw_buckets=0
insmod /listenq.ko
bench listeners -n 100000 >/tmp/ready 2>&1 &
until grep -q '^ready' /tmp/ready; do
	sleep 0.1
done
for round in 1 2 3; do
	for beside in nothing diag-listen listenq; do
		pid=
		if [ "$beside" != nothing ]; then
			bench dump -r 1000000 "$beside" >/dev/null &
			pid=$!
		fi
		for what in listen accept; do
			counted=$(bench rate "$seconds" "$what")
			echo "rate kernel=$KERNEL what=$what beside=$beside round=$round" \
				"seconds=$seconds $counted"
		done
		[ -z "$pid" ] || kill "$pid"
	done
done
