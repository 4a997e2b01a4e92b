"""The pages people read, in a real browser: headless Chromium with axe-core, at 1400 and 320 px, and
printed.

Shown are the notices of tests/golden, one notice of each kind with every field filled, hostile and
empty ones, what a run of deploy/demo/run leaves, and the policy as it is signed, whole, and with a
broken promise. CAIRN_SHOTS=FOLDER keeps a picture of each at
both widths and its print (./dev shots).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import harness
import npm

SOURCES = harness.HERE / "page"
GOLDEN = harness.ROOT / "tests" / "golden"
WRITER = pathlib.Path(os.environ.get("CAIRN_WRITE_PAGES")
                      or harness.BIN.parent / "tests" / "page" / "write-pages")
# One finding each that the check must make, so that it cannot go blind.
PLANTED = {
    "picture without words": ("</main>", "<img src='data:,x'></main>", "image-alt"),
    "pale text": ("<main>", "<main><p style='color:#aaa'>pale</p>", "color-contrast"),
    "wide box": ("<main>", "<main><div style='width:700px'>wide</div>", "320 px: does not reflow"),
    "script": ("</main>", "<script></script></main>", "a script"),
    "request": ("<main>", "<main><img alt='x' src='https://example.invalid/x.png'>", "asks for"),
    "no language": (' lang="en-GB"', "", "html-has-lang"),
    "leap of headings": ("<h2", "<h4>x</h4><h2", "heading 4 after 1"),
    "left out in print": ("</head>", "<style>@media print { dl { display: none } }</style></head>",
                          "print leaves out"),
    "words under each other": ("</head>", "<style>h1 { overflow: hidden; white-space: nowrap; "
                                          "width: 9rem }</style></head>", "cut off: H1"),
}


def browser():
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        npm.missing("no Chromium here (apt-get install chromium)")
    return found


def free_of_policy(text):
    """Without its Content-Security-Policy, which stops most of what a test can plant."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)


class page(harness.SystemTest):
    """Each page is looked at once; what was found is a line of JSON."""

    start_broker = False
    own_broker = True

    @classmethod
    def setUpClass(cls):
        cls.chromium = browser()
        cls.packages = npm.install(SOURCES, "*.mjs")
        place = tempfile.TemporaryDirectory(prefix="cairn-page-")
        cls.addClassCleanup(place.cleanup)
        cls.folder = pathlib.Path(place.name)
        cls.written = cls.folder / "written"
        cls.written.mkdir()
        done = harness.run([WRITER, GOLDEN, cls.written])
        assert done.code == 0, str(done)

    def setUp(self):
        """No broker of its own: the demo brings one."""

    def look(self, pages, shots=None):
        setup = {"chromium": self.chromium, "shots": str(shots or ""),
                 "pages": [{"name": n, "file": str(f)} for n, f in pages.items()]}
        file = self.folder / "setup.json"
        file.write_text(json.dumps(setup))
        done = harness.run(["node", self.packages / "check.mjs", file], patience_s=400)
        self.assertEqual(done.code, 0, str(done))
        rows = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([r["name"] for r in rows], list(pages))
        return rows

    def assert_good(self, pages):
        shots = os.environ.get("CAIRN_SHOTS")
        rows = self.look(pages, shots)
        for row in rows:
            with self.subTest(row["name"]):
                self.assertEqual(row["found"], [])
                self.assertGreater(row["passes"], 15, "axe looked at next to nothing")
        return rows

    def demo(self):
        """What the demo's agents wrote, and its page of four columns."""
        folder = self.folder / "demo"
        transcript = self.folder / "transcript"
        # Without the public samples: fifty pages more of the same two kinds.
        env = os.environ | {"CAIRN_SHARED": str(self.folder / "no-samples")}
        with open(transcript, "wb") as out:
            done = subprocess.run(
                [harness.ROOT / "deploy" / "demo" / "run", harness.BIN.parent, "--folder", folder],
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
                timeout=harness.PATIENCE_S * 4, env=env,
            )
        text = transcript.read_text()
        left = re.search(r"\bkill (\d+)", text)
        if left:
            os.kill(int(left[1]), signal.SIGTERM)
        self.assertEqual(done.returncode, 0, text)
        out = {"demo": folder / "demo.html"}
        for file in sorted(folder.glob("northshire/clients/*/agent/inbox/*.html")):
            agency = file.relative_to(folder / "northshire" / "clients").parts[0]
            out[f"demo.{agency}.{len(out)}"] = file
        return out

    def test_notices_of_every_kind(self):
        pages = {f.stem: f for f in sorted(self.written.glob("*.html"))}
        kinds = [n for n in pages if n.startswith("kind.")]
        self.assertEqual(len(kinds), 11, "a page of every kind of concern")
        self.assertGreaterEqual(len([n for n in pages if n.startswith("golden.")]), 6)
        rows = self.assert_good(pages)
        titles = [r["title"] for r in rows]
        # A golden notice stands for one concern and several desks.
        self.assertEqual(len(set(titles)), len(titles), "a title tells its page from the others")
        for title in titles:
            self.assertNotRegex(title, "Tamsin|Oakley|given in words", "browsers keep titles")

    def test_what_the_demo_writes(self):
        pages = self.demo()
        self.assertGreaterEqual(len(pages), 9, "a page for each notice of the demo")
        self.assert_good(pages)

    def test_the_policy_as_its_officer_reads_it(self):
        """The whole template: some seven thousand cells."""
        file = self.folder / "policy.html"
        text = harness.ROOT / "deploy" / "policy" / "template.textproto"
        done = harness.run([harness.BIN / "cairn", "policy", "render", text, "--html", file])
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        page = file.read_text()
        self.assertGreater(page.count("<td"), 5000)
        self.assert_good({"policy": file})

    def test_what_is_planted_is_found(self):
        plain = (self.written / "golden.notice_school.front_door.html").read_text()
        plain = free_of_policy(plain)
        pages = {}
        for name, (where, what, _) in PLANTED.items():
            self.assertIn(where, plain)
            file = self.folder / f"planted-{len(pages)}.html"
            file.write_text(plain.replace(where, what, 1))
            pages[name] = file
        for row in self.look(pages):
            with self.subTest(row["name"]):
                self.assertIn(PLANTED[row["name"]][2], "\n".join(row["found"]))
                self.assertIn("its policy lets", "\n".join(row["found"]))


if __name__ == "__main__":
    harness.main()
