"""Bytes that are no concern, and concerns that are not fit: refused by name, without a trace."""

import copy
import json
import re

import harness
import samples
import wire
from harness import submission
from samples import MASH, NAMED
from wire import ex, grpc

CODE = grpc.StatusCode
SUBMIT = "/cairn.v1.Exchange/Submit"


class concerns(harness.SystemTest):
    """Bytes and fields."""

    def tearDown(self):
        self.assertEqual(self.p.daemon.page("/readyz")[0], 200, "the broker is unimpressed")

    def submit(self, concern, key="fields-key-1"):
        return self.p.curl("oakfield", SUBMIT, submission(key, concern))

    def raw(self, body):
        with wire.Client(self.p, "oakfield") as c:
            return c.raw(SUBMIT)(body, timeout=harness.PATIENCE_S)

    def test_truncated_protobuf(self):
        body = wire.submit_request("truncated-1", samples.full()).SerializeToString()
        for cut in (1, len(body) // 2, len(body) - 1):
            with wire.refusal(self, CODE.INVALID_ARGUMENT, "malformed"):
                self.raw(body[:cut])
        self.raw(body)

    def test_noise(self):
        for body in (b"\xff" * 40, bytes(range(256)), b"\x0a\xff\xff\xff\xff\x0f"):
            with wire.refusal(self, CODE.INVALID_ARGUMENT):
                self.raw(body)

    def test_invalid_utf8(self):
        body = wire.submit_request("utf8-key-001", samples.small()).SerializeToString()
        for bad in (b"Tam\xffin", b"Tam\xc0\xafn", b"Ta\xed\xa0\x80n"):
            with wire.refusal(self, CODE.INVALID_ARGUMENT) as held:
                self.raw(body.replace(b"Tamsin", bad))
            self.assertIn(
                wire.trailers(held[0])["cairn-error"], ("invalid_text", "malformed")
            )
            self.assertNotIn(b"Tam", held[0].details().encode())
        answer = self.p.curl(
            "oakfield", SUBMIT,
            submission("utf8-key-002", samples.small()).replace(b"Tamsin", b"Tam\xffin"),
        )
        self.assertEqual(answer.status, 400, str(answer))

    def test_each_required_field(self):
        base = samples.small()
        cases = [
            (("purpose",), "concern.purpose"),
            (("bases",), "concern.bases"),
            (("acting", "role"), "concern.acting.role"),
            (("acting", "staffId"), "concern.acting.staff_id"),
            (("notification",), "concern.body"),
            (("notification", "incident"), "concern.notification.incident"),
            (("risk", "level"), "concern.risk.level"),
            (("persons",), "concern.persons"),
            (("persons", 0, "ref"), "concern.persons[0].ref"),
            (("persons", 0, "role"), "concern.persons[0].role"),
        ]
        for path, where in cases:
            with self.subTest(where=where):
                answer = self.submit(samples.without(base, *path))
                self.assertEqual(answer.status, 400, str(answer))
                self.assertIn(answer.symbol(), ("required", "bad_value"))
                self.assertIn(where, answer.json()["message"])

    def test_keys_out_of_shape(self):
        for key, symbol in (
            ("", "required"), ("short", "bad_value"), ("k" * 65, "bad_value"),
            ("has space 1", "bad_value"), ("umlaut-ä-key", "bad_value"),
        ):
            answer = self.submit(samples.small(), key=key)
            self.refused(answer, 400, symbol)

    def test_a_birth_in_the_future(self):
        later = samples.changed(samples.small(), {"born": {"year": 2099}}, "persons", 0, "birth")
        answer = self.submit(later)
        self.refused(answer, 400, "bad_value")
        self.assertIn("concern.persons[0].birth.born", answer.json()["message"])

    def test_a_birth_that_cannot_be(self):
        never = {"born": {"year": 2017, "month": 2, "day": 30}}
        answer = self.submit(samples.changed(samples.small(), never, "persons", 0, "birth"))
        self.refused(answer, 400, "bad_value")

    def test_a_wrong_check_digit_warns_and_passes(self):
        numbers = [
            {"scheme": "SCHEME_NHS_NUMBER", "value": "9000000001"},
            {"scheme": "SCHEME_UPN", "value": "X801200001001"},
        ]
        concern = samples.changed(samples.small([MASH]), numbers, "persons", 0, "identifiers")
        answer = self.submit(concern, key="digits-key-1")
        out = self.accepted(answer)
        found = [w for w in out["warnings"] if w["code"] == "check_digit"]
        self.assertIn("concern.persons[0].identifiers[0].value", [w["where"] for w in found])
        self.assertNotIn(b"9000000001", answer.body, "places, no values")
        with wire.Client(self.p, "northshire-police") as police:
            shown = [d for d in police.inbox(MASH) if d.notice.concern_id == out["concernId"]]
        self.assertEqual(
            shown[0].notice.content.persons[0].identifiers[0].value, "9000000001"
        )

    def test_a_reference_to_nobody(self):
        concern = copy.deepcopy(samples.small())
        concern["persons"][0]["relations"] = [{"toRef": "ghost-1", "kind": "KIND_PARENT"}]
        self.refused(self.submit(concern), 400, "bad_value")

    def test_two_persons_of_one_ref(self):
        concern = copy.deepcopy(samples.small())
        concern["persons"].append(copy.deepcopy(concern["persons"][0]))
        self.refused(self.submit(concern), 400, "bad_value")

    def test_a_reply_to_a_concern_one_was_not_told_of(self):
        sent = self.accepted(self.submit(samples.small([MASH]), key="reply-key-1"))
        reply = samples.without(samples.small([]), "notification")
        reply.update(
            {
                "purpose": "PURPOSE_FEEDBACK", "thread": sent["thread"],
                "inReplyTo": sent["concernId"], "acknowledgement": {},
            }
        )
        outsider = self.p.curl("northshire-health", SUBMIT, submission("reply-key-2", reply))
        self.refused(outsider, 400, "reply_unknown")
        nothing = samples.changed(reply, "0" * 32, "inReplyTo")
        none = self.p.curl("northshire-health", SUBMIT, submission("reply-key-3", nothing))
        self.refused(none, 400, "reply_unknown")
        self.assertEqual(outsider.body, none.body, "held and not held answer alike")

    def test_a_concern_over_its_limit(self):
        concern = samples.small()
        concern["persons"] = [
            {**concern["persons"][0], "ref": f"child-{n}"} for n in range(201)
        ]
        answer = self.submit(concern)
        self.refused(answer, 400, "too_many")
        self.assertIn("200", answer.json()["message"])
        long = samples.changed(samples.small(), "x" * 300_000, "notification", "narrative")
        answer = self.submit(long)
        self.refused(answer, 413, "too_large")
        self.assertRegex(answer.json()["message"], r"\d{6}")

    def test_a_concern_over_a_mebibyte(self):
        concern = samples.small()
        text = "y" * 8000
        concern["assertions"] = [
            {"ref": f"a-{n}", "kind": "KIND_FACT", "text": text} for n in range(160)
        ]
        for http in ("--http2", "--http1.1"):
            answer = self.p.curl(
                "oakfield", SUBMIT, submission("mebibyte-key", concern), http=http
            )
            self.refused(answer, 413, "too_large")

    def test_a_body_beyond_every_limit_is_answered_on_both_versions(self):
        body = b'{"key": "' + b"z" * (6 * 1024 * 1024) + b'"}'
        for http in ("--http2", "--http1.1"):
            answer = self.p.curl("oakfield", SUBMIT, body, http=http)
            self.assertEqual(answer.status, 413, str(answer)[:400])

    def test_unknown_fields_are_dropped_counted_and_told_to_both_sides(self):
        body = wire.submit_request("unknown-key-1", samples.small([NAMED])).SerializeToString()
        # Field 15000 of Concern, length-delimited: of some later version.
        extra = b"\xc2\xa9\x07\x05later"
        concern = wire.field(body, 2)
        grown = concern + extra
        message = wire.ex.SubmitRequest(key="unknown-key-1").SerializeToString()
        message += b"\x12" + self.varint(len(grown)) + grown
        out = ex.SubmitResponse.FromString(self.raw(message))
        self.assertEqual(out.unknown_fields_dropped, 1)
        with wire.Client(self.p, "northshire-health") as nurse:
            row = [d for d in nurse.inbox(NAMED) if d.notice.concern_id == out.concern_id][0]
        self.assertEqual(row.notice.unknown_fields_dropped, 1)
        self.assertNotIn(b"later", row.SerializeToString())

    @staticmethod
    def varint(n):
        out = b""
        while n >= 128:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])

    def test_no_refusal_repeats_what_was_sent(self):
        secret = "Quibblethorpe"
        concern = samples.changed(samples.small(), secret, "persons", 0, "sex")
        answer = self.submit(concern)
        self.assertEqual(answer.status, 400)
        self.assertNotIn(secret.encode(), answer.body)
        bad_name = samples.changed(samples.small(), secret, "urgency")
        self.assertNotIn(secret.encode(), self.submit(bad_name).body)
        self.assertIsNone(re.search(secret, self.p.daemon.log()))


if __name__ == "__main__":
    harness.main()
