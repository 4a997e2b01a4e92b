#!/usr/bin/python3
"""Checks that every header of the product compiles alone.

usage: headers.py ROOT COMPILE_COMMANDS [HEADER...]

A header that a file of the build includes before anything else was compiled alone by the build. Each
other one is included by an empty file, with the folders the build itself looks in.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

import repo

PRODUCT = ("broker/", "agents/", "certs/")


def flags_of(commands):
    """The compiler, and every include folder and definition of the build."""
    compiler, flags = None, {}
    for entry in commands:
        words = shlex.split(entry["command"])
        if os.path.basename(words[0]) == "ccache":
            words.pop(0)
        compiler = compiler or words[0]
        for n, word in enumerate(words):
            if word == "-isystem":
                flags[f"-isystem{words[n + 1]}"] = None
            elif word.startswith(("-I", "-isystem")):
                flags[word] = None
    return [compiler, "-std=c++20", *flags]


def first_include(path):
    """What it includes before anything else, where that is one of ours."""
    try:
        with open(path, encoding="utf-8") as f:
            found = re.search(r'^\s*#\s*include\s+(\S+)', f.read(), re.M)
    except OSError:
        return None
    return found[1].strip('"') if found and found[1].startswith('"') else None


def left_by_the_build(commands, headers):
    """Those that no file of the build includes first."""
    first = {first_include(os.path.join(entry["directory"], entry["file"])) for entry in commands}
    return [h for h in headers if h not in first and h.removeprefix("broker/") not in first]


def compile_one(command, root, header):
    """The first error, or None."""
    done = subprocess.run([*command, "-fsyntax-only", "-x", "c++", "-"], cwd=root, text=True,
                          input=f'#include "{header}"\n', capture_output=True, check=False)
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return None if done.returncode == 0 else (errors or [done.stderr[-200:]])[0]


def check(root, commands, headers):
    command = flags_of(commands)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda h: (h, compile_one(command, root, h)), headers)
        return [f"{h}:1: headers: does not compile alone: {words}" for h, words in found if words]


def main(root, commands_file, *headers):
    with open(commands_file, encoding="utf-8") as f:
        commands = json.load(f)
    headers = headers or [p for p in repo.files(root)
                          if p.startswith(PRODUCT) and p.endswith(".hpp")]
    left = left_by_the_build(commands, headers)
    return repo.report("headers", check(root, commands, left), len(headers))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
