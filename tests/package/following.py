"""A booted machine on which the blocks of docs/INSTALL.md are followed as they stand there."""

import re
import tempfile
import unittest

import machine
import packages

INSTALL = packages.ROOT / "docs" / "INSTALL.md"


def blocks(page):
    """{section: its fenced sh blocks}"""
    out, section = {}, ""
    for part in re.split(r"(?m)^(?=#)", page.read_text()):
        section = part.splitlines()[0].lstrip("# ") if part else section
        out[section] = [b.strip() for b in re.findall(r"(?ms)^```sh\n(.*?)^```", part)]
    return out


class Followed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="cairn-package-")
        cls.addClassCleanup(cls.place.cleanup)
        cls.folders = {}
        for name, kind in (("old", "older"), ("new", "new")):
            made = packages.made(cls.place.name, kind)
            cls.folders[f"/packages/{name}"] = made[packages.NAMES[0]].parent
        needed = [d for p in made.values() for d in packages.dependencies(p) if d not in packages.NAMES]
        root = machine.made_root(packages.BUILD / "package" / "debian", needed)
        cls.m = machine.Machine(root, cls.folders, f"{cls.place.name}/boot.log")
        cls.addClassCleanup(cls.m.stop)
        cls.said = blocks(INSTALL)
        cls.used = set()

    def every(self):
        return {(s, i) for s, b in self.said.items() for i in range(len(b))}

    def good(self, text, folder="/"):
        done = self.m.sh(text, folder)
        self.assertEqual(done.code, 0, f"{done}\n{self.m.sh('journalctl --no-pager -n 40').out}")
        return done.out

    def follow(self, section, which=0, folder="/", examples=()):
        """A block of INSTALL.md, as it stands there but for values given as examples; what it said."""
        self.used.add((section, which))
        text = self.said[section][which]
        for example, value in examples:
            self.assertIn(example, text)
            text = text.replace(example, value)
        return self.good("set -e\n" + text, folder)

