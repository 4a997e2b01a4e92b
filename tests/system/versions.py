"""A partnership whose policy people sign: their keys, texts in versions of their own, and what the log says."""

import re

import harness
from harness import BIN


def cairn(*words, **more):
    return harness.run([BIN / "cairn", *words], **more)


class Versions(harness.SystemTest):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.desk = self.p.folder / "desk of the officer"
        self.desk.mkdir()
        self.text = self.desk / "policy.textproto"
        self.first = self.p.policy.read_text()

    def key(self, part, who):
        """A key and its line for the file of signers."""
        file = self.desk / f"{who}.key"
        done = cairn("policy", "key", part, f"northshire.example/{who}", "--out", file)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertTrue(done.out.startswith(f"{part} northshire.example/{who}+"), done)
        return done.out

    def trust(self, *lines):
        (self.p.broker / "policy-signers").write_text("".join(lines))

    def people(self):
        self.trust(self.key("author", "ada"), self.key("officer", "omar"))

    def write(self, version, **fields):
        """The first text under another version, with other days."""
        text = re.sub(r'^version: "[^"]*"', f'version: "{version}"', self.first, count=1, flags=re.M)
        for name, value in fields.items():
            if re.search(rf"^{name}: ", text, re.M):
                text = re.sub(rf'^{name}: "[^"]*"', f'{name}: "{value}"', text, count=1, flags=re.M)
            else:
                text = f'{name}: "{value}"\n' + text
        self.text.write_text(text)
        self.note.unlink(missing_ok=True)

    @property
    def note(self):
        return self.text.with_name("policy.textproto.sig")

    def sign(self, *who):
        for w in who:
            done = cairn("policy", "sign", self.text, "--key", self.desk / f"{w}.key", "--yes")
            self.assertEqual(done.code, 0, done)

    def activate(self, *words):
        return self.p.cairn("admin", "policy", "activate", self.text, "--config", self.p.config, "--yes", *words)

    def put_in_force(self):
        done = self.activate()
        self.assertEqual(done.code, 0, done)
        return done

    def history(self, who="admin"):
        return self.p.good(who, "-o", "json", "policy", "history").json()["versions"]

    def events(self):
        return [v["event"] for v in self.history()]

    def policy_now(self):
        return self.p.good("admin", "-o", "json", "policy", "status").json()["policy"]

    def refused(self, done, *words):
        """The digest in force stays; the message names file, line and remedy."""
        self.assertEqual(done.code, 78, done)
        for w in words:
            self.assertIn(w, done.err)
        self.assertIn("next: ", done.err)
        self.assertEqual(self.policy_now()["digest"], self.digest)
        self.assertEqual(self.p.policy.read_text(), self.first)
