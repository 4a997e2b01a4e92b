"""What the acceptance scenarios share: a court result, agents that carry files, what the auditor is
shown."""

import json
import pathlib
import re
import shutil

import harness
import samples
from samples import DSL, FRONT_DOOR

RISK_LINE = "no unsupervised contact with children"
CONTACT_BAN = "not to collect the child, not to come to the school"
OFFENCE = "Cruelty to a person under sixteen years"
COURT = "Northshire Crown Court"

DEFAULTS = """
[defaults]
purpose = "s47"
bases = ["6E", "10", "S1P18"]
desks = {desks}
role = "officer in the case"
staff_id = "np-4410"
authenticated_by = "entra-mfa"
risk = "significant_harm"
urgency = "same_day"
"""


def partner_sentenced():
    """A court has sentenced the new partner of a child's mother."""
    concern = samples.small([FRONT_DOOR, DSL])
    concern["persons"][0]["education"] = {"schoolCode": "100042"}
    concern["persons"].append(
        {
            "ref": "man-1",
            "role": "SUBJECT_ALLEGED_PERPETRATOR",
            "names": [{"use": "USE_USUAL", "given": "Gareth", "family": "Stonewell"}],
            "convictions": [
                {
                    "offence": OFFENCE, "offenceClass": "OFFENCE_CLASS_AGAINST_CHILD",
                    "disposal": "DISPOSAL_CONVICTED", "on": {"year": 2026, "month": 1, "day": 19},
                    "relevantToChild": "ANSWER_YES", "riskStatement": RISK_LINE, "court": COURT,
                }
            ],
            "orders": [
                {
                    "kind": "KIND_NON_MOLESTATION", "toEnforce": CONTACT_BAN,
                    "conditions": "not within 100 metres of Larkspur Way",
                }
            ],
        }
    )
    concern["persons"][0]["relations"] = [
        {"toRef": "man-1", "kind": "KIND_PARTNER_OF_PARENT", "mayCollect": "ANSWER_NO"}
    ]
    concern["notification"].update(
        {"incident": "INCIDENT_STATUS_CHANGE", "summary": "Court result about an adult at home"}
    )
    return concern


class Scenario(harness.SystemTest):
    """Each with a broker of its own."""

    own_broker = True

    # -- through agents

    def folder(self, who):
        return self.p.folder / who / "agent"

    def drop(self, who, name, content, sidecar=None):
        outbox = self.folder(who) / "outbox"
        outbox.mkdir(parents=True, mode=0o700, exist_ok=True)
        if sidecar:
            (outbox / f"{name}.toml").write_text(sidecar)
        draft = outbox / ".draft"
        if isinstance(content, pathlib.Path):
            shutil.copyfile(content, draft)
        else:
            draft.write_text(json.dumps(content))
        draft.rename(outbox / name)

    def run_agent(self, who, desk, *arguments, more=""):
        process = self.p.start_agent(who, [desk], *arguments, more=more)
        code = process.wait(timeout=harness.PATIENCE_S + 10)
        log = (self.p.folder / who / "agent.log").read_text()
        self.assertEqual(code, 0, log[-2000:])
        rejected = [f.read_text() for f in self.folder(who).rglob("rejected/**/reason.txt")]
        self.assertEqual(rejected, [], who)

    def take(self, who, desk, count):
        """The notices of a desk as its agent wrote them."""
        self.run_agent(who, desk, "--until-received", str(count))
        found = sorted((self.folder(who) / "inbox").rglob("*.json"))
        self.assertEqual(len(found), count)
        return [json.loads(f.read_text()) for f in found]

    def everything(self, who):
        """Every byte the agency's agent was given or made of it: JSON, page, table, FHIR, proofs."""
        files = [f for f in (self.folder(who) / "inbox").rglob("*") if f.is_file()]
        self.assertTrue(files, who)
        return b"\0".join(f.read_bytes() for f in files)

    # -- as the auditor and the sender see it

    def show(self, concern_id):
        record = self.p.good(
            "auditor", "-o", "json", "audit", "search", "--concern", concern_id, "--kind", "concern"
        ).json()["records"][0]
        done = self.p.good(
            "auditor", "-o", "json", "audit", "show", f'{record["year"]}/{record.get("index", 0)}'
        )
        return {d["desk"]: d for d in done.json()["desks"]}, done.out

    def cell(self, explanation, category, person=None):
        found = [
            c for c in explanation["cells"]
            if c["category"] == category and person in (None, c.get("personRef"))
        ]
        self.assertEqual(len(found), 1, explanation)
        return found[0]

    def metric(self, name):
        return int(re.search(rf"(?m)^{name} (\d+)$", self.p.daemon.page("/metrics")[1])[1])
