#!/usr/bin/python3
"""Checks, or with --fix makes, the layout of every C++ file by clang-format 14.

usage: format.py [--fix] [ROOT]
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import repo


def run(root, paths, fix):
    how = ["-i"] if fix else ["--dry-run", "-Werror"]
    done = subprocess.run(["clang-format", *how, *paths], cwd=root, capture_output=True, text=True)
    return done.returncode, done.stderr


def check(root, fix=False):
    paths = [p for p in repo.files(root) if p.endswith(repo.CPP)]
    parts = [paths[i:i + 12] for i in range(0, len(paths), 12)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda part: run(root, part, fix), parts))
    lines = "".join(words for _, words in results).split("\n")
    wrong = sorted({line.split(":")[0] for line in lines if "error: code should be" in line})
    other = [words for code, words in results if code != 0 and "code should be" not in words]
    return [f"{p}:1: format: run ./dev fmt" for p in wrong] + other, len(paths)


if __name__ == "__main__":
    words = [a for a in sys.argv[1:] if a != "--fix"]
    top = words[0] if words else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("format", *check(top, fix="--fix" in sys.argv)))
