# kernels: 6.1 7.3 memory locking
# boot: load
# fleet: yes
# cpus: 2
# mem: 1024
# timeout: 900
# files: tests/vm/hammer
# Loading and unloading while everybody reads: a reader in the middle keeps the
# module, and hundreds of rounds leave nothing behind.
debug=/sys/kernel/debug
n=0
case $(uname -r) in
*-memory | *-locking | *-race) cycles=20 settle=300 ;;
# 200 on the two stock kernels
*) cycles=100 settle=60 ;;
esac
[ -z "${short-}" ] || cycles=10

# check NAME COMMAND...
check()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >/tmp/check 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		tail -n 20 /tmp/check | sed 's/^/# /'
	fi
}

# until_true COMMAND...: a minute at most
until_true()
{
	deadline=$(($(date +%s) + 60))
	until "$@"; do
		[ "$(date +%s)" -lt $deadline ] || return 1
		usleep 10000
	done
}

says()
{
	until_true grep -q "$1" "$2"
}

kept()
{
	[ "$(/hammer unload)" = EAGAIN ] && grep -q '^listenq ' /proc/modules &&
		[ "$(listenq -H -n | wc -l)" -ge 300 ]
}

gone()
{
	until_true rmmod listenq 2>/dev/null && ! grep -q '^listenq ' /proc/modules &&
		[ ! -e $debug/listenq ]
}

# nobody's modprobe for a family that is not there; no TIME_WAIT to outlive us
echo >/proc/sys/kernel/modprobe
echo 0 >/proc/sys/net/ipv4/tcp_max_tw_buckets
traffic listen -n 300 -p 20000 -A 0 >/tmp/listen &
stable=$!
says ready /tmp/listen

# A dump half read
insmod /listenq.ko
/hammer hold >/tmp/hold &
holder=$!
says held /tmp/hold
check 'a half-read dump keeps the module' kept
kill -USR1 $holder
says ended /tmp/hold
check 'and ends well' grep -q '^ended 3[0-9][0-9] 0$' /tmp/hold
check 'read to its end it lets go' gone
kill -TERM $holder
wait $holder

insmod /listenq.ko
/hammer hold >/tmp/hold &
holder=$!
says held /tmp/hold
kill -KILL $holder
wait $holder
check 'a half-read dump whose reader died lets go' gone

insmod /listenq.ko
exec 3<$debug/listenq/listeners
head -n 1 <&3 >/dev/null
check 'an open file of debugfs keeps the module' kept
exec 3<&-
check 'and closed lets go' gone

connections()
{
	while [ ! -e /tmp/stop ]; do
		traffic connect -n 10 -p 20000 >/tmp/connect &
		says ready /tmp/connect || : >/tmp/trouble
		kill $!
		wait $!
		traffic syn -n 20 -p 20001
		usleep 20000
	done
}

namespaces()
{
	while [ ! -e /tmp/stop ]; do
		ip netns add lq
		ip -n lq link set lo up
		ip netns exec lq traffic listen -p 80 >/tmp/inside &
		says ready /tmp/inside || : >/tmp/trouble
		kill $!
		wait $!
		ip netns del lq
		usleep 50000
	done
}

files()
{
	while [ ! -e /tmp/stop ]; do
		cat $debug/listenq/listeners $debug/listenq/nets
		usleep 200000
	done
}

# under_load N: load, dump and unload N times with all of that going on
under_load()
{
	rm -f /tmp/stop
	loops='' killed=''
	for loop in connections namespaces files; do
		$loop >/dev/null 2>&1 &
		loops="$loops $!"
	done
	traffic churn -n 20 -R 10 >/dev/null &
	killed=$!
	for i in 1 2 3 4; do
		/hammer dump >/tmp/dump$i 2>&1 &
		killed="$killed $!"
	done
	# All of them have the CPU while a grace period passes; the rounds need not wait
	# for them, nor other guests on this machine: none takes all it can get
	# shellcheck disable=SC2086 # lists
	renice -n 19 -p $killed $loops
	/hammer cycle "$1" 300 /listenq.ko
	status=$?
	: >/tmp/stop
	# shellcheck disable=SC2086 # lists
	kill $killed
	# shellcheck disable=SC2086
	wait $killed $loops
	[ ! -e /tmp/trouble ] && return $status
}

dumpers_worked()
{
	cat /tmp/dump?
	[ "$(grep -c '^dumps [1-9][0-9]* absent [1-9]' /tmp/dump? | grep -c ':1$')" = 4 ]
}

# slab: kB in slabs that are in use for something
slab()
{
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done 2>/dev/null
	sed -n 's/^Slab: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# settled: what slab says when it falls no more
settled()
{
	now=$(slab)
	before=$((now + 1000))
	while [ "$now" -lt $((before - 32)) ]; do
		before=$now
		sleep 2
		now=$(slab)
	done
	echo "$now"
}

slab_is_back()
{
	deadline=$(($(date +%s) + settle))
	until now=$(slab) && [ "$now" -le $((base + 1024)) ]; do
		echo "slab $base kB before, $now kB now"
		[ "$(date +%s)" -lt $deadline ] || return 1
		sleep 2
	done
}

# kmemleak looks at objects of 5 s and more, and believes a second look
no_leaks()
{
	sleep 6
	echo scan >$debug/kmemleak && echo scan >$debug/kmemleak &&
		echo scan >$debug/kmemleak || return
	cat $debug/kmemleak >/tmp/leaks || return
	head -n 40 /tmp/leaks
	[ ! -s /tmp/leaks ]
}

# half-open requests give up at once, what was reset is forgotten
echo 0 >/proc/sys/net/ipv4/tcp_synack_retries
check 'unloads under load' under_load $((cycles / 10))
# Shorter grace periods from here on: what does not wait for one is hit the sooner
echo 1 >/sys/kernel/rcu_expedited
[ ! -e $debug/kmemleak ] || echo clear >$debug/kmemleak
base=$(settled)
check "$cycles times, with four dumpers, new namespaces and traffic" under_load $cycles
echo "# $(grep cycles /tmp/check)"
check 'and each dumper saw it come and go' dumpers_worked
check 'slab is back where it was' slab_is_back
echo "# slab $base kB before, $(slab) kB after"
[ ! -e $debug/kmemleak ] || check 'nothing leaked' no_leaks
kill $stable
echo 1..$n
