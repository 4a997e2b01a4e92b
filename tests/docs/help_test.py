#!/usr/bin/python3
"""What every program says to --help, subcommands too, held to tests/golden/help_PROGRAM.txt.

CAIRN_UPDATE_GOLDEN=1 writes them anew; read the difference before it is committed: scripts and people
know these words.
"""

import difflib
import os
import re
import subprocess
import unittest

import support

PROGRAMS = ["cairn", "cairnd", "cairn-verify", "cairn-agent"]


def help_of(program, *words):
    # Its plain name as the zeroth word: where it was built is nobody's business.
    done = subprocess.run(
        [program, *words, "--help"], executable=support.BUILD / "bin" / program,
        capture_output=True, text=True, check=False, timeout=support.PATIENCE_S,
    )
    assert done.returncode == 0 and not done.stderr, (program, words, done.stderr)
    # CLI11 ends some lines in blanks.
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines()) + "\n"


def commands(text):
    """The words under Subcommands:."""
    _, _, part = text.partition("\nSubcommands:\n")
    return re.findall(r"(?m)^  ([a-z]\S*)", part.partition("\n\n")[0])


def whole(program, *words):
    text = help_of(program, *words)
    out = [f"$ {' '.join([program, *words, '--help'])}\n{text}"]
    for word in commands(text):
        out += whole(program, *words, word)
    return out


class Help(unittest.TestCase):
    def test_every_program_says_what_it_always_said(self):
        for program in PROGRAMS:
            with self.subTest(program):
                now = "\n".join(whole(program))
                golden = support.ROOT / "tests" / "golden" / f"help_{program}.txt"
                if os.environ.get("CAIRN_UPDATE_GOLDEN") == "1":
                    golden.write_text(now)
                difference = "\n".join(difflib.unified_diff(
                    golden.read_text().splitlines(), now.splitlines(), golden.name, "now", lineterm=""
                ))
                self.assertEqual(difference, "", "\n" + difference)

    def test_every_command_and_option_says_what_for(self):
        for program in PROGRAMS:
            lines = "\n".join(whole(program)).splitlines() + [""]
            for line, after in zip(lines, lines[1:]):
                # The words stand from column 30 on, below a name that is too long.
                if re.match(r"^  -", line) and len(line) < 30:
                    self.assertTrue(after.startswith(" " * 30), f"{program}: {line!r} has no words")

    def test_the_walk_finds_the_inner_commands(self):
        """The golden text cannot shrink to its first page unseen."""
        text = "\n".join(whole("cairn"))
        for command in ("audit verify", "cert crl", "mandate add", "check chain", "desk open"):
            self.assertIn(f"$ cairn {command} --help\n", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
