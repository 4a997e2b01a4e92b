"""Replies, recalls and what a sender may not learn, through the programs and curl."""

import json

import harness
import samples
from harness import submission
from samples import FRONT_DOOR, MASH, NAMED

SUBMIT = "/cairn.v1.Exchange/Submit"
LADO = "northshire-council/lado"
HIDDEN = "routed by policy"


def reply_to(sent, **body):
    return {
        "purpose": "PURPOSE_S47", "bases": ["LAWFUL_BASIS_6C"],
        "acting": {"role": "duty manager", "staffId": "ns-0001"},
        "thread": sent["thread"], "inReplyTo": sent["concernId"], **body,
    }


class threads(harness.SystemTest):

    def send(self, who, key, concern):
        return self.accepted(self.p.curl(who, SUBMIT, submission(key, concern)))

    def ask(self, who, method, **request):
        return self.p.curl(who, f"/cairn.v1.Exchange/{method}", json.dumps(request).encode())

    def test_a_recipient_cannot_take_back_what_another_agency_sent(self):
        sent = self.send("oakfield", "threads-recall-1", samples.small([FRONT_DOOR, MASH]))
        recall = reply_to(sent, recall={"reason": "wrong child"})
        answer = self.p.curl(
            "northshire-police", SUBMIT, submission("threads-recall-2", recall)
        )
        self.refused(answer, 403, "kind_not_allowed")
        rows = self.ask("oakfield", "Track", concernId=sent["concernId"]).json()["desks"]
        self.assertEqual({r["state"] for r in rows}, {"STATE_PENDING"})
        self.send("oakfield", "threads-recall-3", recall)
        rows = self.ask("oakfield", "Track", concernId=sent["concernId"]).json()["desks"]
        self.assertEqual({r["state"] for r in rows}, {"STATE_WITHDRAWN"})
        self.assert_conserved()

    def test_hidden_desks_are_one_row_and_no_question_names_them(self):
        concern = samples.small([NAMED])
        concern["assertions"] = [{
            "ref": "a-1", "kind": "KIND_ALLEGATION",
            "allegation": {"worksWithChildren": True, "employerAgency": "oakfield"},
        }]
        sent = self.send("oakfield", "threads-hidden-1", concern)
        self.assertEqual(sent["told"], [NAMED, HIDDEN])
        for method in ("Track", "Explain"):
            rows = self.ask("oakfield", method, concernId=sent["concernId"]).json()["desks"]
            self.assertEqual([r["desk"] for r in rows], [NAMED, HIDDEN])
        seen = self.ask("oakfield", "Preview", concern=concern).json()["desks"]
        self.assertEqual([r["desk"] for r in seen], [NAMED, HIDDEN])
        for desk in (LADO, MASH, HIDDEN):
            answer = self.ask("oakfield", "Explain", concernId=sent["concernId"], desk=desk)
            self.refused(answer, 404, "not_found")

    def test_an_answer_goes_back_and_a_thread_is_for_its_parties(self):
        sent = self.send("oakfield", "threads-answer-1", samples.small([MASH]))
        answer = reply_to(sent, answer={"result": "RESULT_NOTHING_HELD"})
        self.assertEqual(self.send("northshire-police", "threads-answer-2", answer)["told"],
                         ["oakfield/dsl"])
        stranger = self.p.curl(
            "northshire-health", SUBMIT, submission("threads-answer-3", answer)
        )
        self.refused(stranger, 400, "reply_unknown")
        intruder = {**samples.small([MASH]), "thread": sent["thread"]}
        self.refused(
            self.p.curl("northshire-health", SUBMIT, submission("threads-answer-4", intruder)),
            400, "reply_unknown",
        )

    def test_a_mistyped_conflict_is_refused_and_the_name_meant_is_said(self):
        concern = samples.small([FRONT_DOOR])
        concern["conflictsOfInterest"] = ["northshire-polise"]
        answer = self.p.curl("oakfield", SUBMIT, submission("threads-names-1", concern))
        self.refused(answer, 400, "bad_value")
        self.assertIn("did you mean northshire-police", answer.body.decode())


if __name__ == "__main__":
    harness.main()
