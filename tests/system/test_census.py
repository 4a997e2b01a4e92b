"""The public Children in Need census sample, unmodified, stray text and wrong pupil number included:
dropped into the council agent's outbox, it reaches a school, police and health as status
notifications, a report accounts for every leaf, and the log holds both concerns."""

import json
import os
import pathlib
import shutil
import unittest

import harness
import leaves
import samples
import wire
from harness import BIN
from samples import DSL, MASH, NAMED

SHARED = pathlib.Path(os.environ.get("CAIRN_SHARED") or harness.ROOT.parent / "shared")
CENSUS = SHARED / "samples" / "csc-validator-be-cin" / "CIN_Census_2026.xml"
GOLDEN = harness.ROOT / "tests" / "golden" / "report_census.txt"
RECEIVERS = {"oakfield": DSL, "northshire-police": MASH, "northshire-health": NAMED}

DEFAULTS = """
[defaults]
purpose = "cin17"
bases = ["6E", "9G"]
desks = {desks}
role = "duty social worker"
staff_id = "nc-0317"
authenticated_by = "entra-mfa"
"""


@unittest.skipUnless(CENSUS.exists(), f"no sample at {CENSUS}; set CAIRN_SHARED")
class census(harness.SystemTest):
    """One run of the way; the tests look at what it left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logs = {}
        try:
            cls.travel()
        except BaseException:
            for who, log in cls.logs.items():
                print(f"--- agent of {who}\n{log.read_text()[-2000:]}")
            cls.p.kill()
            raise

    @classmethod
    def travel(cls):
        processes = {
            who: cls.agent(who, [desk], "--until-received", "2")
            for who, desk in RECEIVERS.items()
        }
        outbox = cls.folder("northshire-council") / "outbox"
        outbox.mkdir(parents=True, mode=0o700)
        # As an administrator would: complete under another name, then renamed into the folder.
        shutil.copyfile(CENSUS, outbox / ".draft")
        os.rename(outbox / ".draft", outbox / "CIN_Census_2026.xml")
        defaults = DEFAULTS.format(desks=json.dumps(list(RECEIVERS.values())))
        processes["northshire-council"] = cls.agent(
            "northshire-council", [samples.FRONT_DOOR], "--once", more=defaults
        )
        for who, process in processes.items():
            code = process.wait(timeout=harness.PATIENCE_S + 10)
            assert code == 0, f"the agent of {who} ended with {code}"

    @classmethod
    def folder(cls, who):
        return cls.p.folder / who / "agent"

    @classmethod
    def agent(cls, who, desks, *arguments, more=""):
        cls.logs[who] = cls.p.folder / who / "agent.log"
        return cls.p.start_agent(who, desks, *arguments, more=more)

    def notices(self, who):
        files = sorted((self.folder(who) / "inbox").rglob("*.json"))
        return [json.loads(f.read_text()) for f in files]

    def sent(self):
        return [json.loads(f.read_text()) for f in (self.folder("northshire-council") / "sent").glob("*.json")]

    def test_nothing_was_rejected_and_the_outbox_is_empty(self):
        council = self.folder("northshire-council")
        self.assertEqual(list((council / "rejected").iterdir()), [])
        self.assertEqual(list((council / "outbox").iterdir()), [])
        self.assertEqual(len(self.sent()), 2)

    def test_each_desk_got_a_status_of_each_child(self):
        ids = {s["concernId"] for s in self.sent()}
        for who, desk in RECEIVERS.items():
            got = self.notices(who)
            self.assertEqual({n["concernId"] for n in got}, ids, who)
            for n in got:
                self.assertEqual(n["desk"], desk)
                self.assertEqual(n["kind"], "CONCERN_KIND_STATUS")
                self.assertEqual(n["sender"], "northshire-council")

    def test_the_children_arrive_with_their_plan(self):
        text = json.dumps(self.notices("northshire-police"))
        self.assertIn('"year": 2015, "month": 3, "day": 27', text)
        self.assertIn("KIND_CHILD_PROTECTION", text)

    def test_a_readable_page_stands_beside_each_notice(self):
        for who in RECEIVERS:
            pages = list((self.folder(who) / "inbox").rglob("*.html"))
            self.assertEqual(len(pages), 2, who)
            for page in pages:
                self.assertIn("<html", page.read_text())

    def test_the_wrong_pupil_number_warned_and_passed(self):
        warnings = [w for s in self.sent() for w in s.get("warnings", [])]
        self.assertIn("check_digit", {w["code"] for w in warnings})

    def test_the_report_accounts_for_every_leaf(self):
        reports = list((self.folder("northshire-council") / "sent").glob("*.report.txt"))
        self.assertEqual(len(reports), 1)
        text = reports[0].read_text()
        leaves.check(self, CENSUS, text)
        self.assertEqual(text, GOLDEN.read_text())
        self.assertIn("\tunmapped\t", text)
        for value in ("A123456789123", "X98765432123B", "2015-03-27"):
            self.assertNotIn(value, text, "a report gets mailed: places, no values")

    def test_the_receipts_verify_and_the_log_holds_both(self):
        proofs = list((self.folder("northshire-council") / "sent").glob("*.tlog-proof"))
        self.assertEqual(len(proofs), 2)
        for proof in proofs:
            done = harness.run([BIN / "cairn-verify", "receipt", proof, "--key", self.p.vkeys])
            self.assertEqual(done.code, 0, done)
        for s in self.sent():
            found = self.p.good(
                "auditor", "-o", "json", "audit", "search", "--concern", s["concernId"]
            ).json()["records"]
            self.assertEqual([r["kind"] for r in found], ["concern"])
        self.p.good("auditor", "audit", "verify")

    def test_everything_is_confirmed(self):
        for desk in RECEIVERS.values():
            counts = self.p.desk_counts(desk)
            self.assertEqual((counts["routed"], counts["confirmed"]), (2, 2), desk)
        with wire.Client(self.p, "oakfield") as c:
            self.assertEqual(c.inbox(DSL), [])

    def test_nothing_personal_is_in_the_logs(self):
        texts = {who: log.read_text() for who, log in self.logs.items()}
        texts["cairnd"] = self.p.daemon.log()
        for who, text in texts.items():
            for canary in ("A123456789123", "DfEX0000001", "2015-03-27", "CIN_Census"):
                self.assertNotIn(canary, text, who)


if __name__ == "__main__":
    harness.main()
