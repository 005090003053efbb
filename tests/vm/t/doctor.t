# kernels: 6.1 7.3
# timeout: 300
# The doctor against a host whose ills are known: it names each, and where a
# command mends it, that command does.
n=0 bad=0
# is NAME GOT WANTED
is()
{
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		bad=1
		echo "not ok - $1"
		printf 'got: %s\nwanted: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}
# doctor: leaves $status and the screen in /tmp/screen
doctor()
{
	status=0
	"$@" listenq doctor >/tmp/screen || status=$?
}
nobody()
{
	su -s /bin/sh nobody -c "$*"
}
# said TOPIC [LINE]: the LINE-th finding about it, "status text" without its address
said()
{
	sed -n "s/^\([a-z]*\)  *$1  */\1 /p" /tmp/screen | sed -n "${2:-1}p"
}
# remedy TOPIC
remedy()
{
	sed -n "/^\(warning\|problem\) *$1 /{n;s/^  *-> //p}" /tmp/screen
}
# mend NAME TOPIC: what the doctor says mends it, and it has
mend()
{
	sh -c "$(remedy "$2")" >/dev/null
	doctor
	is "$1: mended by its remedy" "$(grep -cE "^(warning|problem) *$2 " /tmp/screen)" 0
}
# ill: what is no good
ill()
{
	sed -n 's/^\(warning\|problem\)  *\([^ ]*\) .*/\2/p' /tmp/screen | xargs
}
# listener PORT
listener()
{
	: >"/tmp/ready.$1"
	traffic listen -p "$1" -b 2 >"/tmp/ready.$1" &
	until grep -q ready "/tmp/ready.$1"; do sleep 0.1; done
}
release=$(uname -r)
disk=/lib/modules/$release/updates/listenq.ko

doctor
is 'nothing installed: a problem' "$status|$(said module)|$(remedy module)" \
	'1|problem not loaded|install listenq-dkms, or make && make install; then modprobe listenq'
is 'nothing installed: the kernel, the tool, the source' "$(said kernel)|$(said tool)|$(said source)" \
	"ok $release x86_64|ok $(listenq --version)|warning sock_diag: much of a listener is not known"
is 'nothing is said of a module that is not there' \
	"$(grep -cE ' (family|tracking|hooks|missed|listeners|episodes|untracked) ' /tmp/screen)" 0
is 'securityfs: not mounted in this guest' "$(said lockdown)" \
	'warning not known: securityfs is not mounted here'
mend securityfs lockdown
is 'lockdown' "$(said lockdown)|$(said signature)" 'ok none|ok not asked for'

mkdir -p "${disk%/*}"
cp /listenq.ko "$disk"
depmod
doctor
is 'installed, not loaded' "$status|$(ill)|$(said 'on disk')" \
	"1|module source|ok listenq.ko, version $(listenq --version | cut -d' ' -f2), for this kernel"
mend 'not loaded' module
is 'a sound host: no problem, no warning' "$status|$(ill)|$(grep -c -- '->' /tmp/screen)" '0||0'
is 'its srcversion is that of /sys' "$(said module)" \
	"ok loaded, version $(cat /sys/module/listenq/version), srcversion $(cat /sys/module/listenq/srcversion)"
is 'family, hooks, source' "$(said family)|$(said tracking)|$(said hooks)|$(said missed)|$(said source)" \
	'ok listenq answers, of version 1|ok on|ok 5 of 5 are placed|ok hooks missed 0 calls|ok module'
is 'it fits one screen' "$(awk 'length > 80 || NR > 24' /tmp/screen)" ''
is 'JSON says the same' "$(listenq doctor -j | sed -n \
	's/^{"status":"\(.*\)","topic":"\(.*\)","text":"\(.*\)","remedy":null},*$/\1 \2 \3/p')" \
	"$(tr -s ' ' </tmp/screen)"

doctor nobody
is 'an ordinary user: what only root sees' "$status|$(ill)|$(remedy debugfs)" '0|debugfs|sudo listenq doctor'
doctor unshare -n
is 'another network namespace' "$status|$(ill)|$(said untracked)" \
	'0||ok 0 SYNs and ACKs at listeners without counters (this namespace)'
doctor nobody unshare -Urn
is 'root of a container' "$status|$(ill)" '0|debugfs'

listenq track off >/dev/null
doctor
is 'tracking is off' "$status|$(ill)|$(said hooks)" '0|tracking|'
mend 'tracking is off' tracking
umount /sys/kernel/debug
doctor
is 'debugfs is not mounted' "$status|$(ill)" '0|debugfs'
mend debugfs debugfs

# Hooks that are placed, and deaf
listener 7000
syns()
{
	traffic syn -n 5 -p 7000 >/dev/null
	listenq net -s -H | sed -n 's/^syns .* //p'
}
for switch in /proc/sys/kernel/ftrace_enabled /sys/kernel/debug/kprobes/enabled; do
	if ! echo 0 >"$switch" 2>/dev/null; then
		is "$switch: is not to be switched off here" "$(dmesg | grep -c 'no longer disables ftrace')" 1
		continue
	fi
	before=$(syns)
	is "$switch=0: nothing is counted" "$(syns)" "$before"
	doctor
	is "$switch=0: a problem" "$status|$(ill)|$(said hooks)" '1|hooks|ok 5 of 5 are placed'
	mend "$switch=0" hooks
	[ "$(syns)" -gt "$before" ]
	is "$switch=1: and counted again" $? 0
done

# Another module on disk than the one that is loaded, of another version, for another kernel
sed 's/srcversion=...../srcversion=AAAAA/' /listenq.ko >"$disk"
doctor
is 'another one on disk' "$status|$(ill)|$(remedy 'on disk')" '0|on|rmmod listenq && modprobe listenq'
mend 'another one on disk' 'on disk'
sed "s/vermagic=${release%%.*}/vermagic=4/" /listenq.ko >"$disk"
doctor
is 'for another kernel' "$status|$(said 'on disk')" \
	"1|problem $disk is for kernel 4${release#?}, not for this one"
cp /listenq.ko "$disk"
for version in 0.0.9 9.9.9; do
	rmmod listenq
	sed "s/version=[0-9]\.[0-9]\.[0-9]/version=$version/" /listenq.ko >/tmp/other.ko
	insmod /tmp/other.ko
	doctor
	case $version in
	0*) is 'an older module' "$status|$(said module)|$(remedy module)" \
		'0|warning loaded, version 0.0.9: older than this listenq|rmmod listenq && modprobe listenq' ;;
	9*) is 'a newer module' "$status|$(said module)|$(remedy module)" \
		'0|warning loaded, version 9.9.9: newer than this listenq|install listenq 9.9.9' ;;
	esac
done

rmmod listenq
insmod /listenq.ko without_hook=tcp_conn_request
doctor
is 'a hook is missing' "$status|$(ill)|$(said hooks)|$(said hook)" \
	'0|hook|ok 4 of 5 are placed|warning tcp_conn_request: left out by without_hook=; unknown: syns, drops of SYNs, cookies_sent, peaks'
sh -c "$(remedy hook)"
rmmod listenq
insmod /listenq.ko max_entries=1 max_entries_net=1
listener 7001
traffic syn -n 5 -p 7001 >/dev/null
syns >/dev/null
doctor
is 'a quota is used up' "$status|$(ill)|$(said listeners)|$(remedy listeners)" \
	'0|listeners untracked|warning 1 of 1 tracked, at most 1 of a namespace|rmmod listenq && modprobe listenq max_entries=2'

# Locked down step by step, which cannot be undone
echo 1 >/sys/module/module/parameters/sig_enforce
doctor
is 'sig_enforce: the next load is refused' "$status|$(said signature)|$(remedy signature)" \
	'1|problem none: insmod and modprobe are refused (module.sig_enforce=1)|let DKMS sign it: mokutil --import /var/lib/dkms/mok.pub, reboot, enrol it'
for mode in integrity confidentiality; do
	echo $mode >/sys/kernel/security/lockdown
	doctor
	is "lockdown is $mode" "$(said lockdown)" "ok $mode"
done
is 'lockdown: debugfs stays readable' "$(said debugfs)" 'ok mounted on /sys/kernel/debug, readable'
rmmod listenq
modprobe listenq 2>/tmp/refused
is 'and it is' "$(grep -c rejected /tmp/refused)" 1
doctor
is 'and says so' "$status|$(ill)" '1|module signature source'
rm "$disk"
depmod
doctor
is 'before there is any module' "$(said signature)" \
	'warning a module without one is refused (module.sig_enforce=1)'
echo "1..$n"
exit $bad
