# SPDX-License-Identifier: GPL-2.0
"""The kernel tree's client, told nothing but the spec, against our own reader and /proc."""
import errno
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

CLIENT = "/tools/net/ynl/pyynl"
SPECS = "/Documentation/netlink/specs"
sys.path[:0] = ["/", CLIENT]
import genl
from genl import Genl, Tap, attr
from lib import Netlink, NlError, YnlFamily

tap = Tap()
g = Genl()
y = YnlFamily("/listenq.yaml", schema="")

# What the spec must come to, in the order of <linux/listenq.h>
LISTENER_HAS = "syn-len syn-young wait tfo defer drops cgroup sockopts flood".split()
LISTENER_FLAGS = "syn-full accept-full head-dead v6only reuseport transparent syn-flood".split()
COUNTERS_HAS = "syn ack retransmits other".split()
EVENTS = "episode-opened episode-changed episode-closed listener-opened listener-closed".split()
HISTOGRAMS = (["len_0"] + [f"len_{1 << i}" for i in range(14)] + ["age_none", "age_0ms"] +
              [f"age_{1 << i}ms" for i in range(13)])
# Of a namespace: each value's name, and where /proc has it
NET = {"somaxconn": "core/somaxconn"}
NET.update((name, "ipv4/" + name) for name in (
    "tcp_max_syn_backlog tcp_syncookies tcp_abort_on_overflow tcp_synack_retries"
    " tcp_fastopen tcp_migrate_req").split())
NET.update((re.sub("(?<!^)([A-Z])", r"_\1", mib.removeprefix("TCP")).lower(), mib) for mib in (
    "ListenOverflows ListenDrops TCPReqQFullDrop TCPReqQFullDoCookies SyncookiesSent"
    " SyncookiesRecv SyncookiesFailed TCPFastOpenListenOverflow TCPDeferAcceptDrop"
    " TCPMigrateReqSuccess TCPMigrateReqFailure TCPAbortFailed").split())

LAYOUTS = {
    "listener": (genl.LISTENER, genl.LISTENER_FIELDS, genl.LISTENER_FORMAT,
                 {"has": LISTENER_HAS, "flags": LISTENER_FLAGS}),
    "net": (genl.NET, ["netns_ino", "has", *NET], "=21Q",
            {"has": [name.replace("_", "-") for name in NET]}),
    "counters": (genl.COUNTERS, genl.COUNTERS_FIELDS, genl.COUNTERS_FORMAT, {"has": COUNTERS_HAS}),
    "histograms": (genl.HISTOGRAMS, HISTOGRAMS, "=30Q", {}),
    "net-counters": (genl.NET_COUNTERS, genl.NET_COUNTERS_FIELDS, genl.NET_COUNTERS_FORMAT,
                     {"has": COUNTERS_HAS}),
    "track": (genl.TRACK, genl.TRACK_FIELDS, genl.TRACK_FORMAT, {}),
    "hook": (genl.HOOK, ["name", "missed", "error", "placed"], "=32sQiI", {}),
    "episode": (genl.EPISODE, genl.EPISODE_FIELDS, genl.EPISODE_FORMAT, {}),
    "event": (genl.EVENT_A, genl.EVENT_FIELDS, genl.EVENT_FORMAT, {"type": EVENTS}),
}
BY_KIND = {layout[0]: name for name, layout in LAYOUTS.items()}


def parsed(name, data):
    """One struct as our own reader has it, its bits named."""
    _, fields, fmt, enums = LAYOUTS[name]
    assert len(data) == struct.calcsize(fmt), (name, len(data))
    d = genl.struct_of(fields, fmt, data)
    for field, names in enums.items():
        if field == "type":
            d[field] = names[d[field] - 1]
        else:
            assert not d[field] >> len(names), (name, field, d[field])
            d[field] = {n for i, n in enumerate(names) if d[field] & 1 << i}
    return {("drop_" if k in genl.CAUSES else "") + k: v for k, v in d.items()}


def attributes(data):
    """All of them, repeated ones as well"""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def mine(cmd, payload=b"", dump=False):
    """Replies as our own reader has them: {attribute: struct or [struct]} each."""
    g.send(cmd, payload, genl.NLM_F_DUMP if dump else genl.NLM_F_ACK)
    found = []
    while True:
        data = g.sock.recv(1 << 16)
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind in (genl.NLMSG_ERROR, genl.NLMSG_DONE):
                assert struct.unpack_from("=i", data, 16)[0] == 0, (cmd, payload, data)
                return found
            found.append(message_of(data[20:length]))
            data = data[(length + 3) & ~3:]


def message_of(data):
    message = {}
    for kind, raw in attributes(data):
        name = BY_KIND[kind]
        value = parsed(name, raw)
        if name == "hook":
            message.setdefault(name, []).append(value)
        else:
            assert name not in message
            message[name] = value
    return message


def flat(message):
    """A reply of the client's, its members spelt as in C."""
    def members(d):
        return {k.replace("-", "_"): v for k, v in d.items()}
    return {name: [members(d) for d in value] if isinstance(value, list) else members(value)
            for name, value in message.items()}


def key(message):
    for name, field in (("episode", "id"), ("listener", "cookie"), ("net", "netns_ino")):
        if name in message:
            return message[name][field]
    return 0


def ageless(messages):
    """In an order of their own and without ages; also the ages"""
    messages = sorted(messages, key=key)
    waits = {m["listener"]["cookie"]: m["listener"].pop("oldest_wait_us")
             for m in messages if "listener" in m and "episode" not in m}
    return messages, waits


def same(name, cmd, op, payload=b"", vals=None, dump=False):
    """The client's replies are what ours are before and after; returns them."""
    deadline = time.monotonic() + 30
    while True:
        before, young = ageless(mine(cmd, payload, dump))
        reply = y.dump(op, dict(vals or {})) if dump else [y.do(op, dict(vals or {}))]
        got, ages = ageless(map(flat, reply))
        after, old = ageless(mine(cmd, payload, dump))
        # Something moved in between: SYN-ACKs are sent again all the time
        if before == after or time.monotonic() > deadline:
            break
    wrong = [c for c in ages if not young.get(c, 0) <= ages[c] <= old.get(c, 0)]
    tap.ok(got == before and before == after and not wrong, name,
           *differences(got, before), f"waits {young} {ages} {old}")
    return got


def differences(got, want):
    if len(got) != len(want):
        yield f"{len(got)} replies, want {len(want)}"
    for a, b in zip(got, want):
        for attribute in sorted(a.keys() | b.keys()):
            if a.get(attribute) != b.get(attribute):
                yield f"{attribute}: got  {a.get(attribute)}"
                yield f"{attribute}: want {b.get(attribute)}"


def u32(kind, value):
    return attr(kind, ("I", value))


def u16(kind, value):
    return attr(kind, ("H", value))


def until(what, call):
    """What call() returns once that is true, or after a while."""
    deadline = time.monotonic() + 30
    while not (got := call()) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not got:
        print(f"# waited in vain: {what}", flush=True)
    return got


def listen(port, addr="127.0.0.1", backlog=5, opts=()):
    s = socket.socket(socket.AF_INET6 if ":" in addr else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for o in opts:
        s.setsockopt(*o)
    s.bind((addr, port))
    s.listen(backlog)
    return s


def syns(n, port, first):
    subprocess.run(["traffic", "syn", "-n", str(n), "-p", str(port), "-S", str(first)],
                   stdout=subprocess.DEVNULL, check=True)


def run_client(*args):
    """The client's command line, its JSON"""
    done = subprocess.run(["python3", CLIENT + "/cli.py", "--spec", "/listenq.yaml", "--no-schema",
                           "--output-json", *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return done.stdout


def as_json(value):
    """As the client's command line would say it"""
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    if isinstance(value, set):
        return sorted(value)
    return value.hex() if isinstance(value, bytes) else value


# Listeners of several kinds: empty, full, with half-open requests; a namespace
REUSE = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
open("/proc/sys/net/ipv4/tcp_syncookies", "w").write("0")
held = [listen(4000), listen(4001, "::1", 9, ((socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1),)),
        listen(4002, opts=(REUSE,)), listen(4002, opts=(REUSE,)),
        listen(4003, opts=((socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0"),)),
        listen(4004, backlog=1), listen(4005, backlog=100)]
held += [socket.create_connection(("127.0.0.1", 4004)) for _ in range(2)]
syns(7, 4005, 1)
other = subprocess.Popen(["unshare", "-n", "sh", "-c", "/bin/ip link set lo up && exec traffic listen -p 5000"],
                         stdout=subprocess.PIPE, text=True)
assert other.stdout.readline().startswith("ready")
syns(25, 4004, 1000)
until("an episode", lambda: mine(genl.EPISODE_GET, dump=True))

# LISTENER_GET
v4, v6 = socket.AF_INET, socket.AF_INET6
LO4, LO6 = socket.inet_aton("127.0.0.1"), socket.inet_pton(v6, "::1")
ALL = [4000, 4001, 4002, 4002, 4003, 4004, 4005]
G, LISTENER_GET = genl, genl.LISTENER_GET
cookie = next(l["cookie"] for l in g.listeners() if l["port"] == 4001)
FILTERS = (
    ("everything", b"", {}, ALL),
    ("not-empty", u32(G.FLAGS, G.NOT_EMPTY), {"flags": ["not-empty"]}, [4004, 4005]),
    ("full", u32(G.FLAGS, G.FULL), {"flags": "full"}, [4004]),
    ("dropped", u32(G.FLAGS, G.DROPPED), {"flags": ["dropped"]}, [4004]),
    ("all-netns", u32(G.FLAGS, G.ALL_NETNS), {"flags": ["all-netns"]}, ALL + [5000]),
    ("counters", u32(G.FLAGS, G.WITH_COUNTERS), {"flags": ["counters"]}, ALL),
    ("histograms", u32(G.FLAGS, G.WITH_HISTOGRAMS), {"flags": ["histograms"]}, ALL),
    ("all flags", u32(G.FLAGS, 63), {"flags": list(y.consts["request-flags"].entries)}, [4004]),
    ("family", u16(G.FAMILY, v6), {"family": int(v6)}, [4001]),
    ("port", u16(G.PORT, 4002), {"port": 4002}, [4002, 4002]),
    ("ifindex", u32(G.IFINDEX, 1), {"ifindex": 1}, [4003]),
    ("cookie", attr(G.COOKIE, ("Q", cookie)), {"cookie": cookie}, [4001]),
    ("addr", u16(G.FAMILY, v6) + attr(G.ADDR, LO6), {"family": int(v6), "addr": LO6}, [4001]),
    ("addr, port and counters", u16(G.FAMILY, v4) + attr(G.ADDR, LO4) + u16(G.PORT, 4004) +
     u32(G.FLAGS, G.WITH_COUNTERS), {"family": int(v4), "addr": LO4.hex(), "port": 4004,
                                     "flags": ["counters"]}, [4004]),
)
for name, payload, vals, ports in FILTERS:
    got = same(f"listener-get dump, {name}: same values", LISTENER_GET, "listener-get", payload, vals, True)
    tap.equal(sorted(m["listener"]["port"] for m in got), ports, f"listener-get dump, {name}: those listeners")
for name, payload, vals in (
        ("by cookie", attr(G.COOKIE, ("Q", cookie)), {"cookie": cookie}),
        ("by address and port, with counters and histograms",
         u16(G.FAMILY, v4) + attr(G.ADDR, LO4) + u16(G.PORT, 4004) +
         u32(G.FLAGS, G.WITH_COUNTERS | G.WITH_HISTOGRAMS),
         {"family": int(v4), "addr": LO4, "port": 4004, "flags": ["counters", "histograms"]})):
    got, = same(f"listener-get do, {name}: same values", LISTENER_GET, "listener-get", payload, vals)
tap.equal(sorted(got), ["counters", "histograms", "listener"], "a do brings counters and histograms along")
h, c = got["histograms"], got["counters"]
tap.ok(c["syns"] >= 27 and c["drop_accept_full_syn"] >= 25 and c["established"] == 2,
       "counters are what happened", c)
tap.equal([sum(v for k, v in h.items() if k.startswith(half)) for half in ("len_", "age_")], [c["syns"]] * 2,
          "either half of the histograms has every SYN once")
tap.equal((got["listener"]["flags"] & {"accept-full", "head-dead", "v6only"}, got["listener"]["accept_len"],
           got["listener"]["backlog"], got["listener"]["protocol"]), ({"accept-full"}, 2, 1, 6), "its queue is full")

# ... against /proc
rows = [line.split() for name in ("tcp", "tcp6") for line in open("/proc/net/" + name).readlines()[1:]]
want = sorted((r[1].split(":")[0], int(r[1].split(":")[1], 16), int(r[4].split(":")[1], 16), int(r[7]), int(r[9]))
              for r in rows if r[3] == "0A")


def proc_addr(l):
    words = struct.unpack("=4I", l["addr"])
    return "".join(f"{w:08X}" for w in (words if l["family"] == v6 else words[:1]))


tap.equal(sorted((proc_addr(l), l["port"], l["accept_len"], l["uid"], l["ino"])
                 for l in (flat(m)["listener"] for m in y.dump("listener-get", {}))), want,
          "addresses, ports, accept queues, owners and inodes are those of /proc/net/tcp")

# NET_GET
for name, flags, bits, n in (("plain", [], 0, 1), ("counters", ["counters"], G.WITH_COUNTERS, 1),
                             ("all-netns", ["all-netns"], G.ALL_NETNS, 2),
                             ("all-netns and counters", ["all-netns", "counters"], 9, 2)):
    if n == 1:
        same(f"net-get do, {name}: same values", G.NET_GET, "net-get", u32(G.FLAGS, bits), {"flags": flags})
    got = same(f"net-get dump, {name}: same values", G.NET_GET, "net-get", u32(G.FLAGS, bits), {"flags": flags}, True)
    tap.equal([sorted(m) for m in got], [["net", "net-counters"] if bits & 8 else ["net"]] * n,
              f"net-get dump, {name}: that many, with what was asked for")


def proc_net():
    names, values = [line.split()[1:] for line in open("/proc/net/netstat") if line.startswith("TcpExt")]
    mibs, found = dict(zip(names, map(int, values))), {}
    for name, where in NET.items():
        if "/" not in where:
            found[name] = mibs.get(where)
        elif os.path.exists("/proc/sys/net/" + where):
            found[name] = int(open("/proc/sys/net/" + where).read())
    return {k: v for k, v in found.items() if v is not None}


def net_and_proc():
    before, got, after = proc_net(), flat(y.do("net-get", {}))["net"], proc_net()
    return before == after and (before, got)


want, got = until("counters at rest", net_and_proc) or ({}, flat(y.do("net-get", {}))["net"])
known = {name.replace("-", "_") for name in got["has"]}
tap.equal({k: got[k] for k in NET if k in known}, want, "limits and counters are those of /proc")
tap.equal(got["netns_ino"], os.stat("/proc/self/ns/net").st_ino, "and so is the namespace's inode number")
tap.ok(want.get("listen_drops", 0) >= 25, "with drops among them", want)

# TRACK_GET, TRACK_SET
got, = same("track-get do: same values", G.TRACK_GET, "track-get")
hooks = [h["name"].rstrip(b"\0").decode() for h in got["hook"]]
tap.ok(len(set(hooks)) == len(hooks) > 1 and all(hooks), "track-get has all hooks, each once", hooks)
tap.equal([(h["error"], h["placed"]) for h in got["hook"]], [(0, 1)] * len(hooks), "and they are in place")
for on in (0, 1):
    tap.equal(y.do("track-set", {"enable": on}), None, f"track-set {on}")
    got, = same(f"track-get do, when it is {on}: same values", G.TRACK_GET, "track-get")
    tap.equal((got["track"]["enabled"], {h["placed"] for h in got["hook"]}, got["track"]["since_us"] > 0),
              (on, {on}, on == 1), f"track-get tells that it is {on}")

# EPISODE_GET
for name, flags, bits in (("plain", [], 0), ("all-netns", ["all-netns"], G.ALL_NETNS)):
    got = same(f"episode-get dump, {name}: same values", G.EPISODE_GET, "episode-get", u32(G.FLAGS, bits),
               {"flags": flags}, True)
    tap.ok([m["listener"]["port"] for m in got] == [4004] and got[0]["episode"]["drop_accept_full_syn"] >= 25,
           f"episode-get dump, {name}: the overflow", got)

# Refusals
for name, op, vals, err, words, more in (
        ("no such listener", "listener-get", {"family": int(v4), "addr": LO4, "port": 9}, errno.ENOENT,
         "no such listener", {"bad-attr": ".port"}),
        ("several", "listener-get", {"family": int(v4), "addr": LO4, "port": 4002}, errno.ENOTUNIQ,
         "several listeners", {"bad-attr": ".port"}),
        ("an unknown flag", "net-get", {"flags": 2}, errno.EINVAL, "reserved bit",
         {"bad-attr": ".flags"}),
        ("a value out of range", "track-set", {"enable": 2}, errno.ERANGE, "integer out of range",
         {"bad-attr": ".enable", "policy": {"type": "u32", "min-value": 0, "max-value": 1}})):
    try:
        tap.ok(False, f"refused: {name}", f"not refused: {y.do(op, vals)}")
    except NlError as e:
        said = dict(e.nl_msg.extack or {})
        tap.ok(e.error == err and words in said.pop("msg", "") and said == more,
               f"refused: {name}, in words and at the attribute", str(e))

# Events: the client's command line beside a socket of ours in the same group
group = y.nlproto.get_mcast_id("events", y.mcast_groups)
raw = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, Netlink.NETLINK_GENERIC)
raw.bind((0, 0))
raw.setsockopt(Netlink.SOL_NETLINK, Netlink.NETLINK_ADD_MEMBERSHIP, group)
raw.setblocking(False)
log = open("/events", "wb+")
client = subprocess.Popen(["python3", "-u", CLIENT + "/cli.py", "--spec", "/listenq.yaml", "--no-schema",
                           "--output-json", "--subscribe", "events"], stdout=log, stderr=log)


def subscribed():
    rows = [line.split() for line in open("/proc/net/netlink").readlines()[1:]]
    return client.poll() is not None or any(
        r[1] == "16" and int(r[2]) == client.pid and int(r[3], 16) for r in rows)


def events():
    """Of the client so far"""
    lines = open("/events").read().splitlines()
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        if client.poll() is not None:
            tap.ok(False, "the client's output is JSON", *lines[-5:])
            tap.done()
        return []


until("the subscription", subscribed)
first, closing = [5000], listen(4006)


def all_kinds():
    """Overflows until every kind was told, but leaves room for quiet"""
    kinds = {e["msg"]["event"]["type"] for e in events()}
    if client.poll() is not None or kinds >= set(EVENTS):
        return True
    if "episode-changed" not in kinds:
        syns(3, 4004, first[0])
        first[0] += 3
    time.sleep(0.2)
    return False


held.append(socket.create_connection(("127.0.0.1", 4006)))
closing.close()
until("every kind of event", all_kinds)
client.send_signal(signal.SIGINT)
client.wait()
got = events()
want = []
while True:
    try:
        data = raw.recv(1 << 16)
    except BlockingIOError:
        break
    length, _, _, _, _, cmd = struct.unpack_from("=IHHIIB", data)
    assert cmd == genl.EVENT and length == len(data), (cmd, length)
    want.append(message_of(data[20:]))
known = {e["msg"]["event"]["seq"] for e in got}
want = [m for m in want if m["event"]["seq"] in known]
tap.equal({e["name"] for e in got}, {"event"}, "the client knows the events by name")
tap.equal(sorted({e["msg"]["event"]["type"] for e in got}), sorted(EVENTS), "every kind of event was told")
tap.ok([flat(e["msg"]) for e in got] == as_json(want), "subscribe: same values", *differences(
    [flat(e["msg"]) for e in got], as_json(want)))
tap.equal([sorted(e["msg"]) for e in got],
          [["episode", "event", "listener"] if "episode" in e["msg"]["event"]["type"] else ["event", "listener"]
           for e in got], "each with its listener, and its episode when it is about one")
seqs = [e["msg"]["event"]["seq"] for e in got]
tap.equal(seqs, list(range(seqs[0], seqs[0] + len(seqs))) if seqs else None, "none is lost")

# The command line on the rest
calm = {"port": 4001, "flags": ["counters", "histograms"]}
for name, args, want in (
        ("dump", ("--dump", "listener-get", "--json", json.dumps(calm)), y.dump("listener-get", calm)),
        ("do", ("--do", "listener-get", "--json", json.dumps({"family": 10, "addr": LO6.hex(), "port": 4001})),
         y.do("listener-get", {"port": 4001, "family": 10, "addr": LO6}))):
    tap.equal(run_client(*args), as_json(want), f"cli.py --{name}: same values")
got = run_client("--do", "listener-get", "--json", '{"family": 2, "addr": "7f000001", "port": 9}')
tap.ok("no such listener" in got and "'.port'" in got, "cli.py says why it is refused", got)

# What the family says of itself, and its policies, against the spec
nlctrl = YnlFamily(SPECS + "/nlctrl.yaml", schema="")
family = nlctrl.do("getfamily", {"family-name": "listenq"})
tap.equal((family["version"], family["hdrsize"], [g["name"] for e in family["mcast-groups"] for g in e.values()]),
          (y.yaml.get("version", 1), 0, list(y.mcast_groups)), "version, header and groups are the spec's")
want = {}
for op in y.ops.values():
    want[op.value] = ({"cmd-cap-haspol"} | {"cmd-cap-" + mode for mode in op.modes} | set(op.yaml.get("flags", ())))
tap.equal({op["id"]: op["flags"] for e in family["ops"] for op in e.values()}, want,
          "operations, their modes and privileges are the spec's")
tap.equal(y.yaml["kernel-policy"], "per-op", "the spec says that policies are an operation's")


def policy_of(op, name):
    """What the spec says about an attribute of a request"""
    a = op.attr_set[name].yaml
    checks = a.get("checks", {})
    if a["type"] == "binary":
        return {"type": "binary", "max-length": checks["max-len"]}
    if "flags-mask" in checks:
        # Which flags an operation takes stands in its doc
        flags = y.consts[checks["flags-mask"]]
        named = re.findall(r"LISTENQ_FLAG_(\w+)", op.yaml["doc"])
        return {"type": a["type"],
                "mask": sum({flags.entries[n.lower().replace("_", "-")].user_value() for n in named})}
    return {"type": a["type"], "min-value": checks.get("min", 0),
            "max-value": checks.get("max", (1 << int(a["type"][1:])) - 1)}


for op in y.ops.values():
    for mode in ("do", "dump"):
        got = y.get_policy(op.name, mode)
        want = {name: policy_of(op, name) for name in op.yaml[mode].get("request", {}).get("attributes", ())} \
            if mode in op.modes else None
        tap.equal(got.to_dict() if got is not None else None, want, f"policy of {op.name} {mode} is the spec's")
other.kill()
tap.done()
