#!/usr/bin/python3
"""Runs every command and every line of Python of docs/API.md, in its order, against a real broker.

The partnership is the one README.md makes by hand; ports alone are changed.
"""

import contextlib
import importlib
import io
import json
import os
import pathlib
import re
import sys
import unittest

import readme_test
from shell import Shell
import support

TEXT = (support.ROOT / "docs" / "API.md").read_text()
# What an answer must say, by operation: a member of the JSON, a field of the message.
SAYS = {
    "Exchange/ListDesks": ("desks", "desks"),
    "Exchange/Preview": ("desks", "desks"),
    "Exchange/Submit": ("receipt", "receipt"),
    "Exchange/Publish": ("required", "accepted"),
    "Exchange/Fetch": ("deliveries", "deliveries"),
    "Exchange/Receive": ("notice", "notice"),
    "Exchange/Confirm": ("confirmed", "confirmed"),
    "Exchange/Return": ("receipt", "receipt"),
    "Exchange/Track": ("STATE_", "desks"),
    "Exchange/Explain": ("cells", "desks"),
    "Audit/Search": ("records", "records"),
    "Audit/Show": ("leaf", "leaf"),
    "Audit/Checkpoint": ("checkpoint", "checkpoint"),
    "Audit/Entries": ("leaves", "leaves"),
    "Audit/Consistency": ("hashes", "hashes"),
    "Audit/PolicyHistory": ("versions", "versions"),
    "Audit/SimulatePolicy": ("concerns", "concerns"),
    "Admin/Status": ("registryEpoch", "desks"),
    "Admin/PolicyHistory": ("versions", "versions"),
    "Admin/ListRegistry": ("agencies", "agencies"),
    "Admin/Apply": ("epoch", "epoch"),
}
# In the schema, and named under "Not here".
LEFT_OUT = {"Witness", "Enrol"}
FOR_CAIRN = {"Admin"}


def sections():
    """Heading of an operation ("" before the first) and its blocks: (language, text)."""
    out, service, name = [("", [])], "", ""
    for part in re.split(r"^(?=##+ )", TEXT, flags=re.M):
        head = re.match(r"(##+) (\w+)\n", part)
        if head and head[1] == "##":
            service, name = head[2], ""
        elif head:
            name = f"{service}/{head[2]}"
        blocks = re.findall(r"^```(sh|python)\n(.*?)^```", part, re.M | re.S)
        if blocks:
            out.append((name, blocks))
    return out


def operations():
    """Of the schema: service and operation."""
    for file in sorted((support.ROOT / "proto" / "cairn" / "v1").glob("*.proto")):
        text = file.read_text()
        for service, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.M | re.S):
            for rpc in re.findall(r"^\s+rpc (\w+)\(", body, re.M):
                yield service, rpc


class Whole(unittest.TestCase):
    """The page names every operation."""

    def test_every_operation_of_the_schema_is_there_or_said_not_to_be(self):
        said = {name for name, _ in sections()}
        not_here = TEXT.partition("## Not here")[2].partition("## ")[0]
        for service, rpc in operations():
            with self.subTest(f"{service}.{rpc}"):
                if service in LEFT_OUT or (service in FOR_CAIRN and f"{service}/{rpc}" not in SAYS):
                    self.assertIn(f"`{service}`", not_here)
                else:
                    self.assertIn(f"{service}/{rpc}", said)

    def test_every_operation_has_a_line_of_curl_and_one_of_python(self):
        for name, blocks in sections():
            if "/" in name:
                self.assertEqual([language for language, _ in blocks], ["sh", "python"], name)


class Run(unittest.TestCase):
    """The broker of README.md, then the page from top to bottom."""

    def setUp(self):
        self.place = support.folder()
        self.addCleanup(self.place.cleanup)
        self.folder = pathlib.Path(self.place.name)
        self.port, self.health = support.free_port(), support.free_port()
        self.shell = Shell(self.place.name)
        self.broker = None
        self.addCleanup(self.finish)
        self.by_hand()
        self.stubs()

    def finish(self):
        if self.broker:
            support.end(self.broker, "cairnd")
        self.shell.close()

    def sh(self, line):
        line = line.replace("localhost:7443", f"localhost:{self.port}")
        line = line.replace("127.0.0.1:7480", f"127.0.0.1:{self.health}")
        if line.startswith("cairn init "):
            line += f" --port {self.port} --health-port {self.health}"
        code, said = self.shell.run(line)
        self.assertEqual(code, 0, f"{line}\n{said}")
        return said

    def by_hand(self):
        """README.md up to the certificates; what it sends is not needed here."""
        block = readme_test.blocks((support.ROOT / "README.md").read_text(), readme_test.SECTION)[0]
        readme_test.checkout(self.folder, readme_test.BUILD_LINE.match(block[0])[1])
        for line in block[1:]:
            if re.match(r"cairn (--context|-)|cairn-verify|kill", line):
                continue
            self.sh(line)
            if line.endswith("&"):
                self.broker = int(self.shell.run("echo $!")[1])

    def stubs(self):
        """As examples/README.md makes them."""
        (self.folder / "proto").symlink_to(support.ROOT / "proto")
        lines = readme_test.blocks((support.ROOT / "examples" / "README.md").read_text(), "## Python")
        for line in lines[0][:3]:
            self.sh(line)
        # For this page every service, not the one the examples need.
        self.sh(lines[0][2].replace("cairn/v1/exchange.proto", "cairn/v1/admin.proto cairn/v1/audit.proto"))
        sys.path.insert(0, str(self.folder / "stubs"))
        importlib.invalidate_caches()
        self.addCleanup(sys.path.remove, str(self.folder / "stubs"))

    def python(self, text, names):
        here = os.getcwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(text.replace("localhost:7443", f"localhost:{self.port}"), names)  # noqa: S102
        finally:
            os.chdir(here)

    def test_every_line_does_what_it_says(self):
        names, seen = {}, set()
        for name, blocks in sections():
            for language, text in blocks:
                with self.subTest(name, language=language):
                    if language == "sh":
                        said = "".join(self.sh(line) for line in text.strip().splitlines())
                        if name:
                            self.assertIn(SAYS[name][0], said)
                    else:
                        self.python(text, names)
                        if name:
                            self.assertTrue(self.has(names.pop("answer"), SAYS[name][1]), name)
            seen.add(name)
        self.assertEqual({n for n in seen if n}, set(SAYS))

    @staticmethod
    def has(answer, field):
        """Whether the field is filled, in each message of a list."""
        every = answer if isinstance(answer, list) else [answer]
        return bool(every) and all(getattr(one, field) for one in every)

    def test_the_error_shown_is_the_one_the_broker_gives(self):
        shown = json.loads(re.search(r"^```json\n(.*?)^```", TEXT, re.M | re.S)[1])
        for line in next(blocks for name, blocks in sections() if blocks)[0][1].splitlines():
            self.sh(line)
        setup = next(text for _, blocks in sections() for _, text in blocks if text.startswith("call()"))
        self.sh(setup.strip())
        concern = json.loads((support.ROOT / "deploy" / "example" / "concern.json").read_text())
        del concern["acting"]
        body = json.dumps({"key": "shown-error-1", "concern": concern})
        line = f"call oakfield/client Exchange/Submit '{body}'"
        code, said = self.shell.run(line.replace("localhost:7443", f"localhost:{self.port}"))
        self.assertNotEqual(code, 0)
        self.assertEqual(json.loads(re.search(r"\{.*\}", said, re.S)[0]), shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
