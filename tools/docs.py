#!/usr/bin/python3
"""Checks what documents say against the tree.

usage: docs.py [ROOT]

Links inside the project lead somewhere. A test that docs/THREAT_MODEL.md names is there. An ADR has
its four parts and at most 60 lines, and their numbers have no gap. The newest ADR that names a frozen
set of the public schema names the one that is there.
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
PYTHON_TESTS = {"tools"}
FROZEN = "tests/golden/cairn.v1.txt"
DIGEST = re.compile(r"frozen set `?([0-9a-f]{64})")


def test_names(root, paths):
    """{(module, sentence)} of every C++ test."""
    out = set()
    for path in paths:
        parts = path.split("/")
        if path.startswith("tests/") and path.endswith(".cpp"):
            module = parts[2] if parts[1] == "unit" else parts[1]
            for m in CASE.finditer(repo.text_of(root, path) or ""):
                out.add((module, "".join(re.findall(r'"([^"\n]*)"', m.group(1)))))
    return out


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
    """`sets`: number and digest of each ADR that names a set of the schema."""
    if not os.path.exists(os.path.join(root, FROZEN)):
        return
    there = repo.text_of(root, FROZEN) or ""
    now = hashlib.sha256(there.encode()).hexdigest()
    if not sets or max(sets)[1] != now:
        yield f"{FROZEN}:1: docs: no ADR allows this set: the newest must say: frozen set {now}"


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
        if path == "docs/THREAT_MODEL.md":
            problems += [
                f"{path}:{repo.line_of(text, m.start())}: docs: no such test: {m.group(0)}"
                for m in NAMED.finditer(text)
                if m.group(1) not in PYTHON_TESTS and (m.group(1), m.group(2)) not in names]
        number = re.match(r"docs/adr/(\d{4})-[a-z0-9-]+\.md$", path)
        if number:
            numbers.append(int(number.group(1)))
            problems += check_adr(path, text)
            sets += [(int(number.group(1)), d) for d in DIGEST.findall(text)]
    problems += check_frozen(root, sets)
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        problems.append(f"docs/adr:1: docs: numbers with a gap or twice: {sorted(numbers)}")
    return problems, len(pages)


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("docs", *check(top)))
