"""A policy that may not decide, at a reload and at a start: the last good one goes on deciding, loudly, and the log
of records holds each refusal once."""

import json
import signal

import harness
import samples
import wire
from samples import MASH
from versions import Versions


class Refusals(Versions):
    def setUp(self):
        super().setUp()
        self.digest = self.policy_now()["digest"]

    def metric(self, sample):
        return next(
            float(line.rpartition(" ")[2])
            for line in self.p.daemon.page("/metrics")[1].splitlines()
            if line.startswith(sample + " ")
        )

    def look(self):
        """A dry run, which changes nothing."""
        return self.p.cairn("admin", "admin", "reload", "--dry-run")

    def hang_up(self):
        """A reload as the service manager asks for it, until it was refused."""
        before = self.metric('cairn_reloads_total{outcome="refused"}')
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll(
            "the refusal", lambda: self.metric('cairn_reloads_total{outcome="refused"}') == before + 1
        )

    def still_decides(self, key):
        self.assertEqual(self.policy_now()["digest"], self.digest)
        with wire.Client(self.p, "oakfield") as c:
            c.submit(key, samples.small([MASH]))


class at_a_reload(Refusals):
    def test_a_text_changed_in_its_place_is_a_record_once_until_something_changes(self):
        changed = self.first.replace('title: "', 'title: "Our ', 1)
        self.p.policy.write_text(changed)
        done = self.look()
        self.assertEqual(done.code, 78, done)
        self.assertIn("policy.textproto.sig, line 3, column 1", done.err)
        # Whoever asked, and though it was a dry run.
        self.assertEqual(self.events(), ["refused", "activated"])
        said = self.history("auditor")[0]
        self.assertEqual(said["refusal"], 1304)
        self.assertIn("changed after it was signed", said["refusedBecause"])
        # Asked again in every way, and nothing new to say.
        self.hang_up()
        self.assertEqual(self.look().code, 78)
        self.assertEqual(self.events(), ["refused", "activated"])
        # Another text, for the same cause.
        self.p.policy.write_text(changed + "# and more\n")
        self.hang_up()
        self.assertEqual(self.events(), ["refused", "refused", "activated"])
        # The good one in its place, and the bad one again.
        self.p.policy.write_text(self.first)
        self.assertEqual(self.look().code, 0)
        self.p.policy.write_text(changed + "# and more\n")
        self.assertEqual(self.look().code, 78)
        self.assertEqual(self.events(), ["refused"] * 3 + ["activated"])
        self.still_decides("after-refusals-1")
        self.p.good("auditor", "audit", "verify")

    def test_so_is_a_bad_file_of_signers(self):
        signers = self.p.broker / "policy-signers"
        kept = signers.read_text()
        causes = {
            "officer nobody\n": "policy-signers, line 1, column 9: no verifier key",
            None: "policy-signers",
        }
        for n, (text, cause) in enumerate(causes.items(), 1):
            signers.unlink()
            if text is not None:
                signers.write_text(text)
            done = self.look()
            self.assertNotEqual(done.code, 0)
            self.assertIn(cause, done.err)
            self.hang_up()
            self.assertEqual(self.events(), ["refused"] * n + ["activated"])
            said = self.history()[0]
            self.assertIn(cause, said["refusedBecause"])
            # Of the text that lies there, though nothing is wrong with it.
            self.assertEqual(said["digest"], self.digest)
            signers.write_text(text or "")
        self.still_decides("without-signers-1")
        signers.write_text(kept)
        self.assertEqual(self.look().code, 0)

    def test_a_text_that_has_expired_is_refused_and_the_last_good_one_stays_loudly(self):
        self.write("2020-01", valid_until="2020-01-01")
        self.p.policy.write_text(self.text.read_text())
        self.assertEqual(self.metric("cairn_reload_ok"), 1)
        self.hang_up()
        told = [x for x in map(json.loads, self.p.daemon.log().splitlines()) if x["event.action"] == "reload_failed"]
        self.assertEqual([x["log.level"] for x in told], ["error"])
        self.assertIn("expired", told[0]["message"])
        self.assertEqual(self.metric("cairn_reload_ok"), 0)
        last = self.p.status()["lastReload"]
        self.assertFalse(last.get("ok", False))
        self.assertRegex(last["cause"], r"expired \(\S+policy\.textproto, line \d+, column \d+")
        self.assertIn("RELOAD     refused", self.p.good("admin", "status").out)
        self.assertEqual(self.events(), ["refused", "activated"])
        self.assertEqual(self.history()[0]["refusal"], 1301)
        self.still_decides("after-an-expired-1")
        self.p.policy.write_text(self.first)
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the reload", lambda: self.metric("cairn_reload_ok") == 1)


class at_a_start(Refusals):
    def start_refused(self, cause):
        """Twice: the second has nothing new to say."""
        before = self.events()
        for _ in range(2):
            self.assertEqual(self.p.stop(), 0)
            self.p.start()
            self.assertEqual(self.events(), ["refused", *before])
            self.assertIn(cause, self.policy_now()["refusedBecause"])
            self.assertEqual(self.metric("cairn_policy_refused"), 1)
            self.assertIn("THE CONFIGURED TEXT IS REFUSED", self.p.good("admin", "policy", "status").out)
        self.assertIn(cause, self.history()[0]["refusedBecause"])
        self.assertEqual(self.p.daemon.log().count('"policy_refused"'), 2)

    def mended(self):
        self.p.good("admin", "admin", "reload", "--yes")
        self.assertNotIn("refusedBecause", self.policy_now())
        self.assertEqual(self.metric("cairn_policy_refused"), 0)

    def test_the_last_good_text_decides_until_a_good_one_comes(self):
        # As it was signed at the last start: the founders' keys are trusted no more.
        self.people()
        self.write("2026-12")
        self.sign("ada", "omar")
        self.put_in_force()
        self.digest = self.policy_now()["digest"]
        kept = self.p.policy.read_text()
        self.p.policy.write_text(kept + "# changed\n")
        self.start_refused("changed after it was signed")
        self.still_decides("under-the-last-good-1")
        # What a reload finds is what the start found.
        self.assertEqual(self.look().code, 78)
        self.assertEqual(self.events().count("refused"), 1)
        self.p.policy.write_text(kept)
        self.mended()

    def test_so_it_does_where_the_file_of_signers_is_bad(self):
        signers = self.p.broker / "policy-signers"
        kept = signers.read_text()
        signers.write_text("officer nobody\n")
        by = self.policy_now()["signers"]
        self.start_refused("policy-signers, line 1, column 9: no verifier key")
        self.assertEqual(self.policy_now()["signers"], by)
        self.still_decides("without-signers-1")
        signers.write_text(kept)
        self.mended()

    def test_a_text_that_nobody_signed_who_is_trusted_now_is_no_last_good_one(self):
        self.people()
        self.assertEqual(self.p.stop(), 0)
        for _ in range(2):
            done = self.p.try_start()
            self.assertEqual(done.code, 78, done)
            self.assertIn("signed by nobody who is trusted", done.err)
        self.text.write_text(self.first)
        self.sign("ada", "omar")
        self.p.policy.with_name("policy.textproto.sig").write_text(self.note.read_text())
        self.p.start()
        # That it was refused is on record, though nothing ran then: once.
        self.assertEqual(self.events(), ["activated", "refused", "activated"])
        self.assertIn("signed by nobody who is trusted", self.history()[1]["refusedBecause"])


if __name__ == "__main__":
    harness.main()
