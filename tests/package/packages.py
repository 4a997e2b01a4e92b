"""The packages under test, made by cpack out of a build folder.

packages.py FOLDER makes the new ones and the older ones in FOLDER, once for every test of a run, which
CAIRN_PACKAGES tells of it. A test that runs alone makes its own.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("CAIRN_BUILD") or ROOT / "build" / "dev").resolve()
NAMES = ("cairn-broker", "cairn-agent", "cairn-tools")
OLDER = "0.0.1"
# Nobody looks at how the older ones are packed.
KINDS = {"new": [], "older": ["-R", OLDER, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"]}


def make(folder, kind="new"):
    """{name: file} of the three packages, written into `folder`."""
    more = KINDS[kind]
    done = subprocess.run(
        ["cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(folder), *more],
        cwd=BUILD, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return lying_in(folder)


def lying_in(folder):
    found = {f.name.partition("_")[0]: f for f in pathlib.Path(folder).glob("*.deb")}
    if set(found) != set(NAMES):
        raise AssertionError(f"in {folder} there are {sorted(found)}")
    return found


def made(place, kind="new"):
    """The run's own packages; without such, made below `place`."""
    of_run = os.environ.get("CAIRN_PACKAGES")
    return lying_in(f"{of_run}/{kind}") if of_run else make(f"{place}/{kind}", kind)


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", str(package), name], capture_output=True, text=True,
                          check=True).stdout.strip()


def dependencies(package):
    """The first of each choice, without versions."""
    return [re.split(r"[ (|]", d.strip())[0] for d in field(package, "Depends").split(",")]


def contents(package):
    """{path: (mode, owner)} of what the package installs."""
    said = subprocess.run(["dpkg-deb", "--contents", str(package)], capture_output=True, text=True,
                          check=True).stdout
    out = {}
    for line in said.splitlines():
        mode, owner, _, _, _, path = line.split(None, 5)
        out[path.removeprefix(".").rstrip("/") or "/"] = (mode, owner)
    return out


if __name__ == "__main__":
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    for each in KINDS:
        make(f"{sys.argv[1]}/{each}", each)
