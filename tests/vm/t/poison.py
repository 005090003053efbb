# SPDX-License-Identifier: GPL-2.0
"""In a guest that hands out poisoned memory: no answer of ours has poison in it."""
import re
import socket
import sys

sys.path.insert(0, "/")
from genl import (ADDR, ALL_NETNS, COOKIE, ENABLE, EPISODE_GET, FAMILY, FLAGS,
                  LISTENER_GET, NET_GET, NETLINK_EXT_ACK, PORT, SOL_NETLINK,
                  TRACK_GET, TRACK_SET, WITH_COUNTERS, WITH_HISTOGRAMS, Genl,
                  Refused, Tap, attr)

# Slabs given back, slabs handed out, slabs' ends: <linux/poison.h>
POISON = re.compile(b"\x6b{4}|\x5a{4}|\xa5{4}")
tap = Tap()


class Socket(socket.socket):
    """Keeps what it receives. Small buffers, so that dumps come out of slabs."""
    heard = b""
    room = 4096

    def recv(self, _):
        data = super().recv(self.room)
        self.heard += data
        return data


def answers(name, cmd, payload=b"", dump=False, refused=False):
    """The whole answer, headers and padding too, is free of poison."""
    for room in (4096, 1 << 16):
        genl = Genl()
        genl.close()
        # A new one: the kernel remembers the largest buffer it was offered
        genl.sock = Socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        genl.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        genl.sock.settimeout(60)
        genl.sock.room = room
        try:
            (genl.dump if dump else genl.do)(cmd, payload)
            was = False
        except Refused:
            was = True
        found = POISON.search(genl.sock.heard)
        tap.ok(was == refused and genl.sock.heard and not found, f"{name}, buffers of {room}",
               f"{len(genl.sock.heard)} bytes, refused: {was}",
               found and f"{found[0].hex()} at byte {found.start()}")
        genl.close()


for slab in "kmalloc-512", "kmalloc-4k":
    with open(f"/sys/kernel/slab/{slab}/poison") as f:
        tap.ok(f.read() == "1\n", f"{slab} is poisoned")

keep = []
for i in range(200):
    s = socket.socket(socket.AF_INET6 if i % 2 else socket.AF_INET)
    s.bind(("::1" if i % 2 else "127.0.0.1", 2000 + i))
    s.listen(5)
    keep.append(s)
# More than fit into the first one's queue: there is an episode to tell of
for i in range(20):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", 2000))
    keep.append(client)

one = Genl().listeners(attr(PORT, ("H", 2000)))[0]
name = attr(FAMILY, ("H", socket.AF_INET)) + attr(ADDR, b"\x7f\0\0\1")
everywhere = attr(FLAGS, ("I", ALL_NETNS))
answers("a dump of listeners", LISTENER_GET, everywhere, dump=True)
answers("a dump of nets", NET_GET, everywhere, dump=True)
answers("a net", NET_GET)
answers("a listener by cookie", LISTENER_GET, attr(COOKIE, ("Q", one["cookie"])))
answers("a listener by address", LISTENER_GET, name + attr(PORT, ("H", 2000)))
answers("no such listener", LISTENER_GET, name + attr(PORT, ("H", 1999)), refused=True)
answers("a listener without a name", LISTENER_GET, refused=True)
answers("an unknown attribute", LISTENER_GET, attr(99, b"1234"), refused=True)
answers("a broken filter", LISTENER_GET, attr(ADDR, b"\1"), dump=True, refused=True)
answers("listeners with all there is of each", LISTENER_GET,
        attr(FLAGS, ("I", WITH_COUNTERS | WITH_HISTOGRAMS)), dump=True)
answers("one with all there is of it", LISTENER_GET,
        attr(COOKIE, ("Q", one["cookie"])) + attr(FLAGS, ("I", WITH_COUNTERS | WITH_HISTOGRAMS)))
answers("a net with its counters", NET_GET, attr(FLAGS, ("I", WITH_COUNTERS)), dump=True)
answers("what is tracked", TRACK_GET)
answers("tracking switched on", TRACK_SET, attr(ENABLE, ("I", 1)))
answers("tracking switched to what it has not", TRACK_SET, attr(ENABLE, ("I", 2)), refused=True)
answers("episodes", EPISODE_GET, dump=True)
tap.done()
