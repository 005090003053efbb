# SPDX-License-Identifier: GPL-2.0
"""200 listeners of every kind: listenq -j says of each what ss says."""
import json
import os
import re
import socket
import subprocess
import sys

sys.path.insert(0, "/")
from genl import HAS_MPTCP, Tap

tap = Tap()
IPPROTO_MPTCP = 262
V6, V4 = socket.AF_INET6, socket.AF_INET
keep = []


def listen(i):
    """The i-th listener: kinds, owners, limits and lengths all vary."""
    kind = i % 10
    family = V6 if kind in (1, 3, 5, 7) else V4
    proto = IPPROTO_MPTCP if HAS_MPTCP and kind in (4, 5) else 0
    os.seteuid((0, 1000, 65534)[i % 3] if kind not in (2, 6) else 0)
    s = socket.socket(family, socket.SOCK_STREAM, proto)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = 5000 + i
    if kind == 2:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    if kind == 3:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == 6:
        s.setsockopt(socket.SOL_IP, 19, 1)  # IP_TRANSPARENT
    if kind in (7, 8):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if kind == 9:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
    addr = {V4: ("127.0.0.1", "0.0.0.0"), V6: ("::1", "::", "::ffff:127.0.0.1")}[family]
    addr = addr[(i // 10) % len(addr)] if kind != 3 else addr[(i // 10) % 2]
    s.bind((addr, port))
    if kind == 8:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 7)
    limit = (0, 1, 5, 128, 4096, 100000)[i % 6]
    s.listen(limit)
    os.seteuid(0)
    keep.append(s)
    if kind == 9:  # deferred: a connection without data stays a request
        return
    for _ in range(min(i % 4, limit + 1)):
        c = socket.socket(V6 if ":" in addr and "ffff" not in addr else V4)
        c.connect(("::1" if c.family == V6 else "127.0.0.1", port))
        keep.append(c)


for i in range(200):
    listen(i)

subprocess.run(["modprobe", "-a", "-q", "tcp_diag"], check=False)
ss = {}
for line in subprocess.run(["ss", "-HOltnei"], capture_output=True, text=True, check=True).stdout.splitlines():
    f = line.split()
    local, port = f[3].rsplit(":", 1)
    dev = None
    if "%" in local:
        local, dev = local.split("%")

    def field(name, base=10, line=line):
        m = re.search(rf"\b{name}:([0-9a-f]+)", line)
        return int(m.group(1), base) if m else 0

    ss[field("sk", 16)] = {
        "addr": local.strip("[]"), "dev": dev, "port": int(port), "accept": int(f[1]),
        "limit": int(f[2]), "uid": field("uid"), "ino": field("ino"),
    }

ours = {}
for l in json.loads(subprocess.run(["listenq", "--source", "module", "-j", "-n"], capture_output=True, text=True,
                                   check=True).stdout):
    addr = l["addr"]
    # ss writes * for a v6 socket that takes IPv4 too
    if addr == "::" and not l["v6only"]:
        addr = "*"
    ours[int(l["cookie"], 16)] = {
        "addr": addr, "dev": "lo" if l["ifindex"] else None, "port": l["port"],
        "accept": l["accept_len"], "limit": l["backlog"], "uid": l["uid"], "ino": l["ino"],
    }
tap.equal(len(ss), 200, "ss sees 200 listeners")
tap.equal(len(ours), 200, "listenq sees 200 listeners")
differ = [(c, ss.get(c), ours.get(c)) for c in sorted(ss.keys() | ours.keys()) if ss.get(c) != ours.get(c)]
tap.equal(differ[:5], [], "and says the same of each: address, port, device, length, limit, uid, inode, cookie")
kinds = json.loads(subprocess.run(["listenq", "-j", "-n"], capture_output=True, text=True, check=True).stdout)
tap.equal(sum(l["protocol"] == "mptcp" for l in kinds), 40 if HAS_MPTCP else 0, "MPTCP listeners")
tap.equal(sum(bool(l["transparent"]) for l in kinds), 20, "transparent listeners")
tap.equal(sum(bool(l["reuseport"]) for l in kinds), 40, "reuseport listeners")
# asked for by 20; the kernel makes those bound to one IPv6 address so, too
tap.equal(sum(bool(l["v6only"]) for l in kinds), 41, "v6only listeners")
tap.equal({l["tfo_limit"] for l in kinds if l["tfo_limit"]}, {7}, "Fast Open limit")
got = keep[[s.getsockname()[1] for s in keep].index(5009)].getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT)
tap.equal({l["defer_accept_s"] for l in kinds if l["defer_accept_s"]}, {got}, "TCP_DEFER_ACCEPT as getsockopt says")
tap.equal({l["cgroup_id"] is not None for l in kinds}, {True}, "cgroup ids are known")
tap.done()
