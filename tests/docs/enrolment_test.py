#!/usr/bin/python3
"""Runs the commands of docs/ENROLMENT.md as they stand there, in one shell, by their order.

The ports alone are changed, and the fingerprint is put in as it was read out on the step before.
"""

import os
import pathlib
import re
import unittest

import support
from shell import Shell

PAGE = support.ROOT / "docs" / "ENROLMENT.md"
TOLD = re.compile(r"((?:[0-9a-f]{4} ){7}[0-9a-f]{4})")

# What a command must say, by the words it holds (the longest fits).
SAYS = {
    "cairn init": r"Partnership northshire\.example is made",
    "cert issue admin/ben": r"^Certificate of admin/ben",
    "agency invite oakfield": r"^oakfield is invited as oakfield-1",
    "cairn enrol oakfield.invitation oakfield || test": r"read this to each by telephone",
    "admin/context.toml approve": r"oakfield-1 +oakfield +requested",
    "admin/context.toml approve oakfield-1": r"a second administrator has to approve",
    "ben/context.toml approve oakfield-1": r"^oakfield-1 is approved \(approved by: admin ben;",
    'oakfield-1 --fingerprint "$FINGERPRINT" --authority': r"has its certificate and is testing",
    "renewals --authority northshire/authority": r"^Nothing waits",
    "cairn enrol oakfield.invitation oakfield": r"your certificate is in oakfield",
    "oakfield/context.toml conform": r"oakfield is live",
}
SILENT = ("until ", "rm ", "kill ", "FINGERPRINT=")


class Enrolment(unittest.TestCase):
    def setUp(self):
        self.place = support.folder()
        self.addCleanup(self.place.cleanup)
        self.broker = None
        self.told = None
        self.port, self.health = support.free_port(), support.free_port()
        self.shell = Shell(self.place.name)
        self.addCleanup(self.finish)
        programs = pathlib.Path(support.BUILD) / "bin"
        self.shell.run(f"export PATH={programs}:{os.environ['PATH']}")

    def finish(self):
        # The broker first: it holds the shell's output open.
        if self.broker:
            support.end(self.broker, "cairnd")
        self.shell.close()

    def typed(self, line):
        if line.startswith("cairn init "):
            return f"{line} --port {self.port} --health-port {self.health}"
        if line.startswith("FINGERPRINT="):
            self.assertIsNotNone(self.told, "nothing was read out before")
            return f"FINGERPRINT='{self.told}'"
        return line.replace("127.0.0.1:7480", f"127.0.0.1:{self.health}")

    def run_one(self, line):
        code, said = self.shell.run(self.typed(line))
        self.assertEqual(code, 0, f"docs/ENROLMENT.md: {line}\n{said}")
        if line.endswith("&"):
            self.broker = int(self.shell.run("echo $!")[1])
            return None
        read = TOLD.search(said)
        if "enrol" in line and read:
            self.told = read.group(1)
        if line.startswith(SILENT):
            self.assertEqual(said, "", line)
            return None
        known = [words for words in SAYS if words in line]
        self.assertTrue(known, f"docs/ENROLMENT.md has a command unknown here: {line}")
        words = max(known, key=len)
        self.assertRegex(said, re.compile(SAYS[words], re.M), line)
        return words

    def test_every_command_does_what_it_says(self):
        text = PAGE.read_text()
        found = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        lines = [x for b in found for x in b.strip().splitlines()]
        seen = {self.run_one(line) for line in lines} - {None}
        self.assertEqual(set(SAYS), seen, "each known command is on the page")
        support.wait_end("the broker to end as told", self.broker)


if __name__ == "__main__":
    unittest.main(verbosity=2)
