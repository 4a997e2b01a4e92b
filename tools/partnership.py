"""A partnership on this machine, made with the product's own commands, for the demo and the bench.

Everything goes through `cairn` and `cairnd` as an administrator would type it.
"""
import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

NAME = "northshire.example"

AGENCIES = [
    ("oakfield", "school", "Oakfield Primary School", ["900101"]),
    ("northshire-police", "police", "Northshire Police", []),
    ("northshire-health", "health", "Northshire Health", []),
    ("northshire-council", "social_care", "Northshire Council", []),
]
DESKS = [
    ("oakfield/dsl", "Oakfield's safeguarding lead, 01632 960101"),
    ("northshire-police/mash", "Northshire Police in the hub, 01632 960150"),
    ("northshire-health/named", "the named nurse of Northshire Health, 01632 960170"),
    ("northshire-council/front_door", "Northshire front door, 01632 960200"),
    ("northshire-council/lado", "Northshire's designated officer, 01632 960240"),
]
KINDS = ["notification", "acknowledgement", "status", "information_request", "answer", "outcome",
         "feedback", "challenge", "correction", "recall"]
PURPOSES = ["s47", "cin17", "early_help", "encompass", "missing", "allegation", "feedback"]


# This machine alone is talked to.
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1"
ENDING = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """A step did not do what it should; the message says which."""


class Ended(Exception):
    """Somebody wants it to end, wherever it is."""
    wanted = False


def end_by_signal():
    """SIGINT and SIGTERM raise Ended, once, so that what was started is stopped on the way out."""
    def ended(*_):
        for s in ENDING:
            signal.signal(s, signal.SIG_IGN)
        Ended.wanted = True
        raise Ended
    for s in ENDING:
        signal.signal(s, ended)


def go_on():
    """Raises Ended where that was asked and lost: Python drops what is raised while it clears an object away."""
    if Ended.wanted:
        raise Ended


@contextlib.contextmanager
def signals_held():
    """No signal between a child's start and the note of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def child(words, log):
    """A program that stays, under signals_held(); its own signals reach it."""
    with open(log, "ab") as out:
        return subprocess.Popen(
            [str(w) for w in words], stderr=out, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING))


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Partnership:
    def __init__(self, programs, folder):
        self.bin = pathlib.Path(programs)
        self.folder = pathlib.Path(folder)
        self.broker = None
        self.port = free_port()
        self.health_port = free_port()

    def run(self, *words, context=None, check=True):
        go_on()
        env = dict(os.environ)
        if context:
            env["CAIRN_CONTEXT"] = str(context)
        done = subprocess.run([str(self.bin / words[0]), *map(str, words[1:])], env=env, text=True,
                              capture_output=True, check=False)
        if check and done.returncode != 0:
            raise Stopped(f"{words[0]} {words[1]}: {done.stderr.strip() or done.stdout.strip()}")
        return done

    @property
    def admin(self):
        return self.folder / "admin" / "context.toml"

    def client(self, agency):
        return self.folder / "clients" / agency

    def make(self):
        self.run("cairn", "init", self.folder, "--partnership", NAME, "--port", self.port,
                 "--health-port", self.health_port)

    def start(self, config=None):
        config = config or self.folder / "broker" / "cairnd.toml"
        with signals_held():
            self.broker = child([self.bin / "cairnd", "--config", config], self.folder / "broker.log")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.broker.poll() is not None:
                raise Stopped("the broker ended: " + (self.folder / "broker.log").read_text()[-400:])
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/readyz", timeout=2) as r:
                    if r.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                # Not up yet: waits on nothing but the clock, and not for long.
                select.select([], [], [], 0.02)
        raise Stopped("the broker did not become ready in 30 s")

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/metrics", timeout=5) as r:
            rows = [line.rsplit(" ", 1) for line in r.read().decode().splitlines() if line and line[0] != "#"]
        return {name: float(value) for name, value in rows}

    def enrol(self):
        for agency, kind, name, codes in AGENCIES:
            words = [w for c in codes for w in ("--code", c)]
            self.run("cairn", "agency", "add", agency, "--kind", kind, "--name", name, *words, context=self.admin)
        for desk, ask in DESKS:
            self.run("cairn", "desk", "add", desk, "--ask", ask, context=self.admin)
        (self.folder / "clients").mkdir(exist_ok=True)
        for agency, *_ in AGENCIES:
            words = [w for d, _ in DESKS if d.startswith(agency + "/") for w in ("--desk", d)]
            words += [w for k in KINDS for w in ("--kind", k)] + [w for p in PURPOSES for w in ("--purpose", p)]
            self.run("cairn", "cert", "issue", "agency/" + agency, "--make", self.client(agency), *words,
                     context=self.admin)
        self.run("cairn", "cert", "issue", "auditor/jo-audit", "--make", self.client("auditor"), context=self.admin)

    def stop(self):
        if self.broker is not None and self.broker.poll() is None:
            self.broker.terminate()
            try:
                self.broker.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.broker.kill()
                self.broker.wait()
        self.broker = None
