#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tool against this machine's kernel through sock_diag, in a network
# namespace of its own: known queues, and ss for comparison.
set -eu
cd "$(dirname "$0")/../.."
if [ "${1:-}" != inside ]; then
	make -s tests/vm/traffic tool >&2
	root=
	[ "$(id -u)" = 0 ] || root=-r
	exec unshare $root -n -m "$0" inside
fi
# shellcheck source=tests/tool/lib.sh
. tests/tool/lib.sh
pids=
# shellcheck disable=SC2317 # reached from the trap
cleanup()
{
	# shellcheck disable=SC2086 # a list of words
	[ -z "$pids" ] || kill $pids 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
mount -t tmpfs none /run
ip link set lo up

# until_true WHAT COMMAND...: within ten seconds
until_true()
{
	what=$1
	shift
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		if [ $tries = 0 ]; then
			not_ok "$what within ten seconds"
			plan
		fi
		sleep 0.1
	done
}

# start COMMAND...: in the background, and wait for its "ready"
started=0
start()
{
	started=$((started + 1))
	: >"$work/ready.$started"
	"$@" >"$work/ready.$started" &
	pids="$pids $!"
	until_true "$* is ready" grep -q ready "$work/ready.$started"
}

traffic=tests/vm/traffic
evil=$(printf 'ev\033il "\\\377')
cp $traffic "$work/$evil"
start $traffic listen -n 2 -p 8000 -b 4
start $traffic listen -p 9000 -a :: -b 8
start $traffic listen -p 9001 -a :: -o -b 8
start $traffic listen -p 9002 -a ::1 -b 8
start $traffic listen -p 9003 -a ::ffff:127.0.0.1 -b 8
start $traffic listen -p 9004 -a 0.0.0.0 -i lo -b 8
start $traffic listen -p 9100 -n 3 -r -b 8
start $traffic listen -p 9101 -n 2 -r -b 8
start "$work/$evil" listen -p 9300
if [ "$(tr -s ' ' </proc/self/uid_map)" = ' 0 0 4294967295' ]; then
	start setpriv --reuid 65534 --clear-groups $traffic listen -p 9400
fi
if [ -e /proc/sys/net/mptcp/enabled ]; then
	start $traffic listen -p 9200 -m -b 8
fi
# limit + 1, some, one; and half-open ones, past the limit and below it
start $traffic connect -n 5 -p 8000
start $traffic connect -n 3 -p 9000
start $traffic connect -n 1 -p 9002 -a ::1
start $traffic syn -n 300 -p 8001
start $traffic syn -n 6 -p 9000
start $traffic syn -n 5 -p 9100

# lines LOCAL: the columns of one listener
lines()
{
	"$LISTENQ" --source diag -nH "$@" 2>/dev/null | tr -s ' '
}

until_true 'three connections wait' [ "$(lines :9000 | cut -d' ' -f3)" = 3/8 ]
is 'accept queue past its limit' "$(lines :8000 | cut -d' ' -f1-6)" \
	'FULL 0(-) 5/4 - 0 127.0.0.1:8000'
is 'SYN queue past its limit' "$(lines :8001 | cut -d' ' -f1-3,6)" \
	'FULL 5(-) 0/4 127.0.0.1:8001'
is 'both queues, dual stack' "$(lines :9000 | cut -d' ' -f1-6)" 'busy 6(-) 3/8 - 0 *:9000'
is 'one in a queue' "$(lines :9002 | cut -d' ' -f1-6)" 'ok 0(-) 1/8 - 0 [::1]:9002'
is 'requests of a reuseport group are not guessed' "$(lines :9100 | cut -d' ' -f2 | xargs)" \
	'-(-) -(-) -(-)'
is 'a reuseport group without requests has none' \
	"$(lines :9101 | cut -d' ' -f2 | xargs)" '0(-) 0(-)'
is 'requests are as many as ss counts' \
	"$("$LISTENQ" --source diag -j sport != 9100 2>/dev/null | jq 'map(.syn_len) | add')" \
	"$(ss -Htn state syn-recv sport != :9100 | wc -l)"

# ss and we, one line per listener: address, lengths, then what -pe tells
# shellcheck disable=SC2016 # awk's
common='{
	line = ""
	for (i = 1; i <= NF; i++)
		if ($i ~ /^(users|uid|ino|sk|cgroup):/)
			line = line " " $i
	print head line
}'
ss -HltnpeO | sed 's/uid:0 //' >"$work/ss.raw"
awk '{ head = $4 " " $2 "/" $3 } '"$common" "$work/ss.raw" | sort >"$work/ss"
"$LISTENQ" --source diag -Hnpe 2>/dev/null | sed 's/uid:0 //' >"$work/our.raw"
awk '{ head = $6 " " $3 } '"$common" "$work/our.raw" | sort >"$work/our"
# ss does not escape names
grep -v :9300 "$work/ss" >"$work/ss.plain"
grep -v :9300 "$work/our" >"$work/our.plain"
is 'ss and we list the same: address, queue, limit, users, uid, inode, cookie, cgroup' \
	"$(diff "$work/our.plain" "$work/ss.plain")" ''
is 'all of them' "$(wc -l <"$work/our")" "$(ss -Hltn | wc -l)"
ss -HltneO | awk '{
	for (i = 1; i <= NF; i++) {
		if ($i ~ /^ino:/) ino = substr($i, 5)
		if ($i ~ /^sk:/) sk = substr($i, 4)
	}
	sub(/.*:/, "", $4)
	print $4, $2, $3, ino, sk
}' | sort >"$work/ss"
"$LISTENQ" --source diag -j 2>/dev/null |
	jq -r '.[] | "\(.port) \(.accept_len) \(.backlog) \(.ino) \(.cookie)"' | sort >"$work/our"
is 'ss and -j list the same' "$(diff "$work/our" "$work/ss")" ''
for option in -4 -6; do
	is "$option as ss" "$(lines $option | cut -d' ' -f6 | sort)" \
		"$(ss -Hltn $option | awk '{ print $4 }' | sort)"
done
for filter in ':8000' 'sport = :9000' 'src 127.0.0.1' 'sport >= 9000 and sport <= 9003' \
	'src [::1]' 'dev lo'; do
	ss_filter=$filter
	[ "$filter" != :8000 ] || ss_filter='sport = :8000'
	[ "$filter" != 'dev lo' ] || ss_filter='dev = lo'
	is "filter $filter as ss" "$(lines "$filter" | cut -d' ' -f6 | sort)" \
		"$(ss -Hltn "$ss_filter" | awk '{ print $4 }' | sort)"
done
if [ -e /proc/sys/net/mptcp/enabled ]; then
	is 'MPTCP is told from TCP' \
		"$("$LISTENQ" --source diag -j 2>/dev/null |
			jq -r '.[] | select(.protocol == "mptcp").port')" 9200
fi
is '--full' "$(lines --full | cut -d' ' -f6 | xargs)" '127.0.0.1:8000 127.0.0.1:8001'
is 'sorted: state, port' "$(lines | awk '{ print $1 }' | uniq | xargs)" 'FULL busy ok'
is 'sorted: port in a state' "$(lines | sed -n 's/^ok.*:\([0-9]*\) .*/\1/p' | sort -nc 2>&1)" ''

# names that somebody else chose
is 'name in a row' "$(lines :9300 | cut -d' ' -f7- | sed 's/[0-9]*$//')" \
	'ev\x1bil \"\\\xff/'
is 'name in JSON' "$("$LISTENQ" --source diag -j :9300 2>/dev/null | jq -c '.[0].processes[0].name')" \
	'"ev\u001bil \"\\�"'
run "$LISTENQ" --source diag -npe
is 'no control characters in the whole output' \
	"$(LC_ALL=C tr -d '\n -~\200-\377' <"$work/out" | wc -c)" 0
is 'one line on stderr: the source and what is missing' "$err" \
	'listenq: source is sock_diag, not the listenq module; unknown: young, oldest wait, fastopen, defer-accept, reuseport, transparent, SYN flood'
run "$LISTENQ" --source diag
is 'plain when piped' "$(grep -c "$(printf '\033')" "$work/out")" 0
is 'fits 80 columns' "$(grep -v :9300 "$work/out" | awk 'length > 80')" ''

# net against sysctl and nstat
"$LISTENQ" net --source diag -H | while read -r _ name value; do
	case $name in
	TcpExt*) want=$(nstat -asz "$name" | awk 'NR == 2 { print $2 }') ;;
	*) want=$(cat "/proc/sys/$(echo "$name" | tr . /)") ;;
	esac
	[ "$value" = "$want" ] || echo "$name is $value, not $want"
done >"$work/net"
is 'net as sysctl and nstat' "$(cat "$work/net")" ''
is 'overflows are among them' \
	"$("$LISTENQ" net --source diag -j | jq '.[0].req_q_full_do_cookies')" \
	"$(nstat -asz TcpExtTCPReqQFullDoCookies | awk 'NR == 2 { print $2 }')"
is 'net -j has every value' "$("$LISTENQ" net --source diag -j | jq '.[0] | length')" 20

# other namespaces
ip netns add lqtest
ip netns exec lqtest ip link set lo up
start ip netns exec lqtest $traffic listen -p 7000 -b 3
other=${pids##* }
for ns in lqtest "$other" /run/netns/lqtest; do
	is "-N $ns" "$("$LISTENQ" --source diag -nHN "$ns" 2>/dev/null | tr -s ' ' | cut -d' ' -f1-6)" \
		'ok 0(-) 0/3 - 0 127.0.0.1:7000'
done
is 'net -N' "$("$LISTENQ" net --source diag -jN lqtest | jq '.[0].netns_ino')" \
	"$(stat -Lc %i /run/netns/lqtest)"
refuses 'all namespaces without the module' 2 \
	'listenq: --all-netns needs the listenq module, sock_diag sees one network namespace: load it with modprobe listenq (or insmod listenq.ko)' \
	"$LISTENQ" -a --source diag

# who stops reading, and what cannot be written
mkfifo "$work/fifo"
# shellcheck disable=SC2094 # a pipe
exec 3<>"$work/fifo" 4>"$work/fifo" 3<&-
run sh -c 'trap "" PIPE; "$1" --source diag net >&4' sh "$LISTENQ"
is 'broken pipe ends quietly' "$status|$err" '0|'
run sh -c '"$1" net >&4' sh "$LISTENQ"
is 'SIGPIPE ends quietly' "$status|$err" '141|'
exec 4>&-
run sh -c '"$1" net >/dev/full' sh "$LISTENQ"
is 'full disk' "$status|$err" '2|listenq: writing the output: No space left on device'

# the doctor on this machine, whatever it is
run "$LISTENQ" doctor -j
is 'doctor: nothing on stderr, and 1 only for a problem' "$err|$status" \
	"|$(jq 'if any(.status == "problem") then 1 else 0 end' <"$work/out")"
is 'doctor: a remedy for all that is not ok, and only for that' \
	"$(jq -c 'map(select((.status == "ok") == (.remedy != null)))' <"$work/out")" '[]'
is 'doctor: the kernel' "$(jq -r '.[0].text' <"$work/out")" "$(uname -rm)"
lines=$(jq 'length + (map(select(.remedy)) | length)' <"$work/out")
run "$LISTENQ" doctor
is 'doctor: the same in words' "$(wc -l <"$work/out")" "$lines"

# a listener behind many descriptors of its process
cat >"$work/busy.py" <<'EOF'
import os, resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))
held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
s = socket.create_server(("127.0.0.1", 9500))
print("ready", flush=True)
time.sleep(600)
EOF
start python3 "$work/busy.py"
run "$LISTENQ" --source diag -nH :9500
is 'a process not found among 1,024 descriptors' "$(tail -n 1 "$work/err")|$(grep -c ' -$' "$work/out")" \
	'listenq: a process may not be found among the first 1024 descriptors; -p looks at all|1'
run "$LISTENQ" --source diag -nHp :9500
is 'is found by -p' "$(grep -c '"python3"' "$work/out")|$(grep -c descriptors "$work/err")" '1|0'
run "$LISTENQ" --source diag -nH :9000
is 'and who is found is not doubted' "$(grep -c descriptors "$work/err")" 0

# more than are looked up
start $traffic listen -n 1000 -p 20000
run "$LISTENQ" --source diag -nH
is 'more than 1,000: the processes are left out, and it says so' \
	"$(sed -n 2p "$work/err")|$(grep -c ' -$' "$work/out")" \
	"listenq: processes of more than 1000 listeners are looked up with -p only|$(wc -l <"$work/out")"
run "$LISTENQ" --source diag -nHp
is 'unless -p is given' "$(wc -l <"$work/err")|$(grep -c ' -$' "$work/out")" '1|0'
plan
