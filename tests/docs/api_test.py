#!/usr/bin/python3
"""Runs every command and every line of Python of docs/API.md, in its order, against a real broker.

The partnership is the one README.md makes by hand; ports alone are changed. Which operations there have
to be is read from the schema's own descriptors.
"""

import contextlib
import functools
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from google.protobuf import descriptor_pb2

import readme_test
from shell import Shell
import support

TEXT = (support.ROOT / "docs" / "API.md").read_text()
# What an answer must say, by operation: a word of the JSON, a field of the message (path=value, where any
# value would not do).
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
    "Admin/Reload": ("log.level", "applied"),
    "Admin/SetLogLevel": ("debug", "level=warning"),
    "Admin/Diagnose": ("settings", "settings"),
    "Enrol/Request": ("keySha256", "enrolment.key_sha256"),
    "Enrol/State": ("keySha256", "enrolment.key_sha256"),
    "Admin/Approve": ("receipt", "receipt"),
    "Admin/Deliver": ("receipt", "receipt"),
    "Enrol/Retire": ("epoch", "epoch"),
    "Enrol/Report": ("ENROLMENT_STEP_LIVE", "enrolment.step=5"),
    "Enrol/Renew": ("successorPem", "asked_us"),
    "Admin/Refuse": ("receipt", "receipt"),
    "Witness/Watch": ("1002", "cairn-error-number=1002"),
    "Witness/Cosign": ("1002", "cairn-error-number=1002"),
}


def sections():
    """Heading of an operation ("" before the first) and its blocks: (language, text)."""
    out, service, name = [("", [])], "", ""
    for part in re.split(r"^(?=##+ )", TEXT, flags=re.M):
        head = re.match(r"(##+) (?:(\w+)\.)?(\w+)\n", part)
        if part.startswith("## "):
            service, name = head[3] if head else "", ""
        elif head:
            name = f"{head[2] or service}/{head[3]}"
        blocks = re.findall(r"^```(sh|python|json)\n(.*?)^```", part, re.M | re.S)
        if blocks:
            out.append((name, blocks))
    return out


def schema():
    """The descriptors of proto/cairn/v1, as protoc reads them."""
    with support.folder() as place:
        out = pathlib.Path(place) / "schema.binpb"
        files = sorted((support.ROOT / "proto" / "cairn" / "v1").glob("*.proto"))
        subprocess.run(["protoc", "-I", support.ROOT / "proto", f"--descriptor_set_out={out}", *files], check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def operations():
    """Service and operation, each of the schema's."""
    return {f"{s.name}/{m.name}" for f in schema().file for s in f.service for m in s.method}


def matches(shown, said):
    """Whether an answer is the one shown: the members named, the first elements, anything for the dots."""
    if isinstance(shown, dict):
        return isinstance(said, dict) and all(k in said and matches(v, said[k]) for k, v in shown.items())
    if isinstance(shown, list):
        return isinstance(said, list) and len(said) >= len(shown) and all(map(matches, shown, said))
    return shown in ("…", said)


class Whole(unittest.TestCase):
    """The page has every operation of the schema, and no other."""

    def test_every_operation_has_a_line_of_curl_and_one_of_python(self):
        page = {}
        for name, blocks in sections():
            if "/" in name:
                self.assertNotIn(name, page, "once")
                page[name] = [b for b in blocks if b[0] != "json"]
        every = operations()
        self.assertIn("Exchange/Submit", every)
        self.assertEqual(set(page), every)
        for name, blocks in page.items():
            with self.subTest(name):
                self.assertEqual([language for language, _ in blocks], ["sh", "python"])
                self.assertRegex(blocks[0][1], rf"(call|stream) [\w/-]+ {name} ")
                self.assertRegex(blocks[1][1], rf"\.{name.partition('/')[2]}\(")

    def test_what_an_answer_must_say_is_known_of_each(self):
        self.assertEqual(set(SAYS), operations())


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
        files = " ".join(f"cairn/v1/{pathlib.Path(f.name).name}" for f in schema().file if f.service)
        self.sh(lines[0][2].replace("cairn/v1/exchange.proto", files))
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
        names = {}
        for name, blocks in sections():
            if name == "Enrol/Renew":
                self.age(names)
            said = []
            for language, text in blocks:
                with self.subTest(name, language=language):
                    if language == "sh":
                        said = [self.sh(line) for line in text.strip().splitlines()]
                        if name:
                            self.assertIn(SAYS[name][0], "".join(said))
                    elif language == "python":
                        self.python(text, names)
                        if name:
                            self.assertTrue(self.has(names.pop("answer"), SAYS[name][1]), name)
                    elif name:
                        self.answers(json.loads(text), said)

    @staticmethod
    def age(names):
        """The agencies' certificates are in the second half of their life, as the registry has it."""
        changes = []
        for row in names["admin"].ListRegistry(names["admin_pb2"].ListRegistryRequest()).certificates:
            if row.uri.endswith(("/agency/oakfield", "/agency/northshire-council")):
                row.not_before_us -= row.not_after_us - row.not_before_us
                changes.append(names["registry_pb2"].RegistryChange(certificate=row, reason="older"))
        names["admin"].Apply(names["admin_pb2"].ApplyRequest(changes=changes))

    @staticmethod
    def has(answer, field):
        """Whether the field is filled, or has the value, in each message of a list."""
        path, _, wanted = field.partition("=")
        every = answer if isinstance(answer, list) else [answer]
        values = [one.get(path) if isinstance(one, dict) else functools.reduce(getattr, path.split("."), one)
                  for one in every]
        return bool(values) and all(str(v) == wanted if wanted else v for v in values)

    def answers(self, shown, said):
        """One of the commands was answered as it is shown."""
        bodies = [json.JSONDecoder().raw_decode(s[s.index("{"):])[0] for s in said if "{" in s]
        self.assertTrue(any(matches(shown, b) for b in bodies), f"{shown}\n{said}")

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
