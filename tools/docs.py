#!/usr/bin/python3
"""Checks what documents say against the tree.

usage: docs.py [ROOT]

Links inside the project lead somewhere. A test that docs/THREAT_MODEL.md or docs/ARCHITECTURE.md
names is there: `module: sentence` of a C++ test, `system: module: words of the method` of a Python
one. Each invariant has a row with a test. An ADR has its four parts and at most 60 lines; no number
is given twice and none is missing but those in KEPT_FREE. An ADR names the frozen set of the public
schema that is there. Every package of tools/packages.txt has its line in docs/DEPENDENCIES.md, and
the other way round. What a reader looks for first is there and says something.
"""
import hashlib
import os
import re
import sys

import repo

ADR_LINES = 60
ADR_PARTS = ("## Context", "## Decision", "## Consequences", "## Rejected")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"\n]*"\s*)+)')
NAMED = re.compile(r"`([a-z_]+): ([^`]+)`")
METHOD = re.compile(r"^    def test_(\w+)\(", re.MULTILINE)
PYTHON_TESTS = ("system", "docs", "tools", "deploy", "package")
PAGES_WITH_TESTS = ("docs/THREAT_MODEL.md", "docs/ARCHITECTURE.md")
INVARIANTS = 16
ROW = re.compile(r"^\| *(\d+) *\|(.*)\|$", re.MULTILINE)
FROZEN = "tests/golden/cairn.v1.txt"
DIGEST = re.compile(r"frozen set `?([0-9a-f]{64})")
# Numbers handed out before the work began, for decisions that were then not needed.
KEPT_FREE = {14, 15, 16, 17}
# Files, and folders with at least one page.
PACKAGES = "tools/packages.txt"
DEPENDENCIES = "docs/DEPENDENCIES.md"
GIVEN = ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "LICENSE", PACKAGES,
         "docs/ARCHITECTURE.md", "docs/GLOSSARY.md", DEPENDENCIES, "docs/THREAT_MODEL.md",
         "docs/formats/", "docs/adr/")
PACKAGE = re.compile(r"`([a-z0-9][a-z0-9.+-]+)`")


def test_names(root, paths):
    """{(module, sentence)} of every test."""
    out = set()
    for path in paths:
        parts = path.split("/")
        if path.startswith("tests/") and path.endswith(".cpp"):
            module = parts[2] if parts[1] == "unit" else parts[1]
            for m in CASE.finditer(repo.text_of(root, path) or ""):
                out.add((module, "".join(re.findall(r'"([^"\n]*)"', m.group(1)))))
        if path.startswith("tests/") and path.endswith(".py") and parts[1] in PYTHON_TESTS:
            stem = re.sub(r"^test_|_test$", "", parts[-1].removesuffix(".py"))
            for m in METHOD.finditer(repo.text_of(root, path) or ""):
                out.add((parts[1], stem + ": " + m.group(1).replace("_", " ")))
    return out


def check_named(path, text, names):
    for m in NAMED.finditer(text):
        # `tools: layers` is a checker itself.
        if m.group(1) == "tools" and ":" not in m.group(2):
            continue
        if (m.group(1), m.group(2)) not in names:
            yield f"{path}:{repo.line_of(text, m.start())}: docs: no such test: {m.group(0)}"


def check_invariants(path, text):
    """The table of the section: a row for each number, each with a test."""
    section = text.partition("\n## Invariants\n")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    if [int(n) for n, _ in rows] != list(range(1, INVARIANTS + 1)):
        yield f"{path}:1: docs: the invariants are rows 1 to {INVARIANTS}"
    for number, row in rows:
        if not NAMED.search(row):
            yield f"{path}:1: docs: invariant {number} names no test"


def check_links(root, path, text):
    # What stands between backticks is code and no link.
    for m in LINK.finditer(re.sub(r"`[^`\n]*`", lambda c: " " * len(c.group(0)), text)):
        target = m.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        full = os.path.normpath(os.path.join(root, os.path.dirname(path), target))
        if not os.path.exists(full):
            yield f"{path}:{repo.line_of(text, m.start())}: docs: no such file: {target}"


def check_adr(path, text):
    if text.count("\n") > ADR_LINES:
        yield f"{path}:1: docs: {ADR_LINES} lines are enough for a decision"
    for part in ADR_PARTS:
        if f"\n{part}\n" not in text:
            yield f"{path}:1: docs: no part {part[3:]}"


def check_frozen(root, sets):
    """`sets`: digests named by the ADRs. Numbers are handed out before the work begins, so the newest
    decision is not always the last to change the schema."""
    if not os.path.exists(os.path.join(root, FROZEN)):
        return
    there = repo.text_of(root, FROZEN) or ""
    now = hashlib.sha256(there.encode()).hexdigest()
    if now not in sets:
        yield f"{FROZEN}:1: docs: no ADR allows this set: one must say: frozen set {now}"


def check_numbers(numbers):
    """`numbers`: those of the ADRs that are there."""
    for n in sorted(set(numbers)):
        if numbers.count(n) > 1:
            yield (f"docs/adr:1: docs: number {n:04} is given twice: the later decision takes "
                   f"{max(numbers) + 1:04}")
        if n in KEPT_FREE:
            yield f"docs/adr:1: docs: number {n:04} is taken now: take it out of KEPT_FREE"
    for n in range(1, max(numbers, default=0)):
        if n not in numbers and n not in KEPT_FREE:
            yield (f"docs/adr:1: docs: number {n:04} is missing: give it to the next decision, or "
                   "keep it free in KEPT_FREE of tools/docs.py")


def check_packages(root):
    """The list that is installed, and the page that says why."""
    for path in (PACKAGES, DEPENDENCIES):
        if not os.path.exists(os.path.join(root, path)):
            return
    listed = {}
    for number, line in enumerate(repo.text_of(root, PACKAGES).split("\n"), 1):
        if line and not line.startswith("#"):
            listed[line.strip()] = number
    said = {}
    column = None
    for number, line in enumerate(repo.text_of(root, DEPENDENCIES).split("\n"), 1):
        cells = [c.strip() for c in line.strip("|").split("|")]
        if not line.startswith("|"):
            column = None
        elif column is None:
            column = cells.index("packages") if "packages" in cells else len(cells)
        elif column < len(cells) and not set(line) <= set("|- "):
            said.update({name: number for name in PACKAGE.findall(cells[column])})
    for name in sorted(listed.keys() - said.keys()):
        yield (f"{PACKAGES}:{listed[name]}: docs: no reason for {name}: give it a row in "
               f"{DEPENDENCIES}, in the column packages")
    for name in sorted(said.keys() - listed.keys()):
        yield f"{DEPENDENCIES}:{said[name]}: docs: {name} is not in {PACKAGES}: ./dev installs none"


def check_given(root, paths):
    for given in GIVEN:
        if given.endswith("/"):
            there = [p for p in paths if p.startswith(given)]
        else:
            there = [given] if given in paths else []
        if not any((repo.text_of(root, p) or "").strip() for p in there):
            yield f"{given}:1: docs: missing or empty: every reader of the project looks for it"


def check(root):
    problems = []
    paths = repo.files(root)
    pages = [p for p in paths if p.endswith(".md")]
    names = test_names(root, paths)
    numbers = []
    sets = []
    for path in pages:
        text = repo.text_of(root, path) or ""
        problems += check_links(root, path, text)
        if path in PAGES_WITH_TESTS:
            problems += check_named(path, text, names)
        if path == "docs/ARCHITECTURE.md":
            problems += check_invariants(path, text)
        number = re.match(r"docs/adr/(\d{4})-[a-z0-9-]+\.md$", path)
        if number:
            numbers.append(int(number.group(1)))
            problems += check_adr(path, text)
            sets += DIGEST.findall(text)
    problems += check_frozen(root, sets)
    problems += check_numbers(numbers)
    problems += check_packages(root)
    problems += check_given(root, paths)
    return problems, len(pages)


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("docs", *check(top)))
