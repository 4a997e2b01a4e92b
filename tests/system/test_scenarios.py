"""Acceptance scenarios: what a review would ask after a child was harmed, each through real processes
and files. The facts are invented; where a public sample carries the scenario it goes in unmodified."""

import json
import os
import pathlib
import unittest

import harness
import samples
import scenario
import wire
from harness import submission
from samples import DSL, FRONT_DOOR, LADO, MASH, NAMED, PPU
from scenario import CONTACT_BAN, COURT, DEFAULTS, OFFENCE, RISK_LINE, partner_sentenced

SUBMIT = "/cairn.v1.Exchange/Submit"
SHARED = pathlib.Path(os.environ.get("CAIRN_SHARED") or harness.ROOT.parent / "shared")
HEARING = SHARED / "samples" / "hmpps-person-record" / "commonPlatformMessage.json"
PATIENT = SHARED / "samples" / "personal-demographics-service-api" / "Sensitive_Patient.json"


class scenarios(scenario.Scenario):
    """Numbered as the acceptance scenarios are."""

    # -- 3

    def test_3_a_court_result_reaches_the_school_as_a_line_and_social_care_in_full(self):
        self.drop("northshire-police", "result.json", partner_sentenced())
        more = 'profile = "police"\n' + DEFAULTS.format(desks=json.dumps([FRONT_DOOR]))
        self.run_agent("northshire-police", MASH, "--once", more=more)
        school = self.take("oakfield", DSL, 1)[0]
        council = self.take("northshire-council", FRONT_DOOR, 1)[0]

        def man(notice):
            return next(p for p in notice["content"]["persons"] if p["ref"] == "man-1")

        told = man(school)
        self.assertEqual([c["riskStatement"] for c in told["convictions"]], [RISK_LINE])
        self.assertEqual([o["toEnforce"] for o in told["orders"]], [CONTACT_BAN])
        self.assertEqual(told["names"][0]["family"], "Stonewell", "whom not to hand the child to")
        bytes_there = self.everything("oakfield")
        for canary in (OFFENCE, "Cruelty", "under sixteen", COURT, "Crown Court"):
            self.assertNotIn(canary.encode(), bytes_there)
        whole = man(council)["convictions"][0]
        self.assertEqual((whole["offence"], whole["court"]), (OFFENCE, COURT))
        self.assertEqual(whole["riskStatement"], RISK_LINE)
        self.assertEqual(man(council)["orders"][0]["conditions"], "not within 100 metres of Larkspur Way")

        desks, text = self.show(school["concernId"])
        why = self.cell(desks[DSL], "convictions and cautions")
        self.assertEqual(why["rule"], 112, why)
        self.assertIn("School's floor on convictions", why["sentence"])
        self.assertIn("DPA 2018 s.10(5), Sch 1 para 18", why["sentence"])
        self.assertIn("verified by", why["sentence"])
        why = self.cell(desks[FRONT_DOOR], "convictions and cautions")
        self.assertEqual(why["rule"], 110, why)
        self.assertIn("(must) decides", why["sentence"])
        for canary in (OFFENCE, RISK_LINE, CONTACT_BAN, "Stonewell", "Tamsin"):
            self.assertNotIn(canary, text, "decisions, never content")

    @unittest.skipUnless(HEARING.exists(), f"no samples at {SHARED}; set CAIRN_SHARED")
    def test_3_the_public_hearing_as_the_court_sent_it(self):
        sidecar = (
            f'purpose = "s47"\ndesks = ["{FRONT_DOOR}", "{DSL}"]\nrisk = "significant_harm"\n'
            'urgency = "same_day"\n'
        )
        self.drop("northshire-police", "hearing.json", HEARING, sidecar)
        more = 'profile = "police"\n' + DEFAULTS.format(desks=json.dumps([FRONT_DOOR]))
        self.run_agent("northshire-police", MASH, "--once", more=more)
        school = self.take("oakfield", DSL, 3)
        council = self.take("northshire-council", FRONT_DOOR, 3)
        self.assertNotIn(b"grievous", self.everything("oakfield"))
        self.assertNotIn(b"Crown Court", self.everything("oakfield"))
        for notice in school:
            shown = notice["content"]["persons"][0]["convictions"][0]
            self.assertEqual(shown["offenceClass"], "OFFENCE_CLASS_VIOLENCE")
            self.assertNotIn("offence", shown)
        for notice in council:
            shown = notice["content"]["persons"][0]["convictions"][0]
            self.assertIn("grievous bodily harm", shown["offence"])

    # -- 4

    def no_old_address(self, place, content):
        for canary in samples.CANARIES + [b"heronsgate", b"HERONSGATE", b"Heronsgt", b"zz98qp"]:
            self.assertNotIn(canary, content, place)

    def test_4_an_old_address_in_a_story_reaches_nobody_who_may_not_see_it(self):
        desks = {MASH: "northshire-police", NAMED: "northshire-health", DSL: "oakfield"}
        concern = samples.small([*desks, PPU])
        child = concern["persons"][0]
        child["education"] = {"schoolCode": "100042"}
        child["addresses"] = [
            {
                "harm": "HARM_PROTECTED", "use": "USE_FORMER",
                "lines": [samples.SAFE_HOUSE, samples.SAFE_TOWN],
                "postcode": samples.SAFE_POSTCODE,
            }
        ]
        story = "They lived at 7 Heronsgate Mews, Wrenbury Sallow (zz9  8qp) until June."
        concern["notification"].update(
            {"narrative": story, "summary": "Seen again near 7, HERONSGATE mews"}
        )
        child["voice"]["summary"] = "talks of 7 Heronsgate-Mews"
        concern["risk"]["reasoning"] = story
        concern["attachments"] = [{"title": "7_Heronsgate_Mews.pdf", "mediaType": "application/pdf"}]
        sent = self.accepted(
            self.p.curl("northshire-health", SUBMIT, submission("restricted-1", concern))
        )
        for desk, who in desks.items():
            with wire.Client(self.p, who) as c:
                asked = wire.ex.FetchRequest(desk=desk, with_proofs=True).SerializeToString()
                fetched = c.raw("/cairn.v1.Exchange/Fetch")(asked, timeout=harness.PATIENCE_S)
            self.assertIn(sent["concernId"].encode(), fetched)
            self.no_old_address(desk, fetched)
            self.take(who, desk, 1)
            self.no_old_address(desk, self.everything(who))
            explained = self.p.good(who, "-o", "json", "explain", sent["concernId"]).out
            self.no_old_address(desk, explained.encode())
        with wire.Client(self.p, "northshire-police") as c:
            listed = c.inbox(PPU)[0].notice.SerializeToString()
        self.assertIn(b"Heronsgate", listed, "public protection is on the list: the search works")
        places = {
            "metrics": self.p.daemon.page("/metrics")[1].encode(), "log": self.p.log_path.read_bytes(),
            "show": self.show(sent["concernId"])[1].encode(),
        }
        for place, content in places.items():
            self.no_old_address(place, content)

    def test_4_a_story_the_front_door_could_not_read_is_refused_without_its_words(self):
        concern = samples.small([FRONT_DOOR])
        concern["persons"][0]["addresses"] = [
            {"harm": "HARM_PROTECTED", "use": "USE_FORMER", "lines": [samples.SAFE_HOUSE]}
        ]
        concern["notification"]["narrative"] = "They lived at 7 Heronsgate Mews."
        answer = self.p.curl("northshire-health", SUBMIT, submission("restricted-2", concern))
        self.refused(answer, 400, "narrative_unreachable")
        self.no_old_address("refusal", answer.body)
        self.assertEqual(self.p.desk_counts(FRONT_DOOR)["routed"], 0)

    @unittest.skipUnless(PATIENT.exists(), f"no samples at {SHARED}; set CAIRN_SHARED")
    def test_4_the_restricted_sample_gives_no_address_and_its_story_is_held(self):
        """The record says that it is restricted and not where: nobody looks it up elsewhere, and what
        a message says beside it is held."""
        patient = json.loads(PATIENT.read_text())
        message = {
            "resourceType": "Communication", "status": "completed",
            "subject": {"reference": "urn:uuid:0b1c5a6e-7a4f-4f0e-9f5d-6f0f6f1b2c3d"},
            "sent": "2026-01-21T15:10:00+00:00",
            "payload": [{"contentString": "She lived at 7 Heronsgate Mews, ZZ9 8QP."}],
        }
        bundle = {
            "resourceType": "Bundle", "type": "collection",
            "entry": [
                {"fullUrl": message["subject"]["reference"], "resource": patient},
                {"fullUrl": "urn:uuid:1b1c5a6e-7a4f-4f0e-9f5d-6f0f6f1b2c3d", "resource": message},
            ],
        }
        self.drop("northshire-health", "story.json", bundle)
        more = 'profile = "health"\n' + DEFAULTS.format(desks=json.dumps([MASH, DSL]))
        self.run_agent("northshire-health", NAMED, "--once", more=more)
        notice = self.take("northshire-police", MASH, 1)[0]
        self.take("oakfield", DSL, 1)
        for who in ("northshire-police", "oakfield"):
            self.no_old_address(who, self.everything(who))
        held = {w.get("category") for w in notice["withheld"]}
        self.assertIn("CATEGORY_PROTECTED_ADDRESS", held)
        self.assertIn("CATEGORY_NARRATIVE", held)

    # -- 7

    def allegation(self, desks):
        concern = samples.small(desks, purpose="PURPOSE_ALLEGATION")
        concern["notification"]["incident"] = "INCIDENT_STAFF_ALLEGATION"
        concern["persons"].append(
            {
                "ref": "worker-1", "role": "SUBJECT_ALLEGED_PERPETRATOR",
                "names": [{"given": "Ewan", "family": "Marsh"}],
                "professional": {"employerAgency": "oakfield"},
            }
        )
        concern["assertions"] = [
            {
                "ref": "a-1", "about": "worker-1", "kind": "KIND_ALLEGATION",
                "allegation": {
                    "accused": "worker-1", "what": "held the child by the neck",
                    "worksWithChildren": True, "employerAgency": "oakfield",
                },
            }
        ]
        return concern

    def only_the_officer_has(self, concern_id):
        for who, desk in (
            ("oakfield", DSL), ("northshire-police", MASH), ("northshire-police", PPU),
            ("northshire-health", NAMED), ("northshire-council", FRONT_DOOR),
        ):
            with wire.Client(self.p, who) as c:
                self.assertEqual(c.inbox(desk), [], desk)
        with wire.Client(self.p, "northshire-council") as c:
            self.assertEqual([d.notice.concern_id for d in c.inbox(LADO)], [concern_id])
        done = self.p.cairn("oakfield", "explain", concern_id, "--desk", LADO)
        self.assertNotEqual(done.code, 0, done)

    def test_7_an_allegation_about_a_teacher_reaches_the_officer_and_never_the_school(self):
        concern = self.allegation([DSL, FRONT_DOOR])
        out = self.accepted(
            self.p.curl("northshire-police", SUBMIT, submission("teacher-1", concern))
        )
        self.assertEqual(out["told"], [LADO])
        routed = [w for w in out["warnings"] if w["code"] == "exclusive_route"]
        self.assertEqual([w["where"] for w in routed], ["desks[0]", "desks[1]"])
        self.assertIn("Policy alone chooses the route", routed[0]["text"])
        self.only_the_officer_has(out["concernId"])
        done = self.p.cairn("oakfield", "track", out["concernId"])
        self.assertIn("No such thing is known to you here", done.err)

    def test_7_a_colleague_who_reports_it_is_told_routed_by_policy(self):
        out = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("teacher-2", self.allegation([DSL])))
        )
        self.assertEqual(out["told"], ["routed by policy"])
        self.only_the_officer_has(out["concernId"])
        seen = self.p.good("oakfield", "-o", "json", "track", out["concernId"]).json()["desks"]
        self.assertEqual([d["desk"] for d in seen], ["routed by policy"])

    # -- 11

    def consent_refused(self, reason="Consent refused by the mother"):
        """A surgery's concern that hides a carer's conviction, as its practice manager asked."""
        concern = partner_sentenced()
        concern["bases"] = ["LAWFUL_BASIS_CONSENT"]
        concern["acting"] = {
            "role": "general practitioner", "staffId": "gp-71", "authenticatedBy": "nhs-cis2"
        }
        concern["detriments"] = [
            {
                "category": "CATEGORY_CONVICTION", "personRef": "man-1", "reason": reason,
                "decidedByRole": "practice manager", "reviewOn": samples.in_days(2),
            }
        ]
        return concern

    def surgery(self):
        self.p.good(
            "admin", "agency", "add", "larkspur-surgery", "--kind", "health", "--name",
            "Larkspur Surgery",
        )
        self.p.good("admin", "desk", "add", "larkspur-surgery/gp", "--ask", "Larkspur Surgery")
        self.p.enrol("agency/larkspur-surgery", "larkspur-surgery", desks=["larkspur-surgery/gp"])

    def test_11_a_refused_consent_is_answered_with_the_law_and_a_question(self):
        self.surgery()
        concern = self.consent_refused()
        shown = self.p.curl(
            "larkspur-surgery", "/cairn.v1.Exchange/Preview",
            json.dumps({"concern": concern}).encode(),
        ).json()
        self.drop("larkspur-surgery", "referral.json", concern)
        more = 'profile = "health"\n' + DEFAULTS.format(desks=json.dumps([FRONT_DOOR]))
        self.run_agent("larkspur-surgery", "larkspur-surgery/gp", "--once", more=more)
        answers = list((self.folder("larkspur-surgery") / "sent").glob("*.json"))
        self.assertEqual(len(answers), 1)
        out = json.loads(answers[0].read_text())
        self.assertEqual(shown["warnings"], out["warnings"], "a preview warns alike")
        by_code = {w["code"]: w for w in out["warnings"]}
        basis = by_code["consent_basis"]
        self.assertEqual(basis["where"], "concern.bases[0]")
        for word in ("Art 6(1)(e)", "Sch 1 para 18", "detriment"):
            self.assertIn(word, basis["text"])
        asked = by_code["gdpr_is_no_reason"]
        self.assertEqual(asked["where"], "concern.detriments[0].reason")
        for word in (
            "Relevant convictions to social care and police", "DPA 2018 s.10(5), Sch 1 para 18",
            "UK GDPR Art 6(1)(e), public task", "template 1", "owner", "verified by",
            "children's social care", "Say what harm",
            "signed by northshire.example/founding-author and northshire.example/founding-officer",
        ):
            self.assertIn(word, asked["text"])
        for canary in ("refused by the mother", "practice manager", "Stonewell", OFFENCE):
            self.assertNotIn(canary, json.dumps(out["warnings"]))

        # Honoured as declared, counted, and in the record for whoever looks.
        with wire.Client(self.p, "northshire-council") as c:
            notice = c.inbox(FRONT_DOOR)[0].notice.SerializeToString()
        self.assertNotIn(OFFENCE.encode(), notice)
        self.assertNotIn(b"refused by the mother", notice)
        self.assertEqual(self.metric("cairn_detriments_total"), 1)
        self.assertEqual(self.metric("cairn_detriments_challenged_total"), 1)
        desks, text = self.show(out["concernId"])
        why = self.cell(desks[FRONT_DOOR], "convictions and cautions")["sentence"]
        self.assertIn("Challenged", why)
        self.assertIn("Relevant convictions to social care and police", why)
        for canary in ("refused by the mother", "Stonewell", OFFENCE):
            self.assertNotIn(canary, text)
        own = self.p.good("larkspur-surgery", "-o", "json", "explain", out["concernId"]).json()
        mine = next(d for d in own["desks"] if d["desk"] == FRONT_DOOR)
        self.assertIn("Challenged", self.cell(mine, "convictions and cautions", "man-1")["sentence"])
        theirs = self.p.good("northshire-council", "-o", "json", "explain", out["concernId"]).out
        self.assertNotIn("Challenged", theirs, "what the sender is asked is the sender's")

    def test_11_a_harm_that_is_named_is_not_challenged_and_a_retry_counts_once(self):
        self.surgery()
        harm = self.consent_refused("No consent: he would kill her if the school knew")
        for _ in range(2):
            out = self.accepted(self.p.curl("larkspur-surgery", SUBMIT, submission("harm-key-1", harm)))
        self.assertNotIn("gdpr_is_no_reason", json.dumps(out["warnings"]))
        self.assertEqual(self.metric("cairn_detriments_total"), 1)
        self.assertEqual(self.metric("cairn_detriments_challenged_total"), 0)

    def test_11_an_answer_refused_for_want_of_consent_is_asked_the_same(self):
        self.surgery()
        request = samples.without(samples.small(["larkspur-surgery/gp"]), "notification")
        request["informationRequest"] = {
            "rating": "RATING_AMBER", "wanted": ["CATEGORY_INJURY", "CATEGORY_HEALTH"]
        }
        asked = self.accepted(
            self.p.curl("northshire-council", SUBMIT, submission("request-1", request))
        )
        answer = {
            "purpose": "PURPOSE_S47", "bases": ["LAWFUL_BASIS_6E"],
            "acting": {"role": "practice manager", "staffId": "gp-2", "authenticatedBy": "nhs-cis2"},
            "thread": asked["thread"], "inReplyTo": asked["concernId"],
            "answer": {"result": "RESULT_REFUSED", "refusalReason": "Patient has refused consent"},
        }
        out = self.accepted(
            self.p.curl("larkspur-surgery", SUBMIT, submission("answer-1", answer))
        )
        found = [w for w in out["warnings"] if w["code"] == "gdpr_is_no_reason"]
        self.assertEqual([w["where"] for w in found], ["concern.answer.refusal_reason"])
        self.assertIn("Art 6(1)(e)", found[0]["text"])

    # -- above a ceiling

    def test_breaking_glass_is_recorded_counted_and_opens_nothing(self):
        concern = samples.small([NAMED])
        concern["breakGlass"] = {
            "told": MASH, "category": "CATEGORY_PROTECTED_ADDRESS",
            "reason": "officers stood at the wrong door", "decidedByRole": "duty manager",
            "reviewOn": samples.in_days(9),
        }
        late = self.p.curl("oakfield", SUBMIT, submission("glass-key-1", concern))
        self.refused(late, 400, "bad_value")
        self.assertRegex(
            late.body.decode(), r"concern\.break_glass\.review_on, a day, \d{4}-\d\d-\d\d at the latest"
        )
        concern["breakGlass"]["reviewOn"] = samples.in_days(1)
        out = self.accepted(self.p.curl("oakfield", SUBMIT, submission("glass-key-2", concern)))
        self.assertIn("break_glass_recorded", [w["code"] for w in out["warnings"]])
        self.assertEqual(out["told"], [NAMED])
        self.assertEqual(self.metric("cairn_break_glass_total"), 1)
        with wire.Client(self.p, "northshire-health") as c:
            self.assertNotIn(b"wrong door", c.inbox(NAMED)[0].notice.SerializeToString())
        desks, text = self.show(out["concernId"])
        self.assertIn(NAMED, desks)
        self.assertNotIn("wrong door", text)


if __name__ == "__main__":
    harness.main()
