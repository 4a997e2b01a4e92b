#!/usr/bin/python3
"""The officer's page, docs/dpo/README.md, typed line by line in an empty folder."""

import csv
import pathlib
import re
import subprocess
import unittest

import support
from shell import Shell

PAGE = support.ROOT / "docs" / "dpo" / "README.md"


class Officer(unittest.TestCase):
    def test_every_line_of_the_page_does_what_it_says(self):
        lines = [
            line for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
            for line in block.splitlines()
        ]
        self.assertGreaterEqual(len(lines), 9)
        said = {}
        with support.folder() as place:
            shell = Shell(place, support.BUILD / "bin")
            self.addCleanup(shell.close)
            for line in lines:
                code, said[line] = shell.run(line)
                self.assertEqual(code, 0, f"{line}\n{said[line]}")
            self.check(pathlib.Path(place), {" ".join(k.split()[1:3]): v for k, v in said.items()})

    def check(self, place, said):
        page = (place / "policy.html").read_text()
        places = [page.index(f'id="{part}"') for part in ("open", "proof", "who", "cases", "rules", "sign")]
        self.assertEqual(places, sorted(places), "the order that the page of the officer says")
        with open(place / "rules.csv", newline="") as table:
            self.assertGreater(len(list(csv.reader(table))), 100)
        self.assertEqual(said["policy import"], "", "nothing was changed, so nothing is named")
        self.assertIn("rules", said["policy check"])
        self.assertIn("Declared detriment", said["policy explain"])
        for name in ("record-of-processing", "appropriate-policy-document"):
            self.assertIn("To be filled in by", (place / f"{name}.md").read_text())

    def test_what_nobody_has_settled_is_left_open(self):
        for name, words in (("impact-assessment.md", ("**To be filled in**", "not built yet")),
                            ("controllers.md", ("processor", "**no**", "**To be filled in"))):
            text = (PAGE.parent / name).read_text()
            for word in words:
                self.assertIn(word, text, name)

    def test_what_is_said_not_to_be_built_has_no_command(self):
        text = (PAGE.parent / "impact-assessment.md").read_text()
        claims = [row for row in text.splitlines() if "not built yet" in row]
        told = subprocess.run([support.BUILD / "bin" / "cairn", "--help"], capture_output=True, text=True,
                              check=True).stdout.split()
        words = {"witnesses": "witness", "erasure": "erase"}
        for word, command in words.items():
            self.assertEqual(any(word in row for row in claims), command not in told, word)
        self.assertEqual([row for row in claims if not any(w in row for w in words)], [])


if __name__ == "__main__":
    unittest.main()
