# SPDX-License-Identifier: GPL-2.0
"""Episodes: one of 300 ms, more than the log holds, and whose they are."""
import errno
import os
import subprocess
import sys
import time

sys.path.insert(0, "/")
from genl import ALL_NETNS, CAUSES, EPISODE_GET, FLAGS, Genl, Tap, attr
from track_lib import (connect, inside, listen, mibs, netns_add, netns_del, stop, syn_to, sysctl, traffic, until)

tap = Tap()
EVERYWHERE = attr(FLAGS, ("I", ALL_NETNS))
MANY, HELD = 1100, 1024
sysctl(core__somaxconn=10000, ipv4__tcp_max_syn_backlog=10000, ipv4__tcp_synack_retries=0)


def insmod(*parameters):
    subprocess.run(("insmod", "/listenq.ko") + parameters, check=True)
    return Genl()


def rmmod(*sockets):
    for s in sockets:
        s.close()
    subprocess.run(["rmmod", "listenq"], check=True)


def now_us():
    return time.time_ns() // 1000


g = insmod()

# 300 ms between two looks
s = listen(5000, backlog=8)
held = [connect("127.0.0.1", 5000) for _ in range(9)]
tap.equal(g.episodes(), [], "a queue that is full but dropped nobody is no episode")
identity = g.listeners()[0]
before = mibs()["ListenDrops"]
began = now_us()
syn_to([5000])
first = now_us()
while now_us() < began + 300000:
    syn_to([5000] * 5, 2)
last = now_us()
syn_to([5000], 7)
ended = now_us()
for _ in held:
    s.accept()
drops = mibs()["ListenDrops"] - before
tap.ok(until(lambda: not g.episodes()[0][0]["open"], 10), "the episode closes")
seen_closed = now_us()
(e, l), = g.episodes()
tap.ok(began <= e["start_us"] <= first, "it began with the first drop", began, e, first)
tap.ok(last <= e["last_us"] <= ended, "it ended with the last", last, e, ended)
tap.ok(1000000 <= seen_closed - e["last_us"] <= 2100000, "closed after a quiet second, 1.1 s at most later",
       seen_closed - e["last_us"])
tap.equal({c: e[c] for c in CAUSES}, {c: drops if c == "accept_full_syn" else 0 for c in CAUSES},
          "it counts what the kernel counts")
tap.equal((e["peak_accept_len"], e["peak_syn_len"], e["backlog"], e["cookies_sent"]), (9, 0, 8, 0),
          "its peak is limit + 1")
same = ("cookie", "ino", "netns_ino", "uid", "port", "addr", "family", "protocol")
tap.equal({k: l[k] for k in same}, {k: identity[k] for k in same}, "it names the listener")
s.close()
tap.ok(until(lambda: g.track()["entries"] == 0 and not g.listeners()), "the listener goes, and its counters")
tap.equal(g.episodes(), [(e, l)], "its episode stays and names it still")
with open("/sys/kernel/debug/listenq/episodes", encoding="ascii") as f:
    rows = [dict(zip(("id", "state", "start_us", "last_us", "netns", "cookie", "accept_full_syn"), r.split()))
            | {"local": r.split()[-1], "limit": r.split()[-2], "peak": r.split()[-3]} for r in f][1:]
tap.equal(rows, [{"id": str(e["id"]), "state": "closed", "start_us": str(e["start_us"]), "last_us": str(e["last_us"]),
                  "netns": str(l["netns_ino"]), "cookie": str(l["cookie"]), "accept_full_syn": str(drops),
                  "local": "127.0.0.1:5000", "limit": "8", "peak": "9"}], "debugfs tells the same")

# the same listener may have several, one after the other
s = listen(5000, backlog=0)
held = [connect("127.0.0.1", 5000)]
for many in (2, 3):
    syn_to([5000])
    # on a busy CPU the SYN comes later than we look
    tap.ok(until(lambda many=many: [e["open"] for e, _ in g.episodes()] == [0] * many), "again, and quiet again")
tap.equal([e["id"] for e, _ in g.episodes()], [1, 2, 3], "each has a number of its own")
s.close()

# namespaces
inos = {name: netns_add(name) for name in ("red", "blue")}
with inside("red"):
    red = Genl()
    s = listen(5001, backlog=0)
    held = [connect("127.0.0.1", 5001)]
    syn_to([5001])
with inside("blue"):
    blue = Genl()
tap.equal([(l["port"], l["netns_ino"]) for _, l in red.episodes()], [(5001, inos["red"])], "a namespace sees its own")
tap.equal(blue.episodes(), [], "another does not")
tap.equal([l["port"] for _, l in g.episodes()], [5000] * 3, "nor does the host's")
tap.equal([(e["id"], l["port"]) for e, l in g.episodes(EVERYWHERE)], [(1, 5000), (2, 5000), (3, 5000), (4, 5001)],
          "who asks for all gets all, oldest first")
tap.refused(lambda: red.dump(EPISODE_GET, EVERYWHERE), errno.EPERM, "but not from within a namespace", offset=False)
s.close()
held.pop().close()
red.close()
blue.close()
netns_del("red")
tap.ok(until(lambda: not g.episodes(EVERYWHERE)[-1][0]["open"], 20), "closed at the latest when its namespace goes")
netns_del("blue")


def reborn():
    """A new namespace with the old number; it is free a while after the old one was seen to go."""
    if netns_add("heir") == inos["red"]:
        return True
    netns_del("heir")
    time.sleep(0.3)
    return False


if tap.ok(until(reborn), "a new namespace gets the inode number of a gone one"):
    with inside("heir"):
        heir = Genl()
    tap.equal(heir.episodes(), [], "but not its episodes")
    tap.equal([l["netns_ino"] for _, l in g.episodes(EVERYWHERE)][3:], [inos["red"]], "which the host still sees")
    heir.close()
    netns_del("heir")
rmmod(g)


def crowd(ports):
    """A listener for each port, its accept queue full with one."""
    traffic("listen", "-n", len(ports), "-p", ports[0], "-b", 0)
    return [connect("127.0.0.1", port) for port in ports]


# From here on the order counts in which SYNs are taken in: one CPU keeps it
os.sched_setaffinity(0, {0})

# more than the log holds, one crowd after the other
g = insmod("quiet_ms=300")
half = list(range(10000, 10000 + MANY // 2)), list(range(20000, 20000 + MANY // 2))
for ports in half:
    held = crowd(ports)
    syn_to(ports)
    tap.ok(until(lambda: not any(e["open"] for e, _ in g.episodes()), 60), f"{len(ports)} episodes end")
    held.clear()
    stop()
found, t = g.episodes(), g.track()
tap.equal((t["episodes"], t["max_episodes"], t["episodes_forgotten"]), (HELD, HELD, MANY - HELD),
          f"{MANY} episodes: {HELD} kept, {MANY - HELD} forgotten")
tap.equal([e["id"] for e, _ in found], list(range(MANY - HELD + 1, MANY + 1)), "the oldest are forgotten; the newest is last")
tap.equal([l["port"] for _, l in found], (half[0] + half[1])[MANY - HELD:], "each names its listener")
tap.equal(sum(e["accept_full_syn"] for e, _ in found), HELD, "and its drop")
with open("/sys/kernel/debug/listenq/episodes", encoding="ascii") as f:
    tap.equal([int(r.split()[0]) for r in list(f)[1:]], [e["id"] for e, _ in found], "debugfs has the same")
rmmod(g)

# more at once than it holds: who is open stays
g = insmod("quiet_ms=60000")
ports = list(range(30000, 30000 + MANY))
held = crowd(ports)
syn_to(ports)
syn_to(ports[:HELD], MANY + 1)
found, t = g.episodes(), g.track()
tap.equal([(l["port"], e["open"], e["accept_full_syn"]) for e, l in found], [(p, 1, 2) for p in ports[:HELD]],
          "the first 1024 are open and go on")
tap.equal((t["episodes"], t["episodes_forgotten"]), (HELD, MANY - HELD), "the others found no room, and are counted")
n = g.net_counters()
tap.equal((n["accept_full_syn"], n["unattributed"], n["untracked"]), (MANY + HELD, 0, 0), "no drop is lost over it")
stop()
rmmod(g)
tap.done()
