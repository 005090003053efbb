#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: tests/bench/report.py RAW...           write the report
       tests/bench/report.py --gate RAW...    hold the ratios against tests/bench/bounds

RAW is what tests/bench/run printed. The report is build/bench/bench.json (all of
it), build/bench/bench.txt (the tables), Documentation/performance.md and its
performance.svg; everything in the last two comes from the first. --gate prints TAP.
"""
import json
import os
import statistics
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOLERANCE = 0.03


class Measured:
    """The lines of one kernel, each a dict."""

    def __init__(self, kernel, lines):
        self.kernel, self.lines = kernel, lines

    def get(self, section, **names):
        wanted = {"section": section, **names}
        if section == "dump":
            wanted = {"group": None, "before": None, **wanted}
        found = [line for line in self.lines
                 if all(line.get(k) == v for k, v in wanted.items())]
        return found[0] if len(found) == 1 else None

    def value(self, section, field="median", **names):
        line = self.get(section, **names)
        return None if line is None else line[field]

    def dump(self, what, n, m=0, k=0, family=4, **more):
        return self.value("dump", what=what, n=n, m=m, k=k, family=family, **more)

    def tool(self, what, n, m=0):
        """Instructions of a program, less those of starting it."""
        whole = self.value("tool", what=what, n=n, m=m)
        start = self.value("tool", what="ss-start" if what.startswith("ss") else
                           "listenq-start", n=0, m=0)
        return whole and start and whole - start

    def hook(self, path, what):
        """Instructions that a hook adds to a path."""
        with_it, without = (self.value("hook", path=path, what=w) for w in (what, "none"))
        return None if with_it is None or without is None else with_it - without

    def each(self, section, field, **names):
        """The values that a field has in the lines of a section."""
        return sorted({line[field] for line in self.lines
                       if line["section"] == section and field in line
                       and all(line.get(k) == v for k, v in names.items())})

    def ratios(self):
        """Every ratio there is data for, by the name that goals and bounds use."""
        found = {}

        def put(name, over, under):
            if over is not None and under:
                found[name] = over / under

        for family in self.each("dump", "family"):
            for n in self.each("dump", "n", family=family):
                names = {"family": family, "n": n}
                ours = self.dump("listenq", **names)
                put(f"dump v{family} N={n}", ours, self.dump("diag-listen", **names))
                put(f"floor v{family} N={n}", ours, self.dump("floor-packed", **names))
                put(f"group v{family} N={n}", self.dump("listenq", group=1, **names),
                    self.dump("diag-listen", group=1, **names))
                for m in self.each("dump", "m"):
                    for k in self.each("dump", "k"):
                        at = {**names, "m": m, "k": k}
                        if m or k:
                            put(f"flat v{family} N={n} M={m} K={k}",
                                self.dump("listenq", **at), ours)
                        peers = [self.dump(w, **at) for w in ("diag-listen", "diag-syn-recv")]
                        if None not in peers:
                            put(f"both v{family} N={n} M={m} K={k}",
                                self.dump("listenq", **at), sum(peers))
        for n in self.each("tool", "n"):
            put(f"text N={n}", self.tool("listenq", n), self.tool("ss", n))
            put(f"json N={n}", self.tool("listenq-json", n), self.tool("ss", n))
            put(f"processes N={n}", self.tool("listenq-processes", n),
                self.tool("ss-processes", n))
        for path in self.each("hook", "path"):
            none = self.value("hook", path=path, what="none")
            for what in ("on", "monitor", "loaded", "off"):
                put(f"hooks {path} {what}", self.hook(path, what), none)
        for peer in ("bpf-kprobe", "bpf-fentry", "kprobe-event"):
            put(f"hit {peer}", self.hook("syn", "on"), self.hook("syn", peer))
        return found


def read(paths):
    """RAW files -> a Measured for each kernel, in the order they came."""
    kernels = {}
    for path in paths:
        with open(path) as f:
            for text in f:
                section, *fields = text.split()
                if not fields or not fields[0].startswith("kernel="):
                    continue
                line = dict(field.split("=", 1) for field in fields)
                line = {k: int(v) if v.isdigit() and k != "kernel" else v
                        for k, v in line.items()}
                line["section"] = section
                if "instructions" in line:
                    rounds = [int(v) for v in str(line["instructions"]).split(",")]
                    line.update(instructions=rounds, median=statistics.median(rounds))
                kernels.setdefault(line["kernel"], []).append(line)
    if not kernels:
        sys.exit("report.py: nothing was measured")
    return [Measured(kernel, lines) for kernel, lines in kernels.items()]


def gate(measured):
    """The ratios of bounds, as TAP."""
    failed = count = 0
    with open(os.path.join(TOP, "tests/bench/bounds")) as f:
        bounds = [line.split("|") for line in f if not line.startswith("#") and line.strip()]
    for m in measured:
        ratios = m.ratios()
        for name, bound, reason in ([field.strip() for field in b] for b in bounds):
            count += 1
            value = ratios.get(name)
            limit = float(bound) * (1 + TOLERANCE)
            good = value is not None and value <= limit
            failed += not good
            shown = "not measured" if value is None else f"{value:.4f}"
            print(f"{'ok' if good else 'not ok'} - {m.kernel}: {name} is {shown}, "
                  f"at most {bound}")
            if not good:
                print(f"# {reason}")
            elif value < float(bound) * (1 - TOLERANCE) and value > 0.0005:
                print(f"# better than stated: tests/bench/bounds could say {value:.4f}")
    print(f"1..{count}")
    return 1 if failed else 0


def number(value, unit=""):
    if value is None:
        return "-"
    if unit == "M":
        return f"{value / 1e6:,.1f}" if value >= 1e7 else f"{value / 1e6:,.2f}"
    return f"{value:,.0f}"


def goals(m):
    """(goal, bound, name of the worst ratio, its value): those of one kernel."""
    ratios = m.ratios()

    def worst(prefix, *endings):
        names = [name for name in ratios if name.startswith(prefix)
                 and (not endings or name.endswith(endings))]
        name = max(names, key=ratios.get, default=None)
        return (name, ratios[name]) if name else (None, None)

    rows = [
        ("kernel instructions of a dump of 100,000, against inet_diag's LISTEN", 0.35,
         *worst("dump ", "N=100000")),
        ("both queues at N = 1,000, M = 100,000, against LISTEN + SYN_RECV", 0.05,
         *worst("both ", "N=1000 M=100000 K=0", "N=1000 M=100000 K=10000")),
        ("flat in M and K", 1.02, *worst("flat ")),
        ("`listenq -H` against `ss -Hltn`", 0.10, *worst("text ", "N=10000", "N=100000")),
        ("`listenq -j` against `ss -Hltn`", 0.15, *worst("json ", "N=10000", "N=100000")),
        ("all hooks, of a connect/accept/close", 0.03, *worst("hooks cycle ", "on", "monitor")),
        ("all hooks, of a dropped SYN", 0.05, *worst("hooks syn ", "on", "monitor")),
        ("a hit, against the BPF program's (kprobe)", 0.70, *worst("hit bpf-kprobe")),
        ("tracking off: nothing", 0.0005, *worst("hooks ", "loaded", "off")),
    ]
    return [row for row in rows if row[2]]


def table(head, rows):
    """Rows of text as Markdown."""
    lines = ["| " + " | ".join(head) + " |",
             "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def goals_table(measured):
    head, rows = ["goal", "at most"], {}
    for m in measured:
        head.append(m.kernel)
        for goal, bound, _, value in goals(m):
            verdict = "met" if value <= bound else f"**missed, {value / bound:.2f} times it**"
            rows.setdefault((goal, bound), []).append(f"{value:.4f} {verdict}")
    return table(head, [[g, b if b >= 0.001 else 0, *cells] for (g, b), cells in rows.items()])


def dump_table(m, family):
    rows = []
    for n in m.each("dump", "n", family=family):
        if m.dump("listenq", n, family=family) is None:
            continue
        each = [m.dump(w, n, family=family) for w in
                ("diag-listen", "listenq", "floor-packed", "floor-walk")]
        wire = [m.value("dump", "bytes", what=w, n=n, m=0, k=0, family=family)
                for w in ("diag-listen", "listenq")]
        rows.append([number(n), *(number(v and v / n) for v in each),
                     f"{each[1] / each[0]:.3f}", *(number(w / n) for w in wire)])
    return table(["N", "inet_diag", "listenq", "floor: packed", "floor: walk", "ratio",
                  "bytes: inet_diag", "bytes: listenq"], rows)


def both_table(m, family):
    rows = []
    for n in m.each("dump", "n", family=family):
        for conns in m.each("dump", "m"):
            for k in m.each("dump", "k"):
                names = {"n": n, "m": conns, "k": k, "family": family}
                each = [m.dump(w, **names) for w in ("diag-listen", "diag-syn-recv", "listenq")]
                if None in each:
                    continue
                rows.append([number(n), number(conns), number(k), *(number(v, "M") for v in each),
                             f"{each[2] / (each[0] + each[1]):.3f}",
                             f"{each[2] / m.dump('listenq', n, family=family):.3f}"])
    return table(["N", "M", "K", "LISTEN", "SYN_RECV", "listenq", "ratio", "of M = K = 0"], rows)


def tool_table(m):
    rows = []
    for n in m.each("tool", "n"):
        for conns in m.each("tool", "m", n=n):
            for what, peer in (("listenq", "ss"), ("listenq-json", "ss"),
                               ("listenq-processes", "ss-processes")):
                ours, theirs = m.tool(what, n, conns), m.tool(peer, n, conns)
                if ours is None or theirs is None or not n:
                    continue
                rss = [m.value("tool", "rss_kib", what=w, n=n, m=conns) for w in (peer, what)]
                rows.append([TOOLS[what], TOOLS[peer], number(n), number(conns),
                             number(theirs, "M"), number(ours, "M"), f"{ours / theirs:.3f}",
                             *(number(kib) for kib in rss)])
    return table(["", "against", "N", "M", "theirs", "ours", "ratio", "RSS theirs, KiB",
                  "RSS ours, KiB"], rows)


TOOLS = {"listenq": "`listenq -H`", "listenq-json": "`listenq -j`", "ss": "`ss -Hltn`",
         "listenq-processes": "`listenq -Hp`", "ss-processes": "`ss -Hltnp`"}
HOOKS = [("loaded", "listenq, tracking never on"), ("on", "listenq, tracking on"),
         ("monitor", "the same, and a `listenq monitor`"), ("off", "tracking off again"),
         ("ftrace", "an empty ftrace callback"), ("kretprobe", "an empty kretprobe"),
         ("bpf-fentry", "tcpsynbl's program, fentry"),
         ("bpf-kprobe", "tcpsynbl's program, kprobe"), ("kprobe-event", "a kprobe event")]


def hook_table(m):
    none = {p: m.value("hook", path=p, what="none") for p in ("syn", "cycle")}
    rows = [["nothing", number(none["syn"]), "", number(none["cycle"]), ""]]
    for what, text in HOOKS:
        row = [text]
        for path in ("syn", "cycle"):
            added = m.hook(path, what)
            if added is None:
                break
            row += [f"{added:+,.0f}", f"{100 * added / none[path]:+.2f} %"]
        else:
            rows.append(row)
    return table(["in place", "a dropped SYN", "", "connect, accept, close", ""], rows)


def memory_table(measured):
    rows = []
    for m in measured:
        entry, module = m.get("memory", what="entry"), m.get("memory", what="module")
        rows.append([m.kernel, number(entry["bytes"]),
                     number(entry["slab_bytes"] / entry["objects_per_slab"]),
                     number(module["bytes"])])
    return table(["kernel", "a tracked listener, bytes", "with its share of the slab",
                  "the module, bytes"], rows)


def hold_table(measured):
    """How long others may have to wait: all listeners in one bucket."""
    rows = []
    for m in measured:
        for n in m.each("dump", "n", group=1):
            ours, theirs = (m.get("dump", what=w, n=n, m=0, k=0, family=4, group=1)
                            for w in ("listenq", "diag-listen"))
            rows.append([m.kernel, number(n), number(theirs["median"] / n),
                         number(ours["median"] / n), number(theirs["longest"]),
                         number(ours["longest"])])
    return table(["kernel", "group of", "inet_diag, each", "listenq, each",
                  "inet_diag: longest with the bucket's lock", "listenq: longest read()"], rows)


def rate_table(measured):
    rows = []
    for m in measured:
        for what in ("listen", "accept"):
            # the rest of the machine only ever takes away
            cells = [max([line["times"] / line["seconds"] for line in m.lines
                                        if line["section"] == "rate" and line["what"] == what
                                        and line["beside"] == beside] or [0])
                     for beside in ("nothing", "diag-listen", "listenq")]
            if all(cells):
                rows.append([m.kernel, "listen(), close()" if what == "listen" else
                             "connect, accept, close", number(cells[0]),
                             *(f"{100 * c / cells[0]:.0f} %" for c in cells[1:])])
    return rows and table(["kernel", "what", "alone, a second", "beside inet_diag's dumps",
                           "beside listenq's"], rows)


def chart(m):
    """Kernel instructions per listener as an SVG of bars."""
    series = [("diag-listen", "inet_diag", "#b0b0b0"), ("listenq", "listenq", "#2b6cb0"),
              ("floor-packed", "floor", "#9ae6b4")]
    sizes = [n for n in m.each("dump", "n", family=4) if n >= 1000 and m.dump("listenq", n)]
    bars = [(n, label, colour, m.dump(what, n) / n)
            for n in sizes for what, label, colour in series]
    scale = 460 / max(bar[3] for bar in bars)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{40 + 24 * len(bars)}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="20">Kernel instructions per listener of a dump ({m.kernel}, IPv4)'
           '</text>']
    for i, (n, label, colour, value) in enumerate(bars):
        y = 34 + 24 * i
        out.append(f'<text x="10" y="{y + 14}">{n:,} {label}</text>'
                   f'<rect x="140" y="{y}" width="{value * scale:.1f}" height="18" '
                   f'fill="{colour}"/>'
                   f'<text x="{146 + value * scale:.1f}" y="{y + 14}">{value:,.0f}</text>')
    return "\n".join([*out, "</svg>", ""])


def report(measured):
    """The whole of performance.md."""
    with open(os.path.join(TOP, "tests/bench/performance.md.in")) as f:
        text = f.read()
    first = measured[0]
    parts = {"GOALS": goals_table(measured), "MEMORY": memory_table(measured),
             "HOLD": hold_table(measured), "RATE": rate_table(measured) or "Not measured.",
             "DUMP": "", "BOTH": "", "TOOL": "", "HOOKS": ""}
    for m in measured:
        for family in m.each("dump", "family"):
            parts["DUMP"] += f"\n{m.kernel}, IPv{family}:\n\n{dump_table(m, family)}\n"
        parts["TOOL"] += f"\n{m.kernel}:\n\n{tool_table(m)}\n"
        parts["HOOKS"] += f"\n{m.kernel}:\n\n{hook_table(m)}\n"
    for family in first.each("dump", "family"):
        parts["BOTH"] += f"\n{first.kernel}, IPv{family}:\n\n{both_table(first, family)}\n"
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part.strip())
    return text


def main():
    args = sys.argv[1:]
    if not args or args[0] in ("-h", "--help"):
        sys.exit(__doc__.rstrip())
    if args[0] == "--gate":
        return gate(read(args[1:]))
    measured = read(args)
    build = os.path.join(TOP, "build/bench")
    text = report(measured)
    files = {
        os.path.join(build, "bench.json"): json.dumps(
            {m.kernel: {"ratios": m.ratios(),
                        "goals": [dict(zip(("goal", "at_most", "ratio", "value"), row))
                                  for row in goals(m)],
                        "measured": m.lines} for m in measured}, indent=1) + "\n",
        os.path.join(build, "bench.txt"): text,
        os.path.join(TOP, "Documentation/performance.md"): text,
        os.path.join(TOP, "Documentation/performance.svg"): chart(measured[0]),
    }
    for path, content in files.items():
        with open(path + ".new", "w") as f:
            f.write(content)
        os.replace(path + ".new", path)
    print(goals_table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
