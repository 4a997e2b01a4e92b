#!/usr/bin/python3
"""Makes one CTest folder out of several build folders, so that one run gives one summary.

usage: all_tests.py OUT NAME=BUILD_FOLDER[:without=LABEL,...]...

Each test keeps its command and properties and is called "NAME: what it was".
"""
import json
import os
import subprocess
import sys

# Properties that name fixtures, which are one per build folder.
NAMES_FIXTURES = {"FIXTURES_SETUP", "FIXTURES_REQUIRED", "FIXTURES_CLEANUP"}
NAMES_TESTS = {"DEPENDS"}


def quoted(text):
    """A CMake bracket argument: nothing inside is special."""
    bar = "="
    while f"]{bar}]" in text or text.endswith("]" + bar):
        bar += "="
    # A newline right after the bracket would be swallowed.
    return f"[{bar}[" + ("\n" if text.startswith("\n") else "") + text + f"]{bar}]"


def value_of(prop, build):
    value = prop["value"]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, list):
        return str(value)
    parts = [json.dumps(v) if isinstance(v, dict) else str(v) for v in value]
    if prop["name"] in NAMES_FIXTURES:
        parts = [f"{build}-{p}" for p in parts]
    if prop["name"] in NAMES_TESTS:
        parts = [f"{build}: {p}" for p in parts]
    return ";".join(parts)


def lines_for(test, build):
    name = quoted(f"{build}: {test['name']}")
    command = test.get("command")
    if not command:
        # CTest could not find the program: it must fail, not vanish.
        yield f"add_test({name} [=[program of this test is missing]=])"
        return
    yield f"add_test({name} " + " ".join(quoted(c) for c in command) + ")"
    for prop in test.get("properties", []):
        if isinstance(prop["value"], list) and any(isinstance(v, dict) for v in prop["value"]):
            continue
        yield (f"set_tests_properties({name} PROPERTIES {prop['name']} "
               f"{quoted(value_of(prop, build))})")


def labels_of(test):
    for prop in test.get("properties", []):
        if prop["name"] == "LABELS":
            # Several may be in one word (cairn_test).
            return {part for label in prop["value"] for part in label.split("-")}
    return set()


def tests_of(folder):
    shown = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                           check=True, capture_output=True, text=True).stdout
    return json.loads(shown)["tests"]


def main(out, builds):
    lines = []
    for spec in builds:
        build, _, folder = spec.partition("=")
        folder, _, without = folder.partition(":without=")
        for test in tests_of(folder):
            if labels_of(test).isdisjoint(without.split(",")):
                lines += lines_for(test, build)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "CTestTestfile.cmake"), "w", encoding="utf-8") as f:
        f.write("# Made by tools/all_tests.py.\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
