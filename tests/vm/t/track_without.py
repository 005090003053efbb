# SPDX-License-Identifier: GPL-2.0
"""The module without each of its hooks in turn; on a kernel without kprobes, without three."""
import errno
import os
import subprocess
import sys

sys.path.insert(0, "/")
from genl import CAUSES, COUNTED, FLAGS, HOOK, LISTENER_CLOSED, PORT, TRACK_GET, WITH_COUNTERS, Genl, Tap, attr
from track_lib import connect, listen, settled, syn_to, sysctl

tap = Tap()
ALL = ["tcp_conn_request", "tcp_v4_syn_recv_sock", "tcp_v6_syn_recv_sock", "inet_sock_set_state",
       "tcp_retransmit_synack"]
SYN, ACK, RETRANSMITS, OTHER = 1, 2, 4, 8
FEEDS = dict(zip(ALL, (SYN | OTHER, ACK | OTHER, ACK | OTHER, 0, RETRANSMITS)))
SYN_FIELDS = ("syns", "accept_full_syn", "syn_full", "syn_unproven", "cookies_sent")
PORTNO, SYNS = 5000, 20
probes = "/sys/kernel/debug/kprobes/list"


def tool(name, *args):
    p = subprocess.run(("listenq",) + args, capture_output=True, text=True, check=False)
    return tap.ok(p.returncode == 0 and str(PORTNO) in p.stdout, f"{name}: the tool shows the listener",
                  f"status {p.returncode}", *(p.stdout + p.stderr).splitlines())


def without(parameters, gone, why, name):
    """Loaded like this, the hooks in gone are not placed; tells why, and drops are counted by the rest."""
    subprocess.run(["insmod", "/listenq.ko"] + parameters, check=True)
    g = Genl()
    hooks = g.hooks()
    tap.equal(sorted(hooks), sorted(ALL), f"{name}: told of each hook")
    tap.equal({h: hooks[h][1:] for h in hooks}, {h: (why, 0) if h in gone else (0, 1) for h in ALL},
              f"{name}: which are placed, and why the others are not")
    has = SYN | ACK | RETRANSMITS | OTHER
    for h in gone:
        has &= ~FEEDS[h]
    s = listen(PORTNO, backlog=3)
    held = [connect("127.0.0.1", PORTNO) for _ in range(4)]
    syn_to([PORTNO] * SYNS)
    mine = attr(PORT, ("H", PORTNO))
    # not the listener as well, whose oldest wait grows and grows
    c = settled(lambda: g.counted(mine)[0][1])
    l = g.listeners(mine)[0]
    tap.equal((l["accept_len"], l["backlog"]), (4, 3), f"{name}: reads the queues")
    net = g.net_counters()
    tap.equal((c["has"], net["has"]), (has, has), f"{name}: counters that are known")
    want = {k: 0 for k in COUNTED}
    # what the entry's absence costs: the first to see a listener makes it
    want["syns"] = 4 + SYNS if has & SYN else 0
    want["accept_full_syn"] = SYNS if has & SYN else 0
    want["established"] = 4 if not {"tcp_v4_syn_recv_sock"} & set(gone) else 0
    tap.equal({k: c[k] for k in COUNTED}, want, f"{name}: and what they say")
    tap.equal({k: net[k] for k in COUNTED}, want, f"{name}: and the namespace's")
    tap.equal(net["unattributed"], 0 if has & SYN else SYNS, f"{name}: drops without a cause are told")
    tap.equal(len(g.episodes()), 1 if has & SYN else 0, f"{name}: episodes")
    with open("/sys/kernel/debug/listenq/counters", encoding="ascii") as f:
        head, line = f.readline().split(), [r for r in f if r.rstrip().endswith(f":{PORTNO}")][0].split()
    shown = dict(zip(head, line))
    tap.equal((shown["syns"] == "-", shown["established"] == "-", shown["synack_retrans"] == "-"),
              (not has & SYN, not has & ACK, not has & RETRANSMITS), f"{name}: debugfs shows them absent, not zero")
    tool(name, "-n")
    g.join() if "events" in g.groups else None
    s.close()
    closed = [e for e, l, _ in g.events(2) if e["type"] == LISTENER_CLOSED]
    tap.equal((len(closed), g.net_counters()["closed_waiting"]), (0, 0) if "inet_sock_set_state" in gone else (1, 4),
              f"{name}: the close of a listener")
    for c in held:
        c.close()
    g.track_set(0)
    tap.equal({h: v[2] for h, v in g.hooks().items()}, {h: 0 for h in ALL}, f"{name}: turned off, none is placed")
    if os.path.exists(probes):
        tap.ok("listenq" not in open(probes, encoding="ascii").read(), f"{name}: and no probe left")
    g.close()
    subprocess.run(["rmmod", "listenq"], check=True)


sysctl(ipv4__tcp_synack_retries=1)
if os.uname().release.endswith("-nokprobes"):
    without([], ALL[:3], -errno.EOPNOTSUPP, "no kprobes")
else:
    without([], [], 0, "whole")
    for hook in ALL:
        without([f"without_hook={hook}"], [hook], -errno.ENOENT, f"no {hook}")
tap.done()
