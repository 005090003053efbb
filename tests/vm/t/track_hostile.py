# SPDX-License-Identifier: GPL-2.0
"""One namespace full of listeners: bounded, and nobody else is worse off."""
import os
import sys
import time

sys.path.insert(0, "/")
from genl import CAUSES, PORT, Genl, Tap, attr
from track_lib import connect, inside, listen, mibs, netns_add, netns_del, settled, stop, syn_to, sysctl, traffic, until

tap = Tap()
N = int(sys.argv[1])
QUOTA, EPISODES, BURST = 4096, 1024, 200
PER_ADDRESS = 50000
open("/proc/sys/fs/file-max", "w").write("400000")


def entries():
    """Slab objects of struct lq_entry in use, and their size."""
    path = "/sys/kernel/slab/lq_entry/"
    if not os.path.exists(path):
        return None
    return int(open(path + "objects").read().split()[0]), int(open(path + "object_size").read())


def module_kb():
    """Of percpu memory and of vmalloc, which is what the module has beside its entries."""
    info = dict(line.split(":") for line in open("/proc/meminfo"))
    return int(info["Percpu"].split()[0]) + int(info["VmallocUsed"].split()[0])


def port_of(n):
    return 1024 + n % PER_ADDRESS, f"127.0.0.{1 + n // PER_ADDRESS}"


g = Genl()
# others, before and after
netns_add("other")
with inside("other"):
    other = Genl()
    sysctl(ipv4__tcp_synack_retries=0)
    first = listen(5000, backlog=0)
    held = [connect("127.0.0.1", 5000)]
netns_add("box")
with inside("box"):
    box = Genl()
    sysctl(core__somaxconn=1000, ipv4__tcp_synack_retries=0)
    began = time.monotonic()
    for n in range(0, N, PER_ADDRESS):
        traffic("listen", "-n", min(PER_ADDRESS, N - n), "-p", port_of(n)[0], "-a", port_of(n)[1], "-b", 0)
    print(f"# {N} listeners in {time.monotonic() - began:.1f} s", flush=True)
    before, began = module_kb(), time.monotonic()
    for n in range(0, N, PER_ADDRESS):
        many, (port, addr) = min(PER_ADDRESS, N - n), port_of(n)
        traffic("syn", "-n", many, "-p", port, "-P", port + many - 1, "-a", addr, "-S", n + 1)
    # at one without counters: cookies, when its SYN queue is full
    port, addr = port_of(N - 1)
    traffic("syn", "-n", BURST, "-p", port, "-a", addr, "-S", N + 1)
    print(f"# {N + BURST} SYNs in {time.monotonic() - began:.1f} s", flush=True)
    n, m = settled(lambda: (box.net_counters(), mibs()))
t = g.track()
used = entries()
print(f"# {n}\n# {t}\n# slab {used}, {module_kb() - before} kB of other memory", flush=True)
tap.ok(QUOTA <= t["entries"] <= QUOTA + 2, "entries stay within the namespace's quota", t)
if tap.ok(used is not None, "entries have a slab of their own"):
    tap.ok(used[1] <= 512, "at most 512 bytes each", used)
    # objects in full slabs count as used until each CPU gives its partial ones back
    tap.ok(t["entries"] <= used[0] <= QUOTA + 200, "and so does their memory", used)
tap.ok(module_kb() - before < 512, "nothing else grows with listeners")
tap.equal(n["syns"], N + BURST, "every SYN is counted in the namespace")
tap.equal(n["untracked"], N - QUOTA + BURST, "SYNs at listeners over quota are told")
tap.equal((n["unattributed"], n["missed"]), (0, 0), "nothing unattributed or missed")
tap.equal((sum(n[c] for c in CAUSES), n["cookies_sent"]), (m["ListenDrops"], m["SyncookiesSent"]),
          "over quota, too, the namespace's counts are the kernel's")
tap.ok(t["episodes"] <= EPISODES, "the log stays within its bound", t)
tap.ok(n["cookies_sent"] >= BURST // 2, "cookies among them", n)
known = [c for _, c in box.counted() if c]
tap.equal((len(known), {c["syns"] for c in known}), (QUOTA, {1}), "those with counters have them exact; the others have none")

# who else there is
with inside("other"):
    second = listen(5001, backlog=0)
    held.append(connect("127.0.0.1", 5001))
    mib = mibs()["ListenDrops"]
    syn_to([5000, 5001] * 100)
    mib = mibs()["ListenDrops"] - mib
c = {l["port"]: c for l, c in other.counted()}
tap.equal([c[p] and c[p]["accept_full_syn"] for p in (5000, 5001)], [100, 100],
          "another namespace's listeners are tracked, new ones too")
o = other.net_counters()
tap.equal((mib, o["accept_full_syn"], o["untracked"], o["unattributed"]), (200, 200, 0, 0), "exactly")
tap.equal(sorted(l["port"] for _, l in other.episodes()), [5000, 5001], "with their episodes")

# it all comes back
box.close()
stop()
tap.ok(until(lambda: g.track()["entries"] == 2, 60), "their entries go with them", g.track())
netns_del("box")
tap.ok(until(lambda: entries()[0] < QUOTA // 2, 60), "and so does their memory", entries())
tap.done()
