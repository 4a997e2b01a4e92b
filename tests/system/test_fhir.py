"""The two public FHIR samples, unmodified, dropped into the outbox of a health agency: the bundle of
CP-IS reaches the council as the status of a child, the restricted patient alone is a report and no
concern. And back: what a health desk is told lies beside its page as a FHIR document that HL7's own
schema and a stock library find good, and that goes in again as it came out; its Task, done, is the answer."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import harness
import leaves
import npm
import samples
import wire
from harness import BIN
from samples import DSL, FRONT_DOOR, NAMED

SHARED = pathlib.Path(os.environ.get("CAIRN_SHARED") or harness.ROOT.parent / "shared")
FLAGS = SHARED / "samples" / "IOPS-FHIR-Simplifier-Backup" / "CPIS-CPP-Bundle-Example.xml"
PATIENT = SHARED / "samples" / "personal-demographics-service-api" / "Sensitive_Patient.json"
GOLDEN = harness.ROOT / "tests" / "golden"
SOURCES = harness.HERE / "fhir"

DEFAULTS = f"""profile = "health"
[defaults]
purpose = "cin17"
bases = ["6E", "9H"]
desks = ["{FRONT_DOOR}"]
role = "named nurse"
staff_id = "nh-2210"
authenticated_by = "nhs-cis2"
"""


def foreign(document):
    """What HL7's schema and the stock library say of a document."""
    folder = npm.install(SOURCES, "check.mjs")
    done = subprocess.run(
        ["node", "check.mjs", str(document)], cwd=folder, capture_output=True, text=True,
        timeout=120, check=True,
    )
    return json.loads(done.stdout)


class fhir(harness.SystemTest):
    """Each way by itself."""

    own_broker = True

    def folder(self, who):
        return self.p.folder / who / "agent"

    def agent(self, who, desk, *arguments, more=""):
        return self.p.start_agent(who, [desk], *arguments, more=more)

    def drop(self, who, file, name):
        outbox = self.folder(who) / "outbox"
        outbox.mkdir(parents=True, mode=0o700, exist_ok=True)
        shutil.copyfile(file, outbox / ".draft")
        os.rename(outbox / ".draft", outbox / name)

    def ends(self, process):
        self.assertEqual(process.wait(timeout=harness.PATIENCE_S + 10), 0)

    def reports(self, who):
        return [f.read_text() for f in (self.folder(who) / "sent").glob("*.report.txt")]

    @unittest.skipUnless(FLAGS.exists(), f"no samples at {SHARED}; set CAIRN_SHARED")
    def test_the_public_samples_go_through(self):
        council = self.agent("northshire-council", FRONT_DOOR, "--until-received", "1")
        self.drop("northshire-health", FLAGS, "flags.xml")
        self.drop("northshire-health", PATIENT, "patient.json")
        self.ends(self.agent("northshire-health", NAMED, "--once", more=DEFAULTS))
        self.ends(council)
        health = self.folder("northshire-health")
        self.assertEqual(list((health / "rejected").iterdir()), [])
        self.assertEqual(list((health / "outbox").iterdir()), [])
        self.assertEqual(len(list((health / "sent").glob("*.tlog-proof"))), 1)
        kept = {
            (GOLDEN / "fhir_flag.report.txt").read_text(): FLAGS,
            (GOLDEN / "fhir_patient.report.txt").read_text(): PATIENT,
        }
        self.assertEqual(set(self.reports("northshire-health")), set(kept))
        for report, sample in kept.items():
            with self.subTest(sample.name):
                leaves.check(self, sample, report)
        notices = [
            json.loads(f.read_text())
            for f in (self.folder("northshire-council") / "inbox").rglob("*.json")
        ]
        self.assertEqual([n["kind"] for n in notices], ["CONCERN_KIND_STATUS"])
        text = json.dumps(notices)
        self.assertIn("KIND_CHILD_PROTECTION", text)
        self.assertIn("SHEFFIELD", text)
        self.p.good("auditor", "audit", "verify")
        for word in ("Alan", "9000000025", "SHEFFIELD"):
            self.assertNotIn(word, self.p.daemon.log())

    def test_a_notice_is_a_document_that_others_read_and_that_goes_in_again(self):
        with wire.Client(self.p, "oakfield") as c:
            c.submit("a-concern-for-health", samples.full([NAMED]))
        self.ends(self.agent("northshire-health", NAMED, "--until-received", "1", more=DEFAULTS))
        inbox = self.folder("northshire-health") / "inbox"
        documents = list(inbox.rglob("*.fhir"))
        self.assertEqual(len(documents), 1)
        text = documents[0].read_text()
        for canary in samples.CANARIES:
            self.assertNotIn(canary.decode(), text)
        self.assertIn('"masked"', text)
        said = foreign(documents[0])
        self.assertEqual(said["schema"], [])
        self.assertEqual(said["library"], [])
        # As the stock library writes it in XML, it is read as well.
        again = self.folder("northshire-health") / "again.xml"
        again.write_text(said["xml"])
        self.drop("northshire-health", again, "again.xml")
        defaults = DEFAULTS.replace("authenticated_by", 'risk = "need"\nauthenticated_by')
        self.ends(self.agent("northshire-health", NAMED, "--once", more=defaults))
        rejected = list((self.folder("northshire-health") / "rejected").rglob("reason.txt"))
        self.assertEqual([r.read_text() for r in rejected], [])
        self.assertEqual(len(list((self.folder("northshire-health") / "sent").glob("*.tlog-proof"))), 1)
        proof = next((self.folder("northshire-health") / "sent").glob("*.tlog-proof"))
        done = harness.run([BIN / "cairn-verify", "receipt", proof, "--key", self.p.vkeys])
        self.assertEqual(done.code, 0, done)

    def test_a_dropped_task_acknowledges_and_decides(self):
        with wire.Client(self.p, "oakfield") as c:
            concern = c.submit("a-concern-to-answer", samples.full([NAMED])).concern_id
        self.ends(self.agent("northshire-health", NAMED, "--until-received", "1", more=DEFAULTS))
        health = self.folder("northshire-health")
        document = json.loads(next((health / "inbox").rglob("*.fhir")).read_text())
        owed = [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == "Task"]
        task = next(t for t in owed if t["code"]["coding"][0]["code"] == "acknowledge")
        decision = {"valueCodeableConcept": {"coding": [{"code": "ADVICE"}]}}
        steps = [
            {"status": "received"},
            {"status": "completed", "output": [decision, {"valueString": "Seen by the nurse."}]},
            {"status": "rejected"},
        ]
        for number, step in enumerate(steps):
            (health / "task.json").write_text(json.dumps({**task, **step}))
            self.drop("northshire-health", health / "task.json", f"task-{number}.json")
            self.ends(self.agent("northshire-health", NAMED, "--once", more=DEFAULTS))
        row = self.p.good("oakfield", "-o", "json", "track", concern).json()["desks"][0]
        self.assertIn("acknowledgedAtUs", row)
        told = self.p.good("oakfield", "-o", "json", "inbox", DSL).json()["deliveries"]
        notices = [d["notice"] for d in told]
        self.assertEqual([n["kind"] for n in notices],
                         ["CONCERN_KIND_ACKNOWLEDGEMENT", "CONCERN_KIND_OUTCOME"])
        self.assertEqual({n["content"]["inReplyTo"] for n in notices}, {concern})
        self.assertEqual(notices[1]["content"]["outcome"]["decision"], "DECISION_ADVICE")
        outcome = self.p.good("oakfield", "-o", "json", "track", notices[1]["concernId"]).json()
        self.assertEqual(outcome["kind"], "CONCERN_KIND_OUTCOME")
        # Neither goes to the desks that are told of concerns by default.
        self.assertEqual(self.p.desk_counts(FRONT_DOOR)["routed"], 0)
        (reason,) = (health / "rejected").rglob("reason.txt")
        self.assertIn("cairn return", reason.read_text())


if __name__ == "__main__":
    harness.main()
