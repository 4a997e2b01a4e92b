#!/usr/bin/python3
"""docs/formats/policy-cases.md done as it stands there, and `cairn policy test` on what goes wrong."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import support

PAGE = support.ROOT / "docs" / "formats" / "policy-cases.md"
TEMPLATE = support.ROOT / "deploy" / "policy" / "template.textproto"
CASES = sorted((support.ROOT / "deploy" / "policy").glob("template.cases*.textproto"))
GOLDEN = support.ROOT / "tests" / "golden"
GROUNDS = GOLDEN / "policy_grounds.txt"


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.M | re.S)


class Cases(unittest.TestCase):
    def setUp(self):
        place = support.folder()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.cases = self.place / "cases.textproto"
        self.policy = self.place / "policy.textproto"
        self.example = blocks("textproto")[0]
        self.cases.write_text(self.example)
        shutil.copy(TEMPLATE, self.policy)

    def cairn(self, *words):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        return subprocess.run(
            [support.BUILD / "bin" / "cairn", *words], cwd=self.place, env=env, check=False,
            capture_output=True, text=True, timeout=support.PATIENCE_S,
        )

    def take_all_cases(self):
        """The template's own, as one file."""
        self.cases.write_text("".join(f.read_text() for f in CASES))

    def run_cases(self, *more):
        return self.cairn("policy", "test", self.policy, "--cases", self.cases, *more)


class page(Cases):
    def typed(self, line):
        env = dict(os.environ, PATH=f"{support.BUILD / 'bin'}:{os.environ['PATH']}")
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd=self.place, env=env, check=True, capture_output=True,
            text=True, timeout=support.PATIENCE_S,
        ).stdout

    def test_every_command_does_what_it_says(self):
        shutil.copy(support.ROOT / "deploy" / "example" / "concern.json", self.place)
        cases, mutate, file_grounds, hold_grounds, keep, hold = [
            x for b in blocks("sh") for x in b.strip().splitlines()
        ]
        said = self.typed(cases)
        self.assertIn("1 cases, 0 not as expected; 1 of ", said)
        self.assertIn("Rules that decide in no case:", said)
        self.take_all_cases()
        # Without the grounds on file the provisions that no promise asks for go unnoticed.
        self.assertRegex(self.typed(mutate), r"one route +398 wrongs, .* [1-9]\d* unnoticed")
        self.assertEqual(self.typed(file_grounds), "")
        self.assertEqual((self.place / "grounds.txt").read_text(), GROUNDS.read_text())
        self.assertIn("grounds.txt: as expected\n", self.typed(hold_grounds))
        self.check_figures(self.typed(hold_grounds + " --mutate"))
        self.assertEqual(self.typed(keep), "")
        self.assertEqual(self.typed(hold), "mash.textproto: as expected\n")

    def check_figures(self, said):
        table = dict(re.findall(r"(?m)^\| ([a-z, ]+) \| (\d+) \|$", PAGE.read_text()))
        found = re.search(
            r"(\d+) small wrongs .*: (\d+) refused, (\d+) fail a case, (\d+) lose a ground, "
            r"(\d+) break an invariant, (\d+) change nothing anywhere, (\d+) unnoticed; noticed: ", said
        )
        self.assertIsNotNone(found, said)
        wrongs, refused, case, ground, invariant, nothing, unnoticed = map(int, found.groups())
        self.assertEqual(
            (wrongs, refused + case + ground + invariant, nothing, unnoticed),
            tuple(int(table[k]) for k in (
                "small wrongs", "refused, or a case fails or loses a ground, or a promise breaks",
                "change nothing anywhere", "unnoticed",
            )),
        )
        # A line for each kind, and each wholly noticed.
        kinds = re.findall(r"(?m)^  ([a-z ]+?) +(\d+) wrongs, .*: (\d+\.\d) %$", said)
        self.assertEqual(len(kinds), 10, said)
        self.assertEqual({rate for _, _, rate in kinds}, {"100.0"})
        self.assertEqual(sum(int(n) for _, n, _ in kinds), wrongs)


class found(Cases):
    def test_what_a_case_does_not_get_is_said_in_words(self):
        self.cases.write_text(self.example.replace("FORM_GENERALISED", "FORM_FULL"))
        done = self.run_cases()
        self.assertEqual(done.returncode, 65, done)
        for words in (
            "line 1, column 1: the school reads the ban, not the offence", "may not collect the boy",
            "expected: in full, by rule 112", "decided:  in a shorter form, by rule 112",
        ):
            self.assertIn(words, done.stdout)
        again = self.cairn("-o", "json", "policy", "test", self.policy, "--cases", self.cases)
        out = json.loads(again.stdout)
        self.assertEqual((out["cases"], len(out["missed"])), (1, 1))

    def test_a_changed_rule_makes_the_case_of_the_template_fail(self):
        self.take_all_cases()
        text = self.policy.read_text()
        self.assertEqual(self.run_cases().returncode, 0)
        # The conviction that reviews say was withheld.
        rule = text.index("  number: 110\n")
        at = text.index("ROLE_ALLOCATED, ", rule)
        self.policy.write_text(text[:at] + text[at + len("ROLE_ALLOCATED, "):])
        done = self.run_cases()
        self.assertEqual(done.returncode, 65, done)
        self.assertIn("expected: in full, by rule 110", done.stdout)

    def test_a_wrong_file_is_refused_at_its_line_and_column(self):
        self.cases.write_text("# mine\n" + self.example.replace("ROLE_DSL", "ROLE_SDL"))
        done = self.run_cases()
        self.assertEqual((done.returncode, done.stdout), (78, ""), done)
        self.assertRegex(done.stderr, r"cases\.textproto, line 8, column \d+: .*ROLE_SDL")
        self.cases.write_text(self.example + self.example)
        self.assertRegex(self.run_cases().stderr, r"line 12, column 3: .* another case has this name")
        self.cases.write_text("")
        self.assertIn("holds no case", self.run_cases().stderr)
        self.cases.unlink()
        self.assertEqual(self.run_cases().returncode, 66)

    def test_several_files_are_asked_as_one(self):
        done = self.cairn("policy", "test", self.policy, "--cases", *CASES, "--grounds", GROUNDS)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("1278 cases, 0 not as expected; 180 of 180 rules", done.stdout)
        twice = self.cairn("policy", "test", self.policy, "--cases", CASES[0], CASES[0])
        self.assertEqual(twice.returncode, 78, twice)
        self.assertRegex(twice.stderr, r"textproto, line \d+, column 1: case .*: a case of another file has")

    def test_nothing_to_test_is_wrong_use(self):
        self.assertEqual(self.cairn("policy", "test", self.policy).returncode, 64)

    def test_mutation_lists_what_no_case_notices(self):
        text = "".join(f.read_text() for f in CASES)
        # All but those which rule 332 decides.
        kept = [c for c in re.split(r"(?m)^(?=cases \{$)", text) if "rule: 332" not in c]
        self.cases.write_text("".join(kept))
        done = self.run_cases("--mutate")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("Rules that decide in no case:\n  rule 332", done.stdout)
        self.take_all_cases()
        whole = json.loads(self.cairn(
            "-o", "json", "policy", "test", self.policy, "--cases", self.cases, "--mutate"
        ).stdout)
        self.assertGreaterEqual(whole["noticed_per_thousand"], 880)
        self.assertEqual(whole["kinds"]["one role"]["noticed_per_thousand"], 1000)
        self.assertEqual(whole["missed"], [])

    def test_a_lost_provision_is_named_by_the_case_that_stood_on_it(self):
        self.take_all_cases()
        text = self.policy.read_text()
        rule = text.index("  number: 121\n")
        at = text.index("LAWFUL_BASIS_9H, ", rule)
        self.policy.write_text(text[:at] + text[at + len("LAWFUL_BASIS_9H, "):])
        self.assertEqual(self.run_cases().returncode, 0, "no decision is another")
        done = self.run_cases("--grounds", GROUNDS, "--mutate")
        self.assertEqual(done.returncode, 65, done)
        self.assertRegex(done.stdout, r"policy_grounds\.txt: not as expected, line \d+\n  expected: .*"
                                      r"rule 121, on .*Art 9\(2\)\(h\)")
        self.assertIn("all has to be as expected first", done.stdout)


class notices(Cases):
    def of(self, concern, desk, *more):
        return self.cairn(
            "policy", "test", self.policy, "--concern", GOLDEN / f"notice_{concern}.in.textproto",
            "--notice", GOLDEN / f"notice_{concern}.{desk}.textproto", *more,
        )

    def test_golden_notices_are_held_byte_for_byte(self):
        for desk in ("allocated", "front_door", "mash", "named"):
            self.assertEqual(self.of("school", desk).returncode, 0, desk)
        for desk in ("dsl", "front_door"):
            self.assertEqual(self.of("encompass", desk, "--school", "100042").returncode, 0, desk)

    def test_the_first_line_that_differs_is_named(self):
        done = self.of("encompass", "dsl")
        self.assertEqual(done.returncode, 65, done)
        self.assertRegex(done.stdout, r"dsl\.textproto: not as expected, line \d+\n  expected: .*\n  would be: ")

    def test_a_desk_that_is_none_is_refused(self):
        done = self.cairn(
            "policy", "test", self.policy, "--concern", GOLDEN / "notice_school.in.textproto",
            "--desk", "oakfield/nobody",
        )
        self.assertEqual(done.returncode, 65, done)
        self.assertIn("AGENCY/ROLE", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
