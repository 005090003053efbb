# SPDX-License-Identifier: GPL-2.0
"""Every cause at every kind of listener at once: no drop is lost, doubled or another's."""
import socket
import subprocess
import sys

sys.path.insert(0, "/")
from genl import CAUSES, COUNTED, Genl, Tap
from track_lib import IPPROTO_MPTCP, connect, listen, mibs, settled, start, stop, sysctl, traffic, until

tap = Tap()
g = Genl()
N = int(sys.argv[1]) if len(sys.argv) > 1 else 400
BACKLOG = 10
REUSEPORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
DEFER = (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
FASTOPEN = (socket.IPPROTO_TCP, 23, 5)
RESET = (socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

sysctl(ipv4__tcp_max_syn_backlog=100000, core__somaxconn=100000, ipv4__tcp_synack_retries=1,
       ipv4__tcp_fastopen=0x207)
for words in ("-4 route add unreachable 198.19.0.0/16", "-6 route add unreachable 2001:2::1:0/112"):
    subprocess.run(["ip"] + words.split(), check=True)

# name: (bound to, hit at, port, how many, options, protocol, backlog)
KINDS = {
    "v4 full": ("127.0.0.1", "127.0.0.1", 7001, 1, (), 0, BACKLOG),
    "v4": ("127.0.0.1", "127.0.0.1", 7002, 1, (), 0, BACKLOG),
    "v6 full": ("::1", "::1", 7003, 1, (), 0, BACKLOG),
    "v6": ("::1", "::1", 7004, 1, (), 0, BACKLOG),
    "mapped full": ("::", "127.0.0.1", 7005, 1, (), 0, BACKLOG),
    "mapped": ("::", "127.0.0.1", 7006, 1, (), 0, BACKLOG),
    "reuseport full": ("127.0.0.1", "127.0.0.1", 7007, 3, (REUSEPORT,), 0, BACKLOG),
    "reuseport v6": ("::1", "::1", 7008, 3, (REUSEPORT,), 0, BACKLOG),
    "mptcp full": ("127.0.0.1", "127.0.0.1", 7009, 1, (), IPPROTO_MPTCP, BACKLOG),
    "mptcp v6": ("::1", "::1", 7010, 1, (), IPPROTO_MPTCP, BACKLOG),
    "deferred": ("127.0.0.1", "127.0.0.1", 7011, 1, (DEFER,), 0, 50000),
    "deferred v6": ("::1", "::1", 7012, 1, (DEFER,), 0, 50000),
    "fast open": ("127.0.0.1", "127.0.0.1", 7013, 1, (FASTOPEN,), 0, BACKLOG),
    "fast open v6": ("::1", "::1", 7014, 1, (FASTOPEN,), 0, BACKLOG),
    "roomy": ("127.0.0.1", "127.0.0.1", 7015, 1, (), 0, 50000),
    "roomy v6": ("::1", "::1", 7016, 1, (), 0, 50000),
}
before = mibs(), mibs("snmp", "Tcp")["PassiveOpens"], g.net_counters()
listeners = {name: [listen(port, addr, backlog, proto, opts) for _ in range(count)]
             for name, (addr, _, port, count, opts, proto, backlog) in KINDS.items()}
tap.equal(sum(map(len, listeners.values())), 20, "20 listeners")
FULL = [name for name in KINDS if "full" in name]
cookie_of = {name: {s.getsockopt(socket.SOL_SOCKET, 57, 8) for s in group} for name, group in listeners.items()}
first = 1


def at(name):
    return ("-p", KINDS[name][2], "-a", KINDS[name][1])


def flood(names, far=0):
    """SYNs to all of these at once, from hosts of their own; far: to which no route leads."""
    global first
    flying = []
    for name in names:
        flying.append(start("syn", "-n", N, *at(name), "-S", far + first))
        first += N
    return flying


def landed(flying):
    for p in flying:
        assert p.wait() == 0


def drained():
    return all(l["syn_len"] == 0 for l in g.listeners())


def peak(name, field, want):
    got = [c[field] for l, c in g.counted() if l["port"] == KINDS[name][2]]
    tap.equal(got, [want] * len(listeners[name]), f"{name}: {field}")


# accept queues that nobody empties; who comes late is dropped and comes again
for name in FULL:
    traffic("connect", "-n", 15 * len(listeners[name]) ** 2, *at(name), "-T", 700,
            *(["-m"] if "mptcp" in name else []))
held = [traffic("connect", "-n", 4, *at(name), "-f", 1) for name in ("fast open", "fast open v6")]
deferred = {name: [connect(KINDS[name][1], KINDS[name][2]) for _ in range(N + BACKLOG + 1)]
            for name in ("deferred", "deferred v6")}

# with cookies: full accept queues, cookies, final ACKs that find no room, hosts without a route
for name, clients in deferred.items():
    listeners[name][0].listen(BACKLOG)
    for c in clients[:BACKLOG + 1]:
        c.send(b"x")
flying = flood([name for name in KINDS if "deferred" not in name and "roomy" not in name])
flying += flood(["roomy", "roomy v6"], 70000)
for pair in zip(*(clients[BACKLOG + 1:] for clients in deferred.values())):
    for c in pair:
        c.send(b"x")
landed(flying)
validated = [connect(KINDS[name][1], KINDS[name][2]) for name in ("v4", "v6", "mapped") for _ in range(3)]
for clients in deferred.values():
    for c in clients:
        c.setsockopt(*RESET)
        c.close()
stop()  # clients that try again
tap.ok(until(drained, 60), "half-open requests end")
for name in FULL:
    peak(name, "peak_accept_len", BACKLOG + 1)
for name in ("deferred", "deferred v6"):
    peak(name, "peak_accept_len", BACKLOG + 1)
for name in ("v4", "v6", "mapped"):
    peak(name, "peak_accept_len", 3)
    peak(name, "peak_syn_len", BACKLOG + 1)
peak("reuseport v6", "peak_syn_len", BACKLOG + 1)
peak("roomy", "peak_syn_len", 0)

# cookies to everybody
sysctl(ipv4__tcp_syncookies=2)
landed(flood([name for name in KINDS if "deferred" not in name]))

# no cookies: full SYN queues, and the quarter that is kept for known hosts
sysctl(ipv4__tcp_syncookies=0, ipv4__tcp_max_syn_backlog=64)
landed(flood([name for name in KINDS if "deferred" not in name]))
tap.ok(until(drained, 60), "half-open requests end again")
peak("roomy", "peak_syn_len", 49)
peak("mptcp v6", "peak_syn_len", BACKLOG + 1)


def read():
    return mibs(), mibs("snmp", "Tcp")["PassiveOpens"], g.net_counters(), sums(g.counted())


def sums(counted):
    return {k: sum(c[k] for _, c in counted) for k in COUNTED}


m, opens, n, total = settled(read)
counted = g.counted()
m = {k: m[k] - before[0][k] for k in m}
opens -= before[1]
print(f"# {total}")
tap.equal(len(counted), 20, "all of them still there")
tap.equal({k: n[k] for k in COUNTED}, total, "the namespace's counters are the sums of its listeners'")
tap.equal(sum(total[c] for c in CAUSES), m["ListenDrops"], "all causes together are ListenDrops")
tap.equal(total["accept_full_syn"] + total["accept_full_ack"], m["ListenOverflows"],
          "full accept queues are ListenOverflows")
tap.equal(total["syn_full"], m["TCPReqQFullDrop"], "full SYN queues are TCPReqQFullDrop")
tap.equal(total["cookies_sent"], m["SyncookiesSent"], "cookies sent are SyncookiesSent")
tap.equal(total["cookies_validated"], m["SyncookiesRecv"], "cookies validated are SyncookiesRecv")
tap.equal(total["established"], opens, "connections established are PassiveOpens")
tap.equal((n["unattributed"], n["missed"], n["untracked"]), (0, 0, 0), "nothing unattributed, missed or untracked")
for cause in CAUSES:
    tap.ok(total[cause] >= N, f"{cause}: {N} or more", total[cause])
for name in KINDS:
    group = [c for l, c in counted if l["port"] == KINDS[name][2]]
    tap.ok(all(sum(c[k] for k in CAUSES) > 0 for c in group), f"{name}: each dropped", *group)
histograms = g.histograms()
for l, c in counted:
    by_length, by_age = histograms[l["cookie"]]
    if not (sum(by_length) == sum(by_age) == c["syns"] and by_length[0] == by_age[0]):
        tap.ok(False, f"port {l['port']}: histograms", by_length, by_age, c["syns"])
tap.equal(len(histograms), 20, "both halves of every histogram count every SYN")
tap.ok(histograms[int.from_bytes(next(iter(cookie_of["v4 full"])), sys.byteorder)][0][4] >= 3 * N,
       "at a full listener they found 8 to 15 waiting")

# what is closed is kept in the sums
waiting = sum(l["accept_len"] for l, _ in counted)
for group in listeners.values():
    for s in group:
        s.close()
tap.ok(until(lambda: not g.listeners()), "all closed")
after = g.net_counters()
tap.equal({k: after[k] for k in COUNTED}, total, "the namespace's counters keep what closed listeners counted")
tap.equal(after["closed_waiting"], waiting, "and count who was waiting")
tap.ok(until(lambda: g.track()["entries"] == 0), "their entries go", g.track())
tap.done()
