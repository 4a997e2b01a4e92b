#!/usr/bin/python3
"""What cpack makes: who depends on what, who owns what, which files are the administrator's; and the
same source gives the same bytes."""

import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import packages

class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="cairn-packages-")
        cls.addClassCleanup(cls.place.cleanup)
        cls.made = packages.made(cls.place.name)

    def control(self, name):
        folder = pathlib.Path(self.place.name) / f"control-{name}"
        if not folder.exists():
            subprocess.run(["dpkg-deb", "--control", str(self.made[name]), str(folder)], check=True)
        return folder

    def test_each_program_is_in_one_package(self):
        where = {n: set(packages.contents(p)) for n, p in self.made.items()}
        for path, owner in (
            ("/usr/bin/cairnd", "cairn-broker"), ("/lib/systemd/system/cairnd.service", "cairn-broker"),
            ("/etc/cairn/calendar.csv", "cairn-broker"), ("/usr/share/cairn/template.textproto", "cairn-broker"),
            ("/usr/bin/cairn-agent", "cairn-agent"), ("/lib/systemd/system/cairn-agent@.service", "cairn-agent"),
            ("/lib/systemd/system/cairn-renewals.timer", "cairn-tools"),
            ("/lib/systemd/system/cairn-backup.timer", "cairn-broker"),
            ("/usr/share/doc/cairn-broker/RUNBOOK.md", "cairn-broker"),
            ("/usr/bin/cairn", "cairn-tools"), ("/usr/bin/cairn-verify", "cairn-tools"),
            ("/usr/share/man/man1/cairn.1.gz", "cairn-tools"), ("/usr/share/man/man8/cairnd.8.gz", "cairn-broker"),
        ):
            self.assertEqual([n for n in where if path in where[n]], [owner], path)

    def test_everything_is_roots_and_nobody_else_may_write_it(self):
        for name, package in self.made.items():
            for path, (mode, owner) in packages.contents(package).items():
                self.assertEqual(owner, "root/root", (name, path))
                self.assertNotIn("w", mode[4:], (name, path))

    def test_what_a_program_links_is_depended_on(self):
        for name, library in (("cairn-broker", "libsqlite3-0"), ("cairn-broker", "libnghttp2-14"),
                              ("cairn-agent", "libxml2"), ("cairn-tools", "libssl3")):
            self.assertIn(library, packages.dependencies(self.made[name]), name)
        self.assertNotIn("libsqlite3-0", packages.field(self.made["cairn-tools"], "Recommends"))

    def test_the_calendar_alone_is_the_administrators_to_edit(self):
        conffiles = (self.control("cairn-broker") / "conffiles").read_text().split()
        self.assertEqual(conffiles, ["/etc/cairn/calendar.csv"])
        below_etc = {p for m in self.made.values() for p, (mode, _) in packages.contents(m).items()
                     if p.startswith("/etc/") and not mode.startswith("d")}
        self.assertEqual(below_etc, set(conffiles))

    def test_scripts_are_sh_and_stop_at_the_first_error(self):
        for name, scripts in (("cairn-broker", 3), ("cairn-agent", 3), ("cairn-tools", 3)):
            found = [f for f in self.control(name).iterdir() if f.name in ("postinst", "preinst", "prerm", "postrm")]
            self.assertEqual(len(found), scripts, name)
            for f in found:
                text = f.read_text()
                self.assertTrue(text.startswith("#!/bin/sh\n"), f)
                self.assertIn("\nset -e\n", text)
                subprocess.run(["sh", "-n", str(f)], check=True)

    def test_no_script_removes_what_cannot_be_made_again(self):
        for name in packages.NAMES:
            for f in self.control(name).iterdir():
                lines = [x for x in f.read_text().splitlines() if "rm -r" in x and "echo" not in x]
                self.assertEqual(lines, [], f)

    def test_the_same_build_packed_twice_is_the_same_bytes(self):
        again = packages.make(f"{self.place.name}/again")
        for name, package in self.made.items():
            first, second = (hashlib.sha256(p.read_bytes()).hexdigest() for p in (package, again[name]))
            self.assertEqual(first, second, name)

    @unittest.skipUnless(shutil.which("lintian"), "no lintian")
    def test_lintian_has_nothing_to_say(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on=warning", *map(str, self.made.values())],
                              capture_output=True, text=True, check=False, timeout=240)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
