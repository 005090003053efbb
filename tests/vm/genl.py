# SPDX-License-Identifier: GPL-2.0
"""A raw generic netlink client for tests: it can say what a good one never would."""
import errno
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_ACK_TLVS = 0x200
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
A_FAMILY_ID, A_FAMILY_NAME, A_MCAST_GROUPS = 1, 2, 7
NETLINK_ADD_MEMBERSHIP, SO_RCVBUFFORCE = 1, 33

LISTENER_GET, NET_GET, TRACK_GET, TRACK_SET, EPISODE_GET, EVENT = range(1, 7)
(FLAGS, COOKIE, FAMILY, ADDR, PORT, IFINDEX, LISTENER, NET, COUNTERS, HISTOGRAMS,
 NET_COUNTERS, TRACK, HOOK, EPISODE, EVENT_A, ENABLE) = range(1, 17)
ALL_NETNS, NOT_EMPTY, FULL, WITH_COUNTERS, WITH_HISTOGRAMS, DROPPED = (1 << i for i in range(6))

LISTENER_FIELDS = ("cookie ino netns_ino cgroup_id oldest_wait_us has flags uid"
                   " ifindex syn_len syn_young accept_len backlog tfo_len"
                   " tfo_limit defer_accept_s drops family protocol port"
                   " reserved addr").split()
LISTENER_FORMAT = "=5Q12I4H16s"

CAUSES = "accept_full_syn accept_full_ack syn_full syn_unproven other".split()
COUNTED = ["syns", "established"] + CAUSES + ["cookies_sent", "cookies_validated",
                                             "synack_retransmits"]
COUNTERS_FIELDS = (["has", "since_us"] + COUNTED + "first_drop_us last_drop_us"
                   " peak_syn_us peak_accept_us peak_wait_at_us peak_wait_us"
                   " peak_syn_len peak_accept_len".split())
COUNTERS_FORMAT = "=18Q2I"
NET_COUNTERS_FIELDS = (["has"] + COUNTED + "unattributed missed untracked closed_waiting"
                       " events_sent events_suppressed".split())
NET_COUNTERS_FORMAT = "=17Q"
TRACK_FIELDS = ("enabled entries max_entries max_entries_net episodes max_episodes"
                " quiet_ms reserved since_us episodes_forgotten").split()
TRACK_FORMAT = "=8I2Q"
EPISODE_FIELDS = (["id", "start_us", "last_us"] + CAUSES +
                  ["cookies_sent", "peak_syn_len", "peak_accept_len", "backlog", "open"])
EPISODE_FORMAT = "=9Q4I"
EVENT_FIELDS = "seq suppressed time_us type reserved".split()
EVENT_FORMAT = "=3Q2I"
HOOK_FORMAT = "=32sQiI"
HISTOGRAMS_FORMAT = "=30Q"
(EPISODE_OPENED, EPISODE_CHANGED, EPISODE_CLOSED, LISTENER_OPENED, LISTENER_CLOSED) = range(1, 6)

# What not every kernel of the fleet has; the rest is the same on all of them
HAS_MPTCP = os.path.exists("/proc/sys/net/mptcp")


class Refused(Exception):
    """An error answer: errno, the kernel's words, the offset it points at."""

    def __init__(self, err, msg=None, offset=None):
        super().__init__(f"{errno.errorcode.get(err, err)}: {msg}")
        self.err, self.msg, self.offset = err, msg, offset


def attr(kind, data):
    if isinstance(data, tuple):
        data = struct.pack("=" + data[0], data[1])
    pad = -len(data) % 4
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * pad


def attrs_of(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def struct_of(fields, fmt, data):
    return dict(zip(fields, struct.unpack(fmt, data[:struct.calcsize(fmt)])))


def listener_of(data):
    return struct_of(LISTENER_FIELDS, LISTENER_FORMAT, data)


def counters_of(data):
    return struct_of(COUNTERS_FIELDS, COUNTERS_FORMAT, data)


def net_counters_of(data):
    return struct_of(NET_COUNTERS_FIELDS, NET_COUNTERS_FORMAT, data)


def episode_of(data):
    return struct_of(EPISODE_FIELDS, EPISODE_FORMAT, data)


class Genl:
    def __init__(self, name="listenq"):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.sock.settimeout(60)
        self.seq = 0
        self.family = GENL_ID_CTRL
        reply = self.do(CTRL_CMD_GETFAMILY, attr(A_FAMILY_NAME, name.encode() + b"\0"))
        self.family = struct.unpack("=H", reply[0][1][A_FAMILY_ID])[0]
        self.groups = {}
        for group in attrs_of(reply[0][1].get(A_MCAST_GROUPS, b"")).values():
            found = attrs_of(group)
            self.groups[found[1].rstrip(b"\0").decode()] = struct.unpack("=I", found[2])[0]

    def send(self, cmd, payload=b"", flags=0, version=1):
        self.seq += 1
        self.sock.send(struct.pack("=IHHIIBBH", 20 + len(payload), self.family,
                                   NLM_F_REQUEST | flags, self.seq, 0, cmd,
                                   version, 0) + payload)

    def messages(self, data):
        """Splits one datagram; raises Refused; yields None at a dump's end."""
        while len(data) >= 16:
            length, kind, flags, _, _ = struct.unpack_from("=IHHII", data)
            body = data[16:length]
            data = data[(length + 3) & ~3:]
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                err = -struct.unpack_from("=i", body)[0]
                if err:
                    at = 4 + (16 if kind == NLMSG_ERROR else 0)
                    tlvs = attrs_of(body[at:]) if flags & NLM_F_ACK_TLVS else {}
                    msg = tlvs.get(1, b"").rstrip(b"\0").decode() or None
                    offset = struct.unpack("=I", tlvs[2])[0] if 2 in tlvs else None
                    raise Refused(err, msg, offset)
                yield None
            else:
                yield body[0], attrs_of(body[4:])

    def do(self, cmd, payload=b"", version=1):
        self.send(cmd, payload, NLM_F_ACK, version)
        found = []
        while True:
            for message in self.messages(self.sock.recv(1 << 16)):
                if message is None:
                    return found
                found.append(message)

    def dump_begin(self, cmd, payload=b""):
        """Asks and reads the first buffer only."""
        self.send(cmd, payload, NLM_F_DUMP)
        return list(self.messages(self.sock.recv(1 << 16)))

    def dump(self, cmd, payload=b""):
        self.send(cmd, payload, NLM_F_DUMP)
        found = []
        while True:
            for message in self.messages(self.sock.recv(1 << 16)):
                if message is None:
                    return found
                found.append(message)

    def listeners(self, payload=b""):
        return [listener_of(a[LISTENER]) for _, a in self.dump(LISTENER_GET, payload)]

    def counted(self, payload=b""):
        """Listeners with their counters, (listener, counters or None) each."""
        want = attr(FLAGS, ("I", WITH_COUNTERS)) + payload
        return [(listener_of(a[LISTENER]), counters_of(a[COUNTERS]) if COUNTERS in a else None)
                for _, a in self.dump(LISTENER_GET, want)]

    def net_counters(self):
        return net_counters_of(self.do(NET_GET, attr(FLAGS, ("I", WITH_COUNTERS)))[0][1][NET_COUNTERS])

    def track(self):
        a = self.do(TRACK_GET)[0][1]
        return struct_of(TRACK_FIELDS, TRACK_FORMAT, a[TRACK])

    def hooks(self):
        """{name: (missed, error, placed)}; a message has each attribute but this once."""
        self.send(TRACK_GET, b"", NLM_F_ACK)
        data, found = self.sock.recv(1 << 16)[20:], {}
        while len(data) >= 4:
            length, kind = struct.unpack_from("=HH", data)
            if kind == HOOK:
                name, *rest = struct.unpack_from(HOOK_FORMAT, data, 4)
                found[name.rstrip(b"\0").decode()] = tuple(rest)
            data = data[(length + 3) & ~3:]
        list(self.messages(self.sock.recv(1 << 16)))
        return found

    def track_set(self, on):
        self.do(TRACK_SET, attr(ENABLE, ("I", on)))

    def episodes(self, payload=b""):
        return [(episode_of(a[EPISODE]), listener_of(a[LISTENER]))
                for _, a in self.dump(EPISODE_GET, payload)]

    def histograms(self, payload=b""):
        """By cookie: what SYNs found, by length and by age."""
        want = attr(FLAGS, ("I", WITH_HISTOGRAMS)) + payload
        found = {}
        for _, a in self.dump(LISTENER_GET, want):
            if HISTOGRAMS in a:
                h = struct.unpack(HISTOGRAMS_FORMAT, a[HISTOGRAMS])
                found[listener_of(a[LISTENER])["cookie"]] = h[:15], h[15:]
        return found

    def join(self, room=1 << 23):
        """To the group of events; room for what was not read yet takes privileges, but 0."""
        if room:
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups["events"])

    def events(self, wait=0):
        """What came so far: (event, listener, episode or None) each."""
        found = []
        self.sock.settimeout(wait or 0.001)
        try:
            while True:
                for cmd, a in self.messages(self.sock.recv(1 << 16)):
                    assert cmd == EVENT
                    found.append((struct_of(EVENT_FIELDS, EVENT_FORMAT, a[EVENT_A]), listener_of(a[LISTENER]),
                                  episode_of(a[EPISODE]) if EPISODE in a else None))
                self.sock.settimeout(0.001)
        except socket.timeout:
            return found
        finally:
            self.sock.settimeout(60)

    def cookies(self):
        """Of every listener; reads only that, as 10,000 of them take a while."""
        size = 24 + struct.calcsize(LISTENER_FORMAT)
        one = struct.Struct(f"=24xQ{size - 32}x")
        self.send(LISTENER_GET, b"", NLM_F_DUMP)
        found = []
        while True:
            data = self.sock.recv(1 << 16)
            whole = len(data) // size * size
            found += [cookie for cookie, in one.iter_unpack(data[:whole])]
            if whole < len(data):
                list(self.messages(data[whole:]))
                return found

    def close(self):
        self.sock.close()


class Tap:
    """ok and not ok lines, and the plan at the end."""

    def __init__(self):
        self.n = self.bad = 0

    def ok(self, good, name, *detail):
        self.n += 1
        self.bad += not good
        print(("ok - " if good else "not ok - ") + name, flush=True)
        if not good:
            for line in detail:
                print(f"# {line}", flush=True)
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}", f"want {want!r}")

    def refused(self, call, err, name, words=None, offset=True):
        """The call fails with err, with words, and says where in the request."""
        try:
            got = call()
        except Refused as e:
            return self.ok(e.err == err and (words is None or words in (e.msg or "")) and
                           (not offset or e.offset is not None) and e.msg is not None,
                           name, f"got {e} at {e.offset}", f"want {errno.errorcode[err]}: {words}")
        except OSError as e:
            return self.ok(False, name, f"got {e}")
        return self.ok(False, name, f"not refused: {got!r:.200}")

    def done(self):
        print(f"1..{self.n}", flush=True)
        os._exit(1 if self.bad else 0)
