"""The texts that go into the packages are made whole, and the same each time."""
import gzip
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class texts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def made(self, tool, *words):
        return subprocess.run([sys.executable, str(ROOT / "tools" / tool), *map(str, words)],
                              capture_output=True, text=True, check=False)

    def test_a_manual_page_holds_what_its_program_says(self):
        for out in ("a", "b"):
            done = self.made("manpages.py", ROOT / "tests" / "golden", self.folder / out, "1.2.3")
            self.assertEqual(done.returncode, 0, done.stderr)
        pages = sorted(f.name for f in (self.folder / "a").iterdir())
        self.assertEqual(pages, ["cairn-agent.8.gz", "cairn-verify.1.gz", "cairn.1.gz", "cairnd.8.gz"])
        for name in pages:
            first, second = ((self.folder / x / name).read_bytes() for x in ("a", "b"))
            self.assertEqual(first, second, name)
        page = gzip.decompress((self.folder / "a" / "cairn.1.gz").read_bytes()).decode()
        self.assertIn('.TH CAIRN 1 "" "Cairn 1.2.3"', page)
        self.assertIn('.SS "cairn init"', page)
        self.assertIn(r"\-\-partnership", page)

    def test_the_changelog_is_of_the_version_and_its_day(self):
        source = self.folder / "CHANGELOG.md"
        source.write_text("# Changelog\n\n## 1.2.3\n\n" + "A first release with much in it. " * 5 + "\n")
        out = self.folder / "changelog.gz"
        self.assertEqual(self.made("changelog.py", source, "1.2.3", "0", out).returncode, 0)
        text = gzip.decompress(out.read_bytes()).decode()
        self.assertTrue(text.startswith("cairn (1.2.3) unstable; urgency=medium\n"), text)
        self.assertIn("Thu, 01 Jan 1970 00:00:00", text)
        self.assertLessEqual(max(map(len, text.splitlines()[:-1])), 80)

    def test_a_version_the_changelog_does_not_know_is_refused(self):
        source = self.folder / "CHANGELOG.md"
        source.write_text("# Changelog\n\n## 1.2.3\n\nA first release.\n")
        done = self.made("changelog.py", source, "1.2.4", "0", self.folder / "x.gz")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("1.2.4", done.stderr)


if __name__ == "__main__":
    unittest.main()
