#!/usr/bin/python3
"""Runs the demo and holds its transcript to the golden one, and to what it promises.

CAIRN_UPDATE_GOLDEN=1 writes tests/golden/demo.txt and demo_samples.txt anew; read the difference before it is
committed. The story is the same whether the public samples are there or not: what is told of them is a part by
itself, with a golden file of its own.
"""

import difflib
import html.parser
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import unittest

import support

GOLDEN = support.ROOT / "tests" / "golden" / "demo.txt"
GOLDEN_SAMPLES = support.ROOT / "tests" / "golden" / "demo_samples.txt"
SHARED = pathlib.Path(os.environ.get("CAIRN_SHARED") or support.ROOT.parent / "shared")
SAMPLES = SHARED / "samples"
SKIPPED = "7. The public samples are skipped: none is in {}\n"
# From the step about the samples to the next.
ABOUT_SAMPLES = re.compile(r"^7\. .*?\n(?=8\. )", re.M | re.S)
# Where the mother is safe and how to ring her, as deploy/demo/files/oakfield.json says it.
PROTECTED = ["Larkspur House", "41 Tannery Row", "NS4 7QZ", "NS47QZ", "07700 900417", "7700 900417",
             "07700900417", "mornings only"]
# Cells of the page that neither show a field nor say that it is hidden.
SILENT = 0
# What differs from run to run, the folder first: what stands in for it has no digits.
VOLATILE = [
    (r"\blocalhost:\d+", "localhost:PORT"),
    (r"\bkill \d+", "kill PID"),
    (r"\b[\d,]+ bytes\b", "N bytes"),
    (r"\b\d+ records\b", "N records"),
    (r"\brecord (\d+/)?\d+", "record N"),
    (r"\b[0-9a-f]{32,64}\b", "ID"),
    (r"northshire\.example/20\d\d\b", "northshire.example/YEAR"),
]
# Words of the machine; people read this.
INTERNAL = {
    "an enum name": r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b",
    "a field path": r"\b[a-z]+(\.[a-z]+)*\.[a-z]+_[a-z_]+\b|\b[a-z]+\[\d+\]|\b[a-z]+_[a-z_]+\b",
    "a JSON name": r"\b[a-z]+[A-Z][A-Za-z]*\b",
    "a rule id": r"(?i)\brules? ?(number|no\.?|#)? ?\d+",
}


def settled(text, folder):
    text = text.replace(str(folder), "FOLDER")
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    return text


def without_samples(story):
    return ABOUT_SAMPLES.sub("7. (the public samples)\n", story, count=1)


def about_samples(story):
    found = ABOUT_SAMPLES.search(story)
    return found[0] if found else ""


def told(story):
    """The lines without those that are commands to copy, and without where files are."""
    lines = [line for line in story.splitlines() if not line.lstrip().startswith("curl ")]
    return "\n".join(re.sub(r"FOLDER\S*", "", line.replace(str(SAMPLES), "")) for line in lines)


def hidden_sentences(story):
    """Every sentence of what is hidden, whole again after the wrapping."""
    out = []
    for line in story.splitlines():
        if line.startswith("     - "):
            out.append(line[7:])
        elif line.startswith("       ") and out:
            out[-1] += " " + line.strip()
    return out


def programs_of(folder):
    """Ids of the processes whose command line names something in the folder."""
    out = []
    for place in pathlib.Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        try:
            words = (place / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"{folder}/" in words and support.is_alive(int(place.name)):
            out.append(int(place.name))
    return out


class Cells(html.parser.HTMLParser):
    """The page's table as rows of cells; of a cell everything counts, what shows on hover too."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.attributes, self.open = [], set(), set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True
        if self.open:
            self.rows[-1][-1] += " ".join(value or "" for _, value in attrs)

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = support.folder()
        cls.folder = pathlib.Path(cls.place.name)
        cls.addClassCleanup(cls.place.cleanup)
        cls.addClassCleanup(cls.stop)
        # Into a file: the broker outlives the story and may hold a pipe open.
        transcript = cls.folder / "transcript"
        with open(transcript, "wb") as out:
            done = subprocess.run(
                [str(support.ROOT / "deploy" / "demo" / "run"), str(support.BUILD), "--folder",
                 str(cls.folder)], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                timeout=3 * support.PATIENCE_S, check=False,
            )
        cls.raw = transcript.read_text()
        cls.code = done.returncode
        cls.story = settled(cls.raw, cls.folder)

    @classmethod
    def stop(cls):
        """The broker that stays; the watcher that would end it later sees that it has nothing to do."""
        found = re.search(r"\bkill (\d+)", getattr(cls, "raw", ""))
        if found:
            support.end(int(found[1]), "cairnd")
        for pid in programs_of(cls.folder):
            support.wait_end(f"process {pid} of the demo to have ended", pid)

    def assert_golden(self, file, now):
        if os.environ.get("CAIRN_UPDATE_GOLDEN") == "1":
            file.write_text(now)
        difference = "\n".join(difflib.unified_diff(
            file.read_text().splitlines(), now.splitlines(), file.name, "now", lineterm=""))
        self.assertEqual(difference, "", "\n" + difference)

    def test_the_transcript_is_the_golden_one(self):
        self.assertEqual(self.code, 0, self.raw)
        self.assert_golden(GOLDEN, without_samples(self.story))

    def test_it_tells_what_came_of_each_public_sample_or_that_they_are_skipped(self):
        if SAMPLES.exists():
            self.assert_golden(GOLDEN_SAMPLES, about_samples(self.story))
        else:
            self.assertEqual(about_samples(self.story), SKIPPED.format(SAMPLES))

    def test_the_story_is_short_enough_to_be_read(self):
        # With what came of the public samples, where they are there.
        self.assertLess(len(self.raw.splitlines()), 40)

    def test_the_protected_address_is_searched_for_and_not_found(self):
        self.assertRegex(self.raw, r"\b0 hits in [1-9][\d,]* bytes")
        # The search finds it where it is.
        self.assertIn("4 hits in the sender's file", self.raw)
        for text in PROTECTED:
            self.assertNotIn(text, self.raw)

    def test_the_receipt_verifies_and_the_flipped_byte_is_found(self):
        self.assertIn("The receipt is good", self.raw)
        self.assertRegex(self.raw, r"byte .* flipped: .*\brecord (\d+/)?\d+")

    def test_one_line_of_the_policy_changed_tells_which_child_it_would_harm(self):
        text = re.sub(r"\s+", " ", self.raw)
        self.assertRegex(text, r"One word more in line \d+, and it is refused: .*would not see convictions "
                               r".*The social worker is not told, and the child goes home to him\.")
        page = (self.folder / "policy.html").read_text()
        self.assertTrue("1,175,715,840 points" in page and "Data protection officer" in page)

    def test_no_rule_path_or_enum_name_is_shown_to_people(self):
        text = told(self.story)
        for what, pattern in INTERNAL.items():
            found = re.search(pattern, text)
            self.assertIsNone(found, f"{what}: {found and found[0]}")

    def test_the_patterns_of_machine_words_find_them(self):
        """The test above can fail."""
        for what, line in {
            "an enum name": "held: CATEGORY_HEALTH", "a rule id": "hidden by rule 205",
            "a field path": "hidden: persons[0].health", "a JSON name": "hidden: sensitiveServices",
        }.items():
            self.assertRegex(told("7. " + line), INTERNAL[what])
        self.assertRegex("not shown: own_words", INTERNAL["a field path"])

    def test_each_hidden_field_says_whose_what_under_which_law_and_whom_to_ask(self):
        sentences = hidden_sentences(self.raw)
        self.assertGreaterEqual(len(sentences), 3)
        for sentence in sentences:
            self.assertRegex(sentence, r"\bask [^.]+\d{5} \d{6}\.$", "whom to ask")
            self.assertRegex(sentence, r"\babout (the|a|an|this) [a-z ]+", "whose it is")
            self.assertRegex(sentence, r": [a-z][^.]+\.", "the category")
            self.assertRegex(sentence, r"\((UK GDPR|DPA|[A-Z][A-Za-z ]+ Act)[^)]* ?", "the law")

    def test_the_curl_line_works_as_it_stands(self):
        lines = [line.strip() for line in self.raw.splitlines() if line.strip().startswith("curl ")]
        self.assertEqual(len(lines), 1)
        env = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
        done = subprocess.run(["/bin/sh", "-c", lines[0]], env=env, capture_output=True, text=True,
                              timeout=support.PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("northshire-council/front_door", done.stdout)
        # Without the certificate the same line gets nothing: the answer was for this agency.
        words = shlex.split(lines[0])
        bare = words[:words.index("--cert")] + words[words.index("--key") + 2:]
        refused = subprocess.run(bare, env=env, capture_output=True, text=True,
                                 timeout=support.PATIENCE_S, check=False)
        self.assertNotIn("front_door", refused.stdout)

    def test_the_page_shows_the_protected_address_to_its_sender_alone(self):
        text = (self.folder / "demo.html").read_text()
        self.assertNotIn("<script", text.lower())
        page = Cells(text)
        self.assertNotIn("script", page.tags)
        self.assertEqual([a for a in page.attributes if a.startswith("on")], [])
        head, *rows = page.rows
        self.assertRegex(head[1], r"As sent$")
        self.assertEqual(len(head), 5, "the field, the sender's column and three desks")
        senders = " ".join(row[1] for row in rows if len(row) == 5)
        for secret in ("Larkspur House", "41 Tannery Row", "NS4 7QZ", "07700 900417"):
            self.assertIn(secret, senders)
        for row in rows:
            for cell in row[:1] + row[2:]:
                for secret in PROTECTED:
                    self.assertNotIn(secret, cell, row[0])
        # And nowhere outside the sender's cells: as often in the page as in them.
        for secret in PROTECTED:
            self.assertEqual(text.count(secret), senders.count(secret), secret)
        self.assertIn("hidden", " ".join(cell for row in rows for cell in row[2:]))

    def test_every_hidden_cell_says_why_and_few_are_silent(self):
        text = (self.folder / "demo.html").read_text()
        cells = re.findall(r"<td[^>]*>.*?</td>", text, re.S)
        hidden = [cell for cell in cells if 'class="hidden"' in cell]
        self.assertGreater(len(hidden), 3)
        reasons = dict(re.findall(r'<li id="(why-\d+)"><bdi>(.*?)</bdi></li>', text))
        for cell in hidden:
            why = reasons[re.search(r'href="#(why-\d+)"', cell)[1]]
            self.assertRegex(why, r".{20,}\bask [^.]+")
            # Under the pointer the same words as in the list.
            hover = re.match(r'<td[^>]* title="([^"]*)"', cell)
            self.assertEqual(hover and hover[1], why, cell[:300])
        silent = [cell for cell in cells if "not shown, not mentioned" in cell]
        # What is neither shown nor mentioned was decided to be: another number is another policy.
        self.assertEqual(len(silent), SILENT)
        self.assertEqual(text.count("not shown, not mentioned"), SILENT)


class Kept(unittest.TestCase):
    """./dev up: the same story, and it runs until a signal, which ends all of it."""

    def start(self, shared=SHARED):
        place = support.folder()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.transcript = self.folder / "transcript"
        with open(self.transcript, "wb") as out:
            self.demo = subprocess.Popen(
                [str(support.ROOT / "deploy" / "demo" / "run"), str(support.BUILD), "--keep",
                 "--folder", str(self.folder)],
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=os.environ | {"CAIRN_SHARED": str(shared)})
        self.addCleanup(self.end)

    def end(self):
        if self.demo.poll() is None:
            self.demo.kill()
            self.demo.wait()
        for pid in programs_of(self.folder / "northshire"):
            os.kill(pid, signal.SIGKILL)

    def wait_for(self, words):
        said = support.waiting.changed_until(
            self.transcript, lambda: words in self.transcript.read_text(), 3 * support.PATIENCE_S,
            self.demo.pid)
        self.assertTrue(said, f"the demo did not say {words!r}: {self.transcript.read_text()}")
        return self.transcript.read_text()

    def assert_all_ended(self, code):
        self.assertEqual(self.demo.wait(timeout=support.PATIENCE_S), code, self.transcript.read_text())
        self.assertEqual(programs_of(self.folder / "northshire"), [])

    def assert_the_whole_story(self, story):
        whole = GOLDEN.read_text().splitlines()
        end = next(i for i, line in enumerate(whole) if line.startswith("8. "))
        self.assertEqual(without_samples(story).splitlines()[:end + 1], whole[:end + 1])

    def test_without_the_public_samples_it_says_so_and_tells_the_same(self):
        with support.folder() as nowhere:
            self.start(shared=nowhere)
            story = settled(self.wait_for("until Ctrl-C"), self.folder)
            self.assertEqual(about_samples(story), SKIPPED.format(pathlib.Path(nowhere) / "samples"))
        self.assert_the_whole_story(story)

    def test_it_tells_the_whole_story_and_a_signal_ends_everything(self):
        self.start()
        story = settled(self.wait_for("until Ctrl-C"), self.folder)
        self.assert_the_whole_story(story)
        # Agents that stay take them as well.
        told = GOLDEN_SAMPLES.read_text() if SAMPLES.exists() else SKIPPED.format(SAMPLES)
        self.assertEqual(about_samples(story), told)
        self.assertEqual(len(programs_of(self.folder / "northshire")), 5, "the broker and four agents")
        port = int(re.search(r"localhost:(\d+)/", self.transcript.read_text())[1])
        self.demo.send_signal(signal.SIGTERM)
        self.assert_all_ended(0)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)

    def test_a_signal_in_the_middle_of_the_story_ends_everything(self):
        self.start()
        self.wait_for("1. A partnership is made")
        self.demo.send_signal(signal.SIGINT)
        self.assert_all_ended(1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
