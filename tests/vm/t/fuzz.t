# kernels: 6.1 7.3 memory
# boot: poison
# fleet: yes
# files: tests/fuzz/netlink
# timeout: 600
# args: slub_debug=P init_on_alloc=0
# 200,000 right, bent and random requests (5,000 twice where a sanitizer makes
# each dear), from root and from a plain user. A splat fails the run by itself.
root=150000 user=50000 kmemleak=/sys/kernel/debug/kmemleak
[ ! -e $kmemleak ] || root=5000 user=5000
[ -z "${short-}" ] || root=20000 user=10000
insmod /listenq.ko || exit
# so that a byte of a reply that nobody wrote shows
if grep -qx 1 /sys/kernel/slab/kmalloc-512/poison; then
	echo 'ok - memory is poisoned'
else
	echo 'not ok - memory is poisoned'
fi
/netlink -s 1 -n $root
/netlink -s 2 -n $user -u 1000
# a dump that the fuzzer walked away from must not pin the module
if rmmod listenq; then echo 'ok - the module unloads'; else echo 'not ok - the module unloads'; fi
[ -e $kmemleak ] || { echo 1..8; exit; }
echo scan >$kmemleak
echo scan >$kmemleak
if [ -z "$(cat $kmemleak)" ]; then
	echo 'ok - nothing leaks'
else
	echo 'not ok - nothing leaks'
	head -n 40 $kmemleak | sed 's/^/# /'
fi
echo 1..9
