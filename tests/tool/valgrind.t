#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The main paths under valgrind: no error, nothing lost.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/tool/lib.sh
. tests/tool/lib.sh

# shellcheck disable=SC2046 # a list of words
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Iinclude/uapi -shared -fPIC \
	-o "$work/fake.so" tests/tool/fake_module.c $(pkg-config --cflags --libs libmnl)

# clean SCENARIO STATUS ARGS...: SCENARIO of the fake module, or "" for none
clean()
{
	scenario=$1 want=$2
	shift 2
	run env ${scenario:+FAKE_MODULE=$scenario} ${scenario:+LD_PRELOAD=$work/fake.so} \
		valgrind -q --error-exitcode=99 --leak-check=full "$LISTENQ" "$@"
	if [ "$status" = "$want" ] && ! grep -q '^==' "$work/err"; then
		ok "listenq $* ${scenario:+with a module that is $scenario}"
	else
		not_ok "listenq $* $scenario" "status $status, wanted $want" "$err"
	fi
}

clean '' 0 --source diag
clean '' 0 --source diag -jpe
clean '' 0 --source diag -npe
clean '' 0 --source diag 'sport = :80 or src [::1]:443 and dev lo'
clean '' 0 --source diag net
clean '' 0 --source diag net -j
clean '' 0 --source diag -N "$$"
for module in '' old; do
	# What it thinks of this machine is not the question
	run env ${module:+FAKE_MODULE=$module} ${module:+LD_PRELOAD=$work/fake.so} "$LISTENQ" doctor
	clean "$module" "$status" doctor
	clean "$module" "$status" doctor -j
done
clean '' 0 --help
clean '' 1 bogus
clean '' 1 --bogus
clean '' 2 -N nope
clean good 0
clean good 0 -j
clean newer 0 -e
clean short 2
clean truncated 2
clean garbled 2
clean error 2
clean eperm 2 -a
plan
