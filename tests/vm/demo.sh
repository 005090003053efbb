# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# The demo's part inside the guest; tests/demo boots it.
set -eu

tell()
{
	printf '\n== %s\n' "$*"
}

show()
{
	printf '\n# %s\n' "$*"
	"$@"
}

# until_true SECONDS WHAT COMMAND...
until_true()
{
	left=$(($1 * 5)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "demo: $what did not happen" >&2; exit 1; }
		sleep 0.2
	done
}

full()
{
	listenq -H --full :80 | grep -q .
}

calm()
{
	listenq -H :80 | grep -q '^ok'
}

# waited SECONDS: the oldest connection of port 80 has
waited()
{
	listenq -j :80 | python3 -c "
import json, sys
sys.exit(not any((l['oldest_wait_us'] or 0) >= $1 * 1000000 for l in json.load(sys.stdin)))"
}

mkdir -p /var/log/nginx /var/lib/nginx /var/www
echo hello >/var/www/index.html
cat >/tmp/nginx.conf <<-EOF
	user root;
	worker_processes 1;
	pid /run/nginx.pid;
	error_log /var/log/nginx/error.log;
	events { worker_connections 4096; }
	http {
		access_log off;
		server { listen 80 backlog=128; root /var/www; }
	}
EOF

tell "A web server: nginx, one worker, listen ... backlog=128. Kernel $(uname -r)."
nginx -c /tmp/nginx.conf
until_true 20 'nginx answering' curl -fsS http://127.0.0.1/
show insmod /listenq.ko
show listenq

tell "Its worker hangs (SIGSTOP), and 300 clients come (wrk -c 300)."
worker=$(pgrep -f 'nginx: worker')
kill -STOP "$worker"
wrk -t 1 -c 300 -d 60s --timeout 60s http://127.0.0.1/ >/tmp/wrk.log 2>&1 &
until_true 60 'a full accept queue' full
until_true 30 'a connection waiting for 5 s' waited 5
tell "Which listener is in trouble, whose is it, for how long?"
show listenq -p --full

tell "What did that cost, and why?"
show listenq stats :80

tell "The worker wakes up (SIGCONT): it accepts what waited."
kill -CONT "$worker"
until_true 30 'the queue draining' calm
show listenq :80

tell "And whoever logs in later?"
show listenq episodes
show rmmod listenq
