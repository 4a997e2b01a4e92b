"""What whoever runs the broker does: --check, SIGHUP, SIGTERM under load, and what it writes down."""

import contextlib
import json
import signal
import sqlite3
import threading
import time

import harness
import samples
import wire
from samples import MASH, NAMED
from wire import grpc


class checking(harness.SystemTest):
    """cairnd --check reads every file a start would read, and changes nothing."""

    own_broker = True
    start_broker = False

    def check(self):
        return harness.run([harness.BIN / "cairnd", "--config", self.p.config, "--check"])

    def test_a_whole_folder_passes_and_is_left_as_it_was(self):
        before = {f: f.stat().st_mtime_ns for f in self.p.broker.rglob("*")}
        done = self.check()
        self.assertEqual(done.code, 0, done)
        self.assertIn("calendar", done.out)
        self.assertEqual(before, {f: f.stat().st_mtime_ns for f in self.p.broker.rglob("*")})

    def test_each_broken_file_is_named(self):
        (self.p.broker / "calendar.csv").write_text("2026-12-25,Christmas Day\nsoon,maybe\n")
        (self.p.broker / "keys" / "log.key").write_text("not a key\n")
        (self.p.broker / "tls" / "server.pem").write_text("not a certificate\n")
        self.p.policy.write_text("rules { colour: 1 }\n")
        done = self.check()
        self.assertNotEqual(done.code, 0, done)
        for word in ("calendar.csv, line 2", "log.key", "policy"):
            self.assertIn(word, done.err)
        self.assertEqual(done.err.count("not_started"), 4, done)

    def test_a_start_on_a_bad_calendar_is_refused_in_json_and_in_words(self):
        (self.p.broker / "calendar.csv").write_text("2026-12-25,Christmas Day\nsoon,maybe\n")
        done = self.p.try_start()
        self.assertNotEqual(done.code, 0)
        lines = done.err.splitlines()
        told = json.loads(next(x for x in lines if x.startswith("{")))
        self.assertEqual(told["event.action"], "not_started")
        self.assertIn("calendar.csv, line 2", told["message"])
        self.assertTrue(any(x.startswith("cairnd: ") for x in lines), done)

    def test_a_missing_calendar_is_a_refusal_and_none_named_a_warning(self):
        (self.p.broker / "calendar.csv").unlink()
        self.assertIn("calendar.csv", self.p.try_start().err)
        text = self.p.config.read_text()
        self.p.config.write_text(text.replace('calendar = "calendar.csv"\n', ""))
        self.p.start()
        self.assertIn("no bank holidays are known", self.p.daemon.log())


class looking_through(harness.SystemTest):
    """cairnd --verify and --rebuild-state on a stopped broker's folder."""

    own_broker = True

    def stopped(self, flag):
        return harness.run([harness.BIN / "cairnd", "--config", self.p.config, flag])

    def change(self, statement):
        with contextlib.closing(sqlite3.connect(self.p.data / "ledger.db")) as db, db:
            db.execute(statement)

    def setUp(self):
        super().setUp()
        with wire.Client(self.p, "oakfield") as c:
            c.submit("looked-through-1", samples.small([MASH]))
        self.assertEqual(self.p.stop(), 0)
        done = self.stopped("--verify")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r"^good: \d+ records, \d+ signed heads, 1 notices")

    def test_a_changed_state_is_found_and_written_anew_from_the_records(self):
        self.change("UPDATE delivery SET state = 2")
        done = self.stopped("--verify")
        self.assertEqual(done.code, 65, done)
        self.assertIn("delivery", done.err)
        done = self.stopped("--rebuild-state")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.stopped("--verify").code, 0)
        self.p.start()
        counts = self.p.desk_counts(MASH)
        self.assertEqual((counts["pending"], counts["confirmed"]), (1, 0))
        self.p.good("auditor", "audit", "verify")

    def test_a_changed_record_is_named_and_no_state_is_made_of_it(self):
        self.change("UPDATE record SET recorded_us = recorded_us + 1 WHERE id IS NOT NULL")
        for flag in ("--verify", "--rebuild-state"):
            done = self.stopped(flag)
            self.assertEqual(done.code, 65, done)
            self.assertIn("record", done.err)
            self.assertIn("next:", done.err)


class running(harness.SystemTest):
    """Signals, and notes in the log."""

    own_broker = True

    def test_a_hangup_reads_the_certificates_again_and_keeps_them_when_they_are_bad(self):
        server = self.p.broker / "tls" / "server.pem"
        good = server.read_text()
        server.write_text("not a certificate\n")
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the refusal", lambda: "reload_failed" in self.p.daemon.log())
        self.p.good("admin", "status")
        server.write_text(good)
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the reload", lambda: '"reloaded"' in self.p.daemon.log())
        self.p.good("admin", "status")

    def test_start_and_stop_are_records(self):
        with wire.Client(self.p, "oakfield") as c:
            c.submit("before-stop-1", samples.small([MASH]))
        size = int(self.p.status()["logSize"])
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        # The stop and the start.
        self.assertEqual(int(self.p.status()["logSize"]), size + 2)
        self.p.good("auditor", "audit", "verify")

    def test_an_idle_stream_of_a_client_holds_up_no_stop(self):
        with wire.Client(self.p, "oakfield") as c:
            over = threading.Event()

            def requests():
                yield wire.submit_request("idle-stream-1", samples.small([MASH]))
                over.wait(harness.PATIENCE_S)

            answers = c.exchange.Publish(requests(), timeout=harness.PATIENCE_S)
            self.assertEqual(next(answers).WhichOneof("result"), "accepted")
            began = time.monotonic()
            self.assertEqual(self.p.stop(), 0)
            self.assertLess(time.monotonic() - began, 8.0)
            with wire.refusal(self, grpc.StatusCode.UNAVAILABLE):
                next(answers)
            over.set()

    def test_what_was_acknowledged_survives_a_stop_in_the_middle_of_a_stream(self):
        receipts = {}
        enough = threading.Event()

        def publish():
            def requests():
                for n in range(100000):
                    yield wire.submit_request(f"stop-{n:06}", samples.small([MASH, NAMED]))

            try:
                with wire.Client(self.p, "oakfield") as c:
                    for a in c.exchange.Publish(requests(), timeout=harness.PATIENCE_S):
                        if a.WhichOneof("result") == "accepted":
                            receipts[a.key] = a.accepted.receipt
                        if len(receipts) >= 50:
                            enough.set()
            except grpc.RpcError:
                pass
            enough.set()

        sender = threading.Thread(target=publish)
        sender.start()
        self.assertTrue(enough.wait(harness.PATIENCE_S))
        self.assertEqual(self.p.stop(), 0)
        sender.join(harness.PATIENCE_S)
        self.assertFalse(sender.is_alive())
        self.assertGreaterEqual(len(receipts), 50)
        self.p.start()
        requests = [wire.submit_request(k, samples.small([MASH, NAMED])) for k in receipts]
        with wire.Client(self.p, "oakfield") as c:
            for a in c.exchange.Publish(iter(requests), timeout=harness.PATIENCE_S):
                self.assertEqual(a.accepted.receipt, receipts[a.key], a.key)
        self.assert_conserved()
        self.p.good("auditor", "audit", "verify")

    def test_a_call_given_up_half_way_is_stored_once_and_answers_again(self):
        sample = samples.small([MASH])
        keys = [f"given-up-{n:03}" for n in range(20)]
        with wire.Client(self.p, "oakfield") as c:
            for key in keys:
                request = wire.submit_request(key, sample)
                c.exchange.Submit.future(request, timeout=harness.PATIENCE_S).cancel()
            first = {k: c.submit(k, sample).receipt for k in keys}
            again = {k: c.submit(k, sample).receipt for k in keys}
        self.assertEqual(first, again)
        with wire.Client(self.p, "northshire-police") as c:
            self.assertEqual(len(c.inbox(MASH)), len(keys))
        self.assertEqual(self.p.desk_counts(MASH)["routed"], len(keys))


if __name__ == "__main__":
    harness.main()
