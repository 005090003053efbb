# SPDX-License-Identifier: GPL-2.0
"""Events: each kind, an overflow storm, a slow reader, and who may join."""
import errno
import os
import sys
import time

sys.path.insert(0, "/")
from genl import (EPISODE_CHANGED, EPISODE_CLOSED, EPISODE_OPENED, LISTENER_CLOSED, LISTENER_OPENED, Genl, Tap)
from track_lib import (CLONE_NEWNET, CLONE_NEWUSER, check, connect, inside, libc, listen, netns_add, settled, stop,
                       syn_to, sysctl, traffic, until)

tap = Tap()
g = Genl()
BURST, RATE = 256, 128
CROWD = list(range(10000, 10400))
sysctl(core__somaxconn=10000, ipv4__tcp_max_syn_backlog=10000, ipv4__tcp_synack_retries=0)


def kinds(found):
    return [(e["type"], l["port"], l["accept_len"]) for e, l, _ in found]


# each kind, one by one
reader = Genl()
if "events" not in reader.groups:
    # no way to keep others out on this kernel, so no group at all
    tap.ok("5.10" in os.uname().release, "a group for events")
    tap.done()
reader.join()
began = time.time_ns() // 1000
s = listen(5000, backlog=1)
tap.equal(kinds(reader.events(5)), [(LISTENER_OPENED, 5000, 0)], "a listener opened")
held = [connect("127.0.0.1", 5000) for _ in range(2)]
syn_to([5000])
got = reader.events(5)
tap.equal(kinds(got), [(EPISODE_OPENED, 5000, 2)], "an episode opened")
for n in range(20):
    syn_to([5000] * 5, 10 * n)
    time.sleep(0.1)
got += reader.events(5)
until(lambda: got.extend(reader.events()) or got[-1][0]["type"] == EPISODE_CLOSED, 10)
changed = [e["time_us"] for e, _, _ in got if e["type"] == EPISODE_CHANGED]
tap.equal([e["type"] for e, _, _ in got], [EPISODE_OPENED] + [EPISODE_CHANGED] * len(changed) + [EPISODE_CLOSED],
          "it changed and closed")
tap.ok(1 <= len(changed) <= 4 and all(b - a >= 900000 for a, b in zip(changed, changed[1:])),
       "changes are told once a second at most", changed)
tap.equal((got[-1][2]["accept_full_syn"], got[-1][2]["open"], got[0][2]["open"]), (101, 0, 1), "with the episode")
s.close()
got = reader.events(5)
tap.equal(kinds(got), [(LISTENER_CLOSED, 5000, 2)], "a listener closed with two waiting")
tap.ok(began < got[0][0]["time_us"] < time.time_ns() // 1000, "each says when")
s = listen(5000)
s.close()
tap.equal(kinds(reader.events(5) + reader.events(0.5)), [(LISTENER_OPENED, 5000, 0)],
          "one that closes with nobody waiting is no event")
held.clear()

# a storm, a fast reader, a slow one, and one who does not read at all
time.sleep((BURST + RATE) / RATE)  # the bucket fills
slow = Genl()
slow.join(4096)
traffic("listen", "-n", len(CROWD), "-p", CROWD[0], "-b", 0)
held = [connect("127.0.0.1", port) for port in CROWD]
got = []
until(lambda: not (more := reader.events(3)) or got.extend(more), 30)
time.sleep((BURST + RATE) / RATE)
before, began, received = g.net_counters(), time.monotonic(), len(got)
got, first = [], 1
while time.monotonic() < began + 6:
    syn_to(CROWD, first)
    first += len(CROWD)
    got += reader.events()
until(lambda: got.extend(reader.events()) or not any(e["open"] for e, _ in g.episodes()), 20)
got += reader.events(0.5)
took = time.monotonic() - began
time.sleep(1)
listen(5002).close()  # the last word: it tells what was held back until now
got += reader.events(5) + reader.events(0.5)
after = settled(g.net_counters)
sent = after["events_sent"] - before["events_sent"]
suppressed = after["events_suppressed"] - before["events_suppressed"]
print(f"# {after['accept_full_syn'] - before['accept_full_syn']} drops in {took:.1f} s: {sent} events sent, {suppressed} suppressed")
tap.ok(after["accept_full_syn"] - before["accept_full_syn"] >= 2 * len(CROWD), "a storm of drops")
tap.ok(suppressed > 0 and sent > BURST // 2, "more of them than the bucket has", sent, suppressed)
tap.ok(sent <= BURST + RATE * (took + 3), "no more are sent than the bucket has", sent, took)
reported = got[-1][0]["suppressed"] - before["events_suppressed"]
tap.equal((len(got), reported), (sent, suppressed), "received and reported as suppressed is all there were")
tap.ok(sent + suppressed >= 2 * len(CROWD), "each episode's opening and closing among them", sent, suppressed)
seqs = [e["seq"] for e, _, _ in got]
tap.equal(seqs, list(range(before["events_sent"] + 1, after["events_sent"] + 1)), "numbered without a gap")
held_back = [e["suppressed"] for e, _, _ in got]
tap.equal(held_back, sorted(held_back), "suppressed ones only rise")
try:
    late = slow.events()
    tap.ok(False, "a slow reader gets ENOBUFS", f"{len(late)} events")
except OSError as e:
    tap.equal(e.errno, errno.ENOBUFS, "a slow reader gets ENOBUFS")
late = [e["seq"] for e, _, _ in slow.events()]
listen(5003).close()
late += [e["seq"] for e, _, _ in slow.events(5)]
tap.ok(late and late[-1] == after["events_sent"] + 1 and late[-1] - late[0] >= len(late),
       "then what it still has, with a gap that tells of the loss", late)
tap.equal(g.net_counters()["events_sent"], late[-1], "the last one is the newest")
stop()
held.clear()

# nobody listens: nothing is made
reader.close()
slow.close()
before = settled(g.net_counters)
listen(5004).close()
time.sleep(0.5)
tap.equal(g.net_counters()["events_sent"], before["events_sent"], "without a reader no event is sent")


# who may join
def child(become):
    """What a process that has become somebody else gets: an errno, or the ports in its events."""
    r, w = os.pipe()
    if not os.fork():
        try:
            become()
            mine = Genl()
            mine.join(0)
            os.write(w, b"joined ")
            s = listen(6001, "0.0.0.0")
            ports = [l["port"] for _, l, _ in mine.events(3)]
            s.close()
            os.write(w, str(ports).encode())
        except OSError as e:
            os.write(w, errno.errorcode[e.errno].encode())
        os._exit(0)
    os.close(w)
    if become is not join_host:
        time.sleep(0.5)
        listen(6002).close()  # in the host's namespace: nobody else's business
    said = b""
    while part := os.read(r, 4096):
        said += part
    os.wait()
    return said.decode()


def drop(keep=0):
    os.setgroups([])
    os.setresgid(1000, 1000, 1000)
    os.setresuid(1000, 1000, 1000)
    check(libc.prctl(4, 1, 0, 0, 0))
    if keep:
        check(libc.unshare(keep))
        for name, text in (("setgroups", "deny"), ("uid_map", "0 1000 1"), ("gid_map", "0 1000 1")):
            open("/proc/self/" + name, "w").write(text)


def container():
    drop(CLONE_NEWUSER | CLONE_NEWNET)


def join_host():
    pass


def other():
    fd = os.open("/run/netns/other", os.O_RDONLY)
    check(libc.setns(fd, CLONE_NEWNET))


tap.equal(child(drop), "EPERM", "a user may not join")
tap.equal(child(lambda: drop(CLONE_NEWUSER)), "EPERM", "nor may root of a user namespace in the host's network")
tap.equal(child(join_host), "joined [6001]", "root may")
tap.equal(child(container), "joined [6001]", "and a container's root, who hears of its own namespace only")
netns_add("other")
tap.equal(child(other), "joined [6001]", "and root in another namespace, likewise")
with inside("other"):
    other_sock = Genl()
    other_sock.join()
listen(6003).close()
tap.equal(other_sock.events(1), [], "a listener of the host is no event elsewhere")
tap.done()
