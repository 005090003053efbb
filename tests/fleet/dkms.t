#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: 5.10 6.1 6.12 7.3
# timeout: 1500
# The package listenq-dkms with the dkms of each suite: built, installed, signed,
# loaded by that suite's modprobe on that suite's kernel; rebuilt for another
# kernel; skipped for one too old; broken with a log; and gone without a trace.
# What happens in the chroots is recorded by tests/fleet/dkms-scenario.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/fleet/tap.sh

# shellcheck disable=SC2317,SC2329 # called through is
# status DIR STEP: of this step, or show its output
status()
{
	[ "$(cat "$1/$2.status")" = 0 ] || { cat "$1/$2.log" && false; }
}

# shellcheck disable=SC2317,SC2329
# fails DIR STEP
fails()
{
	! status "$1" "$2" >/dev/null
}

# shellcheck disable=SC2317,SC2329
# nothing_left DIR: but dkms's own key, that other modules may be signed with
nothing_left()
{
	! grep '^[<>].*\(listenq\|updates\|dkms\)' "$1/left" | grep -v ' var/lib/dkms/mok\.\(key\|pub\)$'
}

packages=$(tests/fleet/packages) || exit 2
version=$(sed -n 's/^VERSION *:*= *//p' Kbuild)

for kernel in 5.10 6.1 6.12 7.3; do
	run=$(tests/fleet/dkms-scenario $kernel "$packages") || exit 2
	release=$(cat "$(tests/vm/kernel $kernel)/release")

	is "$kernel: the package installs" status "$run" install
	is "$kernel: dkms has installed the module" \
		has "$run/status.log" "^listenq[/,] *$version, $release, x86_64: installed"
	is "$kernel: it is where modprobe looks, and this version for this kernel" \
		has "$run/modinfo.log" "^filename: */lib/modules/$release/updates/dkms/listenq.ko"
	is "$kernel: it says its version" has "$run/modinfo.log" "^version: *$version\$"
	is "$kernel: it is signed with the machine owner's key" \
		has "$run/modinfo.log" '^signer: *DKMS module signing key'
	is "$kernel: dkms warns of nothing deprecated" lacks "$run/install.log" deprecated
	is "$kernel: a kernel too old is skipped, with a reason" \
		has "$run/outside.log" 'BUILD_EXCLUSIVE directive'
	is "$kernel: for the package's own installation, too" \
		has "$run/install.log" 'BUILD_EXCLUSIVE directive'
	if [ $kernel = 6.1 ]; then
		# dkms 3.0.10 calls every skipped module a failure (and every module
		# that does not build), whatever its dkms.conf says
		is "$kernel: this dkms takes the skipping for a failure" fails "$run" outside
	else
		is "$kernel: that breaks no installation of a kernel" status "$run" outside
	fi
	is "$kernel: the package is purged" status "$run" purge
	is "$kernel: and leaves nothing behind" nothing_left "$run"
	guest $kernel -n -k $kernel -t 120 -a "$run/suite.tar" tests/fleet/dkms-guest
done

run=$(tests/fleet/dkms-scenario 6.1 "$packages") || exit 2
release=$(cat "$(tests/vm/kernel 6.1)/release")
is 'another kernel: its packages install' status "$run" second
is 'another kernel: the module is built for it' has "$run/second-status.log" \
	"${release%-cloud-amd64}-amd64, x86_64: installed"
is 'another kernel: and stays for the first' has "$run/second-status.log" \
	"$release, x86_64: installed"

for kernel in 6.1 7.3; do
	run=$(tests/fleet/dkms-scenario $kernel "$packages") || exit 2
	guest "$kernel, sig_enforce=1" -n -k $kernel -t 120 -a "$run/suite.tar" -x module.sig_enforce=1 tests/fleet/dkms-guest
done

run=$(tests/fleet/dkms-scenario 6.12 "$packages") || exit 2
is "broken: when it does not build, dkms names the log" has "$run/broken.log" \
	"Consult /var/lib/dkms/listenq/$version/build/make.log"
is "broken: and the log says why" has "$run/make.log" \
	'module/main.c:[0-9:]* error: #error broken on purpose'
is "broken: what was installed for another kernel stays" \
	has "$run/broken-status.log" "-cloud-amd64, x86_64: installed"
done_testing
