#!/usr/bin/python3
"""From nothing to the first concern over mutual TLS by README.md's section "Three commands", as they
stand there: the ports alone are changed. The time it took is printed; it decides nothing.
"""

import pathlib
import re
import sys
import time
import unittest

import support
from readme_test import blocks, checkout
from shell import Shell

SECTION = "## Three commands"
MOST = 3


class ThreeCommands(unittest.TestCase):
    def setUp(self):
        self.place = support.folder()
        self.addCleanup(self.place.cleanup)
        self.broker = None
        self.port, self.health = support.free_port(), support.free_port()
        self.shell = Shell(self.place.name)
        self.addCleanup(self.finish)

    def finish(self):
        if self.broker:
            support.end(self.broker, "cairnd")
        self.shell.close()

    def type(self, line):
        if line.startswith("cairn init "):
            line += f" --port {self.port} --health-port {self.health}"
        code, said = self.shell.run(line)
        self.assertEqual(code, 0, f"README.md: {line}\n{said}")
        if line.endswith("&"):
            self.broker = int(self.shell.run("echo $!")[1])
        return said

    def test_a_concern_is_sent_and_received(self):
        found = blocks((support.ROOT / "README.md").read_text(), SECTION)
        self.assertEqual(len(found), 2, "a block to have the programs, a block of commands")
        build, path = found[0]
        self.assertTrue(build.startswith("./dev build release "), build)
        checkout(pathlib.Path(self.place.name), "release")
        self.type(path)
        self.assertLessEqual(len(found[1]), MOST, "at most three commands to the first concern")
        began = time.monotonic()
        made, _, sent = (self.type(line) for line in found[1])
        print(f"{len(found[1])} commands, {time.monotonic() - began:.1f} s to the first concern", file=sys.stderr)
        self.assertIn("Partnership northshire.example is made", made)
        self.assertRegex(sent, r"^Accepted, on disk and in the log(.|\n)*told +northshire-council/front_door")
        self.receives(made)

    def test_the_page_for_packages_has_the_same_three(self):
        """docs/INSTALL.md: the words of the README for the places of the packages. `package: install` runs them."""
        text = (support.ROOT / "docs" / "INSTALL.md").read_text()
        here = blocks((support.ROOT / "README.md").read_text(), SECTION)[1]
        there = blocks(text, "## The first concern")[0]
        self.assertEqual(len(there), MOST)
        same = {
            "cairn init northshire ": "cairn init --system ",
            "cairnd --config northshire/broker/cairnd.toml 2>cairnd.log &": "systemctl enable --now cairnd",
            "cairn --wait 30 ": "cairn ", "northshire/example": "/etc/cairn/example",
        }
        for mine, theirs in zip(here, there):
            for word, instead in same.items():
                mine = mine.replace(word, instead)
            self.assertEqual(mine, theirs)

    def receives(self, made):
        """What init said comes next works as it said it: the last line shows the council's notice."""
        look = made.splitlines()[-1].strip()
        self.assertRegex(look, r"^cairn --context \S+ inbox northshire-council/front_door$")
        self.assertRegex(self.type(look), r"\bnotification +oakfield\b")
        for agency in ("oakfield", "northshire-council"):
            self.type(f"{support.BUILD}/bin/cairn-agent --config northshire/example/{agency}/agent.toml --check")

    def test_nothing_is_made_over_what_is_there(self):
        self.shell.run(f"PATH={support.BUILD}/bin:$PATH")
        self.type("cairn init northshire --partnership northshire.example --example")
        code, said = self.shell.run("cairn init northshire --partnership northshire.example")
        self.assertNotEqual(code, 0)
        self.assertRegex(said, r"northshire is not empty(.|\n)*next:")

    def test_a_broker_that_never_comes_is_waited_for_and_then_named(self):
        self.shell.run(f"PATH={support.BUILD}/bin:$PATH")
        self.type("cairn init northshire --partnership northshire.example --example")
        send = "--context northshire/example/oakfield/context.toml send northshire/example/concern.json"
        code, said = self.shell.run(f"cairn --wait 1 {send}")
        self.assertEqual(code, 69, said)
        self.assertIn("No connection to the broker", said)

    def test_init_wants_one_place(self):
        for words in ("", "northshire --system"):
            code, said = self.shell.run(f"{support.BUILD}/bin/cairn init {words} --partnership a.example")
            self.assertEqual(code, 64, said)
            self.assertTrue(re.search(r"name a folder DIR, or give --system", said), said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
