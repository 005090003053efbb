# SPDX-License-Identifier: GPL-2.0
"""10,000 listeners come and go during 200 dumps: those that stay are in every one."""
import json
import subprocess
import sys
import time

sys.path.insert(0, "/")
from genl import Genl, Tap

tap = Tap()
DUMPS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
SCALE = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def traffic(*args):
    p = subprocess.Popen(("traffic",) + args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline().startswith("ready"), args
    return p


# The stable ones, a reuseport group far longer than a batch among them
stay = 1000 // SCALE
procs = [traffic("listen", "-n", str(stay - stay // 5), "-p", "2000"),
         traffic("listen", "-n", str(stay // 5), "-p", "1999", "-r")]
g = Genl()
want = set(g.cookies())
tap.equal(len(want), stay, f"{stay} listeners that stay")
procs += [traffic("churn", "-n", str(5000 // SCALE), "-p", "10000", "-P", "30000"),
          traffic("churn", "-n", str(5000 // SCALE), "-p", "30001", "-P", "60000")]
missing = repeats = 0
fewest, most = 1 << 30, 0
began = time.monotonic()
for i in range(DUMPS):
    cookies = g.cookies()
    missing += len(want - set(cookies))
    repeats += len(cookies) - len(set(cookies))
    fewest, most = min(fewest, len(cookies)), max(most, len(cookies))
print(f"# {DUMPS} dumps of {fewest} to {most} listeners in {time.monotonic() - began:.1f} s", flush=True)
tap.ok(most > fewest > stay, "listeners came and went meanwhile")
tap.equal(missing, 0, f"those that stay are in each of {DUMPS} dumps")
tap.equal(repeats, 0, "and no listener is twice in one")
tool = json.loads(subprocess.run(["listenq", "-j", "-n"], capture_output=True, text=True, check=True).stdout)
cookies = [int(l["cookie"], 16) for l in tool]
tap.equal(len(cookies) - len(set(cookies)), 0, "nor in the tool's list")
tap.equal(len(want - set(cookies)), 0, "which has all that stay, too")
rows = [r.split()[1] for r in list(open("/sys/kernel/debug/listenq/listeners"))[1:]]
tap.equal(len(want - {int(c) for c in rows}), 0, "and so has debugfs, over many pages")
for p in procs:
    p.kill()
tap.done()
