# SPDX-License-Identifier: GPL-2.0
"""What the family answers and how it refuses. Runs in the guest, module loaded."""
import errno
import os
import socket
import struct
import subprocess
import sys

sys.path.insert(0, "/")
from genl import (ADDR, ALL_NETNS, COOKIE, FAMILY, FLAGS, FULL, IFINDEX, LISTENER,
                  LISTENER_GET, NET, NET_GET, NOT_EMPTY, PORT, Genl, Tap, attr,
                  listener_of)

tap = Tap()
g = Genl()


def listen(port, family=socket.AF_INET, addr="127.0.0.1", backlog=5, opts=()):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for o in opts:
        s.setsockopt(*o)
    s.bind((addr, port))
    s.listen(backlog)
    return s


def u(kind, fmt, value):
    return attr(kind, (fmt, value))


v4 = socket.inet_aton("127.0.0.1")
REUSE = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
a = listen(4000)
b = listen(4001, socket.AF_INET6, "::1", 9)
r1, r2 = listen(4002, opts=(REUSE,)), listen(4002, opts=(REUSE,))
d = listen(4003, opts=((socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0"),))
q = listen(4004, backlog=1)
clients = []
for _ in range(2):
    clients.append(socket.create_connection(("127.0.0.1", 4004)))

everyone = g.listeners()
byport = {l["port"]: l for l in everyone}
tap.equal(sorted(l["port"] for l in everyone), [4000, 4001, 4002, 4002, 4003, 4004],
          "dump has every listener once")
tap.equal(len({l["cookie"] for l in everyone}), 6, "cookies are unique")
tap.equal([len(x[1][LISTENER]) for x in g.dump(LISTENER_GET)], [112] * 6, "struct is 112 bytes")


def ports(payload):
    return sorted(l["port"] for l in g.listeners(payload))


tap.equal(ports(u(FAMILY, "H", socket.AF_INET6)), [4001], "dump by family")
tap.equal(ports(u(PORT, "H", 4002)), [4002, 4002], "dump by port")
tap.equal(ports(u(IFINDEX, "I", 1)), [4003], "dump by device")
tap.equal(ports(u(FAMILY, "H", socket.AF_INET6) + attr(ADDR, socket.inet_pton(socket.AF_INET6, "::1"))),
          [4001], "dump by IPv6 address")
tap.equal(ports(u(FAMILY, "H", socket.AF_INET) + attr(ADDR, v4)), [4000, 4002, 4002, 4003, 4004],
          "dump by IPv4 address")
tap.equal(ports(u(FAMILY, "H", socket.AF_INET) + attr(ADDR, b"\x7f\0\0\2")), [], "dump by another address")
tap.equal(ports(u(FLAGS, "I", NOT_EMPTY)), [4004], "dump of what is not empty")
tap.equal(ports(u(FLAGS, "I", FULL)), [4004], "dump of what is full")
tap.equal(ports(u(COOKIE, "Q", byport[4000]["cookie"])), [4000], "dump by cookie")

for l in (byport[4000], byport[4001]):
    got = listener_of(g.do(LISTENER_GET, u(COOKIE, "Q", l["cookie"]))[0][1][LISTENER])
    tap.equal(got, l, f"do by cookie, port {l['port']}")
name = u(FAMILY, "H", socket.AF_INET) + attr(ADDR, v4)
got = listener_of(g.do(LISTENER_GET, name + u(PORT, "H", 4000))[0][1][LISTENER])
tap.equal(got, byport[4000], "do by family, address, port")
tap.equal(byport[4004]["accept_len"], 2, "accept queue holds limit + 1")
tap.equal(byport[4004]["flags"] & 2, 2, "and is full")

R = tap.refused
R(lambda: g.do(LISTENER_GET, name + u(PORT, "H", 4002)), errno.ENOTUNIQ, "do: a reuseport group",
  "several listeners")
R(lambda: g.do(LISTENER_GET, name + u(PORT, "H", 9)), errno.ENOENT, "do: no such port", "no such listener")
R(lambda: g.do(LISTENER_GET, u(COOKIE, "Q", 1 << 60)), errno.ENOENT, "do: no such cookie", "no such listener")
R(lambda: g.do(LISTENER_GET), errno.EINVAL, "do: no name", "by cookie or by", offset=False)
R(lambda: g.do(LISTENER_GET, name), errno.EINVAL, "do: half a name", "by cookie or by", offset=False)
R(lambda: g.do(LISTENER_GET, u(COOKIE, "Q", 1) + u(FLAGS, "I", FULL)), errno.EINVAL,
  "do: a dump's flag", "only a dump")
R(lambda: g.do(NET_GET, u(FLAGS, "I", ALL_NETNS)), errno.EINVAL, "do net: a dump's flag", "only a dump")
for what, ask in (("do", g.do), ("dump", g.dump)):
    # 6.1's core leaves out of a dump's end which attribute a dumpit() refused
    own = {"offset": what == "do"}
    R(lambda: ask(LISTENER_GET, u(FAMILY, "H", 1)), errno.EAFNOSUPPORT, f"{what}: AF_UNIX", "neither AF_INET", **own)
    R(lambda: ask(LISTENER_GET, attr(ADDR, v4)), errno.EINVAL, f"{what}: address without family",
      "needs a family", **own)
    R(lambda: ask(LISTENER_GET, u(FAMILY, "H", socket.AF_INET6) + attr(ADDR, v4)), errno.EINVAL,
      f"{what}: IPv4 address as IPv6", "not as long", **own)
    R(lambda: ask(LISTENER_GET, u(FAMILY, "H", socket.AF_INET) + attr(ADDR, v4 * 5)), errno.ERANGE,
      f"{what}: address of 20 bytes")
    R(lambda: ask(LISTENER_GET, u(PORT, "H", 0)), errno.ERANGE, f"{what}: port 0")
    R(lambda: ask(LISTENER_GET, u(COOKIE, "Q", 0)), errno.ERANGE, f"{what}: cookie 0")
    R(lambda: ask(LISTENER_GET, u(COOKIE, "I", 1)), errno.EINVAL, f"{what}: cookie of 4 bytes")
    R(lambda: ask(LISTENER_GET, u(FLAGS, "I", 1 << 6)), errno.EINVAL, f"{what}: unknown flag")
    R(lambda: ask(LISTENER_GET, attr(LISTENER, b"")), errno.EINVAL, f"{what}: attribute of the answer")
    R(lambda: ask(LISTENER_GET, attr(99, b"")), errno.EINVAL, f"{what}: unknown attribute")
    R(lambda: ask(NET_GET, u(PORT, "H", 1)), errno.EINVAL, f"{what} net: attribute of the other command")
    R(lambda: ask(NET_GET, u(FLAGS, "I", FULL)), errno.EINVAL, f"{what} net: the other command's flag")

# nets: the same numbers as the kernel's own files
net = g.do(NET_GET)[0][1][NET]
tap.equal(len(net), 168, "struct listenq_net is 168 bytes")
values = struct.unpack("=21Q", net)
tap.equal(values[0], os.stat("/proc/self/ns/net").st_ino, "netns inode")
tap.equal(values[2], int(open("/proc/sys/net/core/somaxconn").read()), "somaxconn")
tap.equal(values[3], int(open("/proc/sys/net/ipv4/tcp_max_syn_backlog").read()), "tcp_max_syn_backlog")
tap.equal(len(g.dump(NET_GET)), 1, "dump of nets: one's own")

# another namespace sees nothing of ours, and ours with the flag sees all
subprocess.run("ip netns add other && ip -n other link set lo up", shell=True, check=True)
other = subprocess.Popen(["ip", "netns", "exec", "other", "python3", "-c", """
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 4100)); s.listen(3)
print("ready", flush=True); sys.stdin.read()"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
other.stdout.readline()
tap.equal(4100 in ports(b""), False, "another namespace's listener is not ours")
tap.equal(ports(u(FLAGS, "I", ALL_NETNS)), [4000, 4001, 4002, 4002, 4003, 4004, 4100], "all namespaces")
tap.equal(len(g.dump(NET_GET, u(FLAGS, "I", ALL_NETNS))), 2, "all nets")
l = [x for x in g.listeners(u(FLAGS, "I", ALL_NETNS)) if x["port"] == 4100][0]
tap.equal(l["netns_ino"] != byport[4000]["netns_ino"], True, "its namespace is another")
R(lambda: g.do(LISTENER_GET, u(COOKIE, "Q", l["cookie"])), errno.ENOENT, "its cookie is not ours to ask")
got = g.do(LISTENER_GET, u(COOKIE, "Q", l["cookie"]) + u(FLAGS, "I", ALL_NETNS))
tap.equal(listener_of(got[0][1][LISTENER])["port"], 4100, "but with the flag")
other.stdin.close()
other.wait()
tap.done()
