"""The main job through the programs and curl: in, three notices, receipts, questions."""

import json
import pathlib
import re
import tempfile

import harness
import samples
import wire
from harness import BIN, submission
from samples import FRONT_DOOR, MASH, NAMED

SUBMIT = "/cairn.v1.Exchange/Submit"


def verify(*arguments):
    return harness.run([BIN / "cairn-verify", *arguments])


class three_desks(harness.SystemTest):
    """One full concern from the school to front door, police and health."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sample = samples.full()
        cls.body = submission("three-desks-1", cls.sample)
        cls.sent = cls.p.curl("oakfield", SUBMIT, cls.body)
        if cls.sent.status != 200:
            cls.tearDownClass()
            raise AssertionError(str(cls.sent))
        cls.out = cls.sent.json()
        cls.notices = {}
        for who, desk in (
            ("northshire-council", FRONT_DOOR), ("northshire-police", MASH),
            ("northshire-health", NAMED),
        ):
            rows = cls.p.good(who, "-o", "json", "inbox", desk).json()["deliveries"]
            assert len(rows) == 1, rows
            cls.notices[desk] = rows[0]["notice"]

    def person(self, desk, ref):
        for p in self.notices[desk]["content"].get("persons", []):
            if p["ref"] == ref:
                return p
        return {}

    def withheld(self, desk):
        return self.notices[desk].get("withheld", [])

    def test_the_fixture_is_as_rich_as_a_referral(self):
        self.assertGreaterEqual(samples.leaves(self.sample), 40)

    def test_the_sender_is_told_who_got_it(self):
        self.assertEqual(sorted(self.out["told"]), sorted([FRONT_DOOR, MASH, NAMED]))

    def test_three_desks_get_three_different_notices(self):
        contents = [json.dumps(n["content"], sort_keys=True) for n in self.notices.values()]
        self.assertEqual(len(set(contents)), 3)
        self.assertEqual({n["concernId"] for n in self.notices.values()}, {self.out["concernId"]})

    def test_all_three_know_who_the_child_is(self):
        for desk in self.notices:
            self.assertEqual(self.person(desk, "child-1")["names"][0]["given"], "Tamsin", desk)

    def test_the_relevant_conviction_reaches_front_door_and_police(self):
        for desk in (FRONT_DOOR, MASH):
            shown = self.person(desk, "man-1")["convictions"][0]
            self.assertEqual(shown["offence"], samples.OFFENCE, desk)

    def test_health_sees_the_medication_and_police_do_not(self):
        named = self.person(NAMED, "child-1")["health"]["conditions"][0]
        self.assertEqual(named["medication"], "salbutamol inhaler")
        police = json.dumps(self.notices[MASH])
        self.assertNotIn("salbutamol", police)
        self.assertIn("carries an inhaler", police, "police get what to watch for")

    def test_only_police_see_intelligence(self):
        self.assertIn(samples.GRADING, json.dumps(self.notices[MASH]))
        for desk in (FRONT_DOOR, NAMED):
            self.assertNotIn(samples.GRADING, json.dumps(self.notices[desk]), desk)

    def test_the_neighbours_name_reaches_neither_police_nor_health(self):
        for desk in (MASH, NAMED):
            text = json.dumps(self.notices[desk])
            self.assertNotIn("Vellacott", text, desk)
            self.assertNotIn("960123", text, desk)

    def test_every_hidden_cell_says_so_or_says_that_something_is_held(self):
        for desk in self.notices:
            rows = self.withheld(desk)
            self.assertTrue(rows, desk)
            for row in rows:
                self.assertRegex(row["challengeId"], "^[0-9a-f]{16}$")
                self.assertTrue(row["sentence"])
                self.assertTrue(row["ask"])
                self.assertNotRegex(row["sentence"], r"CATEGORY_|REASON_|\brule \d")

    def test_the_protected_address_is_said_to_be_held(self):
        for desk in self.notices:
            categories = {r.get("category") for r in self.withheld(desk)}
            self.assertIn("CATEGORY_PROTECTED_ADDRESS", categories, desk)

    def test_a_veiled_category_is_not_named(self):
        for desk in self.notices:
            hidden = json.dumps([w for w in self.withheld(desk) if not w.get("partlyShown")])
            self.assertNotIn("SENSITIVE_SERVICE", hidden, desk)
            self.assertNotIn("INTELLIGENCE", hidden, desk)

    def test_the_sender_gets_every_explanation_and_a_desk_its_own(self):
        own = self.p.good("oakfield", "-o", "json", "explain", self.out["concernId"]).json()
        self.assertEqual({d["desk"] for d in own["desks"]}, set(self.notices))
        for d in own["desks"]:
            self.assertTrue(d["cells"], d["desk"])
            for cell in d["cells"]:
                self.assertTrue(cell["sentence"], cell)
                self.assertTrue(cell["form"], cell)
        theirs = self.p.good(
            "northshire-police", "-o", "json", "explain", self.out["concernId"]
        ).json()
        self.assertEqual([d["desk"] for d in theirs["desks"]], [MASH])

    def test_an_explanation_of_another_desk_is_not_given_to_a_desk(self):
        done = self.p.cairn(
            "northshire-police", "explain", self.out["concernId"], "--desk", NAMED
        )
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("No such thing is known to you here", done.err)

    def test_an_agency_reads_which_desks_it_may_name(self):
        said = self.p.good("oakfield", "desks").out
        self.assertRegex(said, rf"(?m)^{FRONT_DOOR} +front_door +social_care +\S")
        self.assertRegex(said, rf"(?m)^{MASH} +mash +police +\S")
        rows = self.p.good("oakfield", "-o", "json", "desks").json()["desks"]
        self.assertEqual([r["desk"] for r in rows], [r.split()[0] for r in said.splitlines()[1:]])

    def test_tracking_is_for_the_sender_and_the_desks_told(self):
        whole = self.p.good("oakfield", "-o", "json", "track", self.out["concernId"]).json()
        self.assertEqual({d["desk"] for d in whole["desks"]}, set(self.notices))
        self.assertEqual(whole["receipt"], self.out["receipt"], "the same receipt bytes")
        own = self.p.good("northshire-health", "-o", "json", "track", self.out["concernId"]).json()
        self.assertEqual([d["desk"] for d in own["desks"]], [NAMED])
        self.assertNotIn("receipt", own)

    def test_a_concern_withheld_answers_as_one_never_held(self):
        answers = [
            self.p.cairn("partnership", "track", c) for c in (self.out["concernId"], "0" * 32)
        ]
        self.assertEqual(answers[0].code, answers[1].code)
        self.assertNotEqual(answers[0].code, 0)
        self.assertEqual(answers[0].err, answers[1].err)

    def test_a_preview_shows_what_the_notice_then_says(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump(self.sample, f)
            f.flush()
            shown = self.p.good("oakfield", "-o", "json", "preview", f.name).json()
        self.assertNotIn("refused", shown)
        by_desk = {d["desk"]: d["notice"] for d in shown["desks"]}
        self.assertEqual(set(by_desk), set(self.notices))
        for desk, notice in self.notices.items():
            self.assertEqual(by_desk[desk]["content"], notice["content"], desk)
            self.assertEqual(
                [w["sentence"] for w in by_desk[desk]["withheld"]],
                [w["sentence"] for w in notice["withheld"]], desk,
            )
        waiting = self.p.good("northshire-police", "-o", "json", "inbox", MASH).json()
        self.assertEqual(len(waiting["deliveries"]), 1, "a preview sends nothing")

    def test_the_receipt_verifies_offline_with_and_without_the_body(self):
        with tempfile.TemporaryDirectory() as folder:
            f = pathlib.Path(folder)
            (f / "r").write_text(self.out["receipt"])
            (f / "body").write_bytes(self.body)
            alone = verify("receipt", f / "r", "--key", self.p.vkeys)
            self.assertEqual(alone.code, 0, alone)
            whole = verify(
                "-o", "json", "receipt", f / "r", "--key", self.p.vkeys, "--body", f / "body"
            )
            self.assertEqual(whole.code, 0, whole)
            said = whole.json()
            self.assertEqual(said["party"], "oakfield")
            self.assertIs(said["exactBytesChecked"], True)
            self.assertEqual(said["kind"], "concern")

    def test_the_receipt_does_not_verify_another_body_or_key(self):
        with tempfile.TemporaryDirectory() as folder:
            f = pathlib.Path(folder)
            (f / "r").write_text(self.out["receipt"])
            (f / "body").write_bytes(self.body.replace(b"Tamsin", b"Tamsyn"))
            other = verify("receipt", f / "r", "--key", self.p.vkeys, "--body", f / "body")
            self.assertEqual(other.code, 65, other)
            changed = re.sub(r"(?m)^index (\d+)$", lambda m: f"index {int(m[1]) + 1}",
                             self.out["receipt"])
            self.assertNotEqual(changed, self.out["receipt"])
            (f / "r").write_text(changed)
            moved = verify("receipt", f / "r", "--key", self.p.vkeys)
            self.assertEqual(moved.code, 65, moved)

    def test_a_receipt_opens_nobody_elses_entry(self):
        for name in ("northshire", "mash", "named", "front_door"):
            self.assertNotIn(name, self.out["receipt"].replace("northshire.example", ""))

    def test_a_repeat_by_the_other_encoding_gets_the_same_receipt(self):
        with wire.Client(self.p, "oakfield") as c:
            again = c.submit("three-desks-1", self.sample)
        self.assertEqual(again.receipt, self.out["receipt"])
        self.assertEqual(again.concern_id, self.out["concernId"])

    def test_another_body_under_the_key_is_an_error(self):
        other = samples.changed(self.sample, "SEX_MALE", "persons", 0, "sex")
        answer = self.p.curl("oakfield", SUBMIT, submission("three-desks-1", other))
        self.refused(answer, 409, "key_reused")

    def test_the_key_of_one_agency_is_free_for_another(self):
        answer = self.p.curl(
            "northshire-health", SUBMIT, submission("three-desks-1", samples.small([MASH]))
        )
        out = self.accepted(answer)
        self.assertNotEqual(out["concernId"], self.out["concernId"])
        with wire.Client(self.p, "northshire-police") as c:
            last = c.inbox(MASH)[-1]
            self.assertEqual(last.notice.concern_id, out["concernId"])
            c.exchange.Return(
                wire.ex.ReturnRequest(desk=MASH, position=last.position, reason="REASON_DUPLICATE")
            )

    def test_each_desks_proof_commits_to_the_bytes_it_got(self):
        with wire.Client(self.p, "northshire-health") as c:
            asked = wire.ex.FetchRequest(desk=NAMED, with_proofs=True)
            page = c.raw("/cairn.v1.Exchange/Fetch")(asked.SerializeToString(), timeout=10)
        delivery = wire.field(page, 1)
        notice = wire.field(delivery, 2)
        proof = wire.field(delivery, 5)
        with tempfile.TemporaryDirectory() as folder:
            f = pathlib.Path(folder)
            (f / "r").write_bytes(proof)
            (f / "body").write_bytes(notice)
            good = verify(
                "-o", "json", "receipt", f / "r", "--key", self.p.vkeys, "--body", f / "body"
            )
            self.assertEqual(good.code, 0, good)
            self.assertEqual(good.json()["party"], NAMED)
            (f / "body").write_bytes(notice[:-1] + bytes([notice[-1] ^ 1]))
            bad = verify("receipt", f / "r", "--key", self.p.vkeys, "--body", f / "body")
            self.assertEqual(bad.code, 65, bad)


class protected_address(harness.SystemTest):
    """Invariant 5, searched for in every byte that leaves."""

    def deliveries(self, who, desk):
        with wire.Client(self.p, who) as c:
            asked = wire.ex.FetchRequest(desk=desk, max_notices=256, with_proofs=True)
            fetched = c.raw("/cairn.v1.Exchange/Fetch")(asked.SerializeToString(), timeout=10)
            call = c.raw_stream("/cairn.v1.Exchange/Receive")(
                wire.ex.ReceiveRequest(desk=desk).SerializeToString(), timeout=10
            )
            streamed = next(call)
            call.cancel()
        page = self.p.curl(
            who, "/cairn.v1.Exchange/Fetch", json.dumps({"desk": desk}).encode(), http="--http1.1"
        )
        return fetched + streamed + page.body

    def test_it_is_in_no_byte_for_an_unlisted_desk(self):
        desks = {
            FRONT_DOOR: "northshire-council", MASH: "northshire-police",
            NAMED: "northshire-health", samples.PPU: "northshire-police",
        }
        concern = samples.full(list(desks))
        # The same words elsewhere: a line of facts, a file's name, somebody's arrangements.
        concern["attachments"] = [
            {"title": "letter to 7 Heronsgate Mews.pdf", "mediaType": "application/pdf"}
        ]
        relation = concern["persons"][0]["relations"][0]
        relation["contactArrangements"] = "never near 7 heronsgate  mews"
        concern["notification"]["summary"] = "Moved to 7 Heronsgate Mews, ZZ98QP last week"
        concern["risk"]["actions"].append(f"ring {samples.SAFE_PHONE} first")
        sent = self.accepted(self.p.curl("oakfield", SUBMIT, submission("canary-key-1", concern)))
        ids = sent["concernId"].encode()
        for desk, who in desks.items():
            got = self.deliveries(who, desk)
            self.assertIn(ids, got, desk)
            for canary in samples.CANARIES:
                if desk == samples.PPU:
                    continue
                self.assertNotIn(canary, got, f"{canary} at {desk}")
        listed = self.deliveries("northshire-police", samples.PPU)
        self.assertIn(b"Heronsgate", listed, "public protection is on the list: the search works")
        for who in ("oakfield", "northshire-police", "northshire-health"):
            shown = self.p.good(who, "-o", "json", "explain", sent["concernId"]).out.encode()
            track = self.p.good(who, "-o", "json", "track", sent["concernId"]).out.encode()
            for canary in samples.CANARIES:
                self.assertNotIn(canary, shown + track, who)
        self.search_the_rest(sent)

    def search_the_rest(self, sent):
        """Logs, metrics, errors, the auditor's view and the ledger's files."""
        bad = samples.changed(samples.full(), "SUBJECT_UNSPECIFIED", "persons", 0, "role")
        error = self.p.curl("oakfield", SUBMIT, submission("canary-key-2", bad))
        self.assertEqual(error.status, 400, str(error))
        found = self.p.good("auditor", "-o", "json", "audit", "search", "--concern",
                            sent["concernId"]).json()["records"]
        record = f'{found[0]["year"]}/{found[0].get("index", 0)}'
        shown = self.p.good("auditor", "-o", "json", "audit", "show", record)
        places = {
            "error": error.body,
            "show": shown.out.encode(),
            "metrics": self.p.daemon.page("/metrics")[1].encode(),
            "status": json.dumps(self.p.status()).encode(),
        }
        self.assertEqual(self.p.stop(), 0)
        places["log"] = self.p.log_path.read_bytes()
        for f in self.p.data.iterdir():
            places[f.name] = f.read_bytes()
        self.assertIn("ledger.db", places)
        for place, content in places.items():
            for canary in samples.CANARIES + [b"Tamsin", b"Stonewell", b"9000000009"]:
                self.assertNotIn(canary, content, place)
        self.p.start()


class the_daemon(harness.SystemTest):
    """Configuration, probes, stop."""

    def test_check_prints_every_setting_with_its_source(self):
        done = harness.run([BIN / "cairnd", "--config", self.p.config, "--check"])
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r"(?m)^listen\.port +0 +cairnd\.toml:\d+$")
        line = self.p.config.read_text().splitlines().index("threads = 2") + 1
        self.assertRegex(done.out, rf"(?m)^listen\.threads +2 +cairnd\.toml:{line}$")
        self.assertRegex(done.out, r"(?m)^tls\.allow_tls12 +0 +default$")
        self.assertNotIn("PRIVATE KEY", done.out)

    def test_probes_answer_as_nagios_wants_it(self):
        # How full the disk of whoever runs this is, is not the matter here.
        disk = ["disk", "--warning", "0%", "--critical", "0%"]
        for what in (["ready"], disk, ["certs"], ["connect"]):
            done = self.p.cairn("admin", "check", *what)
            self.assertEqual((done.code, done.out[:3]), (0, "OK:"), done)

    def test_metrics_follow_what_happened(self):
        def metric(name):
            text = self.p.daemon.page("/metrics")[1]
            return float(re.search(rf"(?m)^{name} (\S+)$", text)[1])

        before = metric("cairn_concerns_accepted_total")
        self.accepted(self.p.curl("oakfield", SUBMIT, submission("metric-key-1", samples.small())))
        self.assertEqual(metric("cairn_concerns_accepted_total"), before + 1)

    def test_the_log_is_json_lines(self):
        lines = self.p.log_path.read_text().splitlines()
        self.assertTrue(lines)
        for line in lines:
            json.loads(line)

    def test_acknowledging_meets_what_confirming_does_not(self):
        sent = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("ack-key-0001", samples.small([NAMED])))
        )
        rows = self.p.good("northshire-health", "-o", "json", "inbox", NAMED).json()["deliveries"]
        position = rows[-1]["position"]
        self.p.good("northshire-health", "confirm", NAMED, position)
        row = self.p.good("oakfield", "-o", "json", "track", sent["concernId"]).json()["desks"][0]
        self.assertEqual(row["state"], "STATE_CONFIRMED")
        self.assertNotIn("acknowledgedAtUs", row)
        self.assertIn("acknowledgeByUs", row)
        self.p.good(
            "northshire-health", "ack", sent["concernId"], "--role", "named nurse", "--staff-id",
            "nh-22", "--authenticated-by", "nhs-cis2",
        )
        row = self.p.good("oakfield", "-o", "json", "track", sent["concernId"]).json()["desks"][0]
        self.assertIn("acknowledgedAtUs", row)
        told = self.p.good("oakfield", "-o", "json", "inbox", samples.DSL).json()["deliveries"]
        self.assertEqual(told[-1]["notice"]["kind"], "CONCERN_KIND_ACKNOWLEDGEMENT")

    def test_a_return_is_told_to_the_sender(self):
        sent = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("ret-key-0001", samples.small([MASH])))
        )
        rows = self.p.good("northshire-police", "-o", "json", "inbox", MASH).json()["deliveries"]
        self.p.good(
            "northshire-police", "return", MASH, rows[-1]["position"], "--reason", "not_our_person"
        )
        row = self.p.good("oakfield", "-o", "json", "track", sent["concernId"]).json()["desks"][0]
        self.assertEqual(row["state"], "STATE_RETURNED")
        self.assertEqual(row["returnedBecause"], "REASON_NOT_OUR_PERSON")
        self.assert_conserved()


if __name__ == "__main__":
    harness.main()
