"""An agency on its way in: what the tests of enrolment share."""

import re

import harness
from harness import BIN

FORD_DSL = "ford/dsl"


class Enrolment(harness.SystemTest):
    """A second administrator, and an agency named ford that is invited."""

    own_broker = True

    def setUp(self):
        super().setUp()
        self.p.enrol("admin/ben", "ben")

    def invite(self, *more, agency="ford", code=0, out="ford.invitation"):
        done = self.p.cairn(
            "admin", "agency", "invite", agency, "--kind", "school", "--name", "Ford School",
            "--desk", f"{agency}/dsl", "--purpose", "cin17", "--purpose", "feedback",
            "--out", self.p.folder / out, *more,
        )
        self.assertEqual(done.code, code, done)
        return self.p.folder / out

    def enrol(self, file, folder="ford", code=75):
        done = harness.run([BIN / "cairn", "enrol", file, self.p.folder / folder])
        self.assertEqual(done.code, code, done)
        return done

    @staticmethod
    def told(done):
        """The fingerprint the agency reads out."""
        return re.search(r"((?:[0-9a-f]{4} ){7}[0-9a-f]{4})", done.out).group(1)

    def row(self, ident="ford-1"):
        state = self.p.good("admin", "-o", "json", "approve").json()
        return next(e for e in state["enrolments"] if e["id"] == ident)

    def approve(self, who, told, *more, code=0, ident="ford-1"):
        done = self.p.cairn(who, "approve", ident, "--fingerprint", told, *more)
        self.assertEqual(done.code, code, done)
        return done

    def to_testing(self):
        told = self.told(self.enrol(self.invite()))
        self.approve("admin", told)
        self.approve("ben", told)
        self.approve("admin", told, "--authority", self.p.authority)
        self.enrol(self.p.folder / "ford.invitation", code=0)

    def conform(self, code=0):
        done = self.p.cairn("ford", "conform")
        self.assertEqual(done.code, code, done)
        return done

    def guest(self, path, body=b"{}"):
        """A call with the invitation's certificate."""
        folder = self.p.folder / "ford" / "invite"
        files = folder / "client.pem", folder / "client.key", folder / "authority.pem"
        return self.p.curl(None, path, body, files=files)

    def restart(self):
        self.p.stop()
        self.p.start()
        for context in self.p.folder.glob("*/*/context.toml"):
            context.write_text(re.sub(
                r'broker = ".*"', f'broker = "127.0.0.1:{self.p.port}"', context.read_text()
            ))
        for file in self.p.folder.glob("*.invitation"):
            file.write_text(re.sub(
                r'broker = ".*"', f'broker = "127.0.0.1:{self.p.port}"', file.read_text()
            ))
