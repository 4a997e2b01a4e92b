"""cairn support-bundle: complete enough to help, and nothing personal in any byte of it."""

import json
import signal
import tarfile

import harness
import samples
import wire
from samples import CANARIES, DSL, FRONT_DOOR, MASH, NAMED

# Planted in what agencies send, in places good and bad.
PLANTED = [
    *CANARIES, b"Tamsin", b"Oakley", b"9000000009", b"NS-44120", b"Larkspur", b"NN4 6AB",
    b"oak-7731", b"Bruise seen", b"CANARY",
]
NEEDED = {
    "README.txt", "version.txt", "status.json", "checks.txt", "settings.txt", "machine.txt",
    "metrics.txt", "log.jsonl",
}


def parts_of(path):
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        assert all(m.isfile() and m.mode == 0o600 and m.uid == 0 for m in members), members
        assert all(not m.uname and not m.gname for m in members), members
        return {m.name: archive.extractfile(m).read() for m in members}


class support_bundle(harness.SystemTest):
    own_broker = True

    def bundle(self, *arguments, **extra):
        return self.p.cairn("admin", "support-bundle", *arguments, **extra)

    def traffic(self):
        """Good and bad, with what must not be seen again."""
        full = samples.small([FRONT_DOOR, MASH, NAMED])
        full["persons"][0].update(samples.childs_record())
        for needs_others in ("relations", "household"):
            del full["persons"][0][needs_others]
        with wire.Client(self.p, "oakfield") as c:
            c.submit("bundle-good-1", full)
        bad = [
            b'{"key":"bundle-bad-1","concern":{"CANARY":"Tamsin Oakley"',
            harness.submission("bundle-bad-2", samples.small(["CANARY/dsl"])),
            harness.submission("bundle-bad-3", {**full, "purpose": "PURPOSE_EARLY_HELP"}),
            harness.submission("CANARY", full),
            harness.submission("bundle-bad-4", {**full, "inReplyTo": "CANARY"}),
            harness.submission("bundle-bad-5", {**full, "traceparent": "00-CANARY Tamsin Oakley"}),
        ]
        for body in bad:
            self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", body)
        self.p.curl("oakfield", "/cairn.v1.Exchange/CANARY-Tamsin", b"{}")
        self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", b"CANARY", json_type=False)
        self.p.curl(
            "auditor", "/cairn.v1.Exchange/Submit", harness.submission("bundle-bad-6", full)
        )

    def test_nothing_personal_is_in_any_byte_of_it(self):
        # A folder named after somebody, and a reload that would like to say so.
        self.p.good("admin", "admin", "log-level", "debug")
        self.traffic()
        text = self.p.config.read_text()
        calendar = self.p.broker / "CANARY Tamsin" / "calendar.csv"
        self.p.config.write_text(
            text.replace('calendar = "calendar.csv"', f'calendar = "{calendar}"')
        )
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the refusal", lambda: "reload_failed" in self.p.daemon.log())
        out = self.p.folder / "bundle.tar.gz"
        done = self.bundle("--yes", "--out", out)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(out.stat().st_mode & 0o777, 0o600)
        parts = parts_of(out)
        self.assertLessEqual(NEEDED, set(parts))
        everything = out.read_bytes() + b"".join(k.encode() + v for k, v in parts.items())
        for word in PLANTED:
            self.assertNotIn(word, everything)
        # Nor whose machine and folders these are.
        for word in (str(self.p.folder).encode(), b"127.0.0.1:"):
            self.assertNotIn(word, everything)
        # And it does hold what happened.
        self.assertIn(b"concern_accepted", parts["log.jsonl"])
        self.assertIn(b"concern_refused", parts["log.jsonl"])
        self.assertIn(b"reload_failed", parts["log.jsonl"])

    def test_it_says_what_somebody_who_helps_asks_first(self):
        out = self.p.folder / "bundle.tar.gz"
        self.assertEqual(self.bundle("--yes", "--out", out).code, 0)
        parts = parts_of(out)
        status = json.loads(parts["status.json"])
        self.assertIn(f"policy {status['policyDigest']}".encode(), parts["version.txt"])
        self.assertRegex(parts["version.txt"].decode(), r"schema [0-9a-f]{64}")
        checks = parts["checks.txt"].decode()
        for what in ("connect", "ready", "disk", "certs", "clock", "deadlines", "backup"):
            self.assertRegex(checks, rf"check {what}: (OK|WARNING|CRITICAL): ")
        settings = parts["settings.txt"].decode()
        self.assertRegex(settings, r"keys\.log +log\.key +cairnd\.toml:\d+ +good, mode 0600")
        self.assertRegex(settings, r"data +data +cairnd\.toml:\d+ +good, a folder")
        self.assertIn(b"cairn_ready 1", parts["metrics.txt"])
        lines = [json.loads(x) for x in parts["log.jsonl"].decode().splitlines()]
        self.assertIn("listening", [x["event.action"] for x in lines])

    def test_what_it_will_hold_is_shown_before_it_is_written(self):
        out = self.p.folder / "bundle.tar.gz"
        done = self.bundle("--out", out, stdin=b"n\n")
        self.assertEqual(done.code, 64, done)
        for name in NEEDED:
            self.assertIn(name, done.err)
        self.assertFalse(out.exists())
        done = self.bundle("--out", out, stdin=b"y\n")
        self.assertEqual((done.code, done.out), (0, f"{out}\n"))
        # Never over another file.
        self.assertEqual(self.bundle("--yes", "--out", out).code, 73)

    def test_without_a_broker_it_says_why_and_takes_the_settings_from_the_file(self):
        self.assertEqual(self.p.stop(), 0)
        out = self.p.folder / "bundle.tar.gz"
        done = self.bundle("--yes", "--out", out, "--config", self.p.config)
        self.assertEqual(done.code, 0, done)
        parts = parts_of(out)
        self.assertIn(b"did not tell its status", parts["missing.txt"])
        self.assertIn(b"check connect: CRITICAL: closed port", parts["checks.txt"])
        self.assertIn(b"keys.log", parts["settings.txt"])
        self.assertNotIn("status.json", parts)

    def test_only_an_admin_is_given_one(self):
        out = self.p.folder / "bundle.tar.gz"
        for who in ("monitor", "auditor", DSL.split("/", maxsplit=1)[0]):
            answer = self.p.curl(who, "/cairn.v1.Admin/Diagnose", b"{}")
            self.refused(answer, 403, "operation_not_allowed")
        self.assertFalse(out.exists())


if __name__ == "__main__":
    harness.main()
