#!/usr/bin/python3
"""Checks what documents say against the tree.

usage: docs.py [ROOT]

Links inside the project lead somewhere. A test that docs/THREAT_MODEL.md or docs/ARCHITECTURE.md
names is there: `module: sentence` of a C++ test, `system: module: words of the method` of a Python
one. Each invariant has a row with a test. An ADR has its four parts and at most 60 lines, and their
numbers have no gap. The newest ADR that names a frozen set of the public schema names the one that
is there.
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
    twice = sorted(n for n in set(numbers) if numbers.count(n) > 1)
    if twice:
        problems.append(f"docs/adr:1: docs: numbers given twice: {twice}")
    return problems, len(pages)


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("docs", *check(top)))
