#!/usr/bin/python3
"""Runs the commands of README.md's section "A partnership by hand" as they stand there.

Two things are added and nothing is changed: the ports, because 7443 may be taken on the machine that
tests, and the concern to send, which the reader brings.
"""

import json
import os
import re
import subprocess
import unittest

import support

SECTION = "## A partnership by hand"
MARK = "@@exit"


def blocks(text, section):
    """The fenced sh blocks of a section, each as its lines."""
    _, found, rest = text.partition(section + "\n")
    if not found:
        raise AssertionError(f"README.md has no section {section!r}")
    part = re.split(r"^## ", rest, maxsplit=1, flags=re.M)[0]
    return [b.strip().splitlines() for b in re.findall(r"^```sh\n(.*?)^```", part, re.M | re.S)]


def the_concern(target):
    """The demo's school concern, to the one desk that the section gives a right to."""
    concern = json.loads((support.ROOT / "deploy" / "demo" / "files" / "oakfield.json").read_text())
    concern["desks"] = ["northshire-council/front_door"]
    target.write_text(json.dumps(concern))


class Shell:
    """One sh that is fed line by line, as a reader pastes them."""

    def __init__(self, folder):
        path = f"{support.BUILD / 'bin'}:{os.environ['PATH']}"
        env = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        self.process = subprocess.Popen(
            ["/bin/sh"], cwd=folder, env={**env, "PATH": path}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
        )

    def run(self, line):
        """Exit code and what was said, but for the broker's own log."""
        self.process.stdin.write(f"{line}\nprintf '\\n{MARK} %d\\n' $?\n")
        said = []
        for answer in self.process.stdout:
            if answer.startswith(MARK):
                return int(answer.split()[1]), "".join(said).strip()
            if not answer.startswith('{"@timestamp"'):
                said.append(answer)
        raise AssertionError(f"the shell ended at: {line}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=support.PATIENCE_S)


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


class Readme(unittest.TestCase):
    def setUp(self):
        self.place = support.folder()
        self.addCleanup(self.place.cleanup)
        self.broker = None
        self.port, self.health = support.free_port(), support.free_port()
        the_concern(support.pathlib.Path(self.place.name) / "concern.json")
        self.shell = Shell(self.place.name)
        self.addCleanup(self.finish)

    def finish(self):
        # The broker first: it holds the shell's output open.
        if self.broker:
            support.end(self.broker, "cairnd")
        self.shell.close()

    def run_one(self, line):
        typed = line
        if line.startswith("cairn init "):
            typed = f"{line} --port {self.port} --health-port {self.health}"
        code, said = self.shell.run(typed)
        self.assertEqual(code, 0, f"README.md: {line}\n{said}")
        if line.endswith("&"):
            self.broker = int(self.shell.run("echo $!")[1])
            support.wait_until("the broker to be ready", lambda: support.is_ready(self.health))
            return None
        if line.startswith("export "):
            return None
        known = [start for start in SAYS if line.startswith(start)]
        self.assertTrue(known, f"README.md has a command this test knows nothing of: {line}")
        start = max(known, key=len)
        self.assertRegex(said, SAYS[start], f"README.md: {line}")
        return start

    def test_every_command_does_what_it_says(self):
        found = blocks((support.ROOT / "README.md").read_text(), SECTION)
        self.assertEqual(len(found), 1, "one block of commands")
        seen = [self.run_one(line) for line in found[0]]
        self.assertEqual(set(SAYS), {s for s in seen if s}, "each known command is in README.md")
        self.assertIsNotNone(self.broker)

    def test_what_is_not_in_the_folder_is_not_sent(self):
        """The test can fail: a command that goes wrong has an exit code that is not 0."""
        code, said = self.shell.run("cairn --context nowhere/context.toml send concern.json")
        self.assertNotEqual(code, 0)
        self.assertIn("nowhere/context.toml", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
