# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# In a guest of tests/vm/run -I: measures, and prints a line for each thing that was:
#   SECTION kernel=K name=value ... instructions=N,N,...
# tests/bench/run puts KERNEL and PROFILE (full, short) above this.
# shellcheck disable=SC2154
set -eu
PATH=/:$PATH

# hold COMMAND...: run it in the background until release; its pid in $held
hold()
{
	: >/tmp/ready
	"$@" >/tmp/ready 2>&1 &
	held=$!
	until grep -q '^ready' /tmp/ready; do
		if ! kill -0 "$held" 2>/dev/null; then
			echo "guest.sh: $* ends: $(cat /tmp/ready)" >&2
			exit 1
		fi
		sleep 0.1
	done
}

# release PID...
release()
{
	for pid; do
		kill "$pid"
		wait "$pid" 2>/dev/null || :
	done
}

# line SECTION NAMES COMMAND...: what the command counted, under its names
line()
{
	head="$1 kernel=$KERNEL $2"
	shift 2
	counted=$("$@")
	echo "$head $counted"
}

# dumps NAMES OPTIONS WHAT...
dumps()
{
	names=$1 options=$2
	shift 2
	for what; do
		# shellcheck disable=SC2086 # a list of options
		line dump "$names" bench dump $options "$what"
	done
}

# tools N M: the programs, as a person runs them
tools()
{
	names="n=$1 m=$2"
	line tool "what=ss $names" bench exec -r 3 ss -Hltn
	line tool "what=listenq $names" bench exec -r 3 listenq -H
	line tool "what=listenq-json $names" bench exec -r 3 listenq -j
	[ "$1" -gt 1000 ] || line tool "what=ss-processes $names" bench exec -r 3 ss -Hltnp
	[ "$1" -gt 1000 ] || line tool "what=listenq-processes $names" bench exec -r 3 listenq -Hp
}

# half_open K: K half-open requests, young no more and not about to be sent again
half_open()
{
	traffic syn -n "$1" -p 9 -a "$local" >/dev/null
	sleep 4
}

# matrix FAMILY: dumps of N listeners beside M connections and K half-open requests
matrix()
{
	family=$1 six='' local=127.0.0.1
	[ "$family" = 4 ] || six=-6 local=::1
	for m in $MS; do
		# shellcheck disable=SC2086 # an option or none
		hold bench connections -n "$m" $six
		connections=$held
		for n in $NS; do
			# the half-open requests' listener is one of the N
			hold traffic listen -p 9 -b 1000000 -a "$local"
			extra=$held
			# shellcheck disable=SC2086
			hold bench listeners -n $((n - 1)) $six
			listeners=$held
			# before there are half-open requests, which ss looks at, too
			case $family.$m.$n in
			4.0.1000 | 4.0.10000 | 4.0.100000 | "4.$M_TOOL.1000") tools "$n" "$m" ;;
			esac
			for k in $KS; do
				[ "$k" = 0 ] || half_open "$k"
				dumps "family=$family n=$n m=$m k=$k" "$six" \
					listenq diag-listen diag-syn-recv
			done
			[ "$m" != 0 ] || dumps "family=$family n=$n m=0 k=0" "$six" \
				floor-walk floor-packed
			release "$listeners" "$extra"
			# what nobody listens for any more goes at its next retransmit
			# shellcheck disable=SC2086
			until bench dump -r 1 $six diag-syn-recv | grep -q 'objects=0 '; do
				sleep 5
			done
		done
		release "$connections"
	done
}

# paths WHAT: with that in place, a dropped SYN and a whole connection
paths()
{
	line hook "path=syn what=$1" bench syn
	line hook "path=cycle what=$1" bench cycle
}

tracing()
{
	echo "$2" >"/sys/kernel/tracing/$1"
}

hooks()
{
	paths none
	insmod /listenq.ko track=0
	paths loaded
	listenq track on >/dev/null
	paths on
	listenq monitor >/dev/null &
	monitor=$!
	sleep 1
	paths monitor
	release "$monitor"
	listenq track off >/dev/null
	paths off
	rmmod listenq
	paths removed
	for kind in kprobe fentry; do
		hold peer "$kind"
		paths "bpf-$kind"
		release "$held"
	done
	tracing kprobe_events 'p:lq_peer tcp_conn_request'
	tracing events/kprobes/lq_peer/enable 1
	paths kprobe-event
	tracing events/kprobes/lq_peer/enable 0
	tracing kprobe_events ''
	for kind in ftrace kretprobe; do
		bench hook "$kind"
		paths "$kind"
		bench hook off
	done
}

# A reuseport group is one bucket of the listening table, whatever its size.
groups()
{
	for n in $GROUPS_OF; do
		hold traffic listen -r -p 9 -n "$n"
		dumps "family=4 n=$n m=0 k=0 group=1" '' listenq diag-listen
		release "$held"
	done
}

# Listeners that were there before the module: nobody has given them cookies.
before_load()
{
	rmmod listenq
	hold bench listeners -n "$N_BEFORE"
	insmod /listenq.ko
	dumps "family=4 n=$N_BEFORE m=0 k=0 before=1" '' listenq
	release "$held"
}

memory()
{
	slab=/sys/kernel/slab/lq_entry
	echo "memory kernel=$KERNEL what=entry bytes=$(cat $slab/object_size)" \
		"slab_bytes=$((4096 << $(cat $slab/order)))" \
		"objects_per_slab=$(cat $slab/objs_per_slab)"
	echo "memory kernel=$KERNEL what=module bytes=$(cat /sys/module/listenq/coresize)"
}

sysctl -qw net.core.somaxconn=1000000 net.ipv4.tcp_max_syn_backlog=1000000 \
	net.ipv4.tcp_max_tw_buckets=0
# where bench has its IPv6 addresses
ip -6 route add local fd00::/8 dev lo
case $PROFILE in
full)
	NS='10 1000 10000 100000' MS='0 10000 100000' KS='0 10000'
	M_TOOL=100000 N_BEFORE=100000 GROUPS_OF='1000 10000'
	;;
short)
	NS=1000 MS='0 10000' KS='0 1000'
	M_TOOL=10000 N_BEFORE=1000 GROUPS_OF=1000
	;;
esac
insmod /lq_floor.ko
hooks
line tool 'what=ss-start n=0 m=0' bench exec ss -V
line tool 'what=listenq-start n=0 m=0' bench exec listenq --version
insmod /listenq.ko
memory
matrix 4
groups
before_load
[ "$PROFILE" = short ] || matrix 6
