# SPDX-License-Identifier: GPL-2.0
"""What the tests of tracking share: traffic, and the kernel's own counts of it."""
import contextlib
import ctypes
import os
import resource
import socket
import struct
import subprocess
import time

V4, V6 = socket.AF_INET, socket.AF_INET6
IPPROTO_MPTCP = 262
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
libc = ctypes.CDLL(None, use_errno=True)
procs = []
resource.setrlimit(resource.RLIMIT_NOFILE, (200000, 200000))


def sysctl(**values):
    for name, value in values.items():
        open(f"/proc/sys/net/{name.replace('__', '/')}", "w").write(str(value))


# a burst on a busy CPU is not to be lost on its way in
sysctl(core__netdev_max_backlog=1000000)


def mibs(table="netstat", group="TcpExt"):
    """A group of /proc/net/netstat."""
    names, values = [line.split()[1:] for line in open(f"/proc/net/{table}") if line.startswith(group + ":")]
    return dict(zip(names, map(int, values)))


def start(*args, nice=0):
    """Traffic that runs meanwhile."""
    p = subprocess.Popen(("traffic",) + tuple(map(str, args)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         text=True, preexec_fn=lambda: os.nice(nice))
    procs.append(p)
    return p


def traffic(*args):
    """Waits until it is ready; SYNs, until they are sent."""
    p = start(*args)
    line = p.stdout.readline()
    assert args[0] == "syn" or line.startswith("ready"), (args, line)
    if args[0] == "syn":
        p.wait()
    return p


def stop():
    """Ends all traffic, so that nothing is sent again while we read."""
    while procs:
        p = procs.pop()
        p.kill()
        p.wait()


def listen(port, addr="127.0.0.1", backlog=10, proto=0, opts=()):
    s = socket.socket(V6 if ":" in addr else V4, socket.SOCK_STREAM, proto)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for o in opts:
        s.setsockopt(*o)
    s.bind((addr, port))
    s.listen(backlog)
    return s


def connect(addr, port, proto=0):
    c = socket.socket(V6 if ":" in addr else V4, socket.SOCK_STREAM, proto)
    c.settimeout(30)
    c.connect((addr, port))
    return c


def syn_to(ports, first=1, addr="127.0.0.1"):
    """One SYN to each port of addr, from a source that never answers: as traffic syn does."""
    subprocess.run(["ip", "route", "replace", "198.18.0.0/15", "dev", "lo"], check=True)
    with socket.socket(V4, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        for n, port in enumerate(ports, first):
            to, source = socket.inet_aton(addr), struct.pack("!I", 0xc6120001 + (n - 1) % 131070)
            tcp = struct.pack("!HHIIBBHHH4B", 1024 + n % 60000, port, n * 2654435761 % 2**32, 0, 6 << 4, 2, 64240, 0,
                              0, 2, 4, 5, 0xb4)
            total = sum(struct.unpack("!18H", source + to + struct.pack("!HH", 6, len(tcp)) + tcp))
            total = (total & 0xffff) + (total >> 16)
            check = ~(total + (total >> 16)) & 0xffff
            s.sendto(struct.pack("!BBHHHBBH", 0x45, 0, 44, 0, 0, 64, 6, 0) + source + to +
                     tcp[:16] + struct.pack("!H", check) + tcp[18:], (addr, 0))


def until(true, seconds=30):
    """Waits until true() is; tells whether it came to that."""
    deadline = time.monotonic() + seconds
    while not (now := true()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return now


def settled(read, seconds=20):
    """What read() says when two readings in a row are the same."""
    deadline, last = time.monotonic() + seconds, None
    while (now := read()) != last:
        assert time.monotonic() < deadline, f"never settles: {last} is now {now}"
        last = now
        time.sleep(0.3)
    return now


def check(ret):
    if ret:
        err = ctypes.get_errno()
        raise OSError(err, os.strerror(err))


@contextlib.contextmanager
def inside(name):
    """In the network namespace of ip netns; sockets made in there stay there."""
    back = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    check(libc.setns(there, CLONE_NEWNET))
    try:
        yield
    finally:
        check(libc.setns(back, CLONE_NEWNET))
        os.close(back)
        os.close(there)


def netns_add(name):
    subprocess.run(["/bin/ip", "netns", "add", name], check=True)
    with inside(name):
        subprocess.run(["/bin/ip", "link", "set", "lo", "up"], check=True)
    return os.stat(f"/run/netns/{name}").st_ino


def netns_del(name):
    subprocess.run(["/bin/ip", "netns", "del", name], check=True)
