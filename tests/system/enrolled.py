"""Copies of one enrolled partnership. It is made by the first test that asks and kept in the build folder:
enrolling is some thirty commands. Other programs, another text of the two files that make it, or another
day, and it is made anew."""

import contextlib
import datetime
import fcntl
import hashlib
import pathlib
import shutil
import tempfile

import northshire
from programs import BIN, SCRATCH

PREFIX = "enrolled-"


def _name():
    told = [datetime.datetime.now(datetime.timezone.utc).date()]
    for program in ("cairn", "cairnd"):
        told.append((BIN / program).stat().st_mtime_ns)
    for source in (__file__, northshire.__file__):
        told.append(pathlib.Path(source).read_bytes())
    return PREFIX + hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@contextlib.contextmanager
def _locked():
    with open(SCRATCH / "enrolled.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(at):
    for old in SCRATCH.glob(PREFIX + "*"):
        shutil.rmtree(old)
    # Under another name until it is whole.
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="enrolling-") as place:
        made = northshire.Partnership(pathlib.Path(place) / "made")
        made.init()
        made.start()
        try:
            made.enrol_everybody()
        finally:
            code = made.stop()
        assert code == 0, f"cairnd ended with {code}:\n{made.daemon.log()}"
        made.assert_clean_log()
        made.folder.rename(at)


def copy_enrolled(to):
    """The Partnership in the new folder `to`, stopped."""
    at = SCRATCH / _name()
    with _locked():
        if not at.exists():
            _make(at)
        shutil.copytree(at, to)
    return northshire.Partnership(to)
