# SPDX-License-Identifier: GPL-2.0
"""Tries every cell of SECURITY.md's table. Runs in the guest, module loaded."""
import ctypes
import errno
import json
import os
import socket
import subprocess
import sys
import traceback

sys.path.insert(0, "/")
from genl import (ADDR, ALL_NETNS, COOKIE, FAMILY, FLAGS, LISTENER, LISTENER_GET, NET, NET_GET,
                  NLM_F_DUMP, PORT, Genl, Refused, Tap, attr, listener_of)

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_DUMPABLE = 4
CAP_VERSION_3, CAP_NET_ADMIN = 0x20080522, 12
DEBUGFS = "/sys/kernel/debug/listenq/"
USER = 1000
# In each namespace root listens on the first port and USER on the second
PORTS = {"host": (4000, 4001), "other": (4100, 4101), "container": (4200, 4201)}
CROWD = range(5000, 5400)  # more in the host's than one buffer of a dump holds; not looked at
EVERY_PORT = sorted(p for pair in PORTS.values() for p in pair)


def check(ret):
    if ret:
        err = ctypes.get_errno()
        raise OSError(err, os.strerror(err))


def enter_netns(path):
    fd = os.open(path, os.O_RDONLY)
    check(libc.setns(fd, CLONE_NEWNET))
    os.close(fd)


def netns_ino():
    return os.stat("/proc/self/ns/net").st_ino


# --- the readers: what a process does to become one ---

def become_user():
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    check(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))


def become_user_ns_root(more=0):
    become_user()
    check(libc.unshare(CLONE_NEWUSER | more))
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {USER} 1"), ("gid_map", f"0 {USER} 1")):
        with open("/proc/self/" + name, "w", encoding="ascii") as f:
            f.write(text)
    assert os.getuid() == 0


def become_root_without_cap():
    head = (ctypes.c_uint32 * 2)(CAP_VERSION_3, 0)
    caps = (ctypes.c_uint32 * 6)()
    check(libc.capget(head, caps))
    for word in (0, 1, 2):  # effective, permitted, inheritable
        caps[word] &= ~(1 << CAP_NET_ADMIN)
    check(libc.capset(head, caps))


# column of the table: how to become it, and the namespace it is in
READERS = {
    "user": (become_user, "host"),
    "user namespace root": (become_user_ns_root, "host"),
    "container root": (lambda: become_user_ns_root(CLONE_NEWNET), "container"),
    "root without CAP_NET_ADMIN": (become_root_without_cap, "host"),
    "root": (lambda: None, "host"),
    "root in another netns": (lambda: enter_netns("/run/netns/other"), "other"),
}


# --- the rows: what a reader asks for. Each returns a word of the table ---

class View:
    """What a row needs to know of its reader and of what there is to see."""

    def __init__(self, netns, cookies, root_sock, user_sock):
        self.netns, self.cookies = netns, cookies
        self.ports = PORTS[netns]
        self.foreign = PORTS["host" if netns != "host" else "other"][0]
        self.inos = {}
        self.sock = Genl()
        self.root_sock, self.user_sock = root_sock, user_sock


def all_flag(on):
    return attr(FLAGS, ("I", ALL_NETNS)) if on else b""


def named(port):
    return (attr(FAMILY, ("H", socket.AF_INET)) + attr(ADDR, socket.inet_aton("127.0.0.1")) +
            attr(PORT, ("H", port)))


def whose(ports, view):
    """The word for the listeners of these ports."""
    ports = [p for p in ports if p not in CROWD]
    if sorted(ports) == EVERY_PORT:
        return "all"
    for netns, pair in PORTS.items():
        if sorted(ports) == list(pair):
            return "own" if netns == view.netns else netns + "'s"
    return f"listeners {sorted(ports)}"


def dump(everywhere, sock="sock"):
    def row(view):
        return whose([l["port"] for l in getattr(view, sock).listeners(all_flag(everywhere))], view)
    return row


def get(by_cookie, foreign, everywhere):
    def row(view):
        port = view.foreign if foreign else view.ports[0]
        ask = attr(COOKIE, ("Q", view.cookies[str(port)])) if by_cookie else named(port)
        reply = view.sock.do(LISTENER_GET, ask + all_flag(everywhere))
        got = listener_of(reply[0][1][LISTENER])["port"]
        return "found" if len(reply) == 1 and got == port else f"{len(reply)} answers, port {got}"
    return row


def nets(call, everywhere):
    def row(view):
        inos = {int.from_bytes(a[NET][:8], "little")
                for _, a in getattr(view.sock, call)(NET_GET, all_flag(everywhere))}
        if inos == {netns_ino()}:
            return "own"
        return "all" if inos == set(view.inos.values()) else f"nets {sorted(inos)}"
    return row


def track_get(view):
    return "shown" if view.sock.track()["enabled"] else "off"


def track_set(view):
    view.sock.track_set(1)
    return "done"


def episodes(everywhere):
    """Root's listener of each namespace overflowed once."""
    def row(view):
        ports = {l["port"] for _, l in view.sock.episodes(all_flag(everywhere))}
        if ports == {pair[0] for pair in PORTS.values()}:
            return "all"
        return "own" if ports == {view.ports[0]} else f"episodes of {sorted(ports)}"
    return row


def join(view):
    del view
    Genl().join(room=0)
    return "joined"


def debugfs(name, column):
    def row(view):
        with open(DEBUGFS + name, encoding="ascii") as f:
            lines = f.read().splitlines()
        if name == "track":
            return "shown" if lines[0] == "enabled 1" else lines[0]
        if name == "nets":
            inos = {int(l.split()[column]) for l in lines[1:]}
            return "all" if inos == set(view.inos.values()) else f"nets {sorted(inos)}"
        ports = {int(l.split()[column].rsplit(":", 1)[1]) for l in lines[1:]}
        if name == "episodes":
            return "all" if ports == {pair[0] for pair in PORTS.values()} else f"episodes of {sorted(ports)}"
        return whose(ports, view)
    return row


def debugfs_write(name):
    def row(view):
        del view
        fd = os.open(DEBUGFS + name, os.O_WRONLY)
        try:
            os.write(fd, b"1")
        finally:
            os.close(fd)
        return "written"
    return row


def uid_of(which):
    def row(view):
        uids = [l["uid"] for l in view.sock.listeners() if l["port"] == view.ports[which]]
        return " ".join(map(str, uids))
    return row


def unload(view):
    """Only with a dump half read, so that whoever may does not."""
    del view
    check(libc.delete_module(b"listenq", os.O_NONBLOCK))
    return "unloaded"


ROWS = {
    "LISTENER_GET dump": dump(False),
    "LISTENER_GET dump, ALL_NETNS": dump(True),
    "LISTENER_GET dump, over a socket root opened": dump(False, "root_sock"),
    "LISTENER_GET dump, ALL_NETNS, over a socket root opened": dump(True, "root_sock"),
    "LISTENER_GET dump, ALL_NETNS, over a socket a user opened": dump(True, "user_sock"),
    "LISTENER_GET by cookie, in its netns": get(True, False, False),
    "LISTENER_GET by cookie, in its netns, ALL_NETNS": get(True, False, True),
    "LISTENER_GET by cookie, elsewhere": get(True, True, False),
    "LISTENER_GET by cookie, elsewhere, ALL_NETNS": get(True, True, True),
    "LISTENER_GET by name, in its netns": get(False, False, False),
    "LISTENER_GET by name, in its netns, ALL_NETNS": get(False, False, True),
    "LISTENER_GET by name, elsewhere": get(False, True, False),
    "LISTENER_GET by name, elsewhere, ALL_NETNS": get(False, True, True),
    "NET_GET": nets("do", False),
    "NET_GET, ALL_NETNS": nets("do", True),
    "NET_GET dump": nets("dump", False),
    "NET_GET dump, ALL_NETNS": nets("dump", True),
    "TRACK_GET": track_get,
    "TRACK_SET": track_set,
    "EPISODE_GET dump": episodes(False),
    "EPISODE_GET dump, ALL_NETNS": episodes(True),
    "joining the group events": join,
    "debugfs listeners": debugfs("listeners", 14),
    "debugfs nets": debugfs("nets", 0),
    "debugfs counters": debugfs("counters", -1),
    "debugfs histograms": debugfs("histograms", -1),
    "debugfs episodes": debugfs("episodes", -1),
    "debugfs track": debugfs("track", 0),
    "writing to debugfs listeners": debugfs_write("listeners"),
    "writing to debugfs track": debugfs_write("track"),
    "uid of a listener that is root's": uid_of(0),
    f"uid of a listener that is uid {USER}'s": uid_of(1),
    "unload while a dump is half read": unload,
}


def cell(row, view):
    try:
        return ROWS[row](view)
    except Refused as e:
        return errno.errorcode[e.err] + ("" if e.msg else " without a word")
    except OSError as e:
        return errno.errorcode[e.errno]


# --- the stage ---

def hold_listeners(netns_path, pair, say):
    """In a process of its own: root's listener and USER's, until the end. Says their cookies."""
    if os.fork():
        return
    enter_netns(netns_path)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    keep, cookies = [], {}
    for port, uid in zip(pair, (0, USER)):
        os.seteuid(uid)
        s = socket.socket()
        s.bind(("127.0.0.1", port))
        s.listen(3)
        keep.append(s)
        if not uid:  # one waits, the next is dropped: an episode
            s.listen(0)
            for _ in range(2):
                c = socket.socket()
                c.setblocking(False)
                c.connect_ex(("127.0.0.1", port))
                keep.append(c)
        cookies[port] = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
        os.seteuid(0)
    os.write(say, json.dumps({"ino": netns_ino(), "cookies": cookies}).encode() + b"\n")
    while True:
        os.read(never[0], 1)


def start_reader(column):
    """A process that has become a reader and awaits the cookies."""
    become, netns = READERS[column]
    here, there = socket.socketpair()
    pid = os.fork()
    if pid:
        there.close()
        return pid, here.makefile("rw")
    here.close()
    talk = there.makefile("rw")
    try:
        become()
        talk.write("ready\n")
        talk.flush()
        stage = json.loads(talk.readline())
        view = View(netns, stage["cookies"], root_sock, user_sock)
        view.inos = stage["inos"]
        json.dump({row: cell(row, view) for row in ROWS}, talk)
    except Exception:  # pylint: disable=broad-except
        json.dump({row: "broken: " + traceback.format_exc(limit=1) for row in ROWS}, talk)
    talk.write("\n")
    talk.flush()
    os._exit(0)


def table_of(path):
    """{row: {column: word}} of the table whose first heading is "asked for"."""
    table, columns = {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            cells = [c.strip().replace("`", "") for c in line.strip().strip("|").split("|")]
            if cells[0] == "asked for":
                columns = cells[1:]
            elif columns and not line.startswith("|"):
                break
            elif columns and set(cells[0]) - set("-: "):
                table[cells[0]] = dict(zip(columns, cells[1:]))
    return columns or [], table


tap = Tap()
never = os.pipe()
columns, table = table_of("/SECURITY.md")
tap.equal(columns, list(READERS), "the table has every reader")
tap.equal(list(table), list(ROWS), "the table has every row")

# what is closed to them shall be so by the files' own modes
subprocess.run("mount -o remount,mode=755 /sys/kernel/debug && ip netns add other", shell=True, check=True)
root_sock = Genl()
os.setresuid(USER, USER, 0)
user_sock = Genl()
os.setresuid(0, 0, 0)

readers = {column: start_reader(column) for column in READERS}
for pid, talk in readers.values():
    talk.readline()
paths = {"host": "/proc/self/ns/net", "other": "/run/netns/other",
         "container": f"/proc/{readers['container root'][0]}/ns/net"}
said = os.pipe()
stage = {"inos": {}, "cookies": {}}
with os.fdopen(said[0]) as hear:
    for netns, pair in PORTS.items():
        hold_listeners(paths[netns], pair, said[1])
        told = json.loads(hear.readline())
        stage["inos"][netns] = told["ino"]
        stage["cookies"].update(told["cookies"])
crowd = [socket.create_server(("127.0.0.1", port)) for port in CROWD]
half_read = Genl()
half_read.send(LISTENER_GET, flags=NLM_F_DUMP)

results = {}
for column, (pid, talk) in readers.items():
    talk.write(json.dumps(stage) + "\n")
    talk.flush()
    results[column] = json.loads(talk.readline())
for row in ROWS:
    for column in READERS:
        tap.equal(results[column][row], table.get(row, {}).get(column), f"{row}: {column}")

# last, for there is no way back
subprocess.run(["mount", "-t", "securityfs", "none", "/sys/kernel/security"], check=True)
for level in ("integrity", "confidentiality"):
    with open("/sys/kernel/security/lockdown", "w", encoding="ascii") as f:
        f.write(level)
    root = View("host", stage["cookies"], root_sock, user_sock)
    root.inos = stage["inos"]
    for row in ("LISTENER_GET dump, ALL_NETNS", "EPISODE_GET dump, ALL_NETNS", "debugfs listeners",
                "debugfs nets", "debugfs counters", "debugfs episodes"):
        tap.equal(cell(row, root), "all", f"{row}: root, lockdown={level}")
tap.done()
