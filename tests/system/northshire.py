"""The partnership of the system tests in a folder: made, enrolled, started and stopped by the programs
people use."""

import json
import os
import pathlib
import shutil
import subprocess

from programs import BIN, PATIENCE_S, Answer, Daemon, Ran, run

KINDS = [
    "notification", "information_request", "answer", "outcome", "feedback", "challenge",
    "correction", "recall", "acknowledgement", "link", "status",
]
PURPOSES = [
    "s47", "cin17", "early_help", "encompass", "missing", "allegation", "feedback",
    "direct_care_read",
]

AGENCIES = [
    # id, kind, name, organisation codes
    ("oakfield", "school", "Oakfield Primary School", ["100042"]),
    ("northshire-police", "police", "Northshire Police", []),
    ("northshire-health", "health", "Northshire Health Trust", []),
    ("northshire-council", "social_care", "Northshire Council", []),
    ("partnership", "partnership", "Northshire Safeguarding Partnership", []),
]
DESKS = [
    ("oakfield/dsl", "Oakfield's safeguarding lead, 01632 960010"),
    ("northshire-police/mash", "Northshire Police in the hub, 01632 960020"),
    ("northshire-police/ppu", "Northshire public protection, 01632 960021"),
    ("northshire-health/named", "Named nurse, 01632 960030"),
    ("northshire-council/front_door", "Northshire front door, 01632 960040"),
    ("northshire-council/lado", "Northshire's officer for allegations, 01632 960041"),
    ("partnership/manager", "Partnership manager, 01632 960050"),
]


AGENT = """
[broker]
host = "127.0.0.1"
port = {port}
expect_name = "localhost"

[tls]
certificate = "client.pem"
key = "client.key"
authority = "authority.pem"

[agent]
folder = "agent"
desks = {desks}
poll_ms = 20
quiet_ms = 40
"""


class Partnership:
    """init, agencies, desks, certificates; start and stop of its broker."""

    name = "northshire.example"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.broker = self.folder / "broker"
        self.data = self.broker / "data"
        self.config = self.broker / "cairnd.toml"
        self.policy = self.broker / "policy.textproto"
        self.authority = self.folder / "authority"
        self.log_path = self.folder.parent / f"{self.folder.name}.log"
        self.daemon = None
        # A command before cairnd's own, and more environment, for starts from here on.
        self.wrapper = []
        self.environment = {}

    # -- making

    def init(self, **more):
        options = {"--partnership": self.name, "--port": "0", "--health-port": "0", **more}
        done = run([BIN / "cairn", "init", self.folder, *[x for kv in options.items() for x in kv]])
        assert done.code == 0, done
        return self

    def enrol_everybody(self):
        """Needs a running broker."""
        for agency, kind, name, codes in AGENCIES:
            self.good(
                "admin", "agency", "add", agency, "--kind", kind, "--name", name,
                *[x for c in codes for x in ("--code", c)],
            )
        for desk, ask in DESKS:
            self.good("admin", "desk", "add", desk, "--ask", ask)
        for agency, *_ in AGENCIES:
            self.enrol(f"agency/{agency}", agency)
        self.enrol("auditor/jo", "auditor")
        self.enrol("monitor/probe", "monitor")
        return self

    def enrol(self, who, folder, desks=None, kinds=None, purposes=None):
        """A certificate made by cairn, with every right unless said otherwise."""
        kind, ident = who.split("/")
        rights = []
        if kind == "agency":
            own = [d for d, _ in DESKS if d.split("/")[0] == ident]
            for d in own if desks is None else desks:
                rights += ["--desk", d]
            for k in KINDS if kinds is None else kinds:
                rights += ["--kind", k]
            for p in PURPOSES if purposes is None else purposes:
                rights += ["--purpose", p]
        return self.good(
            "admin", "-o", "json", "cert", "issue", who, "--make", self.folder / folder, *rights
        ).json()

    def put_policy(self, text):
        """In its place, signed by the keys that init made."""
        self.policy.write_text(text)
        self.policy.with_name(self.policy.name + ".sig").unlink(missing_ok=True)
        for part in ("author", "officer"):
            key = self.authority / "policy" / f"founding-{part}.key"
            done = run([BIN / "cairn", "policy", "sign", self.policy, "--key", key, "--yes"])
            assert done.code == 0, done

    # -- running

    def start(self, ready=True):
        assert self.daemon is None or not self.daemon.alive(), "already running"
        self.daemon = Daemon(
            self.config, self.log_path, wrapper=self.wrapper, environment=self.environment
        )
        self.daemon.wait_ports()
        if ready:
            self.daemon.wait_ready()
        self.point_contexts()
        return self

    def try_start(self):
        """A start that is expected to fail: exit code and what cairnd said."""
        return run(
            [
                *self.wrapper, BIN / "cairnd", "--config", self.config,
                "--port-file", self.folder.parent / "never",
            ]
        )

    def try_start_or_serve(self):
        """What cairnd said when it refused to start; None: it serves."""
        self.daemon = Daemon(self.config, self.log_path)
        before = len(self.daemon.log())
        d = self.daemon
        if d.listens():
            d.wait_ports()
            self.point_contexts()
            return None
        return Ran(["cairnd"], d.process.returncode, "", d.log()[before:])

    def stop(self):
        return self.daemon.stop() if self.daemon else 0

    def kill(self):
        self.daemon.kill()

    def assert_clean_log(self):
        """A sanitizer's word or a broken invariant, though the broker went on or was killed."""
        text = self.daemon.log()
        for word in ("Sanitizer", "runtime error:", "assertion failed"):
            assert word not in text, text[-6000:]

    @property
    def port(self):
        return self.daemon.port

    def point_contexts(self):
        """The kernel chose the port: contexts written before now name another."""
        for context in self.folder.glob("*/context.toml"):
            lines = context.read_text().splitlines()
            lines = [
                f'broker = "127.0.0.1:{self.port}"' if x.startswith("broker = ") else x
                for x in lines
            ]
            context.write_text("\n".join(lines) + "\n")

    def start_agent(
        self, who, desks, *arguments, more="", proxy="", environment=None, user=None,
        limit_s=PATIENCE_S,
    ):
        """A cairn-agent of this context, which ends by itself; its log goes on in agent.log."""
        config = self.folder / who / "agent.toml"
        text = AGENT.format(port=self.port, desks=json.dumps(desks))
        if proxy:
            text = text.replace("[broker]\n", proxy, 1)
        config.write_text(text + more)
        program = BIN / "cairn-agent"
        if user is not None:
            # The checkout may lie where only its owner may look.
            program = shutil.copy2(program, self.folder / "cairn-agent")
        with open(self.folder / who / "agent.log", "ab") as log:
            return subprocess.Popen(
                [program, "--config", config, "--time-limit-s", str(int(limit_s)),
                 *arguments],
                stdin=subprocess.DEVNULL, stderr=log, stdout=log, user=user,
                env={**os.environ, **(environment or {})},
            )

    # -- using

    def context(self, who):
        return self.folder / who / "context.toml"

    def cairn(self, who, *arguments, **extra):
        return run([BIN / "cairn", "--context", self.context(who), *arguments], **extra)

    def good(self, who, *arguments, **extra):
        done = self.cairn(who, *arguments, **extra)
        assert done.code == 0, done
        return done

    def files(self, who):
        """Certificate, key and authority of a context, as paths."""
        name = "admin" if who == "admin" else "client"
        folder = self.folder / who
        return folder / f"{name}.pem", folder / f"{name}.key", folder / "authority.pem"

    @property
    def vkeys(self):
        return self.folder / "admin" / "vkeys"

    def status(self):
        return self.good("admin", "-o", "json", "status").json()

    def desk_counts(self, desk):
        """Numbers of a desk in `cairn status`; zeros where it has had nothing yet."""
        names = ("routed", "confirmed", "returned", "withdrawn", "expired", "pending")
        for row in self.status().get("desks", []):
            if row["desk"] == desk:
                return {n: int(row.get(n, 0)) for n in names}
        return {n: 0 for n in names}

    def curl(self, who, path, body=None, http="--http2", arguments=(), files=None, json_type=True):
        """An HTTP call by curl. `who` None: without certificate."""
        certificate, key, authority = files or self.files(who or "admin")
        command = [
            "curl", "--silent", "--show-error", http, "--max-time", str(PATIENCE_S),
            "--cacert", authority, "--resolve", f"localhost:{self.port}:127.0.0.1",
            "--write-out", "\n%{http_code} %{http_version} %{content_type}",
        ]
        if who is not None or files is not None:
            command += ["--cert", certificate, "--key", key]
        if body is not None:
            command += ["--json" if json_type else "--data-binary", "@-"]
        command += [*arguments, f"https://localhost:{self.port}{path}"]
        done = run(command, stdin=body, binary=True)
        text, _, tail = done.out.rpartition(b"\n")
        status, version, *kind = tail.decode().split(" ")
        return Answer(done.code, int(status), version, " ".join(kind), text, done.err.decode())


def submission(key, concern, **more):
    return json.dumps({"key": key, "concern": concern, **more}).encode()
