# kernels: memory
# cpus: 1
# mem: 1024
# timeout: 1500
# files: tests/vm/hammer
# args: rcupdate.rcu_expedited=1
# The module and the tool without memory: the allocations of a load fail one by one,
# and a tenth of them while it loads, answers and unloads. What fails must fail
# cleanly, and what works must work. With -k memory:6.1 the last one fails: that
# kernel itself leaks the name of a cache whose kobject it has no memory for.
debug=/sys/kernel/debug
n=0

ok()
{
	n=$((n + 1))
	echo "ok - $*"
}

not_ok()
{
	n=$((n + 1))
	echo "not ok - $*"
}

# knobs ATTRIBUTE PROBABILITY: of an allocation of a task that asked for it
knobs()
{
	for set in probability="$2" interval=1 times=-1 space=0 verbose=0 \
		task-filter=Y ignore-gfp-wait=N ignore-gfp-highmem=N min-order=0; do
		# the last two are fail_page_alloc's alone
		[ ! -e "$debug/$1/${set%=*}" ] || echo "${set#*=}" >"$debug/$1/${set%=*}"
	done
}

# kmemleak looks at objects of 5 s and more, and believes a second look
no_leaks()
{
	sleep 6
	if echo scan >$debug/kmemleak && echo scan >$debug/kmemleak &&
		echo scan >$debug/kmemleak && [ ! -s $debug/kmemleak ] &&
		leaks=$(cat $debug/kmemleak) && [ -z "$leaks" ]; then
		ok "$*: nothing leaked"
	else
		not_ok "$*: nothing leaked"
		head -n 40 $debug/kmemleak | sed 's/^/# /'
		echo clear >$debug/kmemleak
	fi
}

# nobody's modprobe for a family that is not there
echo >/proc/sys/kernel/modprobe
traffic listen -n 300 -p 20000 >/tmp/listen &
traffic=$!
until grep -q ready /tmp/listen; do usleep 10000; done
echo clear >$debug/kmemleak

knobs failslab 0
knobs fail_page_alloc 0
# Only what our init asks for, not what loading any module does
# shellcheck disable=SC2046 # two addresses
set -- $(awk '$3 == "do_one_initcall" { start = $1; next } start { print "0x" start, "0x" $1; exit }' /proc/kallsyms)
for attribute in failslab fail_page_alloc; do
	echo "$1" >$debug/$attribute/require-start
	echo "$2" >$debug/$attribute/require-end
done

# Placing hooks is slow, so first a load without; then every third allocation that
# hooks add, from well before the 40 or so that debugfs makes after them
/hammer failload /listenq.ko 300 1 1 track=0 | tee /tmp/failload
/hammer failload /listenq.ko 300 $(($(sed -n 's/^ok - allocations 1 to \([0-9]*\) .*/\1/p' /tmp/failload) - 60)) 3
n=$((n + 2))
for attribute in failslab fail_page_alloc; do
	echo 0 >$debug/$attribute/require-start
	echo 0xffffffffffffffff >$debug/$attribute/require-end
done

# rounds ATTRIBUTE N: of loading, reading and unloading
rounds()
{
	knobs "$1" 10
	echo 1000000 >$debug/"$1"/times
	# Without hooks: kprobes warn when they lack the memory to be taken away
	/hammer failops /listenq.ko "$2" track=0 | sed "s/ - / - $1: /"
	n=$((n + 8))
	made=$((1000000 - $(cat $debug/"$1"/times)))
	knobs "$1" 0
	if [ $made -ge 20 ]; then
		ok "$1: $made allocations failed"
	else
		not_ok "$1: no more than $made allocations failed"
	fi
}
rounds failslab 4
rounds fail_page_alloc 2

# The tool: every fifth of the first 240 allocations the kernel makes for it, from
# its first socket on, fails once. It says so in a line, or shows all there is.
# (Later ones are of /proc, whose every file is a few more.)
kill $traffic
traffic listen -n 10 -p 21000 >/tmp/listen &
until grep -q ready /tmp/listen; do usleep 10000; done
insmod /listenq.ko track=0
echo 20 >$debug/fail_page_alloc/min-order
rows=$(listenq -H -n :21000 | wc -l)
nth=1 well=0 refused=0 bad=''
while [ $nth -lt 240 ]; do
	status=0
	/hammer failexec $nth listenq -H -n :21000 >/tmp/out 2>/tmp/err || status=$?
	case $status in
	0)
		well=$((well + 1))
		[ "$(wc -l </tmp/out)" = "$rows" ] || bad=rows
		;;
	2)
		refused=$((refused + 1))
		[ "$(wc -l </tmp/err)" = 1 ] && [ ! -s /tmp/out ] || bad=words
		;;
	200) break ;;
	*) bad=status ;;
	esac
	if [ "$bad" ]; then
		not_ok "the tool when allocation $nth fails: $bad"
		echo "# exit status $status, $(wc -l </tmp/out) rows of $rows"
		sed 's/^/# /' /tmp/err
		break
	fi
	nth=$((nth + 5))
done
[ "$bad" ] || ok "the tool when every fifth of its allocations to $nth fails: $well times well, $refused times a refusal"
rmmod listenq
no_leaks 'all of this'
echo 1..$n
