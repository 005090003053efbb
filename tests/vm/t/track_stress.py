# SPDX-License-Identifier: GPL-2.0
"""Tracking off and on, the module in and out, while SYNs, clients, dumps and namespaces come and go."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, "/")
from genl import COUNTED, EPISODE_GET, FLAGS, LISTENER_GET, NET_GET, WITH_COUNTERS, WITH_HISTOGRAMS, Genl, Refused, Tap, attr
from track_lib import check, connect, inside, libc, listen, mibs, netns_add, netns_del, settled, start, stop, syn_to, sysctl, until

tap = Tap()
ROUNDS = int(sys.argv[1])
DEBUG = "/sys/kernel/debug/"
KMEMLEAK = DEBUG + "kmemleak"
helpers = []


SYS_DELETE_MODULE, SYS_FINIT_MODULE = 176, 313


def insmod():
    with open("/listenq.ko", "rb") as f:
        check(libc.syscall(SYS_FINIT_MODULE, f.fileno(), b"", 0))


def rmmod():
    """As rmmod does, without the cost of a process: it is tried until nobody is reading."""
    return libc.syscall(SYS_DELETE_MODULE, b"listenq", os.O_NONBLOCK) == 0


def probes():
    try:
        return [r for r in open(DEBUG + "kprobes/list", encoding="ascii") if "listenq" in r]
    except FileNotFoundError:
        return None


def helper(loop):
    """Runs it over and over in a process of its own, whatever comes of it, and counts what worked.

    With little of the CPU, which is always there to be had: the rounds shall not wait for it.
    """
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        os.nice(19)
        n, ending = 0, []
        signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
        while not ending:
            try:
                loop()
                n += 1
                time.sleep(0.02)
            except (OSError, Refused, KeyError, subprocess.CalledProcessError):
                time.sleep(0.01)
        os.write(w, str(n).encode())
        os._exit(0)
    os.close(w)
    helpers.append((loop.__name__, pid, r))


def dumps():
    g = Genl()
    try:
        g.dump(EPISODE_GET)
        g.dump(LISTENER_GET, attr(FLAGS, ("I", WITH_COUNTERS | WITH_HISTOGRAMS)))
        g.dump(NET_GET, attr(FLAGS, ("I", WITH_COUNTERS)))
    finally:
        g.close()


def subscriber():
    g = Genl()
    try:
        g.join()
        g.events(0.1)
    finally:
        g.close()


def files():
    for name in ("counters", "histograms", "episodes", "track"):
        with open(DEBUG + "listenq/" + name, encoding="ascii") as f:
            f.read()


def namespaces():
    """Born, overflowing, gone."""
    netns_add("brief")
    try:
        with inside("brief"):
            s = listen(80, backlog=0)
            c = connect("127.0.0.1", 80)
            syn_to([80] * 20)
            s.close()
            c.close()
    finally:
        netns_del("brief")


def clients():
    s = listen(5002, backlog=1)
    held = [connect("127.0.0.1", 5002) for _ in range(2)]
    syn_to([5002] * 10)
    s.close()
    for c in held:
        c.close()


def leaks():
    time.sleep(6)
    for _ in range(3):
        open(KMEMLEAK, "w").write("scan")
    return open(KMEMLEAK).read()


open("/proc/sys/kernel/modprobe", "w").write("\n")
sysctl(core__somaxconn=10000, ipv4__tcp_synack_retries=0, ipv4__tcp_max_tw_buckets=0)
full = listen(5000, backlog=5)
blocked = [connect("127.0.0.1", 5000) for _ in range(6)]
half = listen(5001, backlog=20)
start("syn", "-l", "-n", 50, "-R", 50, "-p", 5000, nice=19)
start("syn", "-l", "-n", 50, "-R", 50, "-p", 5001, "-S", 60000, nice=19)
for loop in (dumps, subscriber, files, namespaces, clients):
    helper(loop)
insmod()
g = Genl()
# a first round of everything, before what is left is looked for
tap.ok(until(lambda: g.net_counters()["accept_full_syn"] > 0 and g.net_counters()["cookies_sent"] > 0),
       "SYNs are dropped and answered with cookies", g.net_counters())
if os.path.exists(KMEMLEAK):
    open(KMEMLEAK, "w").write("clear")
# Shorter grace periods from here on: what does not wait for one is hit the sooner
open("/sys/kernel/rcu_expedited", "w").write("1")

lost, stuck, left, still, began = 0, 0, 0, 0, time.monotonic()
for _ in range(ROUNDS):
    g.track_set(0)
    left += len(probes() or ())
    off = g.net_counters()
    time.sleep(0.02)
    again = g.net_counters()
    still += any(off[k] != again[k] for k in COUNTED)
    g.track_set(1)
    on = g.net_counters()
    lost += any(on[k] < again[k] for k in COUNTED)
    stuck += not until(lambda: g.net_counters()["accept_full_syn"] > again["accept_full_syn"], 30)
print(f"# off and on {ROUNDS} times in {time.monotonic() - began:.1f} s, {on['syns']} SYNs", flush=True)
tap.equal(left, 0, f"{ROUNDS} times off: no probe is left")
tap.equal(still, 0, "and nothing is counted")
tap.equal(lost, 0, "on again: counters were kept")
tap.equal(stuck, 0, "and go on")
n = g.net_counters()
tap.equal(n["missed"], 0, "no call was missed")
g.close()

out, began, placed = 0, time.monotonic(), 0
for _ in range(ROUNDS):
    if not until(rmmod, 60):
        break
    left += len(probes() or ())
    insmod()
    g = Genl()
    placed += all(h[2] for h in g.hooks().values())
    out += until(lambda: g.net_counters()["accept_full_syn"] > 0, 30)
    g.close()
print(f"# out and in {ROUNDS} times in {time.monotonic() - began:.1f} s", flush=True)
tap.equal((out, placed), (ROUNDS, ROUNDS), f"{ROUNDS} times out and in: it tracks again")
tap.equal(left, 0, "no probe was left while it was out")
stop()
for name, pid, r in helpers:
    os.kill(pid, signal.SIGTERM)
for name, pid, r in helpers:
    said = os.read(r, 64)
    os.waitpid(pid, 0)
    tap.ok(int(said or 0) > 2, f"{name} worked meanwhile", said)
    print(f"# {name}: {said.decode()}", flush=True)
g = Genl()
# everything is exact again once it is quiet
before = settled(lambda: (mibs()["ListenDrops"], g.net_counters()))
syn_to([5000] * 50)
after = settled(lambda: (mibs()["ListenDrops"], g.net_counters()))
tap.equal((after[0] - before[0], after[1]["accept_full_syn"] - before[1]["accept_full_syn"], after[1]["unattributed"]
           - before[1]["unattributed"]), (50, 50, 0), "and it counts exactly")
g.close()
tap.ok(until(rmmod, 60), "it goes")
if os.path.exists(KMEMLEAK):
    found = leaks()
    tap.ok(not found, "nothing leaked", *found.splitlines()[:40])
tap.done()
