"""Which text decides: signed by author and officer, put in force by a record, put back, or refused before that."""

import base64
import datetime
import json
import re
import shutil

import harness
import samples
import wire
from harness import BIN
from samples import MASH
from versions import Versions, cairn

FOUNDERS = {"northshire.example/founding-author", "northshire.example/founding-officer"}


class in_force(Versions):
    def test_the_founding_keys_sign_the_template_and_everybody_is_told_that_no_person_did(self):
        self.assertEqual({s["name"] for s in self.policy_now()["signers"]}, FOUNDERS)
        self.assertIn("No person has signed it", self.p.good("admin", "policy", "status").out)
        self.assertEqual(self.events(), ["activated"])

    def test_a_text_of_two_people_is_put_in_force_put_back_and_each_is_on_record(self):
        self.people()
        before = self.policy_now()
        self.write("2026-12", findings="review-2026-3")
        self.sign("ada", "omar")
        done = self.put_in_force()
        self.assertIn("signed by northshire.example/ada as author", done.out)
        self.assertIn("signed by northshire.example/omar as officer", done.out)
        now = self.policy_now()
        self.assertEqual(now["version"], "2026-12")
        self.assertEqual({(s["part"], s["name"]) for s in now["signers"]},
                         {("author", "northshire.example/ada"), ("officer", "northshire.example/omar")})
        self.assertNotIn("No person", self.p.good("admin", "policy", "status").out)
        with wire.Client(self.p, "oakfield") as c:
            c.submit("under-the-new-1", samples.small([MASH]))
        # Back: the first text, signed by the people of today.
        self.text.write_text(self.first)
        self.note.unlink()
        self.sign("ada", "omar")
        self.put_in_force()
        self.assertEqual(self.policy_now()["digest"], before["digest"])
        versions = self.history("auditor")
        self.assertEqual([v["event"] for v in versions], ["rolled back", "activated", "activated"])
        self.assertEqual([v.get("inForce", False) for v in versions], [True, False, False])
        self.assertEqual(versions[1]["findings"], ["review-2026-3"])
        self.assertTrue(all(int(v["points"]) > 10_000_000 for v in versions if "points" in v))
        self.assertIn("points", versions[1])
        shown = self.p.good("admin", "policy", "history").out
        self.assertIn("rolled back, in force", shown)
        self.assertIn("2026-12, after review-2026-3", shown)
        self.p.good("auditor", "audit", "verify")

    def test_what_differs_is_shown_before_and_nothing_is_taken_without_a_yes(self):
        self.people()
        opened = re.sub(r"(number: 262\n(?:.*\n)*?  roles: \[?)", r"\1", self.first)
        self.text.write_text(opened.replace('version: "', 'version: "x', 1))
        self.sign("ada", "omar")
        words = ["admin", "policy", "activate", self.text, "--config", self.p.config]
        done = self.p.cairn(*words, "--dry-run")
        self.assertEqual(done.code, 0, done)
        self.assertIn("semantic digest", done.out.lower() + done.err.lower())
        done = self.p.cairn(*words, stdin=b"n\n")
        self.assertEqual(done.code, 64, done)
        self.assertEqual(self.p.policy.read_text(), self.first)
        self.assertEqual(self.events(), ["activated"])

    def test_the_same_text_signed_by_others_is_no_way_back(self):
        self.people()
        self.text.write_text(self.first)
        self.sign("ada", "omar")
        self.put_in_force()
        self.assertEqual(self.events(), ["activated", "activated"])
        self.assertEqual([v.get("inForce", False) for v in self.history()], [True, False])
        self.assertNotIn("No person", self.p.good("admin", "policy", "status").out)

    def test_only_who_may_asks_for_the_history(self):
        answer = self.p.curl("oakfield", "/cairn.v1.Admin/PolicyHistory", b"{}")
        self.assertEqual(answer.status, 403, answer)
        answer = self.p.curl("admin", "/cairn.v1.Audit/PolicyHistory", b"{}")
        self.assertEqual(answer.status, 403, answer)

    def test_a_start_with_the_same_text_proves_nothing_again(self):
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        self.assertEqual(self.events(), ["activated"])
        self.assertEqual(self.history()[0]["prover"], "1")


class refused(Versions):
    def setUp(self):
        super().setUp()
        self.people()
        self.digest = self.policy_now()["digest"]

    def test_nobody_or_one_of_two(self):
        self.write("2026-12")
        self.refused(self.activate(), f"{self.note}: there is no such file", "cairn policy sign")
        self.sign("ada")
        self.refused(self.activate(), f"{self.note}, line 7, column 1: signed by northshire.example/ada (author); no "
                                      "signature of an officer")
        self.note.unlink()
        self.sign("omar")
        self.refused(self.activate(), "no signature of an author")

    def test_a_key_nobody_trusts_and_one_key_twice(self):
        self.key("officer", "mallory")
        self.write("2026-12")
        self.sign("ada", "mallory")
        self.refused(self.activate(), f"{self.note}, line 8, column 1: signed by northshire.example/ada (author); no "
                                      "signature of an officer: cairn policy sign")
        lines = self.note.read_text().splitlines(keepends=True)
        self.note.write_text("".join(lines[:6] + [lines[5]]))
        self.refused(self.activate(), f"{self.note}, line 8, column 1: signed by northshire.example/ada (author); no "
                                      "signature of an officer: cairn policy sign")
        done = cairn("policy", "sign", self.text, "--key", self.desk / "ada.key", "--yes")
        self.assertEqual(done.code, 65, done)
        self.assertIn("has signed it already", done.err)
        # The same key in both parts is refused where it is named.
        signers = self.p.broker / "policy-signers"
        author = signers.read_text().splitlines()[0]
        self.trust(author + "\n", author.replace("author", "officer", 1) + "\n")
        done = self.activate()
        self.assertNotEqual(done.code, 0)
        self.assertIn(f"{signers}, line 2, column 1: this key stands there already", done.err)

    def test_a_signature_of_another_under_a_trusted_name_is_wrong_where_it_stands(self):
        self.key("officer", "mallory")
        self.write("2026-12")
        self.sign("ada", "omar", "mallory")
        lines = self.note.read_text().splitlines()
        omar, mallory = (base64.b64decode(line.split(" ")[2]) for line in lines[6:8])
        # Name and id are four bytes before the signature: anybody can write them.
        forged = base64.b64encode(omar[:4] + mallory[4:]).decode()
        self.note.write_text("\n".join([*lines[:6], f"{lines[6].rpartition(' ')[0]} {forged}"]) + "\n")
        self.refused(
            self.activate(), f"{self.note}, line 7, column 1: the signature of northshire.example/omar is wrong",
            "cairn policy sign")

    def test_other_bytes_and_another_partnership(self):
        self.write("2026-12")
        self.sign("ada", "omar")
        self.text.write_text(self.text.read_text() + "# one more line\n")
        self.refused(self.activate(), f"{self.note}, line 3, column 1: the text was changed after it was signed")
        done = cairn("policy", "sign", self.text, "--key", self.desk / "ada.key", "--yes")
        self.assertEqual(done.code, 78, done)
        self.assertIn("move this file away", done.err)
        cairn("policy", "key", "author", "southshire.example/ada", "--out", self.desk / "south.key")
        self.note.unlink()
        self.sign("south")
        self.refused(self.activate(), f"{self.note}, line 1, column 1: the signatures are for another partnership")

    def test_its_first_day_is_to_come_or_its_last_has_been(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=2)
        self.write("2027-01", valid_from=str(tomorrow))
        self.sign("ada", "omar")
        self.refused(self.activate(), f"valid_from: {tomorrow}")
        self.write("2020-01", valid_until="2020-01-01")
        done = cairn("policy", "sign", self.text, "--key", self.desk / "ada.key", "--yes")
        self.assertEqual(done.code, 78, done)
        self.assertIn("expired", done.err)

    def test_where_the_broker_does_not_take_it_the_former_files_are_back(self):
        self.write("2026-12")
        self.sign("ada", "omar")
        note = self.p.policy.with_name("policy.textproto.sig")
        before = (self.p.policy.read_text(), note.read_text())
        self.assertEqual(self.p.stop(), 0)
        done = self.activate()
        self.assertNotEqual(done.code, 0)
        self.assertIn("the former files are in their place again", done.err)
        self.assertEqual((self.p.policy.read_text(), note.read_text()), before)
        # One that was not there is not there again.
        note.unlink()
        self.assertNotEqual(self.activate().code, 0)
        self.assertFalse(note.exists())


class keys(harness.SystemTest):
    start_broker = False

    def test_bad_keys_and_names(self):
        place = self.p.folder / "keys"
        place.mkdir(exist_ok=True)
        for words, code, said in (
            (["writer", "a/b"], 64, "author or officer"),
            (["author", "ada"], 64, "<partnership>/<who>"),
        ):
            done = cairn("policy", "key", *words, "--out", place / "never.key")
            self.assertEqual(done.code, code, done)
            self.assertIn(said, done.err)
        file = place / "ada.key"
        self.assertEqual(cairn("policy", "key", "author", "a/b", "--out", file).code, 0)
        again = cairn("policy", "key", "author", "a/b", "--out", file)
        self.assertNotEqual(again.code, 0, "a key is never overwritten")
        text = place / "policy.textproto"
        shutil.copy(self.p.policy, text)
        file.chmod(0o644)
        done = cairn("-o", "json", "policy", "sign", text, "--key", file, "--yes")
        self.assertEqual(json.loads(done.err)["symbol"], "file_permissions", done)
        file.chmod(0o600)
        file.write_text("no key\n")
        done = cairn("policy", "sign", text, "--key", file, "--yes")
        self.assertIn(f"{file}, line 1, column 1: no signing key", done.err)


if __name__ == "__main__":
    harness.main()
