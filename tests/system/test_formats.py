"""The public samples of three formats, unmodified: a court's hearing dropped by the police with a
sidecar, the council's table of missing episodes, a school's list of pupils. Each goes through a real
agent of its profile and the broker; the reports are the golden ones."""

import csv
import io
import json
import os
import pathlib
import shutil
import unittest

import harness
import leaves
from samples import DSL, FRONT_DOOR, MASH

SHARED = pathlib.Path(os.environ.get("CAIRN_SHARED") or harness.ROOT.parent / "shared")
SAMPLES = SHARED / "samples"
HEARING = SAMPLES / "hmpps-person-record" / "commonPlatformMessage.json"
MISSING = SAMPLES / "csc-validator-be-903" / "missing.csv"
PUPILS = SAMPLES / "SUI_Matcher" / "reconciliation_test_data.csv"
GOLDEN = harness.ROOT / "tests" / "golden"

DEFAULTS = """
[defaults]
purpose = "cin17"
bases = ["6E", "9G"]
desks = {desks}
role = "duty desk"
staff_id = "x-0317"
authenticated_by = "entra-mfa"
"""
SIDECAR = """purpose = "s47"
desks = ["northshire-council/front_door"]
risk = "need"
urgency = "same_day"
"""
CHILDREN = 39
DEFENDANTS = 3


@unittest.skipUnless(HEARING.exists(), f"no samples at {SAMPLES}; set CAIRN_SHARED")
class formats(harness.SystemTest):
    """One run of the way; the tests look at what it left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.travel()
        except BaseException:
            for who in ("northshire-police", "northshire-council", "oakfield"):
                log = cls.p.folder / who / "agent.log"
                print(f"--- agent of {who}\n{log.read_text()[-2000:] if log.exists() else ''}")
            cls.p.kill()
            raise

    @classmethod
    def travel(cls):
        cls.drop("northshire-police", HEARING, "hearing.json", SIDECAR)
        cls.drop("northshire-council", MISSING, "missing.csv")
        cls.drop("oakfield", PUPILS, "pupils.csv")
        processes = {
            "northshire-police": cls.agent("northshire-police", MASH, "police", CHILDREN),
            "northshire-council": cls.agent("northshire-council", FRONT_DOOR, "social_care", DEFENDANTS),
            "oakfield": cls.agent("oakfield", DSL, "school", 0),
        }
        for who, process in processes.items():
            code = process.wait(timeout=harness.PATIENCE_S + 10)
            assert code == 0, f"the agent of {who} ended with {code}"

    @classmethod
    def folder(cls, who):
        return cls.p.folder / who / "agent"

    @classmethod
    def drop(cls, who, file, name, sidecar=None):
        outbox = cls.folder(who) / "outbox"
        outbox.mkdir(parents=True, mode=0o700)
        if sidecar is not None:
            (outbox / (name + ".toml")).write_text(sidecar)
        shutil.copyfile(file, outbox / ".draft")
        os.rename(outbox / ".draft", outbox / name)

    @classmethod
    def agent(cls, who, desk, profile, notices):
        more = f'profile = "{profile}"\n' + DEFAULTS.format(desks=json.dumps([MASH]))
        received = ["--until-received", str(notices)] if notices else []
        return cls.p.start_agent(who, [desk], "--once", *received, more=more)

    def files(self, who, pattern):
        return sorted(self.folder(who).rglob(pattern))

    def report(self, who):
        reports = self.files(who, "sent/*.report.txt")
        self.assertEqual(len(reports), 1, who)
        return reports[0].read_text()

    def test_the_reports_are_the_golden_ones_and_account_for_every_value(self):
        for who, name, sample in (
            ("northshire-police", "report_court_hearing.txt", HEARING),
            ("northshire-council", "report_missing_episodes.txt", MISSING),
            ("oakfield", "report_pupil_list.txt", PUPILS),
        ):
            with self.subTest(name):
                self.assertEqual(self.report(who), (GOLDEN / name).read_text())
                leaves.check(self, sample, self.report(who))

    def test_nothing_was_rejected_and_sidecars_went_with_their_files(self):
        for who in ("northshire-police", "northshire-council", "oakfield"):
            self.assertEqual(self.files(who, "rejected/*"), [], who)
            self.assertEqual(self.files(who, "outbox/*"), [], who)

    def test_each_defendant_reached_the_front_door_as_an_adult_who_may_be_a_risk(self):
        notices = [json.loads(f.read_text()) for f in self.files("northshire-council", "inbox/*.json")]
        self.assertEqual(len(notices), DEFENDANTS)
        for n in notices:
            self.assertEqual(n["sender"], "northshire-police")
            content = n["content"]
            self.assertEqual(content["purpose"], "PURPOSE_S47")
            self.assertEqual(content["risk"]["level"], "RISK_LEVEL_NEED")
            self.assertEqual([p["role"] for p in content["persons"]], ["SUBJECT_ALLEGED_PERPETRATOR"])

    def test_each_child_reached_the_police_once_with_every_episode(self):
        notices = [json.loads(f.read_text()) for f in self.files("northshire-police", "inbox/*.json")]
        self.assertEqual(len(notices), CHILDREN)
        episodes = [e for n in notices for p in n["content"]["persons"] for e in p.get("missingEpisodes", [])]
        self.assertEqual(len(episodes), 43)

    def test_a_list_of_pupils_sends_nothing(self):
        self.assertEqual(self.files("oakfield", "sent/*.tlog-proof"), [])
        self.assertEqual(self.p.desk_counts(DSL)["routed"], 0)

    def test_the_council_gets_each_notice_as_a_table_as_well_and_the_police_do_not(self):
        tables = self.files("northshire-council", "inbox/*.csv")
        self.assertEqual(len(tables), DEFENDANTS)
        for table in tables:
            rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
            self.assertTrue(rows)
            self.assertEqual({r["desk"] for r in rows}, {FRONT_DOOR})
            self.assertIn("persons", table.with_suffix(".json").read_text())
        self.assertEqual(self.files("northshire-police", "inbox/*.csv"), [])

    def test_nothing_personal_is_in_the_logs(self):
        texts = {who: (self.p.folder / who / "agent.log").read_text()
                 for who in ("northshire-police", "northshire-council", "oakfield")}
        texts["cairnd"] = self.p.daemon.log()
        for who, text in texts.items():
            for canary in ("13 broad Street", "26033", "CHISLETT", "9449305552", "hearing.json"):
                self.assertNotIn(canary, text, who)


if __name__ == "__main__":
    harness.main()
