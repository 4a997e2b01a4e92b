"""`cairn sandbox` as an integrator drives it: submit to each partner, and move the clock."""

import json
import pathlib
import re
import signal
import subprocess
import unittest

import harness


class Sandbox:
    def __init__(self, folder, *more):
        self.folder = folder
        self.process = subprocess.Popen(
            [str(harness.BIN / "cairn"), "-o", "json", "sandbox", "--dir", str(folder),
             "--port", "0", "--health-port", "0", *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"ended with {self.process.wait()}: {self.log()}")
        self.facts = json.loads(line)

    def log(self):
        path = pathlib.Path(f"{self.folder}.log")
        return path.read_text()[-4000:] if path.exists() else ""

    def cairn(self, *words, context="context"):
        done = harness.run(
            [harness.BIN / "cairn", "-o", "json", "--context", self.facts[context], *words]
        )
        assert done.code == 0, done
        return done.json()

    def send(self, *desks):
        words = [x for d in desks for x in ("--desk", d)]
        return self.cairn("send", self.facts["concern"], *words)["concernId"]

    def desks(self, concern):
        """How each desk stands with a concern, by its name."""
        return {d.get("desk", ""): d for d in self.cairn("track", concern).get("desks", [])}

    def inbox(self):
        return self.cairn("inbox", self.facts["desk"]).get("deliveries", [])

    def advance(self, step):
        done = harness.run(
            [harness.BIN / "cairn", "-o", "json", "sandbox", "--dir", self.folder, "advance", step]
        )
        assert done.code == 0, done
        return done.json()["time"]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(harness.PATIENCE_S)
        self.process.stdout.close()
        return code


class integrator(unittest.TestCase):
    box = None

    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox(harness.workspace() / "sandbox")

    @classmethod
    def tearDownClass(cls):
        code = cls.box.stop()
        assert code == 0, f"Ctrl-C ends it with {code}: {cls.box.log()}"

    def replies(self, concern, kind):
        return [
            d["notice"] for d in self.box.inbox()
            if d["notice"].get("kind") == kind
            and d["notice"].get("content", {}).get("inReplyTo") == concern
        ]

    def test_it_says_what_there_is(self):
        self.assertEqual(
            sorted(p["desk"] for p in self.box.facts["partners"]),
            ["challenging-school/dsl", "refusing-health/named", "returning-school/dsl",
             "silent-police/mash", "slow-council/front_door"],
        )
        page = (harness.ROOT / "docs" / "SANDBOX.md").read_text()
        for p in self.box.facts["partners"]:
            self.assertIn(f"`{p['desk']}` | {p['does'].split(':')[0].split(';')[0]}", page)
        port = self.box.facts["endpoint"].rpartition(":")[2]
        folder = pathlib.Path(self.box.facts["context"]).parent
        done = harness.run(
            ["curl", "--silent", "--show-error", "--cacert", folder / "authority.pem", "--cert",
             folder / "client.pem", "--key", folder / "client.key", "--json", "{}", "--resolve",
             f"localhost:{port}:127.0.0.1",
             f"{self.box.facts['endpoint']}/cairn.v1.Exchange/ListDesks"]
        )
        self.assertIn("silent-police/mash", done.out, done)

    def test_the_refusing_one_reads_and_refuses(self):
        concern = self.box.send("refusing-health/named")
        found = harness.poll("its answer", lambda: self.replies(concern, "CONCERN_KIND_ANSWER"))
        self.assertEqual(found[0]["content"]["answer"]["result"], "RESULT_REFUSED")
        self.assertTrue(self.box.desks(concern)["refusing-health/named"]["acknowledgedAtUs"])

    def test_the_challenging_one_challenges(self):
        concern = self.box.send("challenging-school/dsl")
        found = harness.poll("it", lambda: self.replies(concern, "CONCERN_KIND_CHALLENGE"))
        self.assertEqual(found[0]["content"]["challenge"]["level"], "LEVEL_PRACTITIONERS")

    def test_the_returning_one_returns(self):
        concern = self.box.send("returning-school/dsl")
        harness.poll(
            "its return",
            lambda: "RETURNED" in self.box.desks(concern)["returning-school/dsl"]["state"],
        )

    def test_a_working_day_later_the_silent_one_is_overdue_and_the_slow_one_has_read(self):
        concern = self.box.send("silent-police/mash", "slow-council/front_door")
        slow = "slow-council/front_door"
        harness.poll("it", lambda: "CONFIRMED" in self.box.desks(concern)[slow]["state"])
        before = self.box.desks(concern)
        self.assertIn("PENDING", before["silent-police/mash"]["state"])
        self.assertFalse(before[slow].get("acknowledgedAtUs"))
        self.assertFalse(before["silent-police/mash"].get("overdue"))
        first, second = self.box.advance("1wd"), None
        self.assertRegex(first, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        harness.poll(
            "the slow one to read", lambda: self.box.desks(concern)[slow].get("acknowledgedAtUs")
        )
        self.assertTrue(self.box.desks(concern)["silent-police/mash"].get("overdue"))
        second = self.box.advance("90m")
        self.assertGreater(second, first)

    def test_a_step_that_is_none_is_refused(self):
        for step in ("0d", "-1d", "1y", "wd", "400d", "1"):
            done = harness.run(
                [harness.BIN / "cairn", "sandbox", "--dir", self.box.folder, "advance", "--", step]
            )
            self.assertEqual(done.code, 64, done)


class administrator(unittest.TestCase):
    """What the probes say of a clock that was moved and of a notice that nobody read."""

    def setUp(self):
        self.box = Sandbox(harness.workspace() / self._testMethodName)
        self.addCleanup(self.box.stop)

    def asked(self, code, *words):
        done = harness.run([harness.BIN / "cairn", "--context", self.box.facts["adminContext"], *words])
        self.assertEqual(done.code, code, done)
        return done.out

    def overdue(self, desk):
        """The number in that column of `cairn status`."""
        head, *rows = [re.split(r"\s{2,}", x.strip()) for x in self.asked(0, "status").splitlines()
                       if x.startswith(("DESK", desk))]
        (row,) = rows
        return int(dict(zip(head, row, strict=True))["OVERDUE"])

    def test_an_hour_apart_is_critical(self):
        self.assertIn("OK: ", self.asked(0, "check", "clock"))
        self.box.advance("1h")
        said = self.asked(2, "check", "clock")
        self.assertRegex(said, r"^CRITICAL: the broker's clock is \+3\d{3}\.\d+ s from this machine's")
        apart = float(re.search(r"\| offset=([\d.]+)s;2;30$", said, re.M).group(1))
        self.assertAlmostEqual(apart, 3600, delta=harness.PATIENCE_S)
        self.assertIn("timedatectl", said)

    def test_a_notice_that_nobody_read_in_time_is_counted(self):
        desk = "silent-police/mash"
        self.box.send(desk)
        self.assertEqual(self.overdue(desk), 0)
        self.assertIn("nothing is overdue", self.asked(0, "check", "deadlines"))
        self.box.advance("1wd")
        self.assertEqual(self.overdue(desk), 1)
        self.assertRegex(self.asked(1, "check", "deadlines"), rf"^WARNING: (.*; )?{desk}: 1 overdue")
        said = self.asked(2, "check", "deadlines", "--critical", "1")
        self.assertRegex(said, rf"^CRITICAL: (.*; )?{desk}: 1 overdue(.|\n)*ring those named")


class again(unittest.TestCase):
    def test_it_goes_on_where_it_ended_and_takes_no_other_folder(self):
        folder = harness.workspace() / "again"
        box = Sandbox(folder)
        later = box.advance("2d")
        concern = box.send("silent-police/mash")
        self.assertEqual(box.stop(), 0)
        box = Sandbox(folder)
        self.assertGreaterEqual(box.facts["time"], later)
        self.assertIn("silent-police/mash", box.desks(concern))
        self.assertEqual(box.stop(), 0)
        # Nobody to move.
        done = harness.run([harness.BIN / "cairn", "sandbox", "--dir", folder, "advance", "1d"])
        self.assertEqual(done.code, 69, done)
        other = harness.workspace() / "other"
        other.mkdir()
        (other / "mine").write_text("mine\n")
        done = harness.run(
            [harness.BIN / "cairn", "sandbox", "--dir", other, "--port", "0", "--health-port", "0"]
        )
        self.assertEqual(done.code, 73, done)

    def test_the_daemon_has_no_such_clock(self):
        done = harness.run([harness.BIN / "cairnd", "--help"])
        self.assertIsNone(re.search(r"advance|sandbox|clock", done.out))
        symbols = harness.run(["nm", "-C", harness.BIN / "cairnd"], binary=True)
        self.assertEqual(symbols.code, 0)
        self.assertIn(b"cairn::system_clock", symbols.out)
        self.assertNotIn(b"sandbox", symbols.out)


if __name__ == "__main__":
    harness.main()
