"""What the tests of the documents share: where the programs are, a folder, a port, patience."""

import contextlib
import os
import pathlib
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import waiting  # noqa: E402

BUILD = pathlib.Path(os.environ.get("CAIRN_BUILD") or ROOT / "build" / "dev").resolve()
# Sanitized builds on two busy cores are slow; a test that hangs still ends.
PATIENCE_S = float(os.environ.get("CAIRN_PATIENCE", "60"))


def folder():
    """A temporary folder, as a context."""
    return tempfile.TemporaryDirectory(prefix="cairn-docs-")


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_ready(health_port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{health_port}/readyz", timeout=2) as page:
            return page.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def is_alive(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Ended but not yet waited for counts as ended.
    return text.rpartition(")")[2].split()[0] != "Z"


def wait_end(what, pid):
    """Until the process has ended; AssertionError with `what` when the patience ends."""
    if not waiting.ended(pid, PATIENCE_S):
        raise AssertionError(f"waited {PATIENCE_S:g} s in vain: {what}")


def end(pid, program):
    """Stops one process by its id, where it still is the program it was."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return
    if not words or not words[0].endswith(program.encode()):
        return
    os.kill(pid, signal.SIGTERM)
    wait_end(f"{program} {pid} to stop", pid)
