#!/usr/bin/python3
"""Runs the commands of README.md's section "A partnership by hand" as they stand there.

The ports alone are changed, because those may be taken on the machine that tests; and the first line
is not run, for what it builds is the build under test: the checkout is linked into an empty folder,
with that build where the line says it would be.
"""

import pathlib
import re
import unittest

import support
from shell import Shell

SECTION = "## A partnership by hand"


def blocks(text, section):
    """The fenced sh blocks of a section, each as its lines."""
    _, found, rest = text.partition(section + "\n")
    if not found:
        raise AssertionError(f"README.md has no section {section!r}")
    part = re.split(r"^## ", rest, maxsplit=1, flags=re.M)[0]
    return [b.strip().splitlines() for b in re.findall(r"^```sh\n(.*?)^```", part, re.M | re.S)]


def checkout(folder, preset):
    """The checkout as the reader has it after the build, by links; nothing is written into it."""
    (folder / "build").mkdir()
    (folder / "build" / preset).symlink_to(support.BUILD)
    (folder / "deploy").symlink_to(support.ROOT / "deploy")


# What a command must say, by the words it begins with (the longest fits).
SAYS = {
    "cairn init": r"Partnership northshire\.example is made",
    "cairn agency add oakfield": r"^Agency oakfield is in the registry",
    "cairn agency add northshire-council": r"^Agency northshire-council is in the registry",
    "cairn desk add oakfield/dsl": r"^Desk oakfield/dsl is in the registry",
    "cairn desk add northshire-council/front_door": r"^Desk northshire-council/front_door is in the",
    "cairn cert issue agency/oakfield": r"--context oakfield/context\.toml",
    "cairn cert issue agency/northshire-council": r"--context council/context\.toml",
    "cairn --context oakfield/context.toml send": r"^Accepted(.|\n)*told +northshire-council/front_door",
    "cairn-verify receipt": r"^The receipt is good(.|\n)*party +oakfield",
    "cairn --context council/context.toml inbox": r"\bnotification +oakfield\b",
}


BUILD_LINE = re.compile(r"^\./dev build (\w+)((?: [a-z-]+)+)$")
SILENT = ("export ", "until ", "kill ")


class Readme(unittest.TestCase):
    def setUp(self):
        self.place = support.folder()
        self.addCleanup(self.place.cleanup)
        self.broker = None
        self.port, self.health = support.free_port(), support.free_port()
        self.shell = Shell(self.place.name)
        self.addCleanup(self.finish)

    def finish(self):
        # The broker first: it holds the shell's output open.
        if self.broker:
            support.end(self.broker, "cairnd")
        self.shell.close()

    def run_one(self, line):
        typed = line.replace("127.0.0.1:7480", f"127.0.0.1:{self.health}")
        if line.startswith("cairn init "):
            typed = f"{line} --port {self.port} --health-port {self.health}"
        code, said = self.shell.run(typed)
        self.assertEqual(code, 0, f"README.md: {line}\n{said}")
        if line.endswith("&"):
            self.broker = int(self.shell.run("echo $!")[1])
            return None
        if line.startswith(SILENT):
            self.assertEqual(said, "", f"README.md: {line}")
            return None
        known = [start for start in SAYS if line.startswith(start)]
        self.assertTrue(known, f"README.md has a command this test knows nothing of: {line}")
        start = max(known, key=len)
        self.assertRegex(said, SAYS[start], f"README.md: {line}")
        return start

    def test_every_command_does_what_it_says(self):
        found = blocks((support.ROOT / "README.md").read_text(), SECTION)
        self.assertEqual(len(found), 1, "one block of commands")
        first, *lines = found[0]
        build = BUILD_LINE.match(first)
        self.assertTrue(build, first)
        for program in build[2].split():
            self.assertTrue((support.BUILD / "bin" / program).exists(), program)
        checkout(pathlib.Path(self.place.name), build[1])
        seen = [self.run_one(line) for line in lines]
        self.assertEqual(set(SAYS), {s for s in seen if s}, "each known command is in README.md")
        self.assertIsNotNone(self.broker)
        support.wait_end("the broker to end as told", self.broker)

    def test_what_is_not_in_the_folder_is_not_sent(self):
        """The test can fail: a command that goes wrong has an exit code that is not 0."""
        cairn = support.BUILD / "bin" / "cairn"
        code, said = self.shell.run(f"{cairn} --context nowhere/context.toml status")
        self.assertNotEqual(code, 0)
        self.assertIn("nowhere/context.toml", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
