"""The programs of a build: run to their end, or cairnd while it serves."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import waiting  # noqa: E402

# Sanitized builds on two busy cores are slow; a test that hangs still ends.
PATIENCE_S = float(os.environ.get("CAIRN_PATIENCE", "30"))


def find_programs():
    """Where cairnd and the others are: CAIRN_BIN, or the youngest build in the checkout."""
    given = os.environ.get("CAIRN_BIN")
    if given:
        return pathlib.Path(given)
    built = [
        p for p in ROOT.glob("build/*/bin/cairnd")
        if all((p.parent / name).exists() for name in ("cairn", "cairn-verify"))
    ]
    if not built:
        raise RuntimeError("no cairnd and cairn below build/; build them or set CAIRN_BIN")
    return max(built, key=lambda p: p.stat().st_mtime).parent


BIN = find_programs()
# For what is worth keeping between runs: generated stubs, installed packages.
SCRATCH = pathlib.Path(os.environ.get("CAIRN_SCRATCH") or BIN.parent / "system")
SCRATCH.mkdir(parents=True, exist_ok=True)


def poll(what, check, patience_s=PATIENCE_S, every_s=0.02):
    """The first true value of check(); AssertionError with `what` when the patience ends."""
    end = time.monotonic() + patience_s
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience_s:g} s in vain for: {what}")
        time.sleep(every_s)


class Ran:
    """What a program did."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        shown = " ".join(str(c) for c in self.command)
        return f"{shown}\nexit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(command, stdin=None, patience_s=PATIENCE_S, binary=False, **extra):
    done = subprocess.run(
        [str(c) for c in command], input=stdin, capture_output=True, timeout=patience_s,
        check=False, **extra,
    )
    if binary:
        return Ran(command, done.returncode, done.stdout, done.stderr)
    return Ran(
        command, done.returncode, done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )


class Daemon:
    """One running cairnd, known by its process id."""

    def __init__(self, config, log_path, patience_s=PATIENCE_S, wrapper=(), environment=None):
        self.log_path = log_path
        fd, name = tempfile.mkstemp(prefix="ports-", dir=log_path.parent)
        os.close(fd)
        self.port_file = pathlib.Path(name)
        self.port_file.unlink()
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(
                [
                    *wrapper, str(BIN / "cairnd"), "--config", str(config),
                    "--port-file", str(self.port_file),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(environment or {})},
            )
        self.port = self.health_port = None
        self.patience_s = patience_s

    def listens(self):
        """Waits until it listens or has ended; whether it listens."""
        there = waiting.changed_until(
            self.port_file.parent, self.port_file.exists, self.patience_s, self.process.pid
        )
        if not there and self.alive():
            raise AssertionError(f"waited {self.patience_s:g} s in vain for cairnd's port file:\n{self.log()}")
        return there is not None

    def wait_ports(self):
        if not self.listens():
            raise AssertionError(
                f"cairnd ended with {self.process.wait()} before it listened:\n{self.log()}"
            )
        self.port, self.health_port = (int(p) for p in self.port_file.read_text().split())

    def wait_ready(self):
        poll("/readyz to answer 200", lambda: self.page("/readyz")[0] == 200, self.patience_s)

    def ends_within(self, seconds):
        """Waits for the process to end, but no longer than that; whether it did."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_end(self):
        return self.process.wait(timeout=self.patience_s)

    def page(self, path):
        """Status and text of a page on the loopback health listener; status 0: not reached."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.health_port}{path}", timeout=10
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except OSError:
            return 0, ""

    def log(self):
        return self.log_path.read_text(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """SIGTERM, and the exit code."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=self.patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"cairnd did not stop on SIGTERM:\n{self.log()[-4000:]}") from None

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()


class Answer:
    """What curl got."""

    def __init__(self, exit_code, status, version, content_type, body, err):
        self.exit_code, self.status, self.version = exit_code, status, version
        self.content_type, self.body, self.err = content_type, body, err

    def json(self):
        return json.loads(self.body)

    def symbol(self):
        return self.json()["cairn"]["symbol"]

    def __str__(self):
        return (
            f"curl {self.exit_code}, HTTP/{self.version} {self.status} {self.content_type}\n"
            f"{self.body.decode(errors='replace')}\n{self.err}"
        )
