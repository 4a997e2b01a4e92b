"""Packages of npm for tests, as a committed lock file names them, installed below the build."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness


class Missing(Exception):
    """What these tests need is not there: a failure, or a skip where CAIRN_ALLOW_SKIP allows it."""


def missing(what):
    """Fails, or skips where CAIRN_ALLOW_SKIP says that this is meant."""
    if os.environ.get("CAIRN_ALLOW_SKIP"):
        raise unittest.SkipTest(what)
    raise Missing(f"{what}; CAIRN_ALLOW_SKIP=1 leaves out what needs it")


def fetch(folder, attempts=3):
    """npm retries a request; a registry that is away for a while needs more than that."""
    for left in reversed(range(attempts)):
        try:
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                 "--fetch-timeout=20000"],
                cwd=folder, capture_output=True, text=True, timeout=75, check=False,
            )
        except subprocess.TimeoutExpired:
            missing("npm got no answer from its registry")
        if done.returncode == 0:
            return
        if left == 0:
            missing(f"npm cannot install: {done.stderr.strip()[-300:]}")


def install(sources, *scripts):
    """Folder with the packages that package-lock.json in `sources` names and with the files of
    `sources` that the patterns `scripts` find, outside the checkout."""
    if not shutil.which("node") or not shutil.which("npm"):
        missing("no node or npm here")
    lock = (sources / "package-lock.json").read_bytes()
    folder = harness.SCRATCH / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    with open(harness.SCRATCH / "node.lock", "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "node_modules").exists():
            draft = pathlib.Path(tempfile.mkdtemp(dir=harness.SCRATCH))
            for f in ("package.json", "package-lock.json"):
                shutil.copy(sources / f, draft)
            try:
                fetch(draft)
            except BaseException:
                shutil.rmtree(draft)
                raise
            os.rename(draft, folder)
        for pattern in scripts:
            for f in sources.glob(pattern):
                shutil.copy(f, folder)
    return folder
