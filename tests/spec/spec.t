#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
"""The family's spec against the header, as the compiler and as YNL see the two."""
import os
import re
import struct
import subprocess
import sys
import tempfile

import jsonschema
import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(TOP)
sys.path.insert(0, "tests/vm")
import genl

CLIENT = subprocess.run(["tests/spec/ynl-client"], stdout=subprocess.PIPE, check=True,
                        text=True).stdout.strip()
sys.path.insert(0, CLIENT + "/tools/net/ynl/pyynl")
from lib import SpecFamily

SPEC = "Documentation/netlink/specs/listenq.yaml"
HEADER = "include/uapi/linux/listenq.h"
tap = genl.Tap()


def c_name(*parts):
    return "".join(parts).replace("-", "_")


class Header:
    """What include/uapi says: enums and structs member by member, and their docs."""

    def __init__(self, text):
        self.docs = {}
        for body in re.findall(r"/\*\*\n(.*?)\*/", text, re.S):
            self.read_doc([re.sub(r"^ \* ?", "", line) for line in body.splitlines()])
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.enums = {name: re.findall(r"^\t(\w+)", body, re.M)
                      for name, body in re.findall(r"^enum (\w+) \{(.*?)^\};", code, re.S | re.M)}
        self.structs = {name: re.findall(r"^\t(\w+) (\w+)(?:\[(\d+)\])?;", body, re.M)
                        for name, body in re.findall(r"^struct (\w+) \{(.*?)^\};", code, re.S | re.M)}
        self.lines = {name: body.count(";")
                      for name, body in re.findall(r"^struct (\w+) \{(.*?)^\};", code, re.S | re.M)}

    def read_doc(self, lines):
        """kernel-doc of one thing: {"": what it is, member: what that is}"""
        what = re.match(r"(?:enum|struct) (\w+) - (.*)", lines[0])
        doc = self.docs[what[1]] = {"": what[2]}
        at = ""
        for line in lines[1:]:
            member = re.match(r"@(\w+): *(.*)", line)
            if member:
                at = member[1]
                doc[at] = member[2]
            elif at and line.startswith("\t"):
                doc[at] += " " + line.strip()
            else:
                at = None


def compiled(lines):
    """What a C program with these statements prints, as {name: numbers}."""
    with tempfile.TemporaryDirectory() as work:
        with open(work + "/c.c", "w") as f:
            f.write("#include <stddef.h>\n#include <stdio.h>\n#include <linux/listenq.h>\n"
                    "int main(void)\n{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n")
        done = subprocess.run(["gcc", "-Iinclude/uapi", "-Wall", "-Werror", "-o", work + "/c",
                               work + "/c.c"], stderr=subprocess.PIPE, text=True)
        if done.returncode:
            return None, done.stderr.splitlines()[:10]
        out = subprocess.run([work + "/c"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return {name: tuple(map(int, rest))
            for name, *rest in (line.split() for line in out.splitlines())}, []


def print_constant(name):
    return f'printf("%s %lld\\n", "{name}", (long long){name});'


def print_struct(name, members):
    """Its size; and of each member offset, size, size of an element, signed"""
    yield f'printf("%s %zu\\n", "{name}", sizeof(struct {name}));'
    for _, member, length in members:
        at = f"((struct {name} *)0)->{member}"
        one = at + ("[0]" if length else "")
        yield (f'printf("%s %zu %zu %zu %d\\n", "{name}.{member}", offsetof(struct {name}, '
               f'{member}), sizeof({at}), sizeof({one}), (__typeof__({one}))-1 < 1);')


def plain(doc):
    """The words of a doc, in the header's markup or in the spec's."""
    doc = re.sub(r"&(struct|enum) |``|[%@&]", "", doc or "")
    return re.sub(r"\s+", " ", doc).strip().rstrip(".").casefold()


def same_docs(what, pairs):
    """pairs: name, the header's doc, the spec's; both there, with the same words"""
    bad = [line for name, header, spec in pairs if not header or plain(header) != plain(spec)
           for line in (f"{name}: header {header!r}", f"{name}: spec   {spec!r}")]
    tap.ok(not bad, f"{what}: kernel-doc in the header, and the spec says the same", *bad)


with open(SPEC) as f:
    text = f.read()
with open(HEADER) as f:
    header = Header(f.read())
raw = yaml.safe_load(text)
spec = SpecFamily(SPEC, "")
with open(f"{CLIENT}/Documentation/netlink/{raw['protocol']}.yaml") as f:
    schema = yaml.safe_load(f)

# The spec by itself
errors = [f"{'/'.join(map(str, e.path))}: {e.message}"
          for e in jsonschema.Draft7Validator(schema).iter_errors(raw)]
tap.ok(not errors, "the spec is valid under the kernel tree's schema", *errors)
lines = text.split("\n")
bad = [f"line {n}: {line}" for n, line in enumerate(lines, 1)
       if len(line) > 80 or line != line.rstrip() or "\t" in line]
tap.ok(lines[1] == "---" and lines[-1] == "" and lines[-2] and not bad,
       "the spec is written as the kernel tree's are", *bad)

consts = {name: d for name, d in spec.consts.items() if d["type"] in ("enum", "flags")}
structs = {c_name(name): d for name, d in spec.consts.items() if d["type"] == "struct"}
attrs = spec.attr_sets["listenq"]
tap.equal((list(spec.attr_sets), len(consts) + len(structs)), (["listenq"], len(spec.consts)),
          "one space of attributes; no constants but enums, flags and structs")

# Every constant: what the spec makes of it, what the compiler does
want = {}
for d in consts.values():
    want[c_name(d["enum-name"])] = {c_name(d["name-prefix"], e.name).upper(): e.user_value()
                                   for e in d.entries.values()}
prefix = attrs.yaml["name-prefix"]
want[c_name(attrs.yaml["enum-name"])] = {c_name(prefix, a.name).upper(): a.value
                                       for a in attrs.attrs.values()}
operations = raw["operations"]
want[c_name(operations["enum-name"])] = {
    c_name(operations["name-prefix"], op.name).upper(): op.value for op in spec.msgs.values()}
tap.equal(sorted(want), sorted(header.enums), "spec and header have the same enums")
names = [name for enum in header.enums.values() for name in enum]
got, said = compiled(map(print_constant, names))
tap.ok(got is not None, "the header compiles by itself, its enums too", *said)
got = got or {}
for enum, values in want.items():
    have = {name: got.get(name, (None,))[0] for name in header.enums.get(enum, ())}
    top = enum.upper().replace("ATTR", "A") + "_MAX"
    if top in have:
        tap.equal((have.pop(top), have.pop("__" + top)), (max(values.values()), max(values.values()) + 1),
                  f"{top} is the last one")
    tap.equal(list(have.items()), list(values.items()), f"enum {enum}: names, order and values")

with open(HEADER) as f:
    defined = dict(re.findall(r'^#define (LISTENQ_\w+)\t"?(\w+)"?$', f.read(), re.M))
tap.equal(defined, {"LISTENQ_FAMILY_NAME": raw["name"],
                    "LISTENQ_FAMILY_VERSION": str(raw.get("version", 1)),
                    "LISTENQ_MCGRP_EVENTS": "events"}, "name and version of the family")
tap.equal([g["name"] for g in raw["mcast-groups"]["list"]], ["events"], "its multicast group")
tap.equal(raw["uapi-header"], HEADER.removeprefix("include/uapi/"), "the header that the spec names")

# Every struct, member by member
tap.equal(list(structs), list(header.structs), "spec and header have the same structs")
got, said = compiled(line for name, members in header.structs.items()
                     for line in print_struct(name, members))
tap.ok(got is not None, "the header compiles by itself, its structs too", *said)
got = got or {}
for name, members in header.structs.items():
    tap.equal(len(members), header.lines[name], f"struct {name}: every member was read")
    rows, offset = [], 0
    for m in structs[name].members if name in structs else ():
        size = m.len if m.type == "binary" else int(m.type[1:]) // 8
        element = 1 if m.type == "binary" else size
        rows.append((c_name(m.name), (offset, size, element, m.type[0] == "s")))
        offset += size
    tap.equal([(m, got.get(f"{name}.{m}")) for _, m, _ in members], rows,
              f"struct {name}: names, order, offsets, widths and signs")
    tap.equal(got.get(name), (offset,), f"struct {name}: its size, without padding")

# Types of attributes, and which enum or struct a number or a binary is
kinds, docs = [], header.docs["listenq_attr"]
for a in attrs.attrs.values():
    doc = docs.get(c_name(prefix, a.name).upper(), "")
    says = re.match(r"&struct (\w+)|([us]\d+),|(4 or 16 bytes),", doc)
    says = says and (says[1] or says[2] or says[3])
    is_ = (c_name(a.struct_name) if a.struct_name else a.type) if a.name != "addr" else "4 or 16 bytes"
    if says != is_ or (a.type == "binary") != (a.struct_name is not None or a.name == "addr"):
        kinds.append(f"{a.name}: {is_} in the spec, {doc!r} in the header")
tap.ok(not kinds, "types of attributes as the header's words have them", *kinds)


def enum_of(yaml_of):
    return c_name(consts[yaml_of["enum"]]["enum-name"]) if "enum" in yaml_of else None


bad = []
for struct_name, d in structs.items():
    for m in d.members:
        doc = header.docs[struct_name].get(c_name(m.name), "")
        says = re.match(r"&enum (\w+)", doc)
        if (says and says[1]) != enum_of(m.yaml):
            bad.append(f"{struct_name}.{m.name}: {enum_of(m.yaml)} in the spec, {doc!r} in the header")
tap.ok(not bad, "enums of members as the header's words have them", *bad)
tap.equal((enum_of(attrs["flags"].yaml), attrs["flags"].yaml["checks"]["flags-mask"]),
          ("listenq_request_flags", "request-flags"), "the enum of LISTENQ_A_FLAGS")
tap.equal(list(consts["net-has"].entries), [m.name for m in structs["listenq_net"].members[2:]],
          "bit n of a net's has is its n-th value")

# Docs: every name in the header, and the same words in the spec
undocumented = [f"{thing}: {name}" for thing, members in
                [*header.enums.items(), *((n, [m for _, m, _ in ms]) for n, ms in header.structs.items())]
                for name in members
                if "MAX" not in name.split("_")[-1:] and not header.docs.get(thing, {}).get(name)]
stray = [f"{thing}: {name}" for thing, doc in header.docs.items() for name in doc
         if name and name not in header.enums.get(thing, [m for _, m, _ in header.structs.get(thing, ())])]
tap.ok(not undocumented, "every name in the header has kernel-doc", *undocumented)
tap.ok(not stray, "and kernel-doc names nothing else", *stray)
for d in consts.values():
    name = c_name(d["enum-name"])
    doc = header.docs.get(name, {})
    same_docs(f"enum {name}", [(name, doc.get(""), d.yaml.get("doc"))] + [
        (e.name, doc.get(c_name(d["name-prefix"], e.name).upper()), e.doc) for e in d.entries.values()])
for name, d in structs.items():
    doc = header.docs.get(name, {})
    same_docs(f"struct {name}", [(name, doc.get(""), d.yaml.get("doc"))] + [
        (m.name, doc.get(c_name(m.name)), m.yaml.get("doc")) for m in d.members])
doc = header.docs["listenq_cmd"]
same_docs("commands", [(op.name, doc.get(c_name(operations["name-prefix"], op.name).upper()), op.yaml.get("doc"))
                       for op in spec.msgs.values()])
bad = [a.name for a in attrs.attrs.values() if not plain(a.yaml.get("doc"))]
tap.ok(not bad, "every attribute has a doc in the spec", *bad)

# The tests' own reader of the same structs
for name in [name for name in vars(genl) if name.endswith("_FORMAT")]:
    of = "listenq_" + name.removesuffix("_FORMAT").lower()
    rows, offset = [], 0
    for count, code in re.findall(r"(\d*)(\w)", getattr(genl, name)):
        for _ in range(1 if code == "s" else int(count or 1)):
            size = struct.calcsize("=" + (count if code == "s" else "") + code)
            rows.append((offset, size, 1 if code == "s" else size, code != "s" and code.islower()))
            offset += size
    tap.equal(rows, [got.get(f"{of}.{m}") for _, m, _ in header.structs.get(of, ())],
              f"tests/vm/genl.py: {name} is struct {of}")
for name in [name for name in vars(genl) if name.endswith("_FIELDS")]:
    of = "listenq_" + name.removesuffix("_FIELDS").lower()
    tap.equal([("drop_" if f in genl.CAUSES else "") + f for f in getattr(genl, name)],
              [m for _, m, _ in header.structs.get(of, ())], f"tests/vm/genl.py: {name} are struct {of}'s")
short = {"WITH_COUNTERS": "COUNTERS", "WITH_HISTOGRAMS": "HISTOGRAMS"}
flags = {short.get(n, n): getattr(genl, n) for n in
         "ALL_NETNS NOT_EMPTY FULL WITH_COUNTERS WITH_HISTOGRAMS DROPPED".split()}
tap.equal({"LISTENQ_FLAG_" + n: v for n, v in flags.items()}, want["listenq_request_flags"],
          "tests/vm/genl.py: flags")
tap.equal({n: getattr(genl, n.removeprefix("LISTENQ_CMD_")) for n in want["listenq_cmd"]},
          want["listenq_cmd"], "tests/vm/genl.py: commands")
tap.equal({n: getattr(genl, {"EVENT": "EVENT_A"}.get(n[10:], n[10:])) for n in want["listenq_attr"]},
          want["listenq_attr"], "tests/vm/genl.py: attributes")
tap.done()
