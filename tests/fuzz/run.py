#!/usr/bin/python3
"""Runs libFuzzer on one target, or on each in turn.

usage: run.py BUILD_DIR [TARGET] [SECONDS]

What it learned is kept in BUILD_DIR/corpus, what it found in BUILD_DIR/found. A finding that is
mended goes to tests/fuzz/corpus/TARGET, which every test run replays.
"""
import os
import pathlib
import subprocess
import sys


def programs(build):
    found = {p.name: p for p in build.rglob("tests/fuzz/*") if p.is_file() and os.access(p, os.X_OK)}
    return found["cairn-fuzz"], found["fuzz-replay"]


def run(fuzzer, build, target, seconds):
    learned, found = build / "corpus" / target, build / "found"
    found.mkdir(exist_ok=True)
    kept = pathlib.Path(__file__).resolve().parent / "corpus" / target
    words = [fuzzer, learned, *([kept] if kept.is_dir() else []), f"-max_total_time={seconds}",
             f"-artifact_prefix={found}/{target}-", "-timeout=10", "-rss_limit_mb=3000",
             "-max_len=65536", "-print_final_stats=1", "-verbosity=0"]
    env = {**os.environ, "CAIRN_FUZZ_TARGET": target}
    return subprocess.run(words, env=env, check=False).returncode


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    fuzzer, replay = programs(build)
    every = subprocess.run([replay, "--list"], check=True, capture_output=True, text=True).stdout.split()
    chosen = sys.argv[2:3] or every
    if chosen[0] not in every:
        sys.exit("targets: " + " ".join(every))
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    subprocess.run([replay, "--seeds", build / "corpus"], check=True)
    bad = [t for t in chosen if run(fuzzer, build, t, seconds) != 0]
    for target in bad:
        print(f"{target}: see {build}/found", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
