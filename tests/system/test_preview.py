"""What cairn preview and cairn explain print: who would see what, and why."""

import json
import re
import tempfile

import harness
import samples
from harness import submission
from samples import DSL, FRONT_DOOR, LADO, MASH, NAMED

HEADINGS = {
    "in full": "sees in full",
    "in a shorter form": "sees in a shorter form",
    "not shown": "is told that it is held, and does not see",
    "not mentioned": "is told nothing of",
}
READS = "reads of what is held"


def desks_of(text):
    """{desk: {heading: [lines below it]}}; a desk that says no more is an empty one."""
    out = {}
    for line in text.splitlines():
        if re.match(r"  warning ", line):
            continue
        if not line.startswith(" "):
            desk = out.setdefault(line.split(":")[0], {})
        elif not line.startswith("    "):
            heading = desk.setdefault(line.strip(), [])
        else:
            heading.append(line[4:])
    return out


def printed(explanation):
    """What should stand below each heading."""
    out = {}
    for c in explanation["cells"]:
        lines = out.setdefault(HEADINGS[c["form"]], [])
        lines.append(f"{c.get('personRef') or 'the concern'}: {c['category']}")
        lines.append("  " + c["sentence"])
        change = c.get("whatWouldChangeIt", "")
        if change not in c["sentence"]:
            lines.append("  What would change it: " + change)
    return out


class preview(harness.SystemTest):
    def ask(self, who, concern, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump(concern, f)
            f.flush()
            return self.p.good(who, *options, "preview", f.name)

    def test_each_desk_is_listed_by_what_it_sees_and_why(self):
        concern = samples.full()
        text = self.ask("oakfield", concern).out
        told = self.ask("oakfield", concern, "-o", "json").json()["desks"]
        seen = desks_of(text)
        self.assertEqual(list(seen), [d["desk"] for d in told])
        self.assertEqual(set(seen), {FRONT_DOOR, MASH, NAMED})
        for d in told:
            said = seen[d["desk"]]
            reads = said.pop(READS)
            self.assertEqual(reads, [w["sentence"] for w in d["notice"]["withheld"]])
            self.assertEqual(said, printed(d["explanation"]), d["desk"])
            # Most is told first.
            order = [h for h in HEADINGS.values() if h in said]
            self.assertEqual(list(said), order)
            self.assertIn("is told nothing of", said)
        # A few by hand: what police see, health hears of, and nobody is told.
        self.assertIn("man-1: police intelligence", seen[MASH]["sees in full"])
        held = seen[NAMED]["is told that it is held, and does not see"]
        self.assertIn("man-1: police intelligence", held)
        why = held[held.index("man-1: police intelligence") + 1]
        self.assertIn("only its originator may release it", why)
        for desk in (FRONT_DOOR, MASH, NAMED):
            self.assertIn(
                "the concern: what is kept for the log only", seen[desk]["is told nothing of"]
            )
        self.assertNotIn("everything is shown", text)

    def test_what_is_printed_before_is_printed_after(self):
        concern = samples.full()
        before = desks_of(self.ask("oakfield", concern).out)
        for said in before.values():
            said.pop(READS)
        sent = self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", submission("printed-after-1", concern))
        self.assertEqual(sent.status, 200, sent)
        after = self.p.good("oakfield", "explain", sent.json()["concernId"]).out
        self.assertEqual(desks_of(after), before)
        # A desk reads of its own notice alone, by the same lists.
        own = self.p.good("northshire-health", "explain", sent.json()["concernId"])
        self.assertEqual(list(desks_of(own.out)), [NAMED])
        self.assertNotIn("intelligence", own.out)
        self.assertNotIn("is told nothing of", own.out)
        as_json = self.p.good(
            "northshire-health", "-o", "json", "explain", sent.json()["concernId"]
        ).json()["desks"][0]
        self.assertEqual(desks_of(own.out)[NAMED], printed(as_json))

    def test_a_desk_that_sees_all_there_is_for_it_is_not_said_to_be_shown_everything(self):
        text = self.ask("oakfield", samples.small()).out
        said = desks_of(text)[FRONT_DOOR]
        self.assertEqual(list(said), ["sees in full", "is told nothing of"])
        self.assertNotIn("everything", text)

    def test_what_policy_hides_is_a_name_and_no_more(self):
        concern = samples.small([DSL], purpose="PURPOSE_ALLEGATION")
        concern["notification"]["incident"] = "INCIDENT_STAFF_ALLEGATION"
        concern["persons"].append({"ref": "worker-1", "role": "SUBJECT_ALLEGED_PERPETRATOR"})
        concern["assertions"] = [
            {
                "ref": "a-1", "about": "worker-1", "kind": "KIND_ALLEGATION",
                "allegation": {
                    "accused": "worker-1", "worksWithChildren": True, "employerAgency": "oakfield",
                },
            }
        ]
        text = self.ask("oakfield", concern).out
        self.assertEqual(desks_of(text), {"routed by policy": {}})
        self.assertNotIn(LADO, text)
        self.assertNotIn("everything", text)
        told = self.ask("oakfield", concern, "-o", "json").json()["desks"]
        self.assertEqual(told, [{"desk": "routed by policy"}])

    def test_a_school_that_releases_police_intelligence_is_told_that_it_cannot(self):
        concern = samples.full()
        concern["assertions"][1]["intelligence"]["releasedByOriginator"] = True
        text = self.ask("oakfield", concern).out
        place = "concern.assertions[1].intelligence.released_by_originator"
        self.assertIn(f"  warning  {place}: Only the originator of police intelligence", text)
        held = desks_of(text)[NAMED]["is told that it is held, and does not see"]
        self.assertIn("man-1: police intelligence", held)
        text = self.ask("northshire-police", concern).out
        self.assertNotIn(place, text)
        shorter = desks_of(text)[NAMED]["sees in a shorter form"]
        self.assertIn("man-1: police intelligence", shorter)

    def test_a_concern_that_would_be_refused_says_why(self):
        concern = samples.small()
        del concern["acting"]
        text = self.ask("oakfield", concern).out
        self.assertTrue(text.startswith("It would be refused: "), text)
        self.assertIn("concern.acting", text)
        self.assertIn("\n  next: ", text)


if __name__ == "__main__":
    harness.main()
