# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Inside a guest: run the programs of tests/vm/t that $several names, as if each
# had booted it. Between them nothing runs, the module is out, /tmp is empty and
# what they changed of the kernel's settings is back.
several=${several?}
total=0
show()
{
	grep -s . /proc/sys/net/core/* /proc/sys/net/ipv4/tcp_* /proc/sys/kernel/modprobe \
		/sys/kernel/rcu_expedited
}
show >/run/before

# program NAME: its output, with its name, without its plan; that is for us
program()
{
	{
		sh "/$1.t" 2>&1
		echo "status $?"
	} | {
		seen=0 plan=none bad=
		while IFS= read -r line; do
			case $line in
			ok\ -\ * | not\ ok\ -\ *)
				[ "${line#not}" = "$line" ] || bad=1
				seen=$((seen + 1))
				echo "${line%% - *} - $1: ${line#* - }"
				;;
			1..*) plan=${line#1..} ;;
			'status '*)
				# What it left behind keeps the pipe open
				status=${line#status }
				break
				;;
			*) echo "$line" ;;
			esac
		done
		if [ "$plan" != "$seen" ] || { [ "$status" != 0 ] && [ -z "$bad" ]; }; then
			seen=$((seen + 1))
			echo "not ok - $1: planned $plan tests, ran $((seen - 1)), status $status"
		fi
		echo "$seen" >/run/seen
	}
	total=$((total + $(cat /run/seen)))
}

# clean NAME: up after it
clean()
{
	# All but us and init
	kill -KILL -1
	ip -all netns delete
	tries=0
	while grep -q '^listenq ' /proc/modules && ! rmmod listenq 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries = 200 ]; then
			total=$((total + 1))
			echo "not ok - $1: leaves a module that nobody can unload"
			return
		fi
		usleep 50000
	done
	rm -rf /tmp/*
	show >/run/after
	grep -vxFf /run/after /run/before | while IFS=: read -r file value; do
		echo "$value" >"$file"
	done
}

for name in $(echo "$several" | tr , ' '); do
	program "$name"
	clean "$name"
done
echo "1..$total"
