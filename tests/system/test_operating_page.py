"""docs/OPERATING.md, done: every command of it, as it stands there, by the administrator it is for."""

import os
import re
import shutil

import harness
from backing import Backups

PAGE = harness.ROOT / "docs" / "OPERATING.md"

# What a command says, by the words it begins with; the longest fits.
SAYS = {
    "cairn status": r"READY(.|\n)*DESK +STREAM",
    "cairn check ready": r"^OK: ready",
    # How much room a machine has is its own: the check itself must work.
    "cairn check disk": r"^(OK|WARNING|CRITICAL): .*free=",
    "cairn check certs": r"^OK: .*server_certificate=",
    "cairn check clock": r"^OK: .*offset=",
    "cairn check deadlines": r"^OK: .*overdue=0",
    "cairn check backup": r"^OK: .*age=",
    "cairn check connect": r"^OK: ",
    "cairn --context auditor/context.toml check chain": r"^OK: .*root and signature agree",
    "cairn admin reload --dry-run": r"policy: rule",
    "cairn admin reload --yes": r"policy: rule(.|\n)*taken$",
    "cairn policy activate policy.textproto --config broker/cairnd.toml --dry-run": r"signed by .* as officer",
    "cairn policy activate policy.textproto --config broker/cairnd.toml --yes": r"in force: ",
    "cairn policy status": r"digest     [0-9a-f]{64}",
    "cairn policy history": r"activated, in force",
    "cairn admin log-level debug": r"is debug, goes back at",
    "cairn admin log-level reset": r"is info",
    "cairn support-bundle": r"cairn-support\.tar\.gz",
    "cairn --context auditor/context.toml audit search": r"note",
}


class operating_page(harness.SystemTest):
    own_broker = True

    def test_every_command_does_what_the_page_says(self):
        # The timer of the packages, or whoever is up at night.
        Backups(self.p).make()
        text = PAGE.read_text()
        lines = [
            x for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
            for x in block.strip().splitlines()
        ]
        first = self.p.policy.read_text()
        self.p.put_policy(first.replace('title: "', 'title: "Their ', 1))
        # As it comes from author and officer.
        for name in ("policy.textproto", "policy.textproto.sig"):
            shutil.move(self.p.broker / name, self.p.folder / name)
        self.p.put_policy(first.replace('title: "', 'title: "Our ', 1))
        environment = {
            **os.environ, "CAIRN_CONTEXT": str(self.p.context("admin")),
            "PATH": f"{harness.BIN}:{os.environ['PATH']}",
        }
        seen = set()
        for line in lines:
            known = [start for start in SAYS if line.startswith(start)]
            self.assertTrue(known, f"a command this test knows nothing of: {line}")
            start = max(known, key=len)
            typed = line.replace("127.0.0.1:7480", f"127.0.0.1:{self.p.daemon.health_port}")
            done = harness.run(["/bin/sh", "-c", typed], cwd=self.p.folder, env=environment)
            self.assertIn(done.code, (0, 1, 2) if "check disk" in line else (0,), done)
            self.assertRegex(done.out.strip(), SAYS[start], line)
            seen.add(start)
        self.assertEqual(seen, set(SAYS), "each known command is on the page")

    def test_it_is_one_page(self):
        self.assertLess(len(PAGE.read_text().splitlines()), 120)


if __name__ == "__main__":
    harness.main()
