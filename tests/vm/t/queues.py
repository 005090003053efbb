# SPDX-License-Identifier: GPL-2.0
"""Queues driven to known lengths read exactly so through netlink, debugfs and tool."""
import json
import socket
import subprocess
import sys
import time

sys.path.insert(0, "/")
from genl import PORT, Genl, Tap, attr

tap = Tap()
g = Genl()
procs = []


def traffic(*args):
    """Starts traffic and waits for its word that the state is reached."""
    p = subprocess.Popen(("traffic",) + args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    procs.append(p)
    line = p.stdout.readline()
    if not line.startswith("ready"):
        tap.ok(False, f"traffic {' '.join(args)}", f"said {line!r}")
        tap.done()
    return p


def seen(port):
    """(SYN queue, accept queue, limit, full) of a port, each way of asking."""
    full = {0: "-", 1: "syn_full", 2: "accept_full", 3: "syn_full,accept_full"}
    l = g.listeners(attr(PORT, ("H", port)))[0]
    netlink = l["syn_len"], l["accept_len"], l["backlog"], full[l["flags"] & 3]
    rows = [r.split() for r in open("/sys/kernel/debug/listenq/listeners")]
    col = {name: i for i, name in enumerate(rows[0])}
    row = [r for r in rows[1:] if r[col["local"]].endswith(f":{port}")][0]
    flags = ",".join(f for f in row[col["flags"]].split(",") if f.endswith("_full"))
    debugfs = int(row[col["syn"]]), int(row[col["accept"]]), int(row[col["limit"]]), flags or "-"
    j = json.loads(subprocess.run(["listenq", "-j", f":{port}"], capture_output=True, text=True, check=True).stdout)[0]
    tool = j["syn_len"], j["accept_len"], j["backlog"], full[j["syn_full"] + 2 * j["accept_full"]]
    return netlink, debugfs, tool


def expect(port, syn, accept, limit, full, name):
    """All three agree, once softirq has had the CPU: traffic only knows what it sent."""
    want = ((syn, accept, limit, full),) * 3
    deadline = time.monotonic() + 5
    while (got := seen(port)) != want and time.monotonic() < deadline:
        time.sleep(0.05)
    tap.equal(got, want, name)


port = 6000
for addr in ("127.0.0.1", "::1"):
    v = "v6" if ":" in addr else "v4"
    limit = 10
    for n in (0, 1, limit, limit + 1):
        port += 1
        traffic("listen", "-p", str(port), "-a", addr, "-b", str(limit))
        if n:
            traffic("connect", "-n", str(n), "-p", str(port), "-a", addr)
        expect(port, 0, n, limit, "accept_full" if n > limit else "-", f"{v}: accept queue of {n}, limit {limit}")
    for n, limit in ((300, 1000), (10, 10), (11, 10)):
        port += 1
        subprocess.run(["sysctl", "-qw", "net.ipv4.tcp_max_syn_backlog=4096"], check=True)
        traffic("listen", "-p", str(port), "-a", addr, "-b", str(limit))
        traffic("syn", "-n", str(n), "-p", str(port), "-a", addr)
        expect(port, n, 0, limit, "syn_full" if n > limit else "-", f"{v}: SYN queue of {n}, limit {limit}")
        count = subprocess.run(["ss", "-Hn", "state", "syn-recv", f"sport = :{port}"], capture_output=True, text=True,
                               check=True).stdout.count("\n")
        tap.equal(count, n, f"{v}: and ss counts {n} in SYN-RECV")

# young: the first retransmit of a SYN-ACK comes after a second
port += 1
traffic("listen", "-p", str(port), "-b", "100")
traffic("syn", "-n", "20", "-p", str(port))
expect(port, 20, 0, 100, "-", "20 requests")
l = g.listeners(attr(PORT, ("H", port)))[0]
tap.equal((l["syn_len"], l["syn_young"]), (20, 20), "20 young requests")
deadline = time.monotonic() + 10
while l["syn_young"] and time.monotonic() < deadline:
    time.sleep(0.05)
    l = g.listeners(attr(PORT, ("H", port)))[0]
tap.equal((l["syn_len"], l["syn_young"]), (20, 0), "are not young when their SYN-ACK was sent again")

# oldest wait: 2 s after the handshake it reads 2 s
for addr in ("127.0.0.1", "::1"):
    v = "v6" if ":" in addr else "v4"
    port += 1
    traffic("listen", "-p", str(port), "-a", addr)
    tap.equal([x["has"] & 4 for x in g.listeners(attr(PORT, ("H", port)))], [0], f"{v}: no wait in an empty queue")
    c = socket.create_connection((addr, port))
    since = time.monotonic()
    time.sleep(2)
    l = g.listeners(attr(PORT, ("H", port)))[0]
    waited = time.monotonic() - since
    tap.ok(abs(l["oldest_wait_us"] / 1e6 - waited) < 0.05 * waited and l["has"] & 4, f"{v}: a wait of 2 s",
           f"read {l['oldest_wait_us']} µs after {waited} s")
    tap.equal(l["flags"] & 4, 0, f"{v}: the head is alive")
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    c.close()
    l = g.listeners(attr(PORT, ("H", port)))[0]
    tap.equal((l["accept_len"], l["flags"] & 4), (1, 4), f"{v}: reset by its client, the head is dead but waits on")

for p in procs:
    p.kill()
tap.done()
