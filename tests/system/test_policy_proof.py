"""A text that breaks a promise of its own: told at the desk, refused by the broker at every door."""

import json
import signal

import harness
import samples
import wire
from harness import BIN
from samples import MASH

# One line, as somebody might write it in good faith: the front door does without convictions that
# nobody marked as relevant.
ROW, BEFORE, AFTER = "  number: 262\n", "ROLE_ENCOMPASS, ", "ROLE_ENCOMPASS, ROLE_FRONT_DOOR, "
OWED = "U1 \"Convictions of adults around the child reach social care\""
CHILD = "The social worker is not told, and the child goes home to him."


def spoiled(text):
    head, row, tail = text.partition(ROW)
    assert row and BEFORE in tail
    return head + row + tail.replace(BEFORE, AFTER, 1)


def policy(*arguments, **extra):
    return harness.run([BIN / "cairn", *arguments], **extra)


class at_the_desk(harness.SystemTest):
    start_broker = False

    def files(self):
        kept = self.p.policy
        changed = self.p.folder / "changed.textproto"
        changed.write_text(spoiled(kept.read_text()))
        return kept, changed

    def test_prove_says_that_the_shipped_text_keeps_its_promises(self):
        kept, _ = self.files()
        done = policy("policy", "prove", kept)
        self.assertEqual(done.code, 0, done)
        for word in (
            "1175715840 points",
            "26 categories x 8 subjects x 23 roles x 12 purposes x 5 risks x 4096 sets of flags",
            "18 lawful bases", "FLAG_SENDER_DESK", "every promise is kept",
        ):
            self.assertIn(word, done.out)
        told = json.loads(policy("-o", "json", "policy", "prove", kept).out)
        self.assertTrue(told["holds"])
        self.assertEqual(told["broken"], [])
        self.assertEqual(told["points"], 1175715840)
        self.assertRegex(told["semantic_digest"], "^[0-9a-f]{64}$")
        self.assertGreater(told["seconds"], 0)

    def test_a_broken_promise_is_a_sentence_with_the_child_and_exit_78(self):
        _, changed = self.files()
        done = policy("policy", "prove", changed)
        self.assertEqual(done.code, 78, done)
        for word in (OWED, "would not see convictions and cautions of a parent or carer",
                     "rule 262", "Owed: in full", CHILD):
            self.assertIn(word, done.out)
        told = policy("-o", "json", "policy", "prove", changed)
        self.assertEqual(told.code, 78)
        broken = json.loads(told.out)["broken"]
        self.assertEqual([b["invariant"] for b in broken], ["U1", "U1.others"])
        self.assertEqual(broken[0]["at"]["role"], "ROLE_FRONT_DOOR")
        self.assertEqual(broken[0]["got"]["rule"], 262)
        # check says what the broker would say, with the place of the promise.
        done = policy("-o", "json", "policy", "check", changed)
        self.assertEqual((done.code, done.out), (78, ""), done)
        error = json.loads(done.err)
        self.assertEqual(error["symbol"], "policy_contradiction")
        self.assertRegex(error["where"], r"changed\.textproto, line \d+, column 1: U1 ")
        self.assertTrue(error["next"])

    def test_diff_puts_what_is_lost_first_and_the_same_is_the_same(self):
        kept, changed = self.files()
        done = policy("policy", "diff", kept, changed)
        self.assertEqual(done.code, 0, done)
        self.assertIn("hidden: convictions and cautions, to children's social care front door", done.out)
        self.assertIn("So far: in full, by rule 390", done.out)
        told = json.loads(policy("-o", "json", "policy", "diff", kept, changed).out)
        self.assertFalse(told["same"])
        self.assertNotEqual(told["before"], told["after"])
        self.assertEqual(told["changes"][0]["direction"], "hidden")
        self.assertEqual(told["changed"], sum(c["points"] for c in told["changes"]))
        other = self.p.folder / "renamed.textproto"
        other.write_text(kept.read_text().replace('title: "', 'title: "Our ', 1))
        done = policy("policy", "diff", kept, other)
        self.assertEqual(done.code, 0, done)
        self.assertIn("decides the same everywhere", done.out)
        self.assertTrue(json.loads(policy("-o", "json", "policy", "diff", kept, other).out)["same"])

    def test_lint_warns_and_strict_fails(self):
        kept, _ = self.files()
        done = policy("policy", "lint", kept)
        self.assertEqual(done.code, 0, done)
        self.assertIn("warning: unverified: ", done.out)
        self.assertEqual(policy("policy", "lint", "--strict", kept).code, 65)
        late = self.p.folder / "late.textproto"
        late.write_text(kept.read_text().replace('review_by: "2027-06-30"', 'review_by: "2025-06-30"', 1))
        found = json.loads(policy("-o", "json", "policy", "lint", late).out)["findings"]
        review = [f for f in found if f["kind"] == "review"]
        self.assertEqual(len(review), 1)
        self.assertRegex(review[0]["where"], r"late\.textproto, line \d+, column 27")
        # Used all the same, and said each time.
        done = policy("policy", "check", late)
        self.assertEqual(done.code, 0, done)
        self.assertIn("was to be read again by 2025-06-30", done.err)

    def test_errors_name_file_line_column_and_what_was_meant(self):
        kept, _ = self.files()
        bad = self.p.folder / "bad.textproto"
        bad.write_text(kept.read_text().replace("CATEGORY_HEALTH", "CATEGORY_HELTH", 1))
        for command in (("check",), ("prove",), ("lint",)):
            done = policy("-o", "json", "policy", *command, bad)
            self.assertEqual((done.code, done.out), (78, ""), done)
            error = json.loads(done.err)
            self.assertEqual(error["symbol"], "policy_invalid")
            self.assertRegex(error["where"], r"bad\.textproto, line \d+, column \d+: ")
            self.assertIn("Nearest: CATEGORY_HEALTH", error["where"])
            self.assertTrue(error["next"])
        bad.write_text("#" * 10_000_000 + "\nrules {}\n")
        done = policy("-o", "json", "policy", "prove", bad)
        self.assertEqual(done.code, 78, done)
        self.assertIn("1048576 bytes", json.loads(done.err)["where"])


class at_the_broker(harness.SystemTest):
    own_broker = True

    def test_a_start_refuses_it_says_whom_it_harms_and_decides_by_the_last_good_one(self):
        digest = self.p.status()["policyDigest"]
        kept = self.p.policy.read_text()
        self.assertEqual(self.p.stop(), 0)
        self.p.policy.write_text(spoiled(kept))
        self.p.start()
        refused = [x for x in self.p.daemon.log().splitlines() if '"policy_refused"' in x]
        self.assertEqual(len(refused), 1, refused)
        self.assertIn(CHILD, refused[0])
        self.assertEqual(self.p.status()["policyDigest"], digest)
        check = harness.run([BIN / "cairnd", "--config", self.p.config, "--check"])
        self.assertEqual(check.code, 78, check)
        self.assertIn(CHILD, check.err + check.out)
        self.p.policy.write_text(kept)

    def test_a_first_start_has_no_last_good_one(self):
        other = harness.Partnership(self.p.folder.parent / "other").init()
        other.policy.write_text(spoiled(other.policy.read_text()))
        done = other.try_start()
        self.assertEqual(done.code, 78, done)
        self.assertIn("U1", done.err)
        self.assertIn(CHILD, done.err)

    def test_a_reload_refuses_it_and_the_last_good_one_stays(self):
        digest = self.p.status()["policyDigest"]
        kept = self.p.policy.read_text()
        self.p.policy.write_text(spoiled(kept))
        done = self.p.cairn("admin", "admin", "reload", "--yes")
        self.assertEqual(done.code, 78, done)
        self.assertIn(CHILD, done.err)
        self.p.daemon.process.send_signal(signal.SIGHUP)
        harness.poll("the refusal", lambda: "reload_failed" in self.p.daemon.log())
        status = self.p.status()
        self.assertFalse(status["lastReload"].get("ok", False))
        self.assertIn("U1", status["lastReload"]["cause"])
        self.assertEqual(status["policyDigest"], digest)
        with wire.Client(self.p, "oakfield") as c:
            c.submit("under-the-kept-1", samples.small([MASH]))


if __name__ == "__main__":
    harness.main()
