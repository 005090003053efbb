# SPDX-License-Identifier: GPL-2.0
"""What the tool says of drops, episodes and events, against what was done."""
import json
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, "/")
from genl import Genl, Tap

tap = Tap()
g = Genl()
keep = []
NOBODY = 65534


def listenq(*args, user=None):
    p = subprocess.run(("listenq",) + args, capture_output=True, text=True, user=user, timeout=60)
    return p.returncode, p.stdout, p.stderr


def text(*args):
    status, out, err = listenq(*args)
    assert status == 0, (args, status, err)
    return out


def js(*args):
    return json.loads(text("-j", *args))


def rows(*args):
    return [line.split() for line in text(*args).splitlines()]


def mib(name):
    names, values = [line.split()[1:] for line in open("/proc/net/netstat") if line.startswith("TcpExt")]
    return int(values[names.index(name)])


def until(what, seconds=20):
    """Polls; what it returned last."""
    deadline = time.monotonic() + seconds
    while not (got := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return got


def listen(port, backlog):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(backlog)
    return s


def connect(port, n):
    for _ in range(n):
        keep.append(socket.create_connection(("127.0.0.1", port)))


first = 1


def syns(port, n):
    """n SYNs, each from an address of its own that never answers."""
    global first
    subprocess.run(("traffic", "syn", "-n", str(n), "-p", str(port), "-S", str(first)), check=True,
                   stdout=subprocess.DEVNULL)
    first += n


class Monitor:
    """listenq monitor that has joined."""

    def __init__(self, *args):
        self.p = subprocess.Popen(("listenq", "monitor") + args, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        self.lines = []
        line = self.p.stderr.readline()
        assert line == "listenq: waiting for events; Ctrl-C ends it\n", line

    def until(self, words):
        """Reads lines up to the one with these words."""
        while words not in (line := self.p.stdout.readline()):
            assert line, f"monitor ended before it said {words}"
            self.lines.append(line)
        self.lines.append(line)
        return self.lines

    def end(self, sig=signal.SIGTERM):
        if sig:
            self.p.send_signal(sig)
        out, err = self.p.communicate(timeout=20)
        return self.p.returncode, out, err


# An overflow of 300 ms that nobody watches
dropped = mib("ListenDrops")
s = listen(7001, 5)
quiet = listen(7004, 9)
connect(7001, 6)
drops = mib("ListenDrops") + 200
began = time.time()
syns(7001, 100)
time.sleep(0.3)
syns(7001, 100)
until(lambda: mib("ListenDrops") >= drops)  # a busy CPU takes them in later
ended = time.time()
while True:  # and drained
    s.settimeout(0.05)
    try:
        s.accept()[0].close()
    except OSError:
        break
dropped = mib("ListenDrops") - dropped
tap.equal(dropped, 200, "200 SYNs were dropped")
e = until(lambda: [e for e in js("episodes") if not e["open"]])
tap.equal(len(e), 1, "the overflow is found afterwards, as one episode")
e = e[0]
tap.equal((e["listener"]["port"], e["drop_accept_full_syn"], e["drop_other"], e["peak_accept_len"], e["backlog"]),
          (7001, dropped, 0, 6, 5), "whose, how many, why, peak and limit")
tap.ok(began <= e["start_us"] / 1e6 and e["last_us"] / 1e6 <= ended and e["last_us"] - e["start_us"] >= 300000,
       "when and how long", e, (began, ended))
row = rows("episodes", "-nH")[0]
tap.equal(row[3:], ["over", "0/5", "6/5", "127.0.0.1:7001", f"accept_full_syn:{dropped}"], "the same in words")
tap.ok(re.fullmatch(r"[3-9]\d\dms|[1-5]\.\ds", row[2]), "and how long it lasted", row)
tap.equal(row[1][:5], time.strftime("%H:%M:%S", time.localtime(e["start_us"] / 1e6))[:5], "in local time")
time.sleep(1.1)
tap.equal((js("episodes", "--since", "1s"), len(js("episodes", "--since", "10min"))), ([], 1), "--since")
status, out, err = listenq("episodes")
tap.equal((status, err), (0, ""), "nothing on stderr while nothing was forgotten")

# The second cause, and who never dropped
open("/proc/sys/net/ipv4/tcp_syncookies", "w").write("0")
s2 = listen(7002, 50)
syns(7002, 51)
syns(7002, 300)
full = [r for r in rows("-nH") if ":700" in r[6]]
tap.equal([(r[6], r[4], r[5]) for r in full if r[6] != "127.0.0.1:7004"],
          [("127.0.0.1:7002", "300", "syn_full"), ("127.0.0.1:7001", str(dropped), "accept_full_syn")],
          "the default columns have drops and their cause")
tap.equal([r[4:6] for r in full if r[6] == "127.0.0.1:7004"], [["0", "-"]], "who never dropped has none")
tap.equal([r[6] for r in rows("-nH", "--drops")], ["127.0.0.1:7002", "127.0.0.1:7001"], "--drops: worst first")
tap.equal([(l["port"], l["counters"]["drop_syn_full"]) for l in js("--drops")], [(7002, 300), (7001, 0)],
          "--drops -j has counters")
tap.ok("counters" not in js()[0], "-j alone has none")
c = js("-s", ":7001")[0]["counters"]
tap.equal((c["syns"], c["established"], c["drop_accept_full_syn"], c["drop_syn_full"], c["peak_accept_len"]),
          (206, 6, dropped, 0, 6), "-s -j")
tap.ok(began <= c["first_drop_us"] / 1e6 <= c["last_drop_us"] / 1e6 <= ended, "first and last drop", c)
shown = text("-sn", ":7001")
tap.ok(re.search(r"^ +syns:206 established:6 drops:200 accept_full_syn:200 since:\d\d:\d\d:\d\d$", shown, re.M),
       "-s: what happened below the row", shown)
tap.ok(re.search(r" accept:6@\d\d:\d\d:\d\d", shown) and re.search(r"^ +dropped first:\S+ last:\S+$", shown, re.M),
       "-s: peaks, first and last drop", shown)

# One listener
l = js("stats", ":7001")[0]
h = l["histograms"]
tap.equal((sum(v for k, v in h.items() if k.startswith("len_")), sum(v for k, v in h.items() if k.startswith("age_"))),
          (206, 206), "stats: both histograms count every SYN")
tap.equal((h["len_0"], h["len_1"], h["len_2"], h["len_4"]), (1, 1, 2, 202), "stats: lengths that were found")
named = text("stats", f"sk:{l['cookie']}")
tap.ok(re.search(r"^drop_accept_full_syn +200$", named, re.M) and re.search(r"^ +4-7 202 #+$", named, re.M),
       "stats sk:COOKIE: counters and bars", named)
tap.ok(max(map(len, named.splitlines())) <= 80, "which fit 80 columns", named)
status, out, err = listenq("stats", "-n", "sport", ">=", "7001")
tap.ok(status == 1 and out == "" and re.fullmatch(r"listenq: stats: 3 listeners match: .*127\.0\.0\.1:7002 sk:\w+.*; "
                                                  r"name one by its sk:\n", err), "stats: several match", err)
tap.equal(listenq("stats", ":7999"), (2, "", "listenq: stats: no listener matches\n"), "stats: none matches")
n = js("net", "-s")[0]
tap.equal((n["counters"]["drop_accept_full_syn"], n["counters"]["drop_syn_full"], n["counters"]["unattributed"]),
          (dropped, mib("TCPReqQFullDrop"), 0), "net -s: the sums")
tap.equal(n["listen_drops"], dropped + 300, "net -s: they are all that was dropped")
s2.close()

# As it happens
until(lambda: not any(e["open"] for e in js("episodes")))
m, words = Monitor("-j"), Monitor("-n")
s = listen(7003, 1)
connect(7003, 2)
sent = 0
deadline = time.monotonic() + 30
while time.monotonic() < deadline:  # an episode that lasts; where the machine stalls there are several
    syns(7003, 10)
    sent += 10
    e = js("episodes")[-1]
    if e["last_us"] - e["start_us"] > 2200000:
        break
until(lambda: not js("episodes")[-1]["open"])
s.close()
events, wout = [json.loads(line) for line in m.until("listener_closed")], "".join(words.until("listener_closed"))
tap.equal((m.end(), words.end(signal.SIGINT)), ((0, "", ""), (0, "", "")), "monitor ends with 0 on SIGTERM and SIGINT")
about = [e["event"] for e in events]
tap.equal({e["listener"]["port"] for e in events}, {7003}, "monitor: of this listener")
tap.equal((about[:2], about[-2:]), (["listener_opened", "episode_opened"], ["episode_closed", "listener_closed"]),
          "monitor: opened, closed")
changed = [e for e in events if e["event"] == "episode_changed"]
apart = [b["time_us"] - a["time_us"] for a, b in zip(changed, changed[1:])]
tap.ok(changed and min(apart, default=1e6) > 900000, "monitor: changed, at most once a second", about, apart)
closed = [e["episode"] for e in events if e["event"] == "episode_closed"]
tap.equal((sum(e["drop_accept_full_syn"] for e in closed), any(e["open"] for e in closed)), (sent, False),
          "monitor: how many in all")
tap.equal(events[-1]["listener"]["accept_len"], 2, "monitor: a listener closed with two waiting")
tap.equal([b["seq"] - a["seq"] for a, b in zip(events, events[1:])], [1] * (len(events) - 1), "monitor: none missing")
tap.equal([line.split()[1] for line in wout.splitlines()], [e["event"] for e in events], "the same in words")
last = closed[-1]["drop_accept_full_syn"]
tap.ok(re.search(rf"episode_closed +127\.0\.0\.1:7003 .*accept_full_syn:{last}$", wout, re.M) and
       wout.endswith(" 2 connections were waiting\n"), "in these words", wout)
m = Monitor("-c", "2")
for _ in range(3):
    listen(7005, 1).close()
status, out, err = m.end(None)
tap.equal((status, len(out.splitlines())), (0, 2), "monitor -c ends after so many")
m = Monitor()
m.p.stdout.close()
listen(7005, 1).close()
tap.equal((m.p.wait(20), m.p.stderr.read()), (0, ""), "monitor ends when nobody reads")

# A storm, and a reader that sleeps through it
rmem = open("/proc/sys/net/core/rmem_default").read()
open("/proc/sys/net/core/rmem_default", "w").write("4096")
m = Monitor("-j")
open("/proc/sys/net/core/rmem_default", "w").write(rmem)
before = g.net_counters()
m.p.send_signal(signal.SIGSTOP)
s, made = listen(7005, 1), 1
while g.net_counters()["events_suppressed"] < before["events_suppressed"] + 20 and made < 1500:
    for _ in range(200):  # the quickest way to open a listener
        s.shutdown(socket.SHUT_RDWR)
        s.listen(1)
    made += 200
s.close()
m.p.send_signal(signal.SIGCONT)
held = g.net_counters()["events_suppressed"] > before["events_suppressed"]  # not where the machine is too slow
if held:
    m.until('"suppressed","events"')  # told after a second's silence, too
# who has no room for the last one, either, never tells of it
until(lambda: all(row.split()[4] == "0" for row in list(open("/proc/net/netlink"))[1:]))
listen(7006, 1).close()
events = [json.loads(line) for line in m.until('"port":7006')]
tap.equal(m.end(), (0, "", ""), "after a storm it goes on")
kinds = [e["event"] for e in events]
after = g.net_counters()
emitted = sum(after[k] - before[k] for k in ("events_sent", "events_suppressed"))
tap.equal(emitted, made + 1, "as many events as listeners were opened")
tap.ok("overrun" in kinds, "monitor says that it was too slow", kinds)
told = sum(1 if e["event"] == "listener_opened" else e["events"] or 0 for e in events)
tap.equal(told, emitted, "told + lost + held back = made")
tap.equal(("lost" in kinds, "suppressed" in kinds), (True, held), "it says how many were lost and how many held back")

# On and off, and who may
denied = "listenq: track off: needs CAP_NET_ADMIN on the host\n"
tap.equal(listenq("track", "off", user=NOBODY), (2, "", denied), "track off takes privilege")
denied = "listenq: monitor: needs CAP_NET_ADMIN over the network namespace\n"
tap.equal(listenq("monitor", user=NOBODY), (2, "", denied), "and so does monitor")
tap.ok(listenq("track", user=NOBODY)[0] == 0, "but asking does not")
t = js("track")
tap.equal((t["enabled"], t["episodes_forgotten"], all(h["placed"] for h in t["hooks"]), len(t["hooks"])),
          (True, 0, True, 5), "track: on, all hooks placed")
off = text("track", "off")
tap.ok(off.startswith("Tracking  off\n") and off.count(" off\n") == 6, "track off says so", off)
tap.equal(listenq("-s", ":7004")[::2], (0, "listenq: tracking is off, counters stand still: listenq track on\n"),
          "-s says that tracking is off")
tap.ok(re.match(r"Tracking  on since \d{4}-\d\d-\d\d ", text("track", "on")), "track on")
m = Monitor()
subprocess.run(("rmmod", "listenq"), check=True)
tap.equal(m.end(None), (2, "", "listenq: the listenq module was unloaded\n"), "monitor ends when the module goes")
need = "listenq: this needs the listenq module: load it with modprobe listenq (or insmod listenq.ko)\n"
for command in (("episodes",), ("monitor",), ("track",), ("stats", ":7004")):
    tap.equal(listenq(*command), (2, "", need), f"{command[0]} without the module")
tap.equal(listenq("net", "-s")[2], "listenq: source is sock_diag, not the listenq module; unknown: counters\n",
          "net -s without the module")
tap.done()
