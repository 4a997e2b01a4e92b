"""A candidate tried on past traffic, and beside the policy in force, before anybody is told by it."""

import json
import os
import re

import harness
import samples
import wire
from harness import submission
from samples import FRONT_DOOR, MASH, NAMED
from wire import grpc

SUBMIT = "/cairn.v1.Exchange/Submit"
SIMULATE = "/cairn.v1.Audit/SimulatePolicy"
# The rule that must show a relevant conviction to social care, and the one that hides those that are
# not relevant from all others.
MUST, DENY = "  number: 110\n", "  number: 262\n"


def edited(text, row, *changes):
    head, found, tail = text.partition(row)
    assert found
    for before, after in changes:
        assert before in tail
        tail = tail.replace(before, after, 1)
    return head + found + tail


def withholding(text):
    """No conviction, relevant or not, to the front door or to those who had only the relevant ones.
    That breaks a promise, which a simulation may and a shadow may not."""
    return edited(
        edited(text, MUST, ("ROLE_FRONT_DOOR, ", "")), DENY,
        ("ROLE_ENCOMPASS, ", "ROLE_ENCOMPASS, ROLE_FRONT_DOOR, "),
        ("  unless: [FLAG_RELEVANT_CONVICTION]\n", ""),
    )


def unpromised(text):
    """The same, of a partnership that promises nothing."""
    kept = withholding(text)
    out, inside = [], False
    for line in kept.splitlines(keepends=True):
        inside = inside or line.startswith("invariants {")
        if not inside:
            out.append(line)
        inside = inside and not line.startswith("}")
    return "".join(out)


class Trial(harness.SystemTest):
    own_broker = True

    def candidate(self, text, name="candidate.textproto"):
        path = self.p.broker / name
        path.write_text(text)
        return path

    def send(self, key, desks=(FRONT_DOOR, MASH, NAMED)):
        answer = self.p.curl("oakfield", SUBMIT, submission(key, samples.full(desks)))
        return self.accepted(answer)["concernId"]

    def simulate(self, text, *more):
        done = self.p.good("auditor", "-o", "json", "policy", "simulate", self.candidate(text), *more)
        return json.loads(done.out)


class simulating(Trial):
    def test_what_would_be_withheld_comes_first_and_the_same_text_lists_nothing(self):
        ids = [self.send(f"simulate-{n:03}") for n in range(3)]
        kept = self.p.policy.read_text()
        told = self.simulate(withholding(kept), "--since", "2020-01-01")
        self.assertEqual(told["concerns"], "3")
        self.assertEqual(told.get("leftOut", "0"), "0")
        first = told["flips"][0]
        self.assertEqual(
            (first["direction"], first["category"], first["desk"], first["subject"]),
            ("DIRECTION_CLOSES", "CATEGORY_CONVICTION", FRONT_DOOR, "SUBJECT_ALLEGED_PERPETRATOR"),
        )
        self.assertEqual((first["before"], first["after"]), ("FORM_FULL", "FORM_MASKED"))
        self.assertTrue(first["owed"])
        self.assertEqual((first["decisions"], first["concernIds"]), ("3", ids))
        self.assertEqual((first["ruleBefore"], first["ruleAfter"]), (110, 262))
        less = told["flips"][1]
        self.assertEqual((less["desk"], less.get("owed", False)), (NAMED, False))
        said = self.p.good("auditor", "policy", "simulate", self.candidate(withholding(kept)))
        for word in (
            "OWED, and would be withheld: 3 decisions\n\n  convictions and cautions, to " + FRONT_DOOR,
            "of the person said to be responsible: in full -> not shown, 3 times",
            'before: rule 110 "Relevant convictions to social care and police"',
            "\nLESS would be shown: 3 decisions\n\n  convictions and cautions, to " + NAMED,
            'rule 262 "Convictions that do not matter to the child"', ids[0], "3 concerns, ",
        ):
            self.assertIn(word, said.out)
        for word in ("CATEGORY_", "FORM_", "SUBJECT_", "DIRECTION_"):
            self.assertNotIn(word, said.out)
        same = self.simulate(kept)
        self.assertNotIn("flips", same)
        self.assertEqual(same["decisions"], told["decisions"])
        said = self.p.good("auditor", "policy", "simulate", self.p.policy)
        self.assertTrue(said.out.startswith("Nothing would be decided otherwise.\n3 concerns, "), said)

    def test_the_question_is_in_the_log_and_moves_nothing(self):
        self.send("simulate-log-1")
        kept = self.p.policy.read_text()
        before = self.p.status()

        def queries():
            found = self.p.good("auditor", "-o", "json", "audit", "search", "--kind", "query").json()
            return found.get("records", [])

        first = queries()
        self.simulate(withholding(kept), "--reason", "before it is signed")
        # The search is a question, too.
        self.assertEqual(len(queries()), len(first) + 2)
        after = self.p.status()
        self.assertEqual(after["policyDigest"], before["policyDigest"])
        self.assertEqual(after["desks"], before["desks"])
        self.p.good("auditor", "audit", "verify")

    def test_the_line_of_the_page_does_what_it_says(self):
        self.send("simulate-page-1")
        page = (harness.ROOT / "docs" / "POLICY.md").read_text()
        _, _, part = page.partition("## Try a policy on past traffic")
        line = part.partition("```sh\n")[2].partition("\n")[0]
        self.assertIn("policy simulate new.textproto --since 30d", line)
        (self.p.folder / "new.textproto").write_text(withholding(self.p.policy.read_text()))
        environment = {**os.environ, "PATH": f"{harness.BIN}:{os.environ['PATH']}"}
        done = harness.run(["/bin/sh", "-c", line], cwd=self.p.folder, env=environment)
        self.assertEqual(done.code, 0, done)
        shown = re.findall(r"(?m)^    (.*)", part.partition("## Days of review")[0])
        heads = [x for x in shown if re.match(r"OWED| +(before|after): | +of the", x)]
        for said in heads:
            self.assertIn(said.split(": 3 ")[0].split(", 3 ")[0], done.out)
        self.assertGreaterEqual(len(heads), 3)

    def test_only_an_auditor_may_ask(self):
        for who in ("admin", "monitor", "oakfield"):
            done = self.p.cairn(who, "policy", "simulate", self.p.policy)
            self.assertEqual(done.code, 77, done)

    def test_a_bad_candidate_is_told_by_file_line_and_column(self):
        kept = self.p.policy.read_text()
        bad = self.candidate(kept.replace("CATEGORY_HEALTH", "CATEGORY_HELTH", 1), "bad.textproto")
        done = self.p.cairn("auditor", "-o", "json", "policy", "simulate", bad)
        self.assertEqual((done.code, done.out), (78, ""), done)
        error = json.loads(done.err)
        self.assertRegex(error["where"], r"bad\.textproto, line \d+, column \d+: ")
        self.assertIn("Nearest: CATEGORY_HEALTH", error["where"])
        self.assertTrue(error["next"])
        bad.write_text("#" * 10_000_000 + "\nrules {}\n")
        done = self.p.cairn("auditor", "-o", "json", "policy", "simulate", bad)
        self.assertEqual(done.code, 78, done)
        self.assertIn("1048576 bytes", json.loads(done.err)["where"])
        done = self.p.cairn("auditor", "policy", "simulate", self.p.broker / "none.textproto")
        self.assertEqual(done.code, 66, done)
        self.assertIn("none.textproto", done.err)

    def test_a_time_that_cannot_be_is_refused_at_the_desk(self):
        for bad in (
            ("--since", "2099-01-01"), ("--since", "yesterday"), ("--since", "30"),
            ("--since", "2026-01-02", "--until", "2026-01-01"),
        ):
            done = self.p.cairn("auditor", "policy", "simulate", self.p.policy, *bad)
            self.assertEqual(done.code, 64, done)
            self.assertIn(bad[-2], done.err)
        self.assertEqual(self.simulate(self.p.policy.read_text(), "--until", "2020-01-01"), {})

    def test_who_writes_the_call_by_hand_is_refused_with_reasons(self):
        text = self.p.policy.read_text().replace("CATEGORY_HEALTH", "CATEGORY_HELTH", 1)
        requests = wire.policy_versions_pb2.SimulatePolicyRequest
        with wire.Client(self.p, "auditor") as c:
            for request, symbol in (
                (requests(text=text.encode()), "policy_invalid"),
                (requests(), "bad_value"),
                (requests(text=b"#", from_us=2**62), "bad_value"),
                (requests(text=b"#", from_us=9, until_us=3), "bad_value"),
            ):
                with wire.refusal(self, grpc.StatusCode.INVALID_ARGUMENT, symbol):
                    wire.take(c.audit.SimulatePolicy(request, timeout=harness.PATIENCE_S), 1)


class beside(Trial):
    """A shadow of the policy in force."""

    def shadow(self, text):
        self.candidate(text, "shadow.textproto")
        config = self.p.config.read_text()
        if "policy_shadow" not in config:
            self.p.config.write_text('policy_shadow = "shadow.textproto"\n' + config)

    def reload(self):
        return self.p.good("admin", "-o", "json", "admin", "reload", "--yes").json()

    def test_it_counts_what_a_simulation_finds_and_no_notice_differs(self):
        before = self.send("shadow-before-1")
        self.assertNotIn("shadow", self.p.status())
        candidate = unpromised(self.p.policy.read_text())
        self.shadow(candidate)
        told = {c["what"] for c in self.reload()["changes"]}
        self.assertIn("policy_shadow", told)
        after = self.send("shadow-after-1")
        found = self.simulate(candidate)
        shadow = self.p.status()["shadow"]
        self.assertEqual(shadow["concerns"], "1")
        self.assertEqual(found["concerns"], "2")
        # Two concerns that are the same; one of them was there before the shadow.
        closes = sum(int(f["decisions"]) for f in found["flips"] if f["direction"] == "DIRECTION_CLOSES")
        owed = sum(int(f["decisions"]) for f in found["flips"] if f.get("owed"))
        self.assertGreater(closes, 0)
        self.assertEqual(int(shadow["closes"]) * 2, closes)
        self.assertEqual(int(shadow.get("owed", 0)) * 2, owed)
        self.assertEqual(int(shadow["decisions"]) * 2, int(found["decisions"]))
        _, metrics = self.p.daemon.page("/metrics")
        self.assertRegex(
            metrics,
            r'cairn_policy_shadow_flips_total\{direction="closes",category="conviction",'
            r'role="front_door"\} 1\n',
        )
        self.assertIn("shadow     ", self.p.good("admin", "status").out)
        with wire.Client(self.p, "northshire-council") as c:
            one, other = (d.notice for d in c.inbox(FRONT_DOOR))
        self.assertEqual({one.concern_id, other.concern_id}, {before, after})
        for own in (one, other):
            for field in ("concern_id", "thread", "decided_at_us"):
                own.ClearField(field)
            for hidden in own.withheld:
                hidden.ClearField("challenge_id")
        self.assertEqual(one, other)

    def test_a_candidate_that_breaks_a_promise_is_no_shadow_and_no_obstacle(self):
        self.shadow(withholding(self.p.policy.read_text()))
        self.reload()
        self.assertNotIn("shadow", self.p.status())
        self.assertIn("shadow_not_used", self.p.daemon.log())
        self.assertIn("U1", self.p.daemon.log())
        self.send("no-shadow-1")
        # A start with it is a start, too.
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        self.assertNotIn("shadow", self.p.status())
        # And a better text is taken by the next reload.
        self.shadow(unpromised(self.p.policy.read_text()))
        self.assertTrue(self.reload()["applied"])
        self.send("a-shadow-1")
        self.assertEqual(self.p.status()["shadow"]["concerns"], "1")
        self.assertFalse(self.reload().get("applied", False))
        self.assertEqual(self.p.status()["shadow"]["concerns"], "1")


if __name__ == "__main__":
    harness.main()
