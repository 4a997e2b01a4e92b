"""The packages under test, made by cpack out of a build folder."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("CAIRN_BUILD") or ROOT / "build" / "dev").resolve()
NAMES = ("cairn-broker", "cairn-agent", "cairn-tools")


def make(folder, version=None):
    """{name: file} of the three packages, written into `folder`; another version where one is given."""
    more = ["-R", version] if version else []
    done = subprocess.run(
        ["cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(folder), *more],
        cwd=BUILD, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    found = {f.name.partition("_")[0]: f for f in pathlib.Path(folder).glob("*.deb")}
    if set(found) != set(NAMES):
        raise AssertionError(f"cpack made {sorted(found)}")
    return found


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
