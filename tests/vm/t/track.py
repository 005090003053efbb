# SPDX-License-Identifier: GPL-2.0
"""Each cause of a drop provoked alone: counts equal the kernel's."""
import socket
import subprocess
import sys

sys.path.insert(0, "/")
from genl import CAUSES, COUNTED, PORT, Genl, Tap, attr
from track_lib import connect, listen, mibs, settled, stop, sysctl, traffic

tap = Tap()
g = Genl()
N = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
# for what waits too long on a slow machine, expires and makes room in a SYN queue
SPARE = 100


def counters(port):
    found = [c for l, c in g.counted(attr(PORT, ("H", port)))]
    return {k: sum(c[k] for c in found) for k in COUNTED}


class Change:
    """What the kernel's counters, the namespace's and a listener's gained."""

    def __init__(self, *ports):
        self.ports = ports
        self.before = self.read()

    def read(self):
        return mibs(), g.net_counters(), {p: counters(p) for p in self.ports}

    def since(self):
        (m0, n0, l0), (m1, n1, l1) = self.before, settled(self.read)
        return ({k: m1[k] - m0[k] for k in m0}, {k: n1[k] - n0[k] for k in n0},
                {p: {k: l1[p][k] - l0[p][k] for k in COUNTED} for p in self.ports})


def alone(name, change, port, cause, drops, mib, least=N):
    """Only this cause, at this listener, as often as the kernel says."""
    m, n, listeners = change.since()
    want = {c: m["ListenDrops"] if c == cause else 0 for c in CAUSES}
    good = tap.equal({c: listeners[port][c] for c in CAUSES}, want, f"{name}: the listener's drops are {cause}'s")
    tap.equal({c: n[c] for c in CAUSES}, want, f"{name}: and the namespace's")
    for key in mib:
        tap.equal(m[key], listeners[port][drops], f"{name}: equal to {key}")
    tap.equal((n["unattributed"], n["missed"], n["untracked"]), (0, 0, 0), f"{name}: nothing unattributed or missed")
    tap.ok(listeners[port][drops] >= least, f"{name}: at least {least} of them", f"{listeners[port][drops]}")
    if not good:
        print(f"# mibs {({k: v for k, v in m.items() if v})} listener {listeners[port]}", flush=True)


sysctl(ipv4__tcp_max_syn_backlog=100000, core__somaxconn=100000)
first = 1
port = 7000
for addr in ("127.0.0.1", "::1"):
    v = "v6" if ":" in addr else "v4"

    def syns(port, n, addr=addr):
        """n SYNs, each from an address of its own that never answers."""
        global first
        traffic("syn", "-n", n, "-p", port, "-a", addr, "-S", first)
        first += n

    # the accept queue is full when the SYN comes
    port += 1
    s = listen(port, addr, 5)
    held = [connect(addr, port) for _ in range(6)]
    change = Change(port)
    syns(port, N)
    alone(f"{v} accept_full_syn", change, port, "accept_full_syn", "accept_full_syn", ("ListenDrops", "ListenOverflows"))
    change = Change(port)
    traffic("connect", "-n", 50, "-p", port, "-a", addr, "-T", 1200)
    stop()
    alone(f"{v} accept_full_syn by connects", change, port, "accept_full_syn", "accept_full_syn",
          ("ListenDrops", "ListenOverflows"), 50)
    tap.equal(g.counted(attr(PORT, ("H", port)))[0][1]["peak_accept_len"], 6, f"{v}: peak of the accept queue")
    s.close()

    # the accept queue fills between the SYN and the final ACK: deferred clients
    # finish when they send, and by then the limit is lower
    port += 1
    s = listen(port, addr, 50000, opts=((socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60),))
    held = [connect(addr, port) for _ in range(min(N, 2000) + 6)]
    s.listen(5)
    for c in held[:6]:
        c.send(b"x")
    change = Change(port)
    for c in held[6:]:
        c.send(b"x")
    for c in held:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    while held:  # without a word: a reset is no ACK
        held.pop().close()
    alone(f"{v} accept_full_ack", change, port, "accept_full_ack", "accept_full_ack", ("ListenDrops", "ListenOverflows"),
          min(N, 2000))
    s.close()

    # the SYN queue is full, and there are no cookies
    sysctl(ipv4__tcp_syncookies=0)
    port += 1
    s = listen(port, addr, 10)
    syns(port, 11)
    change = Change(port)
    syns(port, N + SPARE)
    alone(f"{v} syn_full", change, port, "syn_full", "syn_full", ("ListenDrops", "TCPReqQFullDrop"))
    tap.equal(g.counted(attr(PORT, ("H", port)))[0][1]["peak_syn_len"], 11, f"{v}: peak of the SYN queue")
    s.close()

    # its last quarter is for hosts that are known
    sysctl(ipv4__tcp_max_syn_backlog=64)
    port += 1
    s = listen(port, addr, 1000)
    syns(port, 49)
    change = Change(port)
    syns(port, N + SPARE)
    alone(f"{v} syn_unproven", change, port, "syn_unproven", "syn_unproven", ("ListenDrops",))
    s.close()
    sysctl(ipv4__tcp_max_syn_backlog=100000, ipv4__tcp_syncookies=1)

    # no route back to the client
    port += 1
    s = listen(port, addr, 10)
    nowhere = {"v4": ("-4", "198.18.0.0/16", "198.19.0.0/16"), "v6": ("-6", "2001:2::/64")}[v]
    for prefix in nowhere[1:]:
        subprocess.run(["ip", nowhere[0], "route", "add", "unreachable", prefix], check=True)
    change = Change(port)
    syns(port, N)
    alone(f"{v} other", change, port, "other", "other", ("ListenDrops",))
    for prefix in nowhere[1:]:
        subprocess.run(["ip", nowhere[0], "route", "del", "unreachable", prefix], check=True)
    s.close()

    # a SYN cookie instead of a drop
    port += 1
    s = listen(port, addr, 10)
    syns(port, 11)
    change = Change(port)
    syns(port, N + SPARE)
    m, n, l = change.since()
    tap.equal((l[port]["cookies_sent"], n["cookies_sent"]), (m["SyncookiesSent"],) * 2, f"{v}: cookies sent")
    tap.ok(l[port]["cookies_sent"] >= N, f"{v}: at least {N}", l[port], m)
    tap.equal((m["ListenDrops"], n["unattributed"]), (0, 0), f"{v}: and no drop")
    change = Change(port)
    held = [connect(addr, port) for _ in range(8)]
    m, n, l = change.since()
    tap.equal((l[port]["cookies_validated"], l[port]["established"]), (m["SyncookiesRecv"], 8), f"{v}: cookies validated")
    tap.equal(m["SyncookiesRecv"], 8, f"{v}: 8 of them")
    s.close()
    held.clear()
tap.done()
