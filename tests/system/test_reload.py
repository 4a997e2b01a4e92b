"""SIGHUP and cairn admin reload: what differs is shown, all of it is taken or nothing."""

import concurrent.futures
import contextlib
import json
import os
import signal
import threading

import harness
import samples
import wire
from certificates import Forge, openssl
from samples import DSL, MASH
from wire import grpc


class Reload(harness.SystemTest):
    own_broker = True

    def reload(self, *arguments, **extra):
        return self.p.cairn("admin", "admin", "reload", *arguments, **extra)

    def dry(self):
        return self.p.good("admin", "-o", "json", "admin", "reload", "--dry-run").json()

    def changed(self, answer):
        return {c["what"]: c for c in answer.get("changes", [])}

    def retitle_a_rule(self, word):
        text = self.p.policy.read_text()
        self.p.put_policy(text.replace('title: "', f'title: "{word} ', 1))

    def setting(self, line, section="[tls]"):
        text = self.p.config.read_text()
        self.p.config.write_text(text.replace(section, f"{section}\n{line}", 1))

    def metric(self, sample):
        _, text = self.p.daemon.page("/metrics")
        for line in text.splitlines():
            if line.startswith(sample + " "):
                return float(line.rpartition(" ")[2])
        self.fail(f"no {sample} in\n{text}")


class showing(Reload):
    def test_nothing_differs_after_a_start(self):
        self.assertEqual(self.dry(), {})
        done = self.reload("--dry-run")
        self.assertEqual((done.code, done.out), (0, "nothing differs from what is in force\n"))

    def test_a_dry_run_names_what_differs_and_changes_nothing(self):
        before = self.p.status()
        self.retitle_a_rule("Our")
        calendar = self.p.broker / "calendar.csv"
        calendar.write_text(calendar.read_text() + "2031-12-25,Christmas Day\n")
        text = self.p.config.read_text() + '\n[log]\nlevel = "warning"\n'
        self.p.config.write_text(
            text.replace('address = "127.0.0.1"', 'address = "127.0.0.2"', 1)
        )
        told = self.changed(self.dry())
        self.assertEqual(
            (told["log.level"]["before"], told["log.level"]["after"]), ("info", "warning")
        )
        self.assertTrue(told["listen.address"]["needsRestart"])
        self.assertIn("digest", told["policy"]["after"])
        rules = [w for w in told if w.startswith("policy: rule ")]
        self.assertEqual([told[r]["after"] for r in rules], ["changed"])
        self.assertIn("calendar", told)
        self.assertEqual(self.p.status()["policyDigest"], before["policyDigest"])
        self.assertNotIn("lastReload", self.p.status())
        shown = self.reload("--dry-run").out
        for word in ("listen.address", "at a restart", "log.level", "now", rules[0]):
            self.assertIn(word, shown)

    def test_without_a_yes_nothing_is_taken(self):
        before = self.p.status()["policyDigest"]
        self.retitle_a_rule("Our")
        for said in (b"", b"n\n"):
            done = self.reload(stdin=said)
            self.assertEqual(done.code, 64, done)
            self.assertIn("policy: rule", done.out)
        self.assertEqual(self.p.status()["policyDigest"], before)
        done = self.reload(stdin=b"y\n")
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.out.endswith("taken\n"), done)
        self.assertNotEqual(self.p.status()["policyDigest"], before)

    def test_only_an_admin_may_ask(self):
        for who in ("auditor", "monitor", "oakfield"):
            answer = self.p.curl(who, "/cairn.v1.Admin/Reload", b'{"dryRun":true}')
            self.refused(answer, 403, "operation_not_allowed")


class taking(Reload):
    def test_a_policy_is_taken_there_and_back_and_each_is_a_record(self):
        first = self.p.status()["policyDigest"]
        kept = self.p.policy.read_text()
        size = int(self.p.status()["logSize"])
        self.retitle_a_rule("Our")
        done = self.p.good("admin", "-o", "json", "admin", "reload", "--yes").json()
        self.assertTrue(done["applied"])
        second = self.p.status()
        self.assertNotEqual(second["policyDigest"], first)
        self.assertTrue(second["lastReload"]["ok"])
        # The policy, and the note of who took it.
        harness.poll("both records", lambda: int(self.p.status()["logSize"]) == size + 2)
        with wire.Client(self.p, "oakfield") as c:
            c.submit("under-the-new-1", samples.small([MASH]))
        self.p.put_policy(kept)
        self.assertEqual(self.reload("--yes").code, 0)
        self.assertEqual(self.p.status()["policyDigest"], first)
        with wire.Client(self.p, "oakfield") as c:
            c.submit("under-the-old-1", samples.small([MASH]))
        self.p.good("auditor", "audit", "verify")
        # And a start finds its folder in order.
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        self.assertEqual(self.p.status()["policyDigest"], first)

    def test_a_bad_file_of_any_kind_keeps_everything_as_it_was_and_says_so(self):
        digest = self.p.status()["policyDigest"]
        spoiled = [
            (self.p.policy, "rules { colour: 1 }\n", 78, "policy"),
            (self.p.broker / "calendar.csv", "soon,maybe\n", 65, "line 1"),
            (self.p.broker / "tls" / "server.pem", "no certificate\n", 78, "certificate"),
            (self.p.broker / "tls" / "server.key", "no key\n", 78, "key"),
            (self.p.broker / "cairnd.toml", "colour = 1\n", 78, "colour"),
        ]
        for n, (path, text, code, word) in enumerate(spoiled, 1):
            kept = path.read_text()
            # Something good beside it must not be taken either.
            policy = self.p.policy.read_text()
            if path != self.p.policy:
                self.retitle_a_rule("Our")
            path.write_text(text)
            with self.subTest(path.name):
                done = self.reload("--dry-run")
                self.assertEqual(done.code, code, done)
                self.assertIn(word, done.err)
                self.assert_loud("dry run: ", word, n)
                # Without --dry-run it looks first, and says the same.
                self.assertEqual(self.reload("--yes").code, code)
                self.p.daemon.process.send_signal(signal.SIGHUP)
                harness.poll(
                    "the refusal",
                    lambda n=n: self.metric('cairn_reloads_total{outcome="refused"}') == n,
                )
                self.assert_loud("", word, n)
                self.assertEqual(self.p.status()["policyDigest"], digest)
            path.write_text(kept)
            self.p.put_policy(policy)
        with wire.Client(self.p, "oakfield") as c:
            c.submit("all-as-before-1", samples.small([MASH]))
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the recovery", lambda: self.metric("cairn_reload_ok") == 1)

    def assert_loud(self, asked, word, nth):
        """In the log, by a metric and in the status, the nth time for this way of asking."""
        lines = [json.loads(x) for x in self.p.daemon.log().splitlines() if '"reload_failed"' in x]
        mine = [x for x in lines if x["message"].startswith(asked + "as before: ")]
        # A reload with a bad file is a dry run first.
        self.assertEqual(len(mine), 2 * nth - 1 if asked else nth, lines)
        self.assertIn(word, mine[-1]["message"])
        self.assertEqual(mine[-1]["log.level"], "error")
        outcome = "dry_run_refused" if asked else "refused"
        self.assertEqual(self.metric(f'cairn_reloads_total{{outcome="{outcome}"}}'), len(mine))
        self.assertEqual(self.metric("cairn_reload_ok"), 0)
        last = self.p.status()["lastReload"]
        self.assertFalse(last.get("ok", False))
        self.assertTrue(last["cause"].startswith(asked), last)
        self.assertIn(word, last["cause"])
        self.assertIn("RELOAD     refused", self.p.good("admin", "status").out)

    def test_a_dry_run_settles_a_dry_run_and_a_reload_alone_a_reload(self):
        def spoil(text):
            kept = self.p.policy.read_text()
            self.p.policy.write_text(text)
            return kept

        kept = spoil("rules { colour: 1 }\n")
        self.assertEqual(self.reload("--dry-run").code, 78)
        self.assertEqual(self.metric("cairn_reload_ok"), 0)
        spoil(kept)
        self.assertEqual(self.dry(), {})
        self.assertEqual(self.metric("cairn_reload_ok"), 1)
        self.assertNotIn("lastReload", self.p.status())
        # What was to be taken by a signal is not taken yet, though the files are good again.
        spoil("rules { colour: 1 }\n")
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the refusal", lambda: self.metric("cairn_reload_ok") == 0)
        spoil(kept)
        self.assertEqual(self.dry(), {})
        self.assertEqual(self.metric("cairn_reload_ok"), 0)
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the reload", lambda: self.metric("cairn_reload_ok") == 1)
        self.assertTrue(self.p.status()["lastReload"]["ok"])

    def test_a_signal_in_the_middle_of_another_look_is_not_lost_without_a_word(self):
        calendar = self.p.broker / "calendar.csv"
        text = calendar.read_bytes()
        calendar.unlink()
        # Whoever reads it waits until somebody writes.
        os.mkfifo(calendar)
        with concurrent.futures.ThreadPoolExecutor() as beside:
            looking = beside.submit(self.reload, "--dry-run")
            writing = os.open(calendar, os.O_WRONLY)  # waits until the broker reads
            self.p.daemon.process.send_signal(signal.SIGHUP)
            harness.poll("the refusal", lambda: self.metric('cairn_reloads_total{outcome="refused"}') == 1)
            self.assertIn("a reload is under way", self.p.daemon.log())
            self.assertEqual(self.metric("cairn_reload_ok"), 0)
            os.write(writing, text)
            draft = calendar.with_suffix(".new")
            draft.write_bytes(text)
            draft.rename(calendar)
            os.close(writing)
            done = looking.result()
        self.assertEqual(done.code, 0, done)
        # The look that went well was a dry run: what the signal was for is still owed.
        self.assertEqual(self.metric("cairn_reload_ok"), 0)
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the reload", lambda: self.metric("cairn_reload_ok") == 1)

    def test_a_revocation_list_cuts_whom_it_names_and_nobody_else(self):
        forge = Forge(self.p, self.p.folder / "forge")
        authority, key = forge.honest
        crl = self.p.broker / "tls" / "crl.pem"
        by = ["-config", forge.config, "-cert", authority, "-keyfile", key]
        openssl("ca", *by, "-revoke", self.p.files("oakfield")[0])
        openssl("ca", *by, "-gencrl", "-crldays", "30", "-out", crl)
        with contextlib.ExitStack() as both:
            streams = {}
            for who, desk in (("oakfield", DSL), ("northshire-police", MASH)):
                c = both.enter_context(wire.Client(self.p, who))
                streams[who] = c.exchange.Receive(wire.ex.ReceiveRequest(desk=desk))
            harness.poll("both streams", lambda: self.metric("cairn_desks_connected") == 2)
            self.setting('crl = "tls/crl.pem"')
            done = self.reload("--yes")
            self.assertEqual(done.code, 0, done)
            self.assertIn("judged anew", done.out)
            over = threading.Event()

            def wait_for_end():
                with contextlib.suppress(grpc.RpcError):
                    next(streams["oakfield"])
                over.set()

            waiting = threading.Thread(target=wait_for_end)
            waiting.start()
            self.assertTrue(over.wait(2.0), "cut within two seconds")
            waiting.join()
            harness.poll("the other's stream alone", lambda: self.metric("cairn_desks_connected") == 1)
            self.assertTrue(streams["northshire-police"].is_active())
            self.assertNotEqual(self.p.cairn("oakfield", "check", "connect").code, 0)

    def test_a_new_certificate_of_the_broker_is_shown_to_newcomers_and_live_calls_go_on(self):
        with wire.Client(self.p, "northshire-police") as c:
            stream = c.exchange.Receive(wire.ex.ReceiveRequest(desk=MASH))
            harness.poll("the stream", lambda: self.metric("cairn_desks_connected") == 1)
            other = harness.Partnership(self.p.folder.parent / f"{self.p.folder.name}-other").init()
            for name in ("server.pem", "server.key"):
                (self.p.broker / "tls" / name).write_text((other.broker / "tls" / name).read_text())
            told = self.changed(self.dry())
            self.assertIn("until", told["tls.certificate"]["after"])
            self.assertEqual(told["tls.key"]["after"], "another key")
            self.assertEqual(self.reload("--yes").code, 0)
            # Of another authority: newcomers see it at once.
            done = self.p.cairn("monitor", "check", "connect")
            self.assertEqual(done.code, 2, done)
            self.assertIn("another authority", done.out)
            self.assertTrue(stream.is_active())
            stream.cancel()


class log_levels(Reload):
    """cairn admin log-level: for a time, and recorded."""

    def set(self, *arguments):
        return self.p.cairn("admin", "admin", "log-level", *arguments)

    def test_debug_is_for_a_time_and_goes_back_by_itself(self):
        size = int(self.p.status()["logSize"])
        done = self.set("debug", "--for", "1s")
        self.assertEqual(done.code, 0, done)
        self.assertIn("was info, is debug, goes back at", done.out)
        harness.poll("the way back", lambda: "its time is over" in self.p.daemon.log())
        self.assertEqual(self.p.status()["logLevel"], "info")
        # Its beginning and its end.
        harness.poll("both notes", lambda: int(self.p.status()["logSize"]) >= size + 2)
        self.p.good("auditor", "audit", "verify")

    def test_debug_follows_a_trace_and_info_does_not(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"

        def submit(key):
            with wire.Client(self.p, "oakfield") as c:
                sample = samples.small([MASH], traceparent=f"00-{trace}-00f067aa0ba902b7-01")
                c.submit(key, sample)

        submit("before-debug-1")
        self.assertNotIn(trace, self.p.daemon.log())
        self.assertEqual(self.set("debug").code, 0)
        self.assertIn("debug until", self.p.good("admin", "status").out)
        submit("while-debug-1")
        harness.poll("the trace", lambda: f'"trace.id":"{trace}"' in self.p.daemon.log())
        self.assertEqual(self.set("reset").code, 0)
        self.assertEqual(self.p.status().get("logLevelUntilUs", "0"), "0")

    def test_what_cannot_be_is_refused(self):
        self.assertEqual(self.set("loud").code, 64)
        self.assertEqual(self.set("debug", "--for", "soon").code, 64)
        done = self.set("debug", "--for", "2d")
        self.assertEqual(done.code, 65, done)
        self.assertIn("86400", done.err)


if __name__ == "__main__":
    harness.main()
